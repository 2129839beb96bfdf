package catalog_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/chunkaside/chunkaside/catalog"
	"github.com/chunkaside/chunkaside/catalog/schema"
	"github.com/chunkaside/chunkaside/chunker"
	"github.com/chunkaside/chunkaside/store"
	"github.com/chunkaside/chunkaside/store/storetest"
)

const sdl = `
type Show @model { id: ID! name: String episodes: [Episode] @hasMany(indexName: "byShow", fields: ["id"]) }
type Episode @model {
  id: ID!
  showId: ID @index(name: "byShow", sortKeyFields: ["number"])
  number: Float
  season: Int @index(name: "bySeason", sortKeyFields: ["number", "title"])
  title: String
}`

var records = storetest.Tables{
	"Show": {`{"id":"s2","name":"Two"}`, `{"id":"s1","name":"One, \"quoted\" \\"}`},
	"Episode": {
		`{"id":"a","showId":"s1","number":10,"season":1,"title":"ten"}`,
		`{"id":"b","showId":"s1","number":9.5,"season":1,"title":"nine"}`,
		`{"id":"c","showId":"s1","number":-3,"season":2}`,
		`{"id":"d","showId":"s1"}`,
		`{"id":"e","showId":"s1","number":null,"title":"none"}`,
		`{"id":"f","number":1}`,
		`{"id":"g","showId":"s2","number":1,"title":"{\"x\":[1]}"}`,
		`{"id":"h","showId":"s1","number":0}`,
		`{"id":"i","showId":"s1","number":-3.5}`,
	},
}

// version is a built version with its chunks.
type version struct {
	schema   *schema.Schema
	manifest *chunker.Manifest
	chunks   map[chunker.Digest][]byte
}

