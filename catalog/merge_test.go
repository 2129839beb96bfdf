package catalog_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/chunkaside/chunkaside/catalog"
	"github.com/chunkaside/chunkaside/catalog/schema"
	"github.com/chunkaside/chunkaside/chunker"
	"github.com/chunkaside/chunkaside/store"
	"github.com/chunkaside/chunkaside/store/samplestore"
	"github.com/chunkaside/chunkaside/store/storetest"
)

// TestMergeIsBuild: whatever is edited, the merged version is byte for byte the one that is built of the edited items; every chunk of it was in the last version or is emitted.
func TestMergeIsBuild(t *testing.T) {
	s, err := schema.Parse("items.graphql", itemSDL)
	if err != nil {
		t.Fatal(err)
	}
	colliding := sameTag()
	rapid.Check(t, func(t *rapid.T) {
		byID := func(i item) string { return i.id }
		items := rapid.SliceOfNDistinct(drawItem(colliding), 0, 60, byID).Draw(t, "items")
		cut := drawCut(t)
		if rapid.IntRange(0, 9).Draw(t, "apart") > 0 {
			cut.ChunkTarget = 1 // then chunks can be kept
		}
		o := &catalog.BuildOptions{Chunker: cut}
		last := buildItems(t, s, items, o)

		edited := slices.Clone(items)
		var edits []catalog.Edit
		for _, i := range rapid.SliceOfNDistinct(drawItem(colliding), 0, 6, byID).Draw(t, "put") {
			edited = append(slices.DeleteFunc(edited, func(other item) bool { return other.id == i.id }), i)
			edits = append(edits, edit(t, s, i, store.Entity(i.json())))
		}
		for range rapid.IntRange(0, 5).Draw(t, "removed") {
			if len(edited) == 0 {
				break
			}
			at := rapid.IntRange(0, len(edited)-1).Draw(t, "which")
			edits = append(edits, edit(t, s, edited[at], nil))
			edited = slices.Delete(edited, at, at+1)
		}
		checkMerge(t, last, edits, o, buildItems(t, s, edited, o))
	})
}

// TestAnyOrderGivesTheSameBytes: the order in which a store hands over its records decides nothing, whether they are sorted in memory or in files.
func TestAnyOrderGivesTheSameBytes(t *testing.T) {
	s, err := schema.Parse("items.graphql", itemSDL)
	if err != nil {
		t.Fatal(err)
	}
	colliding := sameTag()
	rapid.Check(t, func(t *rapid.T) {
		items := rapid.SliceOfNDistinct(drawItem(colliding), 0, 60, func(i item) string { return i.id }).Draw(t, "items")
		cut := drawCut(t)
		shuffled := rapid.Permutation(items).Draw(t, "shuffled")
		sort := rapid.SampledFrom([]int{1, 500, 1 << 20})
		one := buildItems(t, s, items, &catalog.BuildOptions{Memory: sort.Draw(t, "sort"), Chunker: cut})
		other := buildItems(t, s, shuffled, &catalog.BuildOptions{Memory: sort.Draw(t, "sort"), Chunker: cut})
		if one.manifest.Digest != other.manifest.Digest {
			t.Fatalf("in one order\n%s\nin another\n%s", sections(one.manifest), sections(other.manifest))
		}
	})
}

func edit(t *rapid.T, s *schema.Schema, i item, now store.Entity) catalog.Edit {
	m := s.Model("Item")
	key, _, err := catalog.Prefix(m.Key, []byte(quote(i.id)))
	if err != nil {
		t.Fatal(err)
	}
	return catalog.Edit{Model: m, Key: key, Entity: now}
}

func checkMerge(t *rapid.T, last version, edits []catalog.Edit, o *catalog.BuildOptions, want version) {
	memory, err := catalog.NewMemory(last.fetch, nil)
	if err != nil {
		t.Fatal(err)
	}
	shot, err := catalog.NewSnapshot(last.schema, last.manifest, memory)
	if err != nil {
		t.Fatal(err)
	}
	emitted := map[chunker.Digest][]byte{}
	merged, err := catalog.Merge(context.Background(), shot, edits, o, func(d chunker.Digest, data []byte) error {
		emitted[d] = data
		return nil
	})
	if o.Chunker.ChunkTarget > 1 && errors.Is(err, catalog.ErrOptions) {
		return // no chunk of it can be kept
	}
	if err != nil || o.Chunker.ChunkTarget > 1 {
		t.Fatal(err)
	}
	for chunk := range merged.Chunks {
		if emitted[chunk.Digest] == nil && last.chunks[chunk.Digest] == nil {
			t.Errorf("chunk %s was neither there nor emitted", chunk.Digest.Short())
		}
	}
	if merged.Digest != want.manifest.Digest {
		t.Fatalf("merged\n%s\nbuilt\n%s", sections(merged), sections(want.manifest))
	}
}

// sections is what a manifest says, for people.
func sections(m *chunker.Manifest) string {
	var text strings.Builder
	for _, s := range m.Sections {
		text.WriteString(s.Name + ":")
		for _, c := range s.Chunks {
			text.WriteString(" " + c.Digest.Short())
			for _, b := range c.Blocks {
				text.WriteString(" [" + b.First + "]")
			}
		}
		text.WriteString("\n")
	}
	return text.String()
}

