// Package exporttest writes exports as DynamoDB does, and hands them out as S3 does: for tests.
//
//	bucket := exporttest.Bucket{}
//	key := bucket.Write(t, exporttest.Export{Table: "shows", Files: [][]string{{`{"Item":{"id":{"S":"a"}}}`}}})
package exporttest

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"context"
	"crypto/md5"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"testing"

	"github.com/chunkaside/chunkaside/warmer/export"
)

// Name is what the bucket is called.
const Name = "exports"

// Bucket is objects by their keys. It must not be written to while it is read.
type Bucket map[string][]byte

var _ export.Objects = Bucket{}

// Open reads an object. The error of one that is missing matches fs.ErrNotExist.
func (b Bucket) Open(ctx context.Context, bucket, key string) (io.ReadCloser, error) {
	data, ok := b[key]
	if bucket != Name || !ok {
		return nil, fmt.Errorf("open s3://%s/%s: %w", bucket, key, fs.ErrNotExist)
	}
	return io.NopCloser(bytes.NewReader(data)), ctx.Err()
}

// Export says what is exported.
type Export struct {
	// Folder is that of the manifests; default "daily/AWSDynamoDB/01-a/".
	Folder string
	// Table is the name of the table.
	Table string
	// Kind is a full export by default, Format DYNAMODB_JSON.
	Kind   export.Kind
	Format string
	// Files are the lines of each file.
	Files [][]string
}

// Write puts an export's objects into the bucket, and returns the key of the last one.
func (b Bucket) Write(t testing.TB, x Export) (last string) {
	t.Helper()
	x.Folder = cmp.Or(x.Folder, "daily/AWSDynamoDB/01-a/")
	var list bytes.Buffer
	items := 0
	for i, lines := range x.Files {
		key := fmt.Sprintf("%sdata/%d.json.gz", x.Folder, i)
		b[key] = Pack(t, lines...)
		writeLine(t, &list, map[string]any{"itemCount": len(lines), "md5Checksum": checksum(b[key]), "etag": "e", "dataFileS3Key": key})
		items += len(lines)
	}
	var summary bytes.Buffer
	writeLine(t, &summary, map[string]any{
		"version": "2020-06-30", "exportArn": "arn:aws:dynamodb:eu-west-1:123456789012:table/" + x.Table + "/export/01-a", "tableArn": "arn:aws:dynamodb:eu-west-1:123456789012:table/" + x.Table,
		"itemCount": items, "outputFormat": cmp.Or(x.Format, "DYNAMODB_JSON"), "exportType": cmp.Or(x.Kind, export.Full), "manifestFilesS3Key": x.Folder + "manifest-files.json",
	})
	b.Put(x.Folder+"manifest-files", list.Bytes())
	b.Put(x.Folder+"manifest-summary", summary.Bytes())
	return x.Folder + export.Last
}

func writeLine(t testing.TB, to *bytes.Buffer, value any) {
	t.Helper()
	if err := json.NewEncoder(to).Encode(value); err != nil {
		t.Fatal(err)
	}
}

// Put puts a manifest, whose key is without ".json", and its checksum.
func (b Bucket) Put(key string, data []byte) {
	b[key+".json"], b[key+".md5"] = data, []byte(checksum(data))
}

// Change changes an object, and its checksum if it is a manifest.
func (b Bucket) Change(t testing.TB, key, old, text string) {
	t.Helper()
	changed := bytes.Replace(b[key], []byte(old), []byte(text), 1)
	if bytes.Equal(changed, b[key]) {
		t.Fatalf("%s has no %s", key, old)
	}
	if manifest, ok := bytes.CutSuffix([]byte(key), []byte(".json")); ok {
		b.Put(string(manifest), changed)
		return
	}
	b[key] = changed
}

// Pack is a file of these lines.
func Pack(t testing.TB, lines ...string) []byte {
	t.Helper()
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	for _, line := range lines {
		if _, err := io.WriteString(w, line+"\n"); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return packed.Bytes()
}

func checksum(data []byte) string {
	sum := md5.Sum(data)
	return base64.StdEncoding.EncodeToString(sum[:])
}
