package export_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/chunkaside/chunkaside/internal/servertest"
	"github.com/chunkaside/chunkaside/warmer/export"
	"github.com/chunkaside/chunkaside/warmer/export/exporttest"
)

const folder = "daily/AWSDynamoDB/01-a/"

// shows is an export of three items, and of two partitions without any.
var shows = exporttest.Export{Table: "shows", Files: [][]string{{`{"Item":1}`, `{"Item":2}`}, {}, {`{"Item":"\u2028 日本"}`}, {}}}

// read returns an export and its lines, sorted.
func read(ctx context.Context, objects export.Objects) (x *export.Export, lines []string, err error) {
	if x, err = export.Open(ctx, objects, exporttest.Name, folder); err != nil {
		return nil, nil, err
	}
	files, err := x.Files(ctx)
	if err != nil {
		return x, nil, err
	}
	var mu sync.Mutex
	err = files.Lines(ctx, func(line []byte) error {
		mu.Lock()
		defer mu.Unlock()
		lines = append(lines, string(line))
		return nil
	})
	slices.Sort(lines)
	return x, lines, err
}

func TestRead(t *testing.T) {
	b := exporttest.Bucket{}
	if last := b.Write(t, shows); last != folder+export.Last {
		t.Errorf("the last object is %s", last)
	}
	x, lines, err := read(t.Context(), b)
	if err != nil || x.Table != "shows" || x.Kind != export.Full || x.Items != 3 {
		t.Fatalf("%+v, %v", x, err)
	}
	if diff := cmp.Diff([]string{`{"Item":"\u2028 日本"}`, `{"Item":1}`, `{"Item":2}`}, lines); diff != "" {
		t.Error(diff)
	}
}

// TestEmptyPartition: its file may have nothing in it, not even the frame of gzip.
func TestEmptyPartition(t *testing.T) {
	b := exporttest.Bucket{}
	b.Write(t, exporttest.Export{Table: "shows", Files: [][]string{{}}})
	_, rest, _ := strings.Cut(string(b[folder+"manifest-files.json"]), `"md5Checksum":"`)
	sum, _, _ := strings.Cut(rest, `"`)
	b.Change(t, folder+"manifest-files.json", sum, "1B2M2Y8AsgTpgAmY7PhCfg==") // MD5 of nothing
	b[folder+"data/0.json.gz"] = nil
	if _, lines, err := read(t.Context(), b); err != nil || len(lines) != 0 {
		t.Errorf("%q, %v", lines, err)
	}
}

// TestUnsound: whatever is missing, damaged, or not as the manifests say is an error that names it.
func TestUnsound(t *testing.T) {
	const first, list, summary = folder + "data/0.json.gz", folder + "manifest-files.json", folder + "manifest-summary.json"
	for name, test := range map[string]struct {
		change func(*testing.T, exporttest.Bucket)
		want   string
		kind   error
	}{
		"no summary":             {func(_ *testing.T, b exporttest.Bucket) { delete(b, summary) }, "manifest-summary.json", fs.ErrNotExist},
		"no checksum":            {func(_ *testing.T, b exporttest.Bucket) { delete(b, folder+"manifest-files.md5") }, "manifest-files.md5", fs.ErrNotExist},
		"no file":                {func(_ *testing.T, b exporttest.Bucket) { delete(b, first) }, "data/0.json.gz", fs.ErrNotExist},
		"another summary":        {func(_ *testing.T, b exporttest.Bucket) { b[summary] = []byte(`{}`) }, "manifest-summary.json has the checksum", nil},
		"another list":           {func(_ *testing.T, b exporttest.Bucket) { b[list] = append(b[list], '\n') }, "manifest-files.json has the checksum", nil},
		"another file":           {func(t *testing.T, b exporttest.Bucket) { b[first] = exporttest.Pack(t, "{}", "{}") }, "data/0.json.gz: it has the checksum", nil},
		"half a file":            {func(_ *testing.T, b exporttest.Bucket) { b[first] = b[first][:len(b[first])/2] }, "data/0.json.gz: ", nil},
		"no gzip":                {func(_ *testing.T, b exporttest.Bucket) { b[first] = []byte("hello") }, "data/0.json.gz: inflate: ", nil},
		"something behind it":    {func(_ *testing.T, b exporttest.Bucket) { b[first] = append(b[first], "hello"...) }, "data/0.json.gz: ", nil},
		"too few lines":          {func(t *testing.T, b exporttest.Bucket) { b[first] = exporttest.Pack(t, "{}") }, "it has 1 lines, its manifest 2", nil},
		"too many lines":         {func(t *testing.T, b exporttest.Bucket) { b[first] = exporttest.Pack(t, "1", "2", "3") }, "more lines than the 2", nil},
		"a line without end":     {func(t *testing.T, b exporttest.Bucket) { b[first] = exporttest.Pack(t, strings.Repeat("x", 17<<20)) }, "line 1 has more than", nil},
		"another count":          {func(t *testing.T, b exporttest.Bucket) { b.Change(t, summary, `"itemCount":3`, `"itemCount":4`) }, "its summary has 4 items, its files have 3", nil},
		"a negative count":       {func(t *testing.T, b exporttest.Bucket) { b.Change(t, list, `"itemCount":2`, `"itemCount":-2`) }, "line 1 of its list", export.ErrFormat},
		"a file without a name":  {func(t *testing.T, b exporttest.Bucket) { b.Change(t, list, `dataFileS3Key`, `dataFile`) }, "line 1 of its list", export.ErrFormat},
		"an array of files":      {func(_ *testing.T, b exporttest.Bucket) { b.Put(folder+"manifest-files", []byte("[]")) }, "line 1 of its list", export.ErrFormat},
		"Ion":                    {func(t *testing.T, b exporttest.Bucket) { b.Change(t, summary, `DYNAMODB_JSON`, `ION`) }, `but in "ION"`, export.ErrFormat},
		"an unknown kind":        {func(t *testing.T, b exporttest.Bucket) { b.Change(t, summary, `FULL`, `PARTIAL`) }, `"PARTIAL_EXPORT"`, export.ErrFormat},
		"no table":               {func(t *testing.T, b exporttest.Bucket) { b.Change(t, summary, `:table/shows"`, `"`) }, "names no table", export.ErrFormat},
		"a summary that is none": {func(_ *testing.T, b exporttest.Bucket) { b.Put(folder+"manifest-summary", []byte("hello")) }, "its summary cannot be read", export.ErrFormat},
		"a huge summary":         {func(_ *testing.T, b exporttest.Bucket) { b[summary] = make([]byte, 2<<20) }, "more than", export.ErrFormat},
		"a huge checksum":        {func(_ *testing.T, b exporttest.Bucket) { b[folder+export.Last] = make([]byte, 2<<20) }, "more than", export.ErrFormat},
	} {
		t.Run(name, func(t *testing.T) {
			b := exporttest.Bucket{}
			b.Write(t, shows)
			test.change(t, b)
			_, _, err := read(t.Context(), b)
			if err == nil || !strings.Contains(err.Error(), test.want) || test.kind != nil && !errors.Is(err, test.kind) || test.kind == nil && errors.Is(err, export.ErrFormat) {
				t.Errorf("error %v, want one with %q", err, test.want)
			}
			if err != nil && len(err.Error()) > 500 {
				t.Errorf("the error has %d bytes", len(err.Error()))
			}
		})
	}
}

