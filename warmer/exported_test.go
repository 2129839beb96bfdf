package warmer_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/url"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/chunkaside/chunkaside/cache"
	"github.com/chunkaside/chunkaside/internal/servertest"
	"github.com/chunkaside/chunkaside/warmer"
	"github.com/chunkaside/chunkaside/warmer/export"
	"github.com/chunkaside/chunkaside/warmer/export/exporttest"
)

// completed is the event by which EventBridge tells of an object.
func completed(key string) string {
	return fmt.Sprintf(`{"source":"aws.s3","detail-type":"Object Created","detail":{"bucket":{"name":%q},"object":{"key":%q}}}`, exporttest.Name, key)
}

// notified is S3's own event.
func notified(keys ...string) string {
	var list []string
	for _, key := range keys {
		list = append(list, fmt.Sprintf(`{"eventSource":"aws:s3","eventName":"ObjectCreated:Put","s3":{"bucket":{"name":%q},"object":{"key":%q}}}`, exporttest.Name, url.QueryEscape(key)))
	}
	return records(list...)
}

// item is a line of a full export.
func item(id, title string) string {
	return fmt.Sprintf(`{"Item":{"id":{"S":%q},"title":{"S":%q},"other":{"N":"1"}}}`, id, title)
}

// change is a line of an incremental export. Its images are never what the store has.
func change(keys string) string {
	return `{"Metadata":{"WriteTimestampMicros":{"N":"1"}},"Keys":` + keys + `,"OldImage":{"id":{"S":"x"}},"NewImage":{"id":{"S":"x"},"title":{"S":"stale"}}}`
}

// TestFullExport: just the records that differ are read, and published as the store has them.
func TestFullExport(t *testing.T) {
	f := open(t)
	f.invoke(t, `{}`)
	f.write(t, "shows", `{"id":"a","title":"A"}`, `{"id":"b","title":"B3"}`, `{"id":"d","title":"D"}`)
	last := f.bucket.Write(t, exporttest.Export{Table: "shows", Files: [][]string{
		{item("a", "A"), item("b", "B2")}, {}, {item("c", "of yore"), `{"Item":{"id":{"S":"e"},"_deleted":{"BOOL":true}}}`},
	}})
	r, failed := f.invoke(t, completed(last))
	if got := outcome(r, failed); got != "eventbridge incremental" || r.Items != 4 || r.Records != 2 || f.builds != 1 {
		t.Errorf("%s, %+v", got, r)
	}
	// What the export does not know is what the stream is for: d.
	if diff := cmp.Diff([][]string{{"Show/b", "Show/c"}}, f.updates); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]cache.Changes{{Model: "Part"}, {Model: "Show", Changed: 1}}, r.Changes); diff != "" {
		t.Error(diff)
	}
	f.bucket.Write(t, exporttest.Export{Table: "shows", Files: [][]string{{item("a", "A"), item("b", "B3")}}})
	if again, failed := f.invoke(t, notified(last)); outcome(again, failed) != "s3 " || again.Items != 2 || len(f.updates) != 1 {
		t.Errorf("an export that says nothing new: %+v, updates %v", again, f.updates)
	}
}

// TestExportOfAnyAge never takes anything back: after it, each record is as the store has it, or as the version had it and the export too.
func TestExportOfAnyAge(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	draw := func(titles map[string]string) (lines, items []string) {
		for _, id := range []string{"a", "b", "c", "d"} {
			if n := random.IntN(3); n > 0 {
				titles[id] = fmt.Sprint("T", n)
				lines, items = append(lines, fmt.Sprintf(`{"id":%q,"title":%q}`, id, titles[id])), append(items, item(id, titles[id]))
			}
		}
		return lines, items
	}
	for range 30 {
		f := open(t)
		published, exported, stored := map[string]string{}, map[string]string{}, map[string]string{}
		lines, _ := draw(published)
		f.write(t, "shows", lines...)
		f.invoke(t, `{}`)
		_, items := draw(exported)
		lines, _ = draw(stored)
		f.write(t, "shows", lines...)
		last := f.bucket.Write(t, exporttest.Export{Table: "shows", Files: [][]string{items}})
		if _, failed := f.invoke(t, completed(last)); failed != "" {
			t.Fatal(failed)
		}
		want := map[string]string{}
		for _, id := range []string{"a", "b", "c", "d"} {
			from := stored
			if published[id] == exported[id] {
				from = published
			}
			if from[id] != "" {
				want[id] = from[id]
			}
		}
		if diff := cmp.Diff(want, titles(t, f)); diff != "" {
			t.Fatalf("published %v, exported %v, stored %v: %s", published, exported, stored, diff)
		}
	}
}

