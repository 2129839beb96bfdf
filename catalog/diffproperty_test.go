package catalog_test

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/chunkaside/chunkaside/catalog"
	"github.com/chunkaside/chunkaside/catalog/schema"
	"github.com/chunkaside/chunkaside/chunker"
	"github.com/chunkaside/chunkaside/store/storetest"
)

// familySDL has a model in the order of its primary key, and two in the order of their parents: their primary keys are looked up in the order of hashes and in their own. No
// two models have equal rows: the same chunk could be in sections of both, which says nothing of either.
const familySDL = `
type Parent @model { id: ID! text: String
  children: [Child] @hasMany(indexName: "byParent", fields: ["id"]) parts: [Part] @hasMany(indexName: "byParent", fields: ["id"]) }
type Child @model { id: ID! size: Int text: String parent: ID @index(name: "byParent", sortKeyFields: ["size"]) }
type Part @model { code: ID! @primaryKey(sortKeyFields: ["size"]) size: Int! text: String parent: ID @index(name: "byParent") }`

// member is an entity of familySDL; an empty text or parent is absent. A parent has no size and no parent, a child or part always has a size.
type member struct {
	model, id    string
	size         int
	text, parent string
}

func (m member) json() string {
	text := `{"id":` + quote(m.id)
	if m.model == "Part" {
		text = `{"code":` + quote(m.id)
	}
	if m.model != "Parent" {
		text += `,"size":` + strconv.Itoa(m.size)
	}
	if m.text != "" {
		text += `,"text":` + quote(m.text)
	}
	if m.parent != "" {
		text += `,"parent":` + quote(m.parent)
	}
	return text + "}"
}

// key is the primary key, as people read it.
func (m member) key() string {
	if m.model == "Part" {
		return fmt.Sprintf("%q, %d", m.id, m.size)
	}
	return strconv.Quote(m.id)
}

// order is that of models, and of the sections in them.
func (m member) order(other member) int {
	sizes := cmp.Compare(m.size, other.size)
	ids := strings.Compare(m.id, other.id)
	if m.model == "Part" {
		sizes, ids = ids, sizes
	}
	return cmp.Or(strings.Compare(m.model, other.model), strings.Compare(m.parent, other.parent), sizes, ids)
}

var (
	names   = rapid.StringMatching(`(é|x#|y\x00)?[0-4]?[0-9]`)
	texts   = rapid.SampledFrom([]string{"", "x", "y"})
	parents = rapid.SampledFrom([]string{"", "a", "a\x00", "b\x01", "日本"})
)

func drawMember(model string) *rapid.Generator[member] {
	return rapid.Custom(func(t *rapid.T) member {
		m := member{model: model, id: names.Draw(t, "id"), text: texts.Draw(t, "text")}
		if model != "Parent" {
			m.size, m.parent = rapid.IntRange(0, 12).Draw(t, "size"), parents.Draw(t, "parent")
		}
		return m
	})
}

// family is all members of a catalog, by model and primary key.
type family map[string]member

func (f family) add(m member) { f[m.model+" "+m.key()] = m }

// drawFamily draws a catalog and an edited one. moved says whether any entity of a model in the order of its parents came, went or moved: then its primary key is looked up.
func drawFamily(t *rapid.T) (before, after family, moved bool) {
	before, after = family{}, family{}
	for _, model := range []string{"Parent", "Child", "Part"} {
		member := drawMember(model)
		all := rapid.SliceOfN(member, 0, 40).Draw(t, model)
		edits := rapid.SampledFrom([][]string{{"keep"}, {"keep", "keep", "keep", "edit"}, {"keep", "edit", "remove", "move"}}).Draw(t, "edits")
		for _, m := range all {
			before.add(m)
			switch edit := rapid.SampledFrom(edits).Draw(t, "edit"); {
			case edit == "remove":
				moved = moved || model != "Parent"
				continue
			case edit == "edit":
				m.text = texts.Draw(t, "text")
			case edit == "move" && model != "Parent":
				m.parent, moved = parents.Draw(t, "parent"), true
				if model == "Child" {
					m.size++
				}
			}
			after.add(m)
		}
		if len(edits) == 4 && edits[3] == "move" {
			for _, m := range rapid.SliceOfN(member, 0, 5).Draw(t, "new") {
				after.add(m)
				moved = moved || model != "Parent"
			}
		}
	}
	return before, after, moved
}

