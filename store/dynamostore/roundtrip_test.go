package dynamostore

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/chunkaside/chunkaside/catalog/schema"
	"github.com/chunkaside/chunkaside/internal/servertest"
	"github.com/chunkaside/chunkaside/store"
	"github.com/chunkaside/chunkaside/store/filestore"
)

func parse(t testing.TB, text string) *schema.Schema {
	t.Helper()
	s, err := schema.Parse("catalog.graphql", text)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// scan returns the entities as text, sorted.
func scan(t testing.TB, s store.Store, m *schema.Model) []string {
	t.Helper()
	var all []string
	err := s.Scan(t.Context(), m, nil, func(entities []store.Entity) error {
		for _, e := range entities {
			all = append(all, string(e))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(all)
	return all
}

const everything = `
type Thing @model {
  id: ID! @primaryKey(sortKeyFields: ["number", "code"])
  number: Float!
  code: String!
  group: ID @index(name: "byGroup", sortKeyFields: ["size"]) @index(name: "byGroupJoined", sortKeyFields: ["size", "code"])
  size: Int
  text: String
  count: Int
  at: AWSTimestamp
  ratio: Float
  yes: Boolean
  color: Color
  tags: [String]
  grid: [[Float]]
  part: Part
  parts: [Part]
  any: AWSJSON
  anys: [AWSJSON]
}
type Part { name: String width: Int parts: [Part] any: AWSJSON }
enum Color { RED GREEN }
`

// things draws records of Thing. Fields are there, null, or not there.
var things = rapid.Custom(func(t *rapid.T) store.Item {
	maybe := func(name string, v *rapid.Generator[store.Value]) store.Item {
		choices := []*rapid.Generator[store.Item]{
			rapid.Just(store.Item{}),
			rapid.Just(store.Item{{Name: name}}),
			rapid.Map(v, func(v store.Value) store.Item { return store.Item{{Name: name, Value: v}} }),
		}
		return rapid.OneOf(choices...).Draw(t, name)
	}
	item := store.Item{
		{Name: "id", Value: rapid.Map(rapid.StringN(1, 40, 200), textOf).Draw(t, "id")},
		{Name: "number", Value: floats.Draw(t, "number")},
		{Name: "code", Value: rapid.Map(rapid.StringN(1, 40, 200), textOf).Draw(t, "code")},
	}
	// Index fields: never null or empty, which DynamoDB does not take.
	if rapid.Bool().Draw(t, "grouped") {
		item = append(item, store.Member{Name: "group", Value: rapid.Map(rapid.StringN(1, 40, 200), textOf).Draw(t, "group")})
	}
	if rapid.Bool().Draw(t, "sized") {
		item = append(item, store.Member{Name: "size", Value: ints(rapid.Int32Range(-9, 9)).Draw(t, "size")})
	}
	for _, members := range []store.Item{
		maybe("text", strs), maybe("count", ints(rapid.Int32())), maybe("at", ints(rapid.Int64())), maybe("ratio", floats),
		maybe("yes", rapid.Map(rapid.Bool(), func(b bool) store.Value { return store.Value{Type: store.Bool, Bool: b} })),
		maybe("color", rapid.Map(rapid.SampledFrom([]string{"RED", "GREEN"}), textOf)),
		maybe("tags", listOf(strs)), maybe("grid", listOf(listOf(floats))), maybe("part", parts(2)), maybe("parts", listOf(parts(1))),
		maybe("any", anything(3)), maybe("anys", listOf(anything(2))),
	} {
		item = append(item, members...)
	}
	return item
})

func textOf(s string) store.Value { return store.Value{Type: store.String, Text: []byte(s)} }

var strs = rapid.Map(rapid.String(), textOf)

func ints[T int32 | int64](g *rapid.Generator[T]) *rapid.Generator[store.Value] {
	return rapid.Map(g, func(n T) store.Value { return store.Value{Type: store.Number, Text: fmt.Append(nil, n)} })
}

// floats draws numbers with up to 38 digits and of all sizes.
var floats = rapid.Map(rapid.StringMatching(`-?(0|[1-9][0-9]{0,30})(\.[0-9]{1,7})?(e-?([0-9]|[1-8][0-9]))?`), func(s string) store.Value {
	return store.Value{Type: store.Number, Text: []byte(s)}
})

func listOf(g *rapid.Generator[store.Value]) *rapid.Generator[store.Value] {
	return rapid.Map(rapid.SliceOfN(g, 0, 4), func(e []store.Value) store.Value { return store.Value{Type: store.List, Elems: e} })
}

func parts(depth int) *rapid.Generator[store.Value] {
	return rapid.Custom(func(t *rapid.T) store.Value {
		v := store.Value{Type: store.Map}
		if rapid.Bool().Draw(t, "named") {
			v.Members = append(v.Members, store.Member{Name: "name", Value: strs.Draw(t, "name")})
		}
		if rapid.Bool().Draw(t, "any") {
			v.Members = append(v.Members, store.Member{Name: "any", Value: anything(1).Draw(t, "any")})
		}
		if depth > 0 && rapid.Bool().Draw(t, "more") {
			v.Members = append(v.Members, store.Member{Name: "parts", Value: listOf(parts(depth-1)).Draw(t, "parts")})
		}
		return v
	})
}

func anything(depth int) *rapid.Generator[store.Value] {
	choices := []*rapid.Generator[store.Value]{
		strs, floats, rapid.Just(store.Value{}), rapid.Just(store.Value{Type: store.Bool}), rapid.Just(store.Value{Type: store.Bool, Bool: true}),
	}
	if depth > 0 {
		objects := rapid.Map(rapid.MapOfN(rapid.StringN(1, 10, -1), anything(depth-1), 0, 4), func(members map[string]store.Value) store.Value {
			v := store.Value{Type: store.Map}
			for _, name := range slices.Sorted(maps.Keys(members)) {
				v.Members = append(v.Members, store.Member{Name: name, Value: members[name]})
			}
			return v
		})
		choices = append(choices, listOf(anything(depth-1)), objects)
	}
	return rapid.OneOf(choices...)
}

// TestRoundTrip: what is written comes back, byte for byte.
func TestRoundTrip(t *testing.T) {
	s := open(t, server(t))
	catalog := parse(t, everything)
	if err := s.CreateTables(t.Context(), catalog); err != nil {
		t.Fatal(err)
	}
	m := catalog.Model("Thing")
	distinct := map[string]string{}
	for seed := range 300 {
		item := things.Example(seed)
		entity, live, err := store.Encode(nil, m, item)
		if err != nil || !live {
			t.Fatalf("seed %d: Encode = %v", seed, err)
		}
		key, err := store.PrimaryKey(m, item)
		if err != nil {
			t.Fatal(err)
		}
		distinct[key.Identity()] = string(entity)
	}
	want := slices.Sorted(maps.Values(distinct))
	var entities []store.Entity
	for _, text := range want {
		entities = append(entities, store.Entity(text))
	}
	written := 0
	progress := func(n int) { written = n }
	if err := s.Write(t.Context(), m, entities, &WriteOptions{Progress: progress}); err != nil {
		t.Fatal(err)
	}
	if written != len(want) {
		t.Errorf("last progress = %d, want %d", written, len(want))
	}
	if diff := cmp.Diff(want, scan(t, s, m)); diff != "" {
		t.Errorf("Scan after Write (-want +got):\n%.4000s", diff)
	}
}

// TestCatalog loads a real catalog from files and reads it back.
func TestCatalog(t *testing.T) {
	catalog, err := schema.Load(servertest.SharedData(t, "pyvideo-10mb", "catalog.graphql"))
	if err != nil {
		t.Fatal(err)
	}
	files, err := filestore.New(servertest.SharedData(t, "pyvideo-10mb"))
	if err != nil {
		t.Fatal(err)
	}
	s := open(t, server(t))
	for range 2 { // tables that are there already are fine
		if err := s.CreateTables(t.Context(), catalog); err != nil {
			t.Fatal(err)
		}
	}
	for _, m := range catalog.Models {
		err := files.Scan(t.Context(), m, nil, func(entities []store.Entity) error { return s.Write(t.Context(), m, entities, nil) })
		if err != nil {
			t.Fatal(err)
		}
		// One episode has no date, which is a sort key: the null is left out.
		want := scan(t, files, m)
		for i := range want {
			want[i] = strings.Replace(want[i], `"recorded":null,`, "", 1)
		}
		slices.Sort(want)
		if diff := cmp.Diff(want, scan(t, s, m)); diff != "" {
			t.Errorf("Scan of %s (-want +got):\n%.2000s", m.Name, diff)
		}
	}
	sameQueries(t, catalog, files, s)
}

// sameQueries asks both stores for a program's episodes. Those of one day come in an order that is each store's own, so the days
// are compared in order, and the episodes without.
func sameQueries(t *testing.T, catalog *schema.Schema, a, b store.Store) {
	t.Helper()
	m := catalog.Model("Episode")
	q := store.Query{Index: m.Index("byProgramRecorded"), Partition: "djangocon", Limit: 100}
	x, y := pages(t, a, m, q), pages(t, b, m, q)
	if len(x) < 2*q.Limit {
		t.Fatalf("the query finds %d episodes, want some pages", len(x))
	}
	if diff := cmp.Diff(days(t, m, q.Index, x), days(t, m, q.Index, y)); diff != "" {
		t.Errorf("days (-files +DynamoDB):\n%s", diff)
	}
	slices.Sort(x)
	slices.Sort(y)
	if diff := cmp.Diff(x, y); diff != "" {
		t.Errorf("episodes (-files +DynamoDB):\n%.2000s", diff)
	}
}

// pages follows all pages of a query.
func pages(t *testing.T, s store.Store, m *schema.Model, q store.Query) []string {
	t.Helper()
	var all []string
	for {
		page, err := s.Query(t.Context(), m, q)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range page.Entities {
			all = append(all, string(e))
		}
		if q.Start = page.Next; q.Start == "" {
			return all
		}
	}
}

func days(t *testing.T, m *schema.Model, ix *schema.Index, entities []string) []string {
	t.Helper()
	list := make([]string, len(entities))
	for i, e := range entities {
		var d store.Decoder
		item, err := d.Decode([]byte(e), ix.Fields())
		if err != nil {
			t.Fatal(err)
		}
		key, err := store.IndexKey(m, ix, item)
		if err != nil {
			t.Fatal(err)
		}
		list[i] = key.SortValue()
	}
	return list
}

func TestWriteIndexKeys(t *testing.T) {
	s := open(t, server(t))
	catalog := parse(t, everything)
	if err := s.CreateTables(t.Context(), catalog); err != nil {
		t.Fatal(err)
	}
	m := catalog.Model("Thing")
	null := store.Entity(`{"id":"a","number":1,"code":"x","group":null,"size":null,"text":null}`)
	if err := s.Write(t.Context(), m, []store.Entity{null}, nil); err != nil {
		t.Fatal(err)
	}
	want := []string{`{"id":"a","number":1,"code":"x","text":null}`}
	if diff := cmp.Diff(want, scan(t, s, m)); diff != "" {
		t.Errorf("Scan (-want +got):\n%s", diff)
	}
	err := s.Write(t.Context(), m, []store.Entity{null, store.Entity(`{"id":"b","number":1,"code":"x","group":""}`)}, nil)
	wantErr := fmt.Sprintf(`%s: Thing "b#1#x": field group: is empty, which DynamoDB refuses in a key of an index`, s.table(m))
	if !errors.Is(err, store.ErrInvalid) || err.Error() != wantErr {
		t.Errorf("Write = %v, want %s", err, wantErr)
	}
}

// TestWriteRefused has one item among others that DynamoDB does not take: the error names it.
func TestWriteRefused(t *testing.T) {
	s := open(t, server(t))
	catalog := parse(t, everything)
	if err := s.CreateTables(t.Context(), catalog); err != nil {
		t.Fatal(err)
	}
	m := catalog.Model("Thing")
	entities := []store.Entity{
		store.Entity(`{"id":"a","number":1,"code":"x"}`),
		store.Entity(`{"id":"large","number":1,"code":"x","text":"` + strings.Repeat("x", 410_000) + `"}`),
	}
	err := s.Write(t.Context(), m, entities, nil)
	if !errors.Is(err, store.ErrInvalid) || !strings.Contains(err.Error(), `Thing "large#1#x": DynamoDB refuses it`) {
		t.Errorf("Write of a large item = %.300v", err)
	}
	again := []store.Entity{entities[0], entities[0]}
	if err := s.Write(t.Context(), m, again, nil); err != nil {
		t.Errorf("Write of the same key twice = %v", err)
	}
	if err := s.Write(t.Context(), m, []store.Entity{store.Entity("no JSON")}, nil); err == nil {
		t.Error("Write of no JSON is no error")
	}
}