// titles are those of the current version's shows.
func titles(t *testing.T, f *function) map[string]string {
	t.Helper()
	history, err := f.cache.Versions(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	shot, err := f.cache.Open(t.Context(), history.Current())
	if err != nil {
		t.Fatal(err)
	}
	found, m := map[string]string{}, shot.Schema().Model("Show")
	for n := range shot.Count(m) {
		e, err := shot.At(t.Context(), m, n)
		if err != nil {
			t.Fatal(err)
		}
		var show struct{ ID, Title string }
		if err := json.Unmarshal(e.JSON(), &show); err != nil {
			t.Fatal(err)
		}
		found[show.ID] = show.Title
	}
	return found
}

// TestExportAfterRollback: what is compared is the version that the next one is made of, which is not the one that readers have.
func TestExportAfterRollback(t *testing.T) {
	f := open(t)
	first, _ := f.invoke(t, `{}`)
	f.write(t, "shows", `{"id":"a","title":"wrong"}`, `{"id":"b","title":"B"}`)
	f.invoke(t, editA)
	f.invoke(t, fmt.Sprintf(`{"mode":"rollback","to":"%d"}`, first.Sequence))
	f.write(t, "shows", `{"id":"a","title":"A"}`, `{"id":"b","title":"B"}`)
	last := f.bucket.Write(t, exporttest.Export{Table: "shows", Files: [][]string{{item("a", "A"), item("b", "B")}}})
	if r, failed := f.invoke(t, completed(last)); outcome(r, failed) != "eventbridge incremental" || r.Records != 1 || r.Version != first.Version {
		t.Errorf("%s %+v", failed, r)
	}
}

// TestIncrementalExport: its keys are read from the store, each once.
func TestIncrementalExport(t *testing.T) {
	f := open(t)
	f.invoke(t, `{}`)
	f.write(t, "shows", `{"id":"a","title":"A2"}`)
	last := f.bucket.Write(t, exporttest.Export{Table: "shows", Kind: export.Incremental, Files: [][]string{{change(keyA), change(keyA)}, {change(keyB)}}})
	r, failed := f.invoke(t, completed(last))
	if got := outcome(r, failed); got != "eventbridge incremental" || r.Items != 3 || r.Records != 2 || f.builds != 1 {
		t.Errorf("%s, %+v", got, r)
	}
	if diff := cmp.Diff(map[string]string{"a": "A2"}, titles(t, f)); diff != "" {
		t.Error(diff)
	}
	parts := f.bucket.Write(t, exporttest.Export{Table: "parts", Kind: export.Incremental, Files: [][]string{{change(keyPart)}}})
	if _, failed := f.invoke(t, completed(parts)); failed != "" || f.updates[1][0] != "Part/a/s1/1" {
		t.Errorf("%s, updates %v", failed, f.updates)
	}
}

// TestExportMeansEverything: where there is no version to compare with, or too much to read by keys.
func TestExportMeansEverything(t *testing.T) {
	full := exporttest.Export{Table: "shows", Files: [][]string{{item("a", "A")}}}
	many := exporttest.Export{Table: "shows", Kind: export.Incremental, Files: [][]string{{}}}
	for i := range 100_001 {
		many.Files[0] = append(many.Files[0], change(fmt.Sprintf(`{"id":{"S":"%d"}}`, i)))
	}
	for name, test := range map[string]struct {
		export exporttest.Export
		before func(*testing.T, *function)
	}{
		"no version": {full, func(*testing.T, *function) {}},
		"a version that lacks a chunk": {full, func(t *testing.T, f *function) {
			r, _ := f.invoke(t, `{}`)
			m, err := f.cache.Manifest(t.Context(), cache.Version{Manifest: r.Version})
			if err != nil {
				t.Fatal(err)
			}
			for chunk := range m.Chunks {
				if err := f.driver.Delete(t.Context(), "chunkaside/catalog/c/"+string(chunk.Digest)); err != nil {
					t.Fatal(err)
				}
			}
			f.start(t) // with nothing in memory
		}},
		"too many": {many, func(t *testing.T, f *function) { f.invoke(t, `{}`) }},
	} {
		t.Run(name, func(t *testing.T) {
			f := open(t)
			test.before(t, f)
			builds := f.builds
			r, failed := f.invoke(t, completed(f.bucket.Write(t, test.export)))
			if got := outcome(r, failed); got != "eventbridge full" || f.builds != builds+1 || r.Items == 0 || len(f.updates) != 0 {
				t.Errorf("%s after %d builds, %+v", got, f.builds, r)
			}
			if !strings.Contains(f.log.String(), "a full warm-up is made for an export") {
				t.Errorf("log: %s", f.log.String())
			}
		})
	}
}

// TestBadExport: nothing is published of what is not whole, or not understood.
func TestBadExport(t *testing.T) {
	const folder = "daily/AWSDynamoDB/01-a/"
	for name, test := range map[string]struct {
		export exporttest.Export
		change func(t *testing.T, b exporttest.Bucket)
		want   string
	}{
		"Ion":            {exporttest.Export{Table: "shows", Format: "ION"}, nil, warmer.BadEvent},
		"damaged":        {exporttest.Export{Table: "shows"}, func(_ *testing.T, b exporttest.Bucket) { b[folder+"manifest-summary.json"] = []byte("{}") }, warmer.Failed},
		"a missing file": {exporttest.Export{Table: "shows", Files: [][]string{{item("a", "A2")}}}, func(_ *testing.T, b exporttest.Bucket) { delete(b, folder+"data/0.json.gz") }, warmer.Failed},
		"another file": {exporttest.Export{Table: "shows", Files: [][]string{{item("a", "A2")}}}, func(t *testing.T, b exporttest.Bucket) {
			b[folder+"data/0.json.gz"] = exporttest.Pack(t, item("b", "B"))
		}, warmer.Failed},
		"no Item":          {exporttest.Export{Table: "shows", Files: [][]string{{`{"id":{"S":"a"}}`}}}, nil, warmer.Failed},
		"no DynamoDB JSON": {exporttest.Export{Table: "shows", Files: [][]string{{`{"Item":{"id":"a"}}`}}}, nil, warmer.Failed},
		"no JSON":          {exporttest.Export{Table: "shows", Files: [][]string{{`hello`}}}, nil, warmer.Failed},
		"another schema":   {exporttest.Export{Table: "shows", Files: [][]string{{`{"Item":{"id":{"S":"a"},"title":{"N":"1"}}}`}}}, nil, warmer.Failed},
		"no Keys":          {exporttest.Export{Table: "shows", Kind: export.Incremental, Files: [][]string{{`{"NewImage":{"id":{"S":"a"}}}`}}}, nil, warmer.Failed},
		"other Keys":       {exporttest.Export{Table: "shows", Kind: export.Incremental, Files: [][]string{{change(`{"id":{"N":"1"}}`)}}}, nil, warmer.Failed},
		"a blank line":     {exporttest.Export{Table: "shows", Kind: export.Incremental, Files: [][]string{{""}}}, nil, warmer.Failed},
	} {
		t.Run(name, func(t *testing.T) {
			f := open(t)
			before, _ := f.invoke(t, `{}`)
			last := f.bucket.Write(t, test.export)
			if test.change != nil {
				test.change(t, f.bucket)
			}
			if got := outcome(f.invoke(t, completed(last))); got != test.want {
				t.Errorf("%s, want %s", got, test.want)
			}
			// In a queue it comes again alone.
			if got := outcome(f.invoke(t, batch(completed(last), editA))); got != "sqs incremental -0" {
				t.Errorf("in a queue: %s", got)
			}
			if after, _ := f.invoke(t, `{"mode":"verify"}`); after.Version != before.Version {
				t.Error("another version was published")
			}
		})
	}
}

// TestObjects: of all objects, whoever tells of them, one completes an export. Tables of others are skipped.
func TestObjects(t *testing.T) {
	const spaced = "of the day+night/AWSDynamoDB/01-a/"
	f := open(t)
	f.invoke(t, `{}`)
	last := f.bucket.Write(t, exporttest.Export{Folder: spaced, Table: "shows", Files: [][]string{{item("a", "A")}}})
	foreign := f.bucket.Write(t, exporttest.Export{Folder: "x/", Table: "orders", Files: [][]string{{`{"Item":{"no":{"N":"1"}}}`}}})
	ion := f.bucket.Write(t, exporttest.Export{Folder: "y/", Table: "orders", Format: "ION"})
	for name, test := range map[string]struct {
		event, want string
		skipped     int
	}{
		"notification":           {notified(spaced+"manifest-files.json", last, spaced+"data/0.json.gz"), "s3 incremental", 2},
		"event bridge":           {completed(last), "eventbridge incremental", 0},
		"another object":         {completed(spaced + "manifest-summary.json"), "eventbridge ", 1},
		"deleted":                {strings.Replace(completed(last), "Created", "Deleted", 1), "eventbridge ", 1},
		"removed":                {strings.Replace(notified(last), "ObjectCreated:Put", "ObjectRemoved:Delete", 1), "s3 ", 1},
		"in a queue":             {batch(completed(last), notified("_started"), notification(notified(last))), "sqs incremental", 1},
		"in a topic":             {fmt.Sprintf(`{"Records":[{"EventSource":"aws:sns","Sns":{"Message":%q}}]}`, notified(last)), "sns incremental", 0},
		"beside a full warm-up":  {batch(completed(last), cms), "sqs full", 0},
		"a test":                 {`{"Service":"Amazon S3","Event":"s3:TestEvent","Time":"2026-01-01T00:00:00Z","Bucket":"exports","RequestId":"x"}`, "s3 ", 0},
		"another table":          {completed(foreign), "eventbridge ", 1},
		"another table, in Ion":  {completed(ion), "eventbridge ", 1},
		"an object of elsewhere": {strings.Replace(completed(last), `"exports"`, `"others"`, 1), "Failed", 0},
		"a key that is none":     {strings.Replace(notified(last), "%2F", "%G", 1), "BadEvent", 0},
		"no detail":              {`{"source":"aws.s3","detail-type":"Object Created","detail":"x"}`, "BadEvent", 0},
	} {
		t.Run(name, func(t *testing.T) {
			r, failed := f.invoke(t, test.event)
			if got := outcome(r, failed); got != test.want || r.Skipped != test.skipped {
				t.Errorf("%s, %d skipped; want %s, %d skipped", got, r.Skipped, test.want, test.skipped)
			}
		})
	}
	for _, line := range []string{"an object that does not complete an export is skipped", "tables=orders"} {
		if !strings.Contains(f.log.String(), line) {
			t.Errorf("log: no %s", line)
		}
	}
	without := warmer.New(nil, nil, nil, nil, &warmer.Options{})
	if _, err := without.Invoke(t.Context(), []byte(completed(last))); err == nil || !strings.Contains(err.Error(), "does not read") {
		t.Errorf("without S3: %v", err)
	}
}

const persons = `type Person @model(timestamps: null) @table(name: "persons") {
  id: ID! first_name: String last_name: String email: String age: Int phone: String city: String country: String occupation: String hobby: String
}`

// TestRecordedItems: an export of what a version was built from says nothing new, whatever its order; one that lacks a record leads to the store.
func TestRecordedItems(t *testing.T) {
	data, err := os.ReadFile(servertest.SharedData(t, "events", "dynamodb-items", "persons-first-100.json"))
	if err != nil {
		t.Fatal(err)
	}
	var items []json.RawMessage
	if err := json.Unmarshal(data, &items); err != nil {
		t.Fatal(err)
	}
	var lines []string
	for _, item := range items {
		line, _ := json.Marshal(map[string]json.RawMessage{"Item": item})
		lines = append(lines, string(line))
	}
	f := openOn(t, persons)
	f.write(t, "persons", lines...)
	f.invoke(t, `{}`)
	slices.Reverse(lines)
	last := f.bucket.Write(t, exporttest.Export{Table: "persons", Files: [][]string{lines[:40], lines[40:]}})
	if r, failed := f.invoke(t, completed(last)); outcome(r, failed) != "eventbridge " || r.Items != 100 {
		t.Errorf("the same: %s %+v", failed, r)
	}
	f.bucket.Write(t, exporttest.Export{Table: "persons", Files: [][]string{lines[1:]}})
	if r, failed := f.invoke(t, completed(last)); outcome(r, failed) != "eventbridge incremental" || r.Records != 1 {
		t.Errorf("one less: %s %+v", failed, r)
	}
}

// TestRecordedChanges: lines that DynamoDB wrote are taken for what they are. One of them has no Keys.
func TestRecordedChanges(t *testing.T) {
	data, err := os.ReadFile(servertest.SharedData(t, "events", "dynamodb-export", "incremental", "data.json"))
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(string(data)), "\n")
	f := openOn(t, `type Item @model(timestamps: null) @table(name: "items") { id: Int! name: String }
type Pair @model(timestamps: null) @table(name: "pairs") { pk: String! @primaryKey(sortKeyFields: ["sk"]) sk: String! name: String }`)
	f.write(t, "items", `{"id":123,"name":"Joan"}`)
	f.write(t, "pairs")
	f.invoke(t, `{}`)
	taken := map[string]int{}
	for i, line := range lines {
		for _, table := range []string{"items", "pairs"} {
			last := f.bucket.Write(t, exporttest.Export{Table: table, Kind: export.Incremental, Files: [][]string{{line}}})
			r, failed := f.invoke(t, completed(last))
			if failed == "" && r.Records == 1 {
				taken[table]++
			} else if failed != warmer.Failed {
				t.Errorf("line %d: %s %+v", i, failed, r)
			}
		}
	}
	if diff := cmp.Diff(map[string]int{"items": 6, "pairs": 1}, taken); diff != "" || len(lines) != 8 {
		t.Errorf("of %d lines: %s", len(lines), diff)
	}
}