func build(t testing.TB, text string, st store.Store, o *chunker.Options) version {
	t.Helper()
	s, err := schema.Parse("test.graphql", text)
	if err != nil {
		t.Fatal(err)
	}
	v := version{schema: s, chunks: map[chunker.Digest][]byte{}}
	v.manifest, err = catalog.Build(t.Context(), st, s, &catalog.BuildOptions{Chunker: o}, func(d chunker.Digest, data []byte) error {
		v.chunks[d] = data
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// fetch is a catalog.Fetch.
func (v version) fetch(_ context.Context, digests []chunker.Digest) ([][]byte, error) {
	data := make([][]byte, len(digests))
	for i, d := range digests {
		if data[i] = v.chunks[d]; data[i] == nil {
			return nil, &chunker.DamageError{Part: "chunk", Digest: d, Reason: "it is missing"}
		}
	}
	return data, nil
}

func (v version) snapshot(t testing.TB) *catalog.Snapshot {
	t.Helper()
	memory, err := catalog.NewMemory(v.fetch, nil)
	if err != nil {
		t.Fatal(err)
	}
	shot, err := catalog.NewSnapshot(v.schema, v.manifest, memory)
	if err != nil {
		t.Fatal(err)
	}
	return shot
}

func page(t testing.TB, s *catalog.Snapshot, m *schema.Model, r catalog.Range) catalog.Page {
	t.Helper()
	p, err := s.Page(t.Context(), m, r)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func ids(page catalog.Page, m *schema.Model) string {
	var list []string
	for _, e := range page.Entities {
		list = append(list, strings.Trim(string(e.Field(m.Field("id"))), `"`))
	}
	return strings.Join(list, " ")
}

// tiny makes a block, and a chunk, of nearly every entity and index line.
var tiny = &chunker.Options{BlockTarget: 1, BlockMin: 1, IndexTarget: 2}

func TestRange(t *testing.T) {
	for name, o := range map[string]*chunker.Options{"whole": nil, "tiny": tiny} {
		t.Run(name, func(t *testing.T) { testRange(t, o) })
	}
}

func testRange(t *testing.T, o *chunker.Options) {
	v := build(t, sdl, records, o)
	shot := v.snapshot(t)
	m := v.schema.Model("Episode")
	prefix, ok, err := catalog.Prefix(m.Index("byShow"), []byte(`"s1"`))
	if err != nil || !ok {
		t.Fatal(ok, err)
	}
	season, _, _ := catalog.Prefix(m.Index("bySeason"), []byte(`1`))
	for _, test := range []struct {
		name string
		r    catalog.Range
		want string
	}{
		{"all, siblings together", catalog.Range{}, "f d e i c h b a g"},
		{"an index, numbers in order, without those lacking a key", catalog.Range{Index: m.Index("byShow"), Prefix: prefix}, "i c h b a"},
		{"descending", catalog.Range{Index: m.Index("byShow"), Prefix: prefix, Descending: true}, "a b h c i"},
		{"several sort fields are one text", catalog.Range{Index: m.Index("bySeason"), Prefix: season}, "a b"},
		{"an absent partition", catalog.Range{Index: m.Index("byShow"), Prefix: "s3\x00"}, ""},
	} {
		for limit := 1; limit < 12; limit++ {
			test.r.Limit, test.r.After = limit, ""
			var got []string
			for pages := 0; ; pages++ {
				page := page(t, shot, m, test.r)
				if len(page.Entities) > 0 {
					got = append(got, ids(page, m))
				}
				if test.r.After = page.Next; page.Next == "" {
					break
				}
				if len(page.Entities) != limit || pages > 20 {
					t.Fatalf("%s, limit %d: a page of %d that has a next", test.name, limit, len(page.Entities))
				}
			}
			if all := strings.Join(got, " "); all != test.want {
				t.Errorf("%s, limit %d: %q, want %q", test.name, limit, all, test.want)
			}
		}
	}
}

func TestGet(t *testing.T) {
	v := build(t, sdl, records, nil)
	shot := v.snapshot(t)
	m := v.schema.Model("Show")
	key, _, err := catalog.Prefix(m.Key, []byte(`"s1"`))
	if err != nil {
		t.Fatal(err)
	}
	e, ok, err := shot.Get(t.Context(), m, key)
	if err != nil || !ok || string(e.JSON()) != records["Show"][1] {
		t.Errorf("Get(s1) = %s, %v", e.JSON(), ok)
	}
	if got := string(e.Field(m.Field("name"))); got != `"One, \"quoted\" \\"` {
		t.Errorf("name = %s", got)
	}
	for _, raw := range []string{`"s"`, `"s11"`, `"t"`, `"\u0000"`} {
		key, _, _ := catalog.Prefix(m.Key, []byte(raw))
		if _, ok, err := shot.Get(t.Context(), m, key); ok || err != nil {
			t.Errorf("Get(%s) = %v, %v; want nothing", raw, ok, err)
		}
	}
	m = v.schema.Model("Episode") // which is in another order than that of its primary key
	for _, id := range []string{"a", "d", "f", "i", "x"} {
		key, _, _ := catalog.Prefix(m.Key, []byte(`"`+id+`"`))
		e, ok, err := shot.Get(t.Context(), m, key)
		if err != nil || ok != (id != "x") || ok && string(e.Field(m.Field("id"))) != `"`+id+`"` {
			t.Errorf("Get(%s) = %v, %v", id, ok, err)
		}
	}
}

func TestBuildIgnoresTheOrderOfRecords(t *testing.T) {
	v := build(t, sdl, records, nil)
	turned := storetest.Tables{}
	for name, list := range records {
		turned[name] = slices.Clone(list)
		slices.Reverse(turned[name])
	}
	w := build(t, sdl, turned, nil)
	if v.manifest.Digest != w.manifest.Digest {
		t.Error("the same records in another order give another version")
	}
}

func TestBuildRefusesDuplicates(t *testing.T) {
	s, err := schema.Parse("test.graphql", sdl)
	if err != nil {
		t.Fatal(err)
	}
	for name, twice := range map[string]storetest.Tables{
		"apart":    {"Episode": {`{"id":"a","showId":"x"}`, `{"id":"b"}`, `{"id":"a","showId":"y"}`}},
		"adjacent": {"Episode": {`{"id":"a","showId":"x"}`, `{"id":"b"}`, `{"id":"a","showId":"x"}`}},
	} {
		_, err = catalog.Build(t.Context(), twice, s, nil, func(chunker.Digest, []byte) error { return nil })
		var duplicate *catalog.DuplicateError
		if !errors.As(err, &duplicate) || duplicate.Model != "Episode" || duplicate.Key != `"a"` {
			t.Errorf("%s: Build = %v, want a DuplicateError naming the key", name, err)
		}
	}
}

func TestNewSnapshotRefuses(t *testing.T) {
	v := build(t, sdl, records, nil)
	other, err := schema.Parse("other.graphql", strings.Replace(sdl, "title: String", "title: Int", 1))
	if err != nil {
		t.Fatal(err)
	}
	memory, err := catalog.NewMemory(v.fetch, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := catalog.NewSnapshot(other, v.manifest, memory); !errors.Is(err, catalog.ErrSchema) {
		t.Errorf("with another schema: %v, want ErrSchema", err)
	}
}

// TestMissingChunk: what does not need the chunk is answered, what does is a typed error, again and again, and answered once the chunk is there.
func TestMissingChunk(t *testing.T) {
	v := build(t, sdl, records, tiny)
	m := v.schema.Model("Episode")
	for d, data := range v.chunks {
		delete(v.chunks, d)
		shot := v.snapshot(t)
		for range 2 {
			if _, err := shot.Page(t.Context(), m, catalog.Range{Limit: 100}); err != nil && !errors.Is(err, chunker.ErrDamaged) {
				t.Errorf("without chunk %s: %v, want ErrDamaged", d.Short(), err)
			}
		}
		v.chunks[d] = data
		if got := len(page(t, shot, m, catalog.Range{Limit: 100}).Entities); got != 9 {
			t.Errorf("with chunk %s again: %d entities", d.Short(), got)
		}
	}
}

// TestForeignEntities: sound chunks whose entities do not follow the schema are damage, not a panic or a wrong answer.
func TestForeignEntities(t *testing.T) {
	s, err := schema.Parse("test.graphql", `type Show @model { id: ID! name: String n: Int }`)
	if err != nil {
		t.Fatal(err)
	}
	for _, lines := range [][]string{
		{`{"name":"x","id":"a"}`}, {`{"id":"a","more":1}`}, {`{"id":"a"`}, {`{"id":"a","name":}`}, {`{"id":"a" ,"name":"b"}`}, {``}, {`{}x`},
		{`{"id":"a","name":"\"}`}, {`{"id":1}`}, {`{"id":{}}`}, {`{"id":"b"}`, `{"id":"a"}`}, {`["id"]`}, {`{"id":"a",}`}, {`{"id":"other"}`},
	} {
		v := version{schema: s, chunks: map[chunker.Digest][]byte{}}
		w, err := chunker.NewWriter(chunker.Header{Schema: s.Digest}, nil, func(d chunker.Digest, data []byte) error {
			v.chunks[d] = data
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		if err := w.Section("Show"); err != nil {
			t.Fatal(err)
		}
		for i, line := range lines {
			if _, err := w.Add(fmt.Sprintf("a%d\x00", i), []byte(line)); err != nil {
				t.Fatal(err)
			}
		}
		if v.manifest, err = w.Close(); err != nil {
			t.Fatal(err)
		}
		if _, err := v.snapshot(t).Page(t.Context(), s.Model("Show"), catalog.Range{Limit: 10}); !errors.Is(err, chunker.ErrDamaged) {
			t.Errorf("%s: %v, want ErrDamaged", lines, err)
		}
	}
}

func TestPrefixRefusesWrongTypes(t *testing.T) {
	ix := build(t, sdl, records, nil).schema.Model("Episode").Index("byShow")
	for _, test := range []struct{ partition, sort, want string }{
		{`1`, `1`, "field showId wants a string, got a number"},
		{`"a"`, `"b"`, "field number wants a number, got a string"},
		{`{}`, `1`, "field showId wants a string, got an object"},
		{`"a"`, `true`, "field number wants a number, got a boolean"},
		{`"a"`, `1e600`, "out of DynamoDB's range"},
	} {
		_, _, err := catalog.Prefix(ix, []byte(test.partition), []byte(test.sort))
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("Prefix(%s, %s) = %v, want %q", test.partition, test.sort, err, test.want)
		}
	}
}

func TestKeyOrder(t *testing.T) {
	s, err := schema.Parse("t", `type N @model { id: Float! @primaryKey } type S @model { id: ID! @primaryKey }`)
	if err != nil {
		t.Fatal(err)
	}
	for model, ordered := range map[string][]string{
		"N": {"-1e100", "-120", "-12.5", "-12", "-1.5", "-1", "-0.5", "-0.05", "-1e-100", "0", "1e-100", "0.001", "0.05", "0.5", "1", "1.5", "9", "10", "12",
			"12.5", "120", "12345678901234567890123456789012345678", "1e100"},
		"S": {`"\u0000"`, `"\u0000a"`, `"\u0001"`, `" "`, `"A"`, `"A\u0000"`, `"A\u0001"`, `"A "`, `"AB"`, `"a"`, `"é"`, `"番"`, `"😀"`},
	} {
		var keys []string
		for _, raw := range ordered {
			key, ok, err := catalog.Prefix(s.Model(model).Key, []byte(raw))
			if err != nil || !ok {
				t.Fatal(raw, ok, err)
			}
			keys = append(keys, key)
		}
		sorted := slices.Sorted(slices.Values(keys))
		if diff := cmp.Diff(sorted, keys); diff != "" {
			t.Errorf("%s: keys do not sort as their values (-sorted +values):\n%s", model, diff)
		}
	}
	for raw, want := range map[string]string{"12.5": "1502125\x00", "-12.5": "-497874~\x00", "0": "0\x00"} {
		if key, _, _ := catalog.Prefix(s.Model("N").Key, []byte(raw)); key != want {
			t.Errorf("key of %s = %q, want %q as in docs/format.md", raw, key, want)
		}
	}
}