// TestMergeReadsLittle: an edit reads the blocks around it and no other.
func TestMergeReadsLittle(t *testing.T) {
	v := build(t, samplestore.Schema, samplestore.New(), nil)
	var entity store.Entity
	m := v.schema.Model("Episode")
	if err := (&editing{samplestore.New(), 3000}).Scan(t.Context(), m, nil, func(entities []store.Entity) error {
		for _, e := range entities {
			if strings.Contains(string(e), `"title":"Edited `) {
				entity = e
			}
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	key := primaryKey(t, m, entity)
	fetched := 0
	memory, err := catalog.NewMemory(func(ctx context.Context, digests []chunker.Digest) ([][]byte, error) {
		fetched += len(digests)
		return v.fetch(ctx, digests)
	}, nil)
	if err != nil {
		t.Fatal(err)
	}
	shot, err := catalog.NewSnapshot(v.schema, v.manifest, memory)
	if err != nil {
		t.Fatal(err)
	}
	emitted := 0
	merged, err := catalog.Merge(t.Context(), shot, []catalog.Edit{{Model: m, Key: key, Entity: entity}}, nil, func(chunker.Digest, []byte) error {
		emitted++
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	edited := build(t, samplestore.Schema, &editing{samplestore.New(), 3000}, nil)
	if merged.Digest != edited.manifest.Digest {
		t.Error("the merged version is not the one that is built")
	}
	// One block of the index, the block of the entity, the one behind it; a block anew.
	if fetched > 3 || emitted != 1 {
		t.Errorf("%d chunks were fetched and %d emitted, want at most 3, and 1", fetched, emitted)
	}
}

func primaryKey(t testing.TB, m *schema.Model, entity store.Entity) string {
	t.Helper()
	_, id, _ := strings.Cut(string(entity), `"id":`)
	id, _, _ = strings.Cut(id, ",")
	key, _, err := catalog.Prefix(m.Key, []byte(id))
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// TestMergeRefuses an entity under another's key, and gives back what emit returns.
func TestMergeRefuses(t *testing.T) {
	v := build(t, samplestore.Schema, samplestore.New(), nil)
	m := v.schema.Model("Program")
	key, _, _ := catalog.Prefix(m.Key, []byte(`"x"`))
	_, err := catalog.Merge(t.Context(), v.snapshot(t), []catalog.Edit{{Model: m, Key: key, Entity: store.Entity(`{"id":"y","title":"T"}`)}}, nil,
		func(chunker.Digest, []byte) error { return nil })
	if err == nil || !strings.Contains(err.Error(), `its primary key is not "x"`) {
		t.Errorf("error: %v", err)
	}
	full := errors.New("full")
	_, err = catalog.Merge(t.Context(), v.snapshot(t), []catalog.Edit{{Model: m, Key: key, Entity: store.Entity(`{"id":"x","title":"T"}`)}}, nil,
		func(chunker.Digest, []byte) error { return full })
	if !errors.Is(err, full) {
		t.Errorf("error: %v", err)
	}
}

// TestLocateNamesTheIndexChunk in which the line of the primary key is, also where the keys have sort values.
func TestLocateNamesTheIndexChunk(t *testing.T) {
	const sdl = `type Part @model { shop: ID! @primaryKey(sortKeyFields: ["number"]) number: Int! kind: ID @index(name: "byKind") }
type Kind @model { id: ID! parts: [Part] @hasMany(indexName: "byKind", fields: ["id"]) }`
	tables := storetest.Tables{}
	for i := range 300 {
		tables["Part"] = append(tables["Part"], fmt.Sprintf(`{"shop":"s%d","number":%d,"kind":"k%d"}`, i%7, i, i%5))
	}
	v := build(t, sdl, tables, &chunker.Options{BlockTarget: 500, BlockMin: 100, IndexTarget: 200})
	m := v.schema.Model("Part")
	index := v.manifest.IndexSection("Part", "")
	if len(index.Chunks) < 10 {
		t.Fatalf("the index has only %d chunks", len(index.Chunks))
	}
	shot := v.snapshot(t)
	for i := range 300 {
		shop, number := fmt.Sprintf(`"s%d"`, i%7), fmt.Sprint(i)
		key, _, err := catalog.Prefix(m.Key, []byte(shop), []byte(number))
		if err != nil {
			t.Fatal(err)
		}
		l, ok, err := shot.Locate(t.Context(), m, key)
		if err != nil || !ok {
			t.Fatal(ok, err)
		}
		c := index.Chunks[slices.IndexFunc(index.Chunks, func(c chunker.Chunk) bool { return c.Digest == l.IndexChunk })]
		lines, err := v.manifest.Codec.Inflate(nil, v.chunks[c.Digest], c.Digest, &c.Blocks[0])
		if err != nil || !strings.Contains(string(lines), "["+shop+","+number+",") {
			t.Errorf("the chunk that is named for %s, %s has not its line: %v", shop, number, err)
		}
	}
}
