package catalog_test

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/go-json-experiment/json/jsontext"
	"pgregory.net/rapid"

	"github.com/chunkaside/chunkaside/catalog"
	"github.com/chunkaside/chunkaside/catalog/schema"
	"github.com/chunkaside/chunkaside/chunker"
	"github.com/chunkaside/chunkaside/store/storetest"
)

// item is an entity of the property tests, with what its fields hold; "" and -1 are absent.
type item struct {
	id, parent, group string
	number            int
}

func (i item) json() string {
	text := `{"id":` + quote(i.id)
	if i.parent != "" {
		text += `,"parentId":` + quote(i.parent)
	}
	if i.group != "" {
		text += `,"group":` + quote(i.group)
	}
	if i.number >= 0 {
		text += fmt.Sprintf(`,"number":%d`, i.number)
	}
	return text + "}"
}

// quote is a text as JSON.
func quote(text string) string {
	raw, err := jsontext.AppendQuote(nil, text)
	if err != nil {
		panic(err)
	}
	return string(raw)
}

const itemSDL = `
type Parent @model { id: ID! items: [Item] @hasMany(indexName: "byParent", fields: ["id"]) }
type Item @model {
  id: ID!
  parentId: ID @index(name: "byParent", sortKeyFields: ["number"])
  group: String @index(name: "byGroup", sortKeyFields: ["number"], queryField: "byGroup") @index(name: "plain", queryField: "plain")
  number: Int
}`

// TestLookUps holds look-ups in versions of any shape against a plain evaluation: few values, so that many are equal; tiny blocks; a sort that spills; a memory that keeps nothing.
func TestLookUps(t *testing.T) {
	s, err := schema.Parse("items.graphql", itemSDL)
	if err != nil {
		t.Fatal(err)
	}
	colliding := sameTag()
	rapid.Check(t, func(t *rapid.T) {
		items := rapid.SliceOfNDistinct(drawItem(colliding), 0, 60, func(i item) string { return i.id }).Draw(t, "items")
		memory := rapid.SampledFrom([]int{1, 1 << 20}).Draw(t, "memory")
		v := buildItems(t, s, items, &catalog.BuildOptions{Memory: rapid.SampledFrom([]int{1, 500, 1 << 20}).Draw(t, "sort"), Chunker: drawCut(t)})
		m, err := catalog.NewMemory(v.fetch, &catalog.MemoryOptions{Blocks: memory, Chunks: memory})
		if err != nil {
			t.Fatal(err)
		}
		shot, err := catalog.NewSnapshot(s, v.manifest, m)
		if err != nil {
			t.Fatal(err)
		}
		checkGets(t, shot, items)
		checkPages(t, shot, items, rapid.IntRange(1, 7).Draw(t, "limit"))
	})
}

func drawItem(colliding []string) *rapid.Generator[item] {
	text := rapid.SampledFrom([]string{"", "a", "b", "b\x00", "c\x01", "日本"})
	return rapid.Custom(func(t *rapid.T) item {
		return item{
			id:     rapid.OneOf(rapid.SampledFrom(colliding), rapid.Custom(itemID)).Draw(t, "id"),
			parent: text.Draw(t, "parent"), group: text.Draw(t, "group"), number: rapid.IntRange(-1, 3).Draw(t, "number"),
		}
	})
}

// drawCut draws sizes of blocks and chunks, most of them tiny.
func drawCut(t *rapid.T) *chunker.Options {
	size := rapid.SampledFrom([]int{1, 50, 300, 5000})
	return &chunker.Options{BlockTarget: size.Draw(t, "block"), BlockMin: 1, ChunkTarget: size.Draw(t, "chunk"), IndexTarget: size.Draw(t, "index") + 1}
}

// buildItems is a version of the items.
func buildItems(t *rapid.T, s *schema.Schema, items []item, o *catalog.BuildOptions) version {
	return buildTables(t, s, tablesOf(items), o)
}