// TestLinesEndsWithEach: what each returns has its place put before it, and ctx ends the reading.
func TestLinesEndsWithEach(t *testing.T) {
	b := exporttest.Bucket{}
	b.Write(t, shows)
	x, err := export.Open(t.Context(), b, exporttest.Name, folder)
	if err != nil {
		t.Fatal(err)
	}
	files, err := x.Files(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	failure := errors.New("failure")
	err = files.Lines(t.Context(), func(line []byte) error {
		if string(line) == `{"Item":2}` {
			return failure
		}
		return nil
	})
	if !errors.Is(err, failure) || !strings.Contains(err.Error(), "data/0.json.gz: line 2: ") {
		t.Errorf("error %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := files.Lines(ctx, func([]byte) error { return nil }); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
}

// TestRecordedExports: the summaries and lists that DynamoDB wrote are read as they are. Their files are not kept, or only a few lines of them, so those are others.
func TestRecordedExports(t *testing.T) {
	for name, want := range map[string]export.Export{
		"full": {Table: "ProductCatalog", Kind: export.Full, Items: 8}, "incremental": {Table: "export-test", Kind: export.Incremental, Items: 169928274}, "short": {Table: "test_table", Kind: export.Full, Items: 100},
	} {
		t.Run(name, func(t *testing.T) {
			b := exporttest.Bucket{}
			b.Put(folder+"manifest-summary", recorded(t, name, "manifest-summary.json"))
			b.Put(folder+"manifest-files", fmt.Appendf(nil, `{"itemCount":%d,"md5Checksum":"x","etag":"y","dataFileS3Key":"z"}`+"\n", want.Items))
			if name == "short" {
				b.Put(folder+"manifest-files", recorded(t, name, "manifest-files.json"))
			}
			x, err := export.Open(t.Context(), b, exporttest.Name, folder)
			if err != nil || x.Table != want.Table || x.Kind != want.Kind || x.Items != want.Items {
				t.Fatalf("%+v, %v", x, err)
			}
			if _, err := x.Files(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
}

func recorded(t *testing.T, folder, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(servertest.SharedData(t, "events", "dynamodb-export", folder, name))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// FuzzRead: manifests and files of any bytes are read or refused, and what is read has as many lines as it says.
func FuzzRead(f *testing.F) {
	b := exporttest.Bucket{}
	b.Write(f, shows)
	f.Add(b[folder+"manifest-summary.json"], b[folder+"manifest-files.json"], b[folder+"data/0.json.gz"])
	f.Add([]byte(`{"tableArn":":table/x","outputFormat":"DYNAMODB_JSON","itemCount":-1}`), []byte(`{"dataFileS3Key":"x","itemCount":-1}`), []byte("\x1f\x8b"))
	f.Fuzz(func(t *testing.T, summary, list, file []byte) {
		fuzzed := maps.Clone(b)
		fuzzed.Put(folder+"manifest-summary", summary)
		fuzzed.Put(folder+"manifest-files", list)
		fuzzed[folder+"data/0.json.gz"] = file
		if x, lines, err := read(t.Context(), fuzzed); err == nil && int64(len(lines)) != x.Items {
			t.Errorf("%d lines of %d", len(lines), x.Items)
		}
	})
}
