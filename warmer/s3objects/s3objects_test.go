package s3objects

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/chunkaside/chunkaside/warmer/export"
	"github.com/chunkaside/chunkaside/warmer/export/exporttest"
)

func read(ctx context.Context, o *Objects, key string) ([]byte, error) {
	body, err := o.Open(ctx, exporttest.Name, key)
	if err != nil {
		return nil, err
	}
	defer body.Close()
	return io.ReadAll(body)
}

// TestExport: one is read by S3's protocol as it is from memory; also from another server that CHUNKASIDE_S3_ENDPOINT names.
func TestExport(t *testing.T) {
	b := exporttest.Bucket{}
	last := b.Write(t, exporttest.Export{Folder: "of the day+night/日/", Table: "shows", Files: [][]string{{"a", "b"}, {}, {"c"}}})
	endpoints := []string{b.Serve(t)}
	if other := os.Getenv("CHUNKASIDE_S3_ENDPOINT"); other != "" {
		fill(t, other, b)
		endpoints = append(endpoints, other)
	}
	for _, endpoint := range endpoints {
		x, err := export.Open(t.Context(), New(&Options{Endpoint: endpoint}), exporttest.Name, strings.TrimSuffix(last, export.Last))
		if err != nil {
			t.Fatal(err)
		}
		files, err := x.Files(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if err := files.Lines(t.Context(), func([]byte) error { return nil }); err != nil || x.Items != 3 {
			t.Errorf("%+v, %v", x, err)
		}
	}
}

// fill puts a bucket into another server.
func fill(t *testing.T, endpoint string, b exporttest.Bucket) {
	t.Helper()
	client, err := newClient(t.Context(), Options{Endpoint: endpoint})
	if err != nil {
		t.Fatal(err)
	}
	name := exporttest.Name
	if _, err := client.CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: &name}); err != nil {
		t.Fatal(err)
	}
	for key, data := range b {
		if _, err := client.PutObject(t.Context(), &s3.PutObjectInput{Bucket: &name, Key: &key, Body: bytes.NewReader(data)}); err != nil {
			t.Fatal(err)
		}
	}
}

// TestBrokenOff: an object goes on where it broke off, but not without end, and not as another one.
func TestBrokenOff(t *testing.T) {
	long, longer := bytes.Repeat([]byte("0123456789"), 500), bytes.Repeat([]byte("0123456789"), 5000)
	b := exporttest.Bucket{"cut/long": long, "cut/longer": longer, "cut/changing": long}
	o := New(&Options{Endpoint: b.Serve(t)})
	if data, err := read(t.Context(), o, "cut/long"); err != nil || !bytes.Equal(data, long) {
		t.Errorf("%d bytes, %v", len(data), err)
	}
	if data, err := read(t.Context(), o, "cut/longer"); !errors.Is(err, io.ErrUnexpectedEOF) || len(data) != 1000*(breaks+1) {
		t.Errorf("%d bytes, %v", len(data), err)
	}
	body, err := o.Open(t.Context(), exporttest.Name, "cut/changing")
	if err != nil {
		t.Fatal(err)
	}
	defer body.Close()
	if _, err := io.ReadFull(body, make([]byte, 500)); err != nil {
		t.Fatal(err)
	}
	b["cut/changing"] = longer
	if _, err := io.ReadAll(body); err == nil || !strings.Contains(err.Error(), "PreconditionFailed") {
		t.Errorf("of another object: %v", err)
	}
}

// TestRefused: the error names the object and says what S3 said.
func TestRefused(t *testing.T) {
	b := exporttest.Bucket{"throttled/a": nil}
	o := New(&Options{Endpoint: b.Serve(t), Attempts: 1})
	for key, want := range map[string]string{"a": "open s3://exports/a: NoSuchKey: as the test wants it", "throttled/a": "open s3://exports/throttled/a: SlowDown: as the test wants it"} {
		if _, err := read(t.Context(), o, key); err == nil || err.Error() != want {
			t.Errorf("error %v, want %s", err, want)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := read(ctx, o, "a"); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	listener.Close() // nobody listens there now
	if _, err := read(t.Context(), New(&Options{Endpoint: "http://" + listener.Addr().String(), Attempts: 1}), "a"); err == nil || !strings.Contains(err.Error(), "connection refused") {
		t.Errorf("error %v", err)
	}
}

// TestSetUpLate: making Objects looks at nothing, and what is missing is found out by the first call, again and again.
func TestSetUpLate(t *testing.T) {
	for _, name := range []string{"AWS_REGION", "AWS_DEFAULT_REGION", "AWS_PROFILE"} {
		t.Setenv(name, "")
	}
	t.Setenv("AWS_CONFIG_FILE", filepath.Join(t.TempDir(), "none"))
	o := New(nil)
	for range 2 {
		if _, err := read(t.Context(), o, "a"); err == nil || !strings.Contains(err.Error(), "no region") {
			t.Errorf("error %v", err)
		}
	}
	t.Setenv("AWS_REGION", "eu-west-1")
	if _, err := o.opened(t.Context()); err != nil {
		t.Error(err)
	}
}
