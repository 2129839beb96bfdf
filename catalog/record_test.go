package catalog_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/chunkaside/chunkaside/catalog"
	"github.com/chunkaside/chunkaside/catalog/schema"
	"github.com/chunkaside/chunkaside/store"
)

const recordSDL = `type Show @model { id: ID! @primaryKey(sortKeyFields: ["year", "part"]) year: Int! part: String! }
type Host @model { id: ID! }`

func TestParseRecord(t *testing.T) {
	s, err := schema.Parse("records.graphql", recordSDL)
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct{ text, want string }{
		{"Host/a", "a"}, {"Host/a/b", "a/b"}, {`Host/["a"]`, "a"}, {"Show/a/2000/b", "a|2000|b"}, {`Show/["a/b", 2.0e3, "c"]`, "a/b|2000|c"},
		{"Nobody/a", ""}, {"Host/", ""}, {"Show/a/2000", ""}, {"Show/a/x/b", ""}, {`Host/["a","b"]`, ""}, {`Host/[true]`, ""}, {"Host/\xff", ""}, {`Host/["a"] x`, ""},
	} {
		r, err := catalog.ParseRecord(s, test.text)
		if (err != nil) != (test.want == "") || err == nil && strings.Join(r.Values, "|") != test.want {
			t.Errorf("ParseRecord(%q) = %q, %v, want %q", test.text, r.Values, err, test.want)
		}
	}
}

// asked is a store that has only texts, and tells which keys were asked for.
type asked struct {
	store.Store
	keys []string
}

func (a *asked) Get(_ context.Context, m *schema.Model, keys []store.Key) ([]store.Entity, error) {
	var found []store.Entity
	for _, key := range keys {
		a.keys = append(a.keys, m.Name+"/"+strings.Join(key, "/"))
		found = append(found, store.Entity(key[0]))
	}
	return found, nil
}

// TestReadEdits: each record is read once, and its entity is its own.
func TestReadEdits(t *testing.T) {
	s, err := schema.Parse("records.graphql", recordSDL)
	if err != nil {
		t.Fatal(err)
	}
	var records []catalog.Record
	for _, text := range []string{"Host/b", "Show/s/1/p", "Host/a", "Host/b", "Show/s/1.0/p"} {
		r, err := catalog.ParseRecord(s, text)
		if err != nil {
			t.Fatal(err)
		}
		records = append(records, r)
	}
	var st asked
	edits, err := catalog.ReadEdits(t.Context(), &st, records)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range edits {
		got = append(got, e.Model.Name+" "+string(e.Entity))
	}
	slices.Sort(st.keys)
	if diff := cmp.Diff([]string{"Host b", "Show s", "Host a"}, got); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"Host/a", "Host/b", "Show/s/1/p"}, st.keys); diff != "" {
		t.Error(diff)
	}
}
