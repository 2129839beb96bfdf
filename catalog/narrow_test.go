package catalog_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"github.com/chunkaside/chunkaside/catalog"
	"github.com/chunkaside/chunkaside/catalog/schema"
	"github.com/chunkaside/chunkaside/store"
	"github.com/chunkaside/chunkaside/store/filestore"
	"github.com/chunkaside/chunkaside/store/storetest"
)

// TestNarrow holds what is read from the store against a snapshot of it: each entity, and each page of every range with what it goes on with.
func TestNarrow(t *testing.T) {
	s, err := schema.Parse("items.graphql", itemSDL)
	if err != nil {
		t.Fatal(err)
	}
	colliding, dir := sameTag(), t.TempDir()
	rapid.Check(t, func(t *rapid.T) {
		items := rapid.SliceOfNDistinct(drawItem(colliding), 0, 60, func(i item) string { return i.id }).Draw(t, "items")
		v := buildItems(t, s, items, nil)
		memory, err := catalog.NewMemory(v.fetch, nil)
		if err != nil {
			t.Fatal(err)
		}
		shot, err := catalog.NewSnapshot(s, v.manifest, memory)
		if err != nil {
			t.Fatal(err)
		}
		narrow, err := catalog.NewNarrow(onFiles(t, dir, tablesOf(items)), &catalog.NarrowOptions{MaxReads: 1 << 20})
		if err != nil {
			t.Fatal(err)
		}
		m, r := s.Model("Item"), narrow.Reader()
		for n := range 60 {
			key, _, _ := catalog.Prefix(m.Key, []byte(quote(fmt.Sprint(n))))
			want, there, _ := shot.Get(t.Context(), m, key)
			got, ok, err := r.Get(t.Context(), m, key)
			if err != nil || ok != there || ok && string(got.JSON()) != string(want.JSON()) {
				t.Fatalf("Get(%d) = %v, %v; want %v", n, ok, err, there)
			}
		}
		limit := rapid.IntRange(1, 7).Draw(t, "limit")
		ranges := []catalog.Range{{}}
		for _, ix := range m.Indexes {
			for _, partition := range []string{"a", "b", "b\x00", "c\x01", "日本", "none"} {
				prefix, _, _ := catalog.Prefix(ix, []byte(quote(partition)))
				ranges = append(ranges, catalog.Range{Index: ix, Prefix: prefix})
				if len(ix.Sort) > 0 {
					operator := rapid.SampledFrom([]catalog.Operator{catalog.Equal, catalog.Less, catalog.LessOrEqual, catalog.Greater, catalog.GreaterOrEqual}).Draw(t, "operator")
					c, err := catalog.NewCondition(ix, operator, [][]byte{[]byte(fmt.Sprint(rapid.IntRange(0, 3).Draw(t, "value")))})
					if err != nil {
						t.Fatal(err)
					}
					ranges = append(ranges, catalog.Range{Index: ix, Prefix: prefix, Condition: c})
				}
			}
		}
		for _, in := range ranges {
			in.Limit = limit
			for _, in.Descending = range []bool{false, true} {
				in.After = ""
				for {
					want, err := shot.Page(t.Context(), m, in)
					if err != nil {
						t.Fatal(err)
					}
					got, err := r.Page(t.Context(), m, in)
					if err != nil || fmt.Sprint(jsonOf(got)) != fmt.Sprint(jsonOf(want)) || got.Next != want.Next {
						t.Fatalf("%+v:\n got %s %q, %v\nwant %s %q", in, jsonOf(got), got.Next, err, jsonOf(want), want.Next)
					}
					if in.After = want.Next; in.After == "" {
						break
					}
				}
			}
		}
	})
}

