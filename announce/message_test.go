package announce_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/chunkaside/chunkaside/announce"
	"github.com/chunkaside/chunkaside/chunker"
)

// section is one with a chunk for each text, of ten entities.
func section(kind, name string, texts ...string) chunker.Section {
	s := chunker.Section{Name: name, Kind: kind, Count: 10 * len(texts)}
	for _, text := range texts {
		s.Chunks = append(s.Chunks, chunker.Chunk{Digest: chunker.DigestOf([]byte(name + text))})
	}
	return s
}

func manifest(sections ...chunker.Section) *chunker.Manifest {
	m := &chunker.Manifest{Header: chunker.Header{Catalog: "films"}, Sections: sections}
	m.Digest = chunker.DigestOf(fmt.Append(nil, sections))
	return m
}

func TestNewMessage(t *testing.T) {
	const entities, index = chunker.KindEntities, chunker.KindIndex
	before := manifest(section(entities, "Film", "a", "b"), section(entities, "Actor", "c"), section(index, "Film.byYear", "d"), section(entities, "Prize", "e"))
	for _, test := range []struct {
		name   string
		before *chunker.Manifest
		after  *chunker.Manifest
		want   announce.Message
	}{
		{"nothing is known of the version before", nil, before, announce.Message{Entities: 40, Chunks: 5, ChunksChanged: 5, Types: []string{"Actor", "Film", "Prize"}}},
		{"the same", before, before, announce.Message{Entities: 40, Chunks: 5, Types: []string{}}},
		{"an edit", before, manifest(section(entities, "Film", "a", "x"), section(entities, "Actor", "c"), section(index, "Film.byYear", "d"), section(entities, "Prize", "e")),
			announce.Message{Entities: 40, Chunks: 5, ChunksChanged: 1, Types: []string{"Film"}}},
		{"only an index", before, manifest(section(entities, "Film", "a", "b"), section(entities, "Actor", "c"), section(index, "Film.byYear", "x"), section(entities, "Prize", "e")),
			announce.Message{Entities: 40, Chunks: 5, ChunksChanged: 1, Types: []string{}}},
		{"a chunk less", before, manifest(section(entities, "Film", "a"), section(entities, "Actor", "c"), section(entities, "Prize", "e")),
			announce.Message{Entities: 30, Chunks: 3, Types: []string{"Film"}}},
		{"one type for another", before, manifest(section(entities, "Film", "a", "b"), section(entities, "Actor", "c"), section(entities, "Role", "r")),
			announce.Message{Entities: 40, Chunks: 4, ChunksChanged: 1, Types: []string{"Prize", "Role"}}},
	} {
		test.want.Catalog, test.want.Version, test.want.Sequence = "films", test.after.Digest, 7
		if diff := cmp.Diff(test.want, announce.NewMessage(7, test.before, test.after)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.name, diff)
		}
	}
}

// TestManyTypes: a message stays far below the size at which AppSync drops it, and says what it leaves out.
func TestManyTypes(t *testing.T) {
	var all []chunker.Section
	for i := range 5000 {
		all = append(all, section(chunker.KindEntities, fmt.Sprintf("Type%04d%s", i, strings.Repeat("x", 100)), "a"))
	}
	m := announce.NewMessage(1, nil, manifest(all...))
	text, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	if len(text) > 80_000 || len(m.Types) < 500 || len(m.Types)+m.MoreTypes != 5000 || !slices.IsSorted(m.Types) {
		t.Errorf("%d bytes, %d types and %d more", len(text), len(m.Types), m.MoreTypes)
	}
}
