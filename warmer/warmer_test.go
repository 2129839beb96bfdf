package warmer_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-lambda-go/lambda/messages"
	"github.com/google/go-cmp/cmp"

	"github.com/chunkaside/chunkaside/cache"
	"github.com/chunkaside/chunkaside/cache/memcache"
	"github.com/chunkaside/chunkaside/catalog"
	"github.com/chunkaside/chunkaside/catalog/schema"
	"github.com/chunkaside/chunkaside/chunker"
	"github.com/chunkaside/chunkaside/store"
	"github.com/chunkaside/chunkaside/store/filestore"
	"github.com/chunkaside/chunkaside/warmer"
	"github.com/chunkaside/chunkaside/warmer/export/exporttest"
)

const sdl = `type Show @model @table(name: "shows") { id: ID! title: String }
type Part @model @table(name: "parts") { show: ID! @primaryKey(sortKeyFields: ["season", "number"]) season: String! number: Int! }`

// function is a warmer on a folder of records, and what it did.
type function struct {
	*warmer.Warmer
	schema  *schema.Schema
	cache   *cache.Cache
	driver  cache.Driver
	store   store.Store
	folder  string
	bucket  exporttest.Bucket
	builds  int
	updates [][]string // the records of each
	log     bytes.Buffer
	slow    time.Duration // that a build takes
}

func open(t testing.TB) *function {
	t.Helper()
	f := openOn(t, sdl)
	f.write(t, "shows", `{"id":"a","title":"A"}`, `{"id":"b","title":"B"}`)
	f.write(t, "parts", `{"show":"a","season":"s1","number":1}`)
	return f
}

// openOn is a warmer of this schema, without records.
func openOn(t testing.TB, sdl string) *function {
	t.Helper()
	f := &function{folder: t.TempDir(), bucket: exporttest.Bucket{}}
	var err error
	if f.schema, err = schema.Parse("shows.graphql", sdl); err != nil {
		t.Fatal(err)
	}
	if f.store, err = filestore.New(f.folder); err != nil {
		t.Fatal(err)
	}
	if f.driver, err = memcache.New(nil); err != nil {
		t.Fatal(err)
	}
	f.start(t)
	return f
}

// start makes a warmer that knows nothing yet, as another process would.
func (f *function) start(t testing.TB) {
	t.Helper()
	var err error
	f.cache, err = cache.New(f.driver, f.schema, &cache.Options{Build: func(ctx context.Context, emit func(chunker.Digest, []byte) error) (*chunker.Manifest, error) {
		if err := f.begin(ctx); err != nil {
			return nil, err
		}
		return catalog.Build(ctx, f.store, f.schema, nil, emit)
	}})
	if err != nil {
		t.Fatal(err)
	}
	f.Warmer = warmer.New(f.schema, f.cache, f.update, f.renew, &warmer.Options{Objects: f.bucket, Log: slog.New(slog.NewTextHandler(&f.log, nil))})
}