func buildTables(t rapid.TB, s *schema.Schema, tables storetest.Tables, o *catalog.BuildOptions) version {
	v := version{schema: s, chunks: map[chunker.Digest][]byte{}}
	var err error
	v.manifest, err = catalog.Build(context.Background(), tables, s, o, func(d chunker.Digest, data []byte) error {
		v.chunks[d] = data
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func tablesOf(items []item) storetest.Tables {
	tables := storetest.Tables{}
	for _, i := range items {
		tables["Item"] = append(tables["Item"], i.json())
	}
	return tables
}

func checkGets(t *rapid.T, shot *catalog.Snapshot, items []item) {
	m := shot.Schema().Model("Item")
	for n := range 60 {
		for _, prefix := range []string{"", "é", "x#", "y\x00", "z"} {
			id := prefix + fmt.Sprint(n)
			at := slices.IndexFunc(items, func(i item) bool { return i.id == id })
			key, _, err := catalog.Prefix(m.Key, []byte(quote(id)))
			if err != nil {
				t.Fatal(err)
			}
			e, ok, err := shot.Get(context.Background(), m, key)
			if err != nil || ok != (at >= 0) || ok && string(e.JSON()) != items[at].json() {
				t.Fatalf("Get(%q) = %v, %v; want %v", id, ok, err, at >= 0)
			}
		}
	}
}

func checkPages(t *rapid.T, shot *catalog.Snapshot, items []item, limit int) {
	m := shot.Schema().Model("Item")
	for _, ix := range m.Indexes {
		for _, partition := range []string{"a", "b", "b\x00", "c\x01", "日本", "none"} {
			var want []string
			for _, i := range sorted(items, ix.Name, partition) {
				want = append(want, i.json())
			}
			prefix, _, err := catalog.Prefix(ix, []byte(quote(partition)))
			if err != nil {
				t.Fatal(err)
			}
			for _, descending := range []bool{false, true} {
				got := pages(t, shot, m, catalog.Range{Index: ix, Prefix: prefix, Descending: descending, Limit: limit})
				if !slices.Equal(got, want) {
					t.Fatalf("%s of %q, descending %v:\n got %s\nwant %s", ix.Name, partition, descending, strings.Join(got, "\n     "), strings.Join(want, "\n     "))
				}
				slices.Reverse(want)
			}
		}
	}
	if got := len(pages(t, shot, m, catalog.Range{Limit: limit})); got != len(items) {
		t.Fatalf("a list of all has %d entities, want %d", got, len(items))
	}
}

// sorted is what an index should give for a partition: without items that lack a field, by number, then by id.
func sorted(items []item, index, partition string) []item {
	var found []item
	for _, i := range items {
		switch {
		case index == "byParent" && i.parent == partition && i.number >= 0,
			index == "byGroup" && i.group == partition && i.number >= 0,
			index == "plain" && i.group == partition:
			found = append(found, i)
		}
	}
	slices.SortFunc(found, func(a, b item) int {
		if index != "plain" && a.number != b.number {
			return cmp.Compare(a.number, b.number)
		}
		if index != "byParent" {
			if c := cmp.Compare(a.tag(), b.tag()); c != 0 {
				return c
			}
		}
		return cmp.Compare(a.id, b.id)
	})
	return found
}

func itemID(t *rapid.T) string {
	return rapid.SampledFrom([]string{"", "é", "x#", "y\x00"}).Draw(t, "prefix") + fmt.Sprint(rapid.IntRange(0, 60).Draw(t, "number"))
}

// tag is that of the primary key, by which an index other than the section's own order has equal entities.
func (i item) tag() chunker.Tag {
	return chunker.TagOf("Item", strings.ReplaceAll(i.id, "\x00", "\x01\x01")+"\x00")
}

// sameTag are pairs of ids that have one tag.
func sameTag() []string {
	seen := map[chunker.Tag]string{}
	var pairs []string
	for n := 0; len(pairs) < 6; n++ {
		i := item{id: fmt.Sprint("t", n)}
		if other, ok := seen[i.tag()]; ok {
			pairs = append(pairs, i.id, other)
		}
		seen[i.tag()] = i.id
	}
	return pairs
}

// pages is a whole range, page by page.
func pages(t *rapid.T, shot *catalog.Snapshot, m *schema.Model, r catalog.Range) []string {
	var all []string
	for {
		page, err := shot.Page(context.Background(), m, r)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range page.Entities {
			all = append(all, string(e.JSON()))
		}
		if page.Next == "" {
			return all
		}
		if len(page.Entities) == 0 {
			t.Fatal("an empty page that has a next")
		}
		r.After = page.Next
	}
}
