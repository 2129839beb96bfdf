package main

import (
	"bytes"
	"context"
	"encoding/json"
	"strings"
	"testing"
	"unicode"

	"github.com/google/go-cmp/cmp"

	"github.com/chunkaside/chunkaside/catalog"
	"github.com/chunkaside/chunkaside/catalog/schema"
	"github.com/chunkaside/chunkaside/chunker"
	"github.com/chunkaside/chunkaside/store/storetest"
)

const diffSDL = `
type Program @model { id: ID! }
type Episode @model { id: ID! title: String speakers: [String] }
type Price @model { shop: ID! @primaryKey(sortKeyFields: ["size"]) size: Float! yen: Int }`

// printDiff has what differs between two catalogs printed.
func printDiff(t *testing.T, before, after storetest.Tables, p diffPrinter) {
	t.Helper()
	s, err := schema.Parse("diff.graphql", diffSDL)
	if err != nil {
		t.Fatal(err)
	}
	counts, err := catalog.Diff(t.Context(), snapshotOf(t, s, before), snapshotOf(t, s, after), nil, p.change)
	if err != nil {
		t.Fatal(err)
	}
	if err := p.end(counts); err != nil {
		t.Fatal(err)
	}
}

func snapshotOf(t *testing.T, s *schema.Schema, tables storetest.Tables) *catalog.Snapshot {
	t.Helper()
	memory, err := catalog.NewMemory(func(context.Context, []chunker.Digest) ([][]byte, error) { panic("all is at hand") }, nil)
	if err != nil {
		t.Fatal(err)
	}
	manifest, err := catalog.Build(t.Context(), tables, s, nil, func(d chunker.Digest, data []byte) error {
		memory.Put(d, data)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	shot, err := catalog.NewSnapshot(s, manifest, memory)
	if err != nil {
		t.Fatal(err)
	}
	return shot
}

var (
	diffBefore = storetest.Tables{
		"Program": {`{"id":"y"}`, `{"id":"z"}`},
		"Episode": {`{"id":"djangocon-us-2016-04","title":"Old title"}`, `{"id":"e2","title":"<b>","speakers":null}`},
		"Price":   {`{"shop":"a","size":12.5,"yen":300}`},
	}
	diffAfter = storetest.Tables{
		"Program": {`{"id":"z"}`},
		"Episode": {`{"id":"djangocon-us-2016-04","title":"New title","speakers":["A","B"]}`, `{"id":"e2","title":"<i>"}`, `{"id":"x"}`},
		"Price":   {`{"shop":"a","size":12.5,"yen":310}`},
	}
)

func TestDiffText(t *testing.T) {
	var out bytes.Buffer
	printDiff(t, diffBefore, diffAfter, &diffText{out: &out, limit: 4})
	want := `
Episode  "djangocon-us-2016-04"  changed
  title     "Old title"  ->  "New title"
  speakers  (none)  ->  ["A","B"]
Episode  "e2"  changed
  title     "<b>"  ->  "<i>"
  speakers  null  ->  (none)
Episode  "x"  added
Price  "a", 12.5  changed
  yen  300  ->  310
and 1 more, which are only counted

    model  added  changed  removed  blocks read
  Episode      1        2        0       2 of 2
    Price      0        1        0       2 of 2
  Program      0        0        1       2 of 2
    total      1        3        1       6 of 6
`
	if diff := cmp.Diff(want[1:], out.String()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestDiffTextOfEqualVersions(t *testing.T) {
	var out bytes.Buffer
	printDiff(t, diffBefore, diffBefore, &diffText{out: &out, limit: 4})
	if got := out.String(); !strings.HasPrefix(got, "    model") || !strings.Contains(got, "total      0        0        0       0 of 3") {
		t.Errorf("got\n%s", got)
	}
}

func TestDiffJSON(t *testing.T) {
	var out bytes.Buffer
	printDiff(t, diffBefore, diffAfter, newDiffJSON(&out, "aa", "bb", 4))
	want := `{"from":"aa","to":"bb","models":[` +
		`{"model":"Episode","added":1,"changed":2,"removed":0,"blocksRead":2,"blocks":2},` +
		`{"model":"Price","added":0,"changed":1,"removed":0,"blocksRead":2,"blocks":2},` +
		`{"model":"Program","added":0,"changed":0,"removed":1,"blocksRead":2,"blocks":2}],"changes":[` +
		`{"model":"Episode","key":{"id":"djangocon-us-2016-04"},"kind":"changed","fields":[{"name":"title","before":"Old title","after":"New title"},{"name":"speakers","after":["A","B"]}]},` +
		`{"model":"Episode","key":{"id":"e2"},"kind":"changed","fields":[{"name":"title","before":"<b>","after":"<i>"},{"name":"speakers","before":null}]},` +
		`{"model":"Episode","key":{"id":"x"},"kind":"added"},` +
		`{"model":"Price","key":{"shop":"a","size":12.5},"kind":"changed","fields":[{"name":"yen","before":300,"after":310}]}],"more":1}` + "\n"
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	out.Reset()
	printDiff(t, storetest.Tables{}, storetest.Tables{}, newDiffJSON(&out, "aa", "aa", 4))
	if got := out.String(); !strings.Contains(got, `"changes":[],"more":0`) {
		t.Errorf("of nothing: %s", got)
	}
}

// TestDiffHarmsNoTerminal: a title or key never moves the cursor, rings, or turns the text around; and JSON still says what it said.
func TestDiffHarmsNoTerminal(t *testing.T) {
	harm := "\x1b]0;x\x07\r\t\x7f\u0080\u009b31m\u061c\u200b\u200e\u200f\u2028\u2029\u202a\u202e\u2066\u2069\ufeff\U000e0041 日本　語 e\u0301 😀"
	before := storetest.Tables{"Episode": {`{"id":` + quoted(harm) + `,"title":"x"}`}}
	after := storetest.Tables{"Episode": {`{"id":` + quoted(harm) + `,"title":` + quoted(harm) + `}`}}
	var text, object bytes.Buffer
	printDiff(t, before, after, &diffText{out: &text, limit: 1})
	printDiff(t, before, after, newDiffJSON(&object, "aa", "bb", 1))
	for _, out := range []string{text.String(), object.String()} {
		for _, r := range out {
			if r != '\n' && !unicode.IsGraphic(r) {
				t.Errorf("%U is printed raw in\n%+q", r, out)
			}
		}
		if !strings.Contains(out, "日本　語 e\u0301 😀") {
			t.Errorf("what is harmless is not printed as it is in\n%s", out)
		}
	}
	var view diffView
	if err := json.Unmarshal(object.Bytes(), &view); err != nil {
		t.Fatal(err)
	}
	for _, raw := range []json.RawMessage{view.Changes[0].Key["id"], view.Changes[0].Fields[0].After} {
		var got string
		if err := json.Unmarshal(raw, &got); err != nil || got != harm {
			t.Errorf("the object says %+q, want %+q; %v", got, harm, err)
		}
	}
}

// quoted is a text as the canonical JSON of an entity: nothing but quotes, backslashes and the first controls is escaped.
func quoted(text string) string {
	var b strings.Builder
	for _, r := range text {
		if raw, _ := json.Marshal(string(r)); r < ' ' || r == '"' || r == '\\' {
			b.Write(raw[1 : len(raw)-1])
		} else {
			b.WriteRune(r)
		}
	}
	return `"` + b.String() + `"`
}

func TestShortened(t *testing.T) {
	long := strings.Repeat("春", 200)
	for _, test := range []struct{ name, before, after, wantBefore, wantAfter string }{
		{"short", `"a"`, `"b"`, `"a"`, `"b"`},
		{"none", "", `null`, "(none)", "null"},
		{"just short enough", long[:300], "1", long[:300], "1"},
		{"at the start", "x" + long, long, "x" + long[:297] + "...", long[:300] + "..."},
		{"in the middle", long[:300] + "x" + long, long[:300] + "y", "..." + long[:75] + "x" + long[:222] + "...", "..." + long[:297] + "y"},
		{"at the end", long + "x", long + "y", "..." + long[:297] + "x", "..." + long[:297] + "y"},
		{"a beginning", long, long + "y", "..." + long[:300], "..." + long[:297] + "y"},
	} {
		before, after := shortened([]byte(test.before), []byte(test.after))
		if before != test.wantBefore || after != test.wantAfter {
			t.Errorf("%s: %s -> %s,\nwant %s -> %s", test.name, before, after, test.wantBefore, test.wantAfter)
		}
	}
}

// TestDiffTextEnds: what cannot be printed ends the diff.
func TestDiffTextEnds(t *testing.T) {
	s, err := schema.Parse("diff.graphql", diffSDL)
	if err != nil {
		t.Fatal(err)
	}
	p := &diffText{out: closedWriter{}, limit: 4}
	if _, err := catalog.Diff(t.Context(), snapshotOf(t, s, diffBefore), snapshotOf(t, s, diffAfter), nil, p.change); err == nil {
		t.Error("printing to nowhere is no error")
	}
}

type closedWriter struct{}

func (closedWriter) Write([]byte) (int, error) { return 0, context.Canceled }