// build makes a version of any shape.
func (f family) build(t *rapid.T, s *schema.Schema, o *chunker.Options) version {
	tables := storetest.Tables{}
	for _, m := range f {
		tables[m.model] = append(tables[m.model], m.json())
	}
	v := version{schema: s, chunks: map[chunker.Digest][]byte{}}
	var err error
	if v.manifest, err = catalog.Build(context.Background(), tables, s, &catalog.BuildOptions{Chunker: o}, func(d chunker.Digest, data []byte) error {
		v.chunks[d] = data
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return v
}

// changes is a plain comparison.
func (f family) changes(t *rapid.T, after family) []string {
	var different []member // as they are before; as after, if they are not there before
	for key, b := range f {
		if a, ok := after[key]; !ok || a != b {
			different = append(different, b)
		}
	}
	for key, a := range after {
		if _, ok := f[key]; !ok {
			different = append(different, a)
		}
	}
	slices.SortFunc(different, member.order)
	var changes []string
	for _, m := range different {
		key := m.model + " " + m.key()
		b, was := f[key]
		a, is := after[key]
		switch {
		case !was:
			changes = append(changes, key+" added "+a.json())
		case !is:
			changes = append(changes, key+" removed "+b.json())
		default:
			changes = append(changes, fmt.Sprintf("%s changed %s %s%s", key, b.json(), a.json(), fieldChanges(t, b.json(), a.json())))
		}
	}
	return changes
}

func fieldChanges(t *rapid.T, before, after string) string {
	var b, a map[string]json.RawMessage
	if json.Unmarshal([]byte(before), &b) != nil || json.Unmarshal([]byte(after), &a) != nil {
		t.Fatal(before, after)
	}
	text := ""
	for _, name := range []string{"size", "text", "parent"} {
		if string(b[name]) != string(a[name]) {
			text += fmt.Sprintf(" %s:%s->%s", name, b[name], a[name])
		}
	}
	return text
}

// TestDiffIsThatOfMaps holds Diff against a plain comparison: catalogs of any shape, edits of all kinds, equal and unequal boundaries, and a memory that keeps nothing. Where nothing has to be looked
// up by its key, no chunk that both versions have is fetched.
func TestDiffIsThatOfMaps(t *testing.T) {
	s, err := schema.Parse("family.graphql", familySDL)
	if err != nil {
		t.Fatal(err)
	}
	size := rapid.SampledFrom([]int{1, 50, 300, 5000})
	options := rapid.Custom(func(t *rapid.T) *chunker.Options {
		return &chunker.Options{
			Codec:       rapid.SampledFrom([]chunker.Codec{chunker.Gzip, chunker.Zstd}).Draw(t, "codec"),
			BlockTarget: size.Draw(t, "block"), BlockMin: 1, ChunkTarget: size.Draw(t, "chunk"), IndexTarget: size.Draw(t, "index") + 1,
		}
	})
	rapid.Check(t, func(t *rapid.T) {
		before, after, moved := drawFamily(t)
		o := options.Draw(t, "options")
		other := o
		if rapid.Bool().Draw(t, "others") {
			other = options.Draw(t, "other options")
		}
		b, a := before.build(t, s, o), after.build(t, s, other)
		log := &fetchLog{}
		held := rapid.SampledFrom([]int{1, 1 << 20}).Draw(t, "memory")
		var changes []string
		counts, err := catalog.Diff(context.Background(), log.bounded(t, b, held), log.bounded(t, a, held), nil, func(c catalog.Change) error {
			changes = append(changes, changeText(c))
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		if diff := gocmp.Diff(before.changes(t, after), changes); diff != "" {
			t.Fatalf("Diff (-want +got):\n%s", diff)
		}
		for _, c := range counts {
			checkCounts(t, c, changes)
		}
		for _, d := range log.fetched {
			if !moved && b.chunks[d] != nil && a.chunks[d] != nil {
				t.Fatalf("the chunk %s was fetched, which both have", d.Short())
			}
		}
	})
}

func checkCounts(t *rapid.T, c catalog.DiffCounts, changes []string) {
	want := catalog.DiffCounts{Model: c.Model, Read: c.Read, Blocks: c.Blocks}
	for _, change := range changes {
		if !strings.HasPrefix(change, c.Model.Name+" ") {
			continue
		}
		switch {
		case strings.Contains(change, " added {"):
			want.Added++
		case strings.Contains(change, " changed {"):
			want.Changed++
		case strings.Contains(change, " removed {"):
			want.Removed++
		}
	}
	if c != want {
		t.Fatalf("counts %+v, want %+v", c, want)
	}
}

// bounded is a snapshot over a memory of a size.
func (l *fetchLog) bounded(t *rapid.T, v version, bytes int) *catalog.Snapshot {
	memory, err := catalog.NewMemory(l.fetch(v), &catalog.MemoryOptions{Blocks: bytes, Chunks: bytes})
	if err != nil {
		t.Fatal(err)
	}
	shot, err := catalog.NewSnapshot(v.schema, v.manifest, memory)
	if err != nil {
		t.Fatal(err)
	}
	return shot
}