// begin counts a build, and takes its time.
func (f *function) begin(ctx context.Context) error {
	f.builds++
	select {
	case <-time.After(f.slow):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// write writes a table.
func (f *function) write(t testing.TB, table string, records ...string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(f.folder, table+".ndjson"), []byte(strings.Join(records, "\n")+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
}

func (f *function) update(ctx context.Context, records []catalog.Record, o *cache.WarmOptions) (cache.Published, error) {
	var names []string
	for _, r := range records {
		names = append(names, r.Model.Name+"/"+strings.Join(r.Values, "/"))
	}
	f.updates = append(f.updates, names)
	return f.cache.Update(ctx, func(ctx context.Context, last *catalog.Snapshot, emit func(chunker.Digest, []byte) error) (*chunker.Manifest, error) {
		edits, err := catalog.ReadEdits(ctx, f.store, records)
		if err != nil {
			return nil, err
		}
		return catalog.Merge(ctx, last, edits, nil, emit)
	}, o)
}

// renew leaves a quarter of its time for what follows the reading.
func (f *function) renew(ctx context.Context, models []*schema.Model, o *cache.WarmOptions) (p cache.Published, left []*schema.Model, err error) {
	p, err = f.cache.Renew(ctx, func(ctx context.Context, last *catalog.Snapshot, emit func(chunker.Digest, []byte) error) (m *chunker.Manifest, err error) {
		if err := f.begin(ctx); err != nil {
			return nil, err
		}
		deadline, _ := ctx.Deadline()
		m, left, err = catalog.Renew(ctx, f.store, last, catalog.Renewal{Models: models, Until: time.Now().Add(time.Until(deadline) * 3 / 4)}, nil, emit)
		return m, err
	}, o)
	if cache.NeedsWarm(err) {
		left = nil
		p, err = f.cache.Warm(ctx, o)
	}
	return p, left, err
}

// invoke returns the answer, or the type of the error.
func (f *function) invoke(t testing.TB, event string) (warmer.Result, string) {
	t.Helper()
	answer, err := f.Invoke(t.Context(), []byte(event))
	if err != nil {
		failed, ok := errors.AsType[messages.InvokeResponse_Error](err)
		if !ok || failed.Type == "" || failed.Message == "" || len(failed.Message) > 1100 {
			t.Fatalf("%.300s: error %#v", event, err)
		}
		t.Logf("%s: %s", failed.Type, failed.Message)
		return warmer.Result{}, failed.Type
	}
	var r warmer.Result
	if err := json.Unmarshal(answer, &r); err != nil {
		t.Fatal(err)
	}
	return r, ""
}

// outcome is an answer in short.
func outcome(r warmer.Result, failed string) string {
	if failed != "" {
		return failed
	}
	text := fmt.Sprintf("%s %s", r.Trigger, r.Mode)
	for _, failure := range r.Failures {
		text += " -" + failure.Item
	}
	return text
}

func TestCommands(t *testing.T) {
	f := open(t)
	for _, test := range []struct{ event, want string }{
		{``, "direct full"}, {`null`, "direct full"}, {` {} `, "direct full"}, {`{"mode":"full","catalog":"catalog"}`, "direct full"},
		{`{"mode":"incremental","records":["Show/a","Part/a/s1/1"]}`, "direct incremental"}, {`{"mode":"verify"}`, "direct verify"},
		{`{"mode":"full","catalog":"other"}`, "BadEvent"}, {`{"mode":"fast"}`, "BadEvent"}, {`{"mode":"incremental"}`, "BadEvent"}, {`{"mode":"full","records":["Show/a"]}`, "BadEvent"},
		{`{"mode":"incremental","records":["Nobody/a"]}`, "BadEvent"}, {`{"mode":"full","to":"1"}`, "BadEvent"}, {`{"mode":"full","models":["Nobody"]}`, "BadEvent"}, {`{"mode":"verify","models":["Show"]}`, "BadEvent"}, {`{"mode":"full","models":["Part","Show"]}`, "direct full"}, {`{"mode":"rollback"}`, "BadEvent"},
		{`{"mode":"rollback","to":"previous"}`, "BadEvent"}, {`{"mode":"rollback","to":"123456"}`, "BadEvent"}, {`{"mode":"full","force":true}`, "BadEvent"}, {`{"mode":1}`, "BadEvent"},
		{`{"mod":"verify"}`, "BadEvent"}, {`[{}]`, "BadEvent"}, {`{"a":`, "BadEvent"}, {`{"mode":"full","mode":"verify"}`, "BadEvent"}, {`"full"`, "BadEvent"}, {`{"Records":[]}`, "BadEvent"},
		{`{"Records":{}}`, "BadEvent"}, {`{"Records":[{"eventSource":"aws:sqs"},{"eventSource":"aws:sns"}]}`, "BadEvent"}, {`{"Records":[{"eventSource":"aws:ses"}]}`, "BadEvent"},
		{`{"x":"` + strings.Repeat("y", 9<<20) + `"}`, "BadEvent"}, {`{"` + strings.Repeat("y", 1<<20) + `":1}`, "BadEvent"}, {strings.Repeat("[", 1<<20), "BadEvent"},
		{`{"source":"my.cms","detail-type":"Published","detail":{"mode":"verify"}}`, "eventbridge full"},
	} {
		if got := outcome(f.invoke(t, test.event)); got != test.want {
			t.Errorf("%.80s: %s, want %s", test.event, got, test.want)
		}
	}
	if diff := cmp.Diff([][]string{{"Show/a", "Part/a/s1/1"}}, f.updates); diff != "" {
		t.Error(diff)
	}
}

// TestResult: the answer says what was done, and an incremental publish has read what it names.
func TestResult(t *testing.T) {
	f := open(t)
	full, _ := f.invoke(t, `{}`)
	if full.Entities != 3 || full.Chunks == 0 || full.ChunksSent != full.Chunks || full.Sequence == 0 || !full.Version.Valid() || full.Bytes != full.BytesSent || full.Bytes == 0 {
		t.Errorf("full: %+v", full)
	}
	f.write(t, "shows", `{"id":"a","title":"A2"}`, `{"id":"b","title":"B2"}`)
	edit, _ := f.invoke(t, `{"mode":"incremental","records":["Show/a"]}`)
	want := []cache.Changes{{Model: "Part"}, {Model: "Show", Changed: 1}}
	if diff := cmp.Diff(want, edit.Changes); diff != "" || edit.Records != 1 || edit.Version == full.Version || edit.Sequence <= full.Sequence {
		t.Errorf("incremental: %+v\n%s", edit, diff)
	}
	if verified, _ := f.invoke(t, `{"mode":"verify"}`); verified.Version != edit.Version || verified.Entities != 3 || verified.Chunks == 0 {
		t.Errorf("verify: %+v", verified)
	}
}

// TestRollback: an event that comes twice goes back once.
func TestRollback(t *testing.T) {
	f := open(t)
	first, _ := f.invoke(t, `{}`)
	f.write(t, "shows", `{"id":"a","title":"wrong"}`, `{"id":"b","title":"B"}`)
	if _, failed := f.invoke(t, `{}`); failed != "" {
		t.Fatal(failed)
	}
	back := fmt.Sprintf(`{"mode":"rollback","to":"%d"}`, first.Sequence)
	once, _ := f.invoke(t, back)
	twice, _ := f.invoke(t, back)
	if once.Version != first.Version || once.Sequence <= first.Sequence || twice.Sequence != once.Sequence || twice.Version != once.Version {
		t.Errorf("first %+v, then %+v", once, twice)
	}
}

// TestVerifyTellsWhatIsMissing: an alarm on the function's errors is enough.
func TestVerifyTellsWhatIsMissing(t *testing.T) {
	f := open(t)
	if _, failed := f.invoke(t, `{"mode":"verify"}`); failed != warmer.Failed {
		t.Errorf("without a version: %q", failed)
	}
	r, _ := f.invoke(t, `{}`)
	m, err := f.cache.Manifest(t.Context(), cache.Version{Manifest: r.Version})
	if err != nil {
		t.Fatal(err)
	}
	if err := f.driver.Delete(t.Context(), "chunkaside/catalog/c/"+string(m.Sections[0].Chunks[0].Digest)); err != nil {
		t.Fatal(err)
	}
	if _, failed := f.invoke(t, `{"mode":"verify"}`); failed != warmer.Unsound {
		t.Errorf("with a chunk missing: %q", failed)
	}
}

// TestOutOfTime: a build that does not end in time says so, and the next one need not wait for a dead lease.
func TestOutOfTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := open(t)
		f.slow = time.Hour
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		_, err := f.Invoke(ctx, []byte(`{}`))
		if failed, ok := errors.AsType[messages.InvokeResponse_Error](err); !ok || failed.Type != warmer.OutOfTime || ctx.Err() != nil {
			t.Errorf("error %#v, the function's own time: %v", err, ctx.Err())
		}
		if _, failed := f.invoke(t, `{}`); failed != warmer.OutOfTime { // of the two minutes that a build may take
			t.Errorf("a build without end: %q", failed)
		}
		f.slow = 0
		begin := time.Now()
		if got := outcome(f.invoke(t, `{}`)); got != "direct full" || time.Since(begin) > 8*time.Second {
			t.Errorf("the next one: %s after %v", got, time.Since(begin))
		}
	})
}
