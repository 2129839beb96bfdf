package bench

import (
	"encoding/json"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// files writes some into a folder of their own, and returns the path of the first.
func files(t testing.TB, texts ...string) string {
	t.Helper()
	dir := t.TempDir()
	for i := 0; i < len(texts); i += 2 {
		if err := os.WriteFile(filepath.Join(dir, texts[i]), []byte(texts[i+1]), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return filepath.Join(dir, texts[0])
}

const twoQueries = `
# What a visitor sees first.
# weight: 3
# variables: programs.ndjson
query Page($id: ID!, $limit: Int = 5) { getProgram(id: $id) { ...Head groups(limit: $limit) { items { ... on EpisodeGroup { ...Group } } } } }
fragment Head on Program { id title }
fragment Group on EpisodeGroup { id program { ...Head } }
fragment Unused on Program { score }

{ listPrograms { items { id } } }
`

func TestReadMix(t *testing.T) {
	m, err := ReadMix(files(t, "q.graphql", twoQueries, "programs.ndjson", `{"id":"a","title":"\u30a2"}`+"\n"+`{"id":"b","limit":7}`+"\n\n"))
	if err != nil {
		t.Fatal(err)
	}
	if len(m.Queries) != 2 || m.Queries[0].Name != "Page" || m.Queries[0].Weight != 3 || m.Queries[1].Name != "listPrograms" || m.Queries[1].Weight != 1 {
		t.Fatalf("queries: %+v", m.Queries)
	}
	var sent struct {
		Query     string
		Variables map[string]any
	}
	if err := json.Unmarshal(m.Queries[0].Body(1), &sent); err != nil {
		t.Fatal(err)
	}
	if len(sent.Variables) != 2 || sent.Variables["id"] != "b" || sent.Variables["limit"] != 7.0 {
		t.Errorf("variables: %v", sent.Variables)
	}
	for text, want := range map[string]bool{"fragment Head on": true, "fragment Group on": true, "Unused": false, "listPrograms": false, "$limit: Int = 5": true} {
		if strings.Contains(sent.Query, text) != want {
			t.Errorf("%q in the query: %v, want %v\n%s", text, !want, want, sent.Query)
		}
	}
	if got := string(m.Queries[0].Sets[0]); got != `{"id":"a"}` {
		t.Errorf("the first set is %s: what is no variable does not belong to it", got)
	}
	if got := string(m.Queries[1].Body(0)); !strings.HasSuffix(got, `"variables":{}}`) {
		t.Errorf("without variables: %s", got)
	}
}

func TestReadMixRefuses(t *testing.T) {
	for name, test := range map[string]struct{ text, values, want string }{
		"no GraphQL":        {"query {", "", "q.graphql:1"},
		"nothing":           {"fragment F on X { id }", "", "it has no query"},
		"mutation":          {"mutation M { deleteAll }", "", "M is a mutation: a load asks, and changes nothing"},
		"subscription":      {"subscription { onAll { id } }", "", "onAll is a subscription"},
		"weight":            {"# weight: lots\nquery Q { a }", "", `Q: the weight "lots" is no number from 1`},
		"weight 0":          {"# weight: 0\nquery Q { a }", "", "is no number from 1"},
		"double":            {"query Q { a }\nquery Q { b }", "", "q.graphql:2: a second query Q"},
		"no fragment":       {"query Q { ...F }", "", "there is no fragment F"},
		"no values":         {"query Q($id: ID!) { a(id: $id) }", "", `no value for $id: name a file of JSON lines in a comment above it, "# variables: FILE"`},
		"no file":           {"# variables: none.ndjson\nquery Q { a }", "", "none.ndjson"},
		"empty file":        {"# variables: v.ndjson\nquery Q { a }", "\n", "v.ndjson: it has no values"},
		"no objects":        {"# variables: v.ndjson\nquery Q { a }", "[1]", "object 1: "},
		"broken":            {"# variables: v.ndjson\nquery Q { a }", `{"a":1}{`, "object 2: "},
		"a missing value":   {"# variables: v.ndjson\nquery Q($id: ID!) { a(id: $id) }", `{"id":"a"} {"ID":"b"}`, "object 2: no value for $id"},
		"null where it may": {"# variables: v.ndjson\nquery Q($id: ID!) { a(id: $id) }", `{"id":null}`, "object 1: no value for $id"},
	} {
		_, err := ReadMix(files(t, "q.graphql", test.text, "v.ndjson", test.values))
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v, want %q", name, err, test.want)
		}
	}
	if _, err := ReadMix(filepath.Join(t.TempDir(), "none")); err == nil {
		t.Error("a file that is not there is read")
	}
}

// TestDraw: queries come by their weights, and all sets of one alike.
func TestDraw(t *testing.T) {
	m := &Mix{Queries: []Query{{Weight: 1, Sets: make([]json.RawMessage, 1)}, {Weight: 3, Sets: make([]json.RawMessage, 4)}}, weights: 4}
	const seed, draws = 7, 40_000
	t.Logf("seed %d", seed)
	random, first, sets := rand.New(rand.NewPCG(seed, 0)), 0, [4]int{}
	for range draws {
		if query, set := m.draw(random); query == 0 {
			first++
		} else {
			sets[set]++
		}
	}
	if first < draws/4*95/100 || first > draws/4*105/100 {
		t.Errorf("the query of weight 1 of 4 was drawn %d times of %d", first, draws)
	}
	for set, n := range sets {
		if want := draws * 3 / 16; n < want*95/100 || n > want*105/100 {
			t.Errorf("set %d was drawn %d times, want about %d", set, n, want)
		}
	}
}
