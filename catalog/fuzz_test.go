package catalog_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/chunkaside/chunkaside/catalog"
	"github.com/chunkaside/chunkaside/catalog/schema"
	"github.com/chunkaside/chunkaside/chunker"
)

// FuzzSections reads versions whose chunks are sound, but whose lines are anything: what is found follows the schema, or the error is damage.
func FuzzSections(f *testing.F) {
	s, err := schema.Parse("items.graphql", itemSDL)
	if err != nil {
		f.Fatal(err)
	}
	f.Add([]byte(`{"id":"a","parentId":"p","group":"g","number":1}`), []byte(`"T---B--"`), []byte(`["g",1,"B--T---"]`), []byte(`["g","B--T---"]`))
	f.Add([]byte("{\"id\":\"a\"}\n{\"id\":\"b\",\"group\":null}"), []byte("\"----zzz\"\n\"zzzz---\""), []byte("[\"g\",1]\n[]"), []byte(`["g",{},"B--T---"]`))
	f.Add([]byte(`{"id":1}`), []byte(``), []byte(`[1,2,3,4]`), []byte(`null`))
	// One that is right, as far as the fuzzer will keep it so.
	v, lines := soundLines(f, s)
	f.Add(lines["Item"], lines["Item."], lines["Item.byGroup"], lines["Item.plain"])
	if len(v.chunks) == 0 {
		f.Fatal("there is nothing to begin with")
	}
	f.Fuzz(func(t *testing.T, entities, primary, byGroup, plain []byte) {
		v, ok := anyVersion(t, s, map[string][]byte{"Item": entities, "Item.": primary, "Item.byGroup": byGroup, "Item.plain": plain})
		if !ok {
			return // the chunker takes no such lines
		}
		readAll(t, v)
	})
}

// soundLines are the sections of a small version as text.
func soundLines(f *testing.F, s *schema.Schema) (version, map[string][]byte) {
	v := build(f, itemSDL, tablesOf([]item{{"a", "p", "g", 1}, {"b", "p", "g", 2}, {"c", "q", "g", 2}}), nil)
	lines := map[string][]byte{}
	for _, section := range v.manifest.Sections {
		for _, c := range section.Chunks {
			for i := range c.Blocks {
				var err error
				if lines[section.Name], err = v.manifest.Codec.Inflate(lines[section.Name], v.chunks[c.Digest], c.Digest, &c.Blocks[i]); err != nil {
					f.Fatal(err)
				}
			}
		}
	}
	for _, name := range []string{"Item", "Item.", "Item.byGroup", "Item.plain"} {
		lines[name] = bytes.TrimSuffix(lines[name], []byte("\n"))
	}
	return v, lines
}

// anyVersion writes lines under made-up keys; those of an index begin with what the line's own key would.
func anyVersion(t *testing.T, s *schema.Schema, sections map[string][]byte) (version, bool) {
	v := version{schema: s, chunks: map[chunker.Digest][]byte{}}
	w, err := chunker.NewWriter(chunker.Header{Catalog: "catalog", Schema: s.Digest}, nil, func(d chunker.Digest, data []byte) error {
		v.chunks[d] = data
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"Item", "Item.", "Item.byGroup", "Item.plain"} {
		if name == "Item" {
			err = w.Section(name)
		} else {
			err = w.Index(name, "Item", name[len("Item."):])
		}
		if err != nil {
			t.Fatal(err)
		}
		for i, line := range bytes.Split(sections[name], []byte("\n")) {
			if _, err := w.Add(keyOfLine(name, i, line), line); err != nil {
				_, _ = w.Close()
				return v, false
			}
		}
	}
	if v.manifest, err = w.Close(); err != nil {
		return v, false
	}
	return v, true
}

// keyOfLine is the key that a sound first line has, so that blocks are looked into beyond their first keys; a made-up one for others.
func keyOfLine(section string, i int, line []byte) string {
	if i > 0 {
		return fmt.Sprintf("\U0010FFFF%04d", i)
	}
	switch {
	case section == "Item." && len(line) > 5:
		return string(line[1:5])
	case section == "Item":
		return "p\x001501" + "1\x00a\x00"
	case section == "Item.byGroup":
		return "g\x0015011\x00" + tagOfLine(line)
	}
	return "g\x00" + tagOfLine(line)
}

func tagOfLine(line []byte) string {
	if len(line) < 6 {
		return ""
	}
	return string(line[len(line)-6 : len(line)-2])
}

func readAll(t *testing.T, v version) {
	memory, err := catalog.NewMemory(v.fetch, nil)
	if err != nil {
		t.Fatal(err)
	}
	shot, err := catalog.NewSnapshot(v.schema, v.manifest, memory)
	if err != nil {
		damaged(t, err)
		return
	}
	m := v.schema.Model("Item")
	damaged(t, shot.Check(context.Background(), m))
	key, _, _ := catalog.Prefix(m.Key, []byte(`"a"`))
	_, _, err = shot.Get(context.Background(), m, key)
	damaged(t, err)
	for _, ix := range m.AllIndexes() {
		prefix, _, _ := catalog.Prefix(ix, []byte(`"g"`))
		for _, descending := range []bool{false, true} {
			_, err = shot.Page(context.Background(), m, catalog.Range{Index: ix, Prefix: prefix, After: key + "x", Descending: descending, Limit: 3})
			damaged(t, err)
		}
	}
	_, err = catalog.Merge(context.Background(), shot, []catalog.Edit{{Model: m, Key: key}}, nil, func(chunker.Digest, []byte) error { return nil })
	if err != nil && !errors.Is(err, chunker.ErrOrder) {
		damaged(t, err)
	}
}

func damaged(t *testing.T, err error) {
	t.Helper()
	if err != nil && !errors.Is(err, chunker.ErrDamaged) {
		t.Errorf("untyped error: %v", err)
	}
}