// onFiles is a store of these tables that reads single records too.
func onFiles(t interface{ Fatal(args ...any) }, dir string, tables storetest.Tables) store.Store {
	for _, name := range []string{"Parent", "Item", "A", "B"} {
		if err := os.WriteFile(filepath.Join(dir, name+".ndjson"), []byte(strings.Join(tables[name], "\n")), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	st, err := filestore.New(dir)
	if err != nil {
		t.Fatal(err)
	}
	return st
}

func jsonOf(p catalog.Page) (list []string) {
	for _, e := range p.Entities {
		list = append(list, string(e.JSON()))
	}
	return list
}

// TestNarrowKeys: entities are found by keys of every shape.
func TestNarrowKeys(t *testing.T) {
	s, err := schema.Parse("t", `
type A @model(timestamps: null) { n: Float! @primaryKey(sortKeyFields: ["s"]) s: String! }
type B @model(timestamps: null) { p: ID! @primaryKey(sortKeyFields: ["a", "b"]) a: Int! b: String! }`)
	if err != nil {
		t.Fatal(err)
	}
	tables := storetest.Tables{
		"A": {`{"n":-12.5,"s":"x"}`, `{"n":-12.5,"s":"y"}`, `{"n":1e30,"s":"x"}`, `{"n":0,"s":"#"}`},
		"B": {`{"p":"p","a":1,"b":"2#3"}`, `{"p":"p","a":12,"b":"3"}`},
	}
	narrow, err := catalog.NewNarrow(onFiles(t, t.TempDir(), tables), nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		model  string
		values []string
		there  bool
	}{
		{"A", []string{"-12.5", `"y"`}, true}, {"A", []string{"1e30", `"x"`}, true}, {"A", []string{"0", `"#"`}, true}, {"A", []string{"0", `"x"`}, false},
		{"B", []string{`"p"`, "1", `"2#3"`}, true}, {"B", []string{`"p"`, "12", `"3"`}, true}, {"B", []string{`"p"`, "1", `"2"`}, false}, {"B", []string{`"q"`, "1", `"2"`}, false},
	} {
		var values [][]byte
		for _, v := range test.values {
			values = append(values, []byte(v))
		}
		m := s.Model(test.model)
		key, _, err := catalog.Prefix(m.Key, values...)
		if err != nil {
			t.Fatal(err)
		}
		if e, ok, err := narrow.Reader().Get(t.Context(), m, key); err != nil || ok != test.there {
			t.Errorf("%s %v: %v, %v; want %v", test.model, test.values, ok, err, test.there)
		} else if f := m.Key.Fields()[1]; ok && string(e.Field(f)) != test.values[1] {
			t.Errorf("%s %v: another one: %s", test.model, test.values, e.JSON())
		}
	}
}

// TestNarrowIsBounded: neither a query nor many of them read much of the store.
func TestNarrowIsBounded(t *testing.T) {
	s, err := schema.Parse("items.graphql", itemSDL)
	if err != nil {
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		var items []item
		for n := range 21 {
			items = append(items, item{id: fmt.Sprint(n), parent: "a", group: fmt.Sprint(n % 3), number: n})
		}
		counted := store.Count(onFiles(t, t.TempDir(), tablesOf(items)))
		narrow, err := catalog.NewNarrow(counted, &catalog.NarrowOptions{MaxEntities: 20, MaxReads: 3, Age: time.Second})
		if err != nil {
			t.Fatal(err)
		}
		m := s.Model("Item")
		page := func(r *catalog.NarrowReader, index, partition string) error {
			in := catalog.Range{Limit: 1}
			if index != "" {
				in.Index = m.Index(index)
				in.Prefix, _, _ = catalog.Prefix(in.Index, []byte(quote(partition)))
			}
			_, err := r.Page(context.Background(), m, in)
			return err
		}
		for _, wide := range [][2]string{{"", ""}, {"byParent", "a"}} {
			if err := page(narrow.Reader(), wide[0], wide[1]); !errors.Is(err, catalog.ErrWide) {
				t.Errorf("21 entities of %v: %v, want ErrWide", wide, err)
			}
		}
		r := narrow.Reader()
		for n := range 4 {
			if err := page(r, "byGroup", "0"); (n < 3) != (err == nil) || n == 3 && !errors.Is(err, catalog.ErrWide) {
				t.Errorf("read %d of a query: %v", n, err)
			}
		}
		before := counted.Stats()
		key, _, _ := catalog.Prefix(m.Key, []byte(`"none"`))
		for range 1000 {
			if _, ok, err := narrow.Reader().Get(t.Context(), m, key); ok || err != nil {
				t.Fatal(ok, err)
			}
			if err := page(narrow.Reader(), "byGroup", "1"); err != nil {
				t.Fatal(err)
			}
			time.Sleep(time.Millisecond)
		}
		if after := counted.Stats(); after.Gets-before.Gets > 2 || after.Queries-before.Queries > 2 {
			t.Errorf("a thousand queries in a second: %d gets and %d queries of the store, want one or two each", after.Gets-before.Gets, after.Queries-before.Queries)
		}
	})
}
