package announce

import (
	"slices"

	"github.com/chunkaside/chunkaside/chunker"
)

// Message is what is announced: which version of a catalog readers have now, and how much of it is new. Its members are the arguments of publishCatalog, and the fields of what that answers.
type Message struct {
	Catalog string `json:"catalog"`
	// Version is the manifest's digest, Sequence the pointer's. A higher sequence is a later announcement, also of an older version that came back.
	Version  chunker.Digest `json:"version"`
	Sequence int64          `json:"sequence"`
	// Entities and Chunks are those of the whole version; ChunksChanged are the chunks that the version before did not have.
	Entities      int `json:"entities"`
	Chunks        int `json:"chunks"`
	ChunksChanged int `json:"chunksChanged"`
	// Types are those of whose entities some differ, by name: all of them if the version before is not known, or was compressed otherwise. MoreTypes is how many there was no room for.
	Types     []string `json:"types"`
	MoreTypes int      `json:"moreTypes"`
}

// maxTypes is the most bytes that the names of types take. AppSync drops a message of more than 240 KB without a word; names have no escapes, and all else takes less than a kilobyte.
const maxTypes = 64 << 10

// NewMessage says that readers have the one version now, by a pointer of this sequence, where they had the other one, nil if that is not known. Nothing but the two manifests is looked at.
func NewMessage(sequence int64, before, after *chunker.Manifest) Message {
	m := Message{Catalog: after.Catalog, Version: after.Digest, Sequence: sequence}
	known := map[chunker.Digest]bool{}
	if before != nil {
		for chunk := range before.Chunks {
			known[chunk.Digest] = true
		}
	}
	for chunk := range after.Chunks {
		m.Chunks++
		if !known[chunk.Digest] {
			m.ChunksChanged++
		}
	}
	for i := range after.Sections {
		if after.Sections[i].Kind == chunker.KindEntities {
			m.Entities += after.Sections[i].Count
		}
	}
	m.Types, m.MoreTypes = fitting(changed(before, after))
	return m
}

// changed are the names of the types whose sections are not chunk for chunk the same, those included that only one version has.
func changed(before, after *chunker.Manifest) []string {
	sections := map[string]*chunker.Section{}
	if before != nil {
		for i := range before.Sections {
			if s := &before.Sections[i]; s.Kind == chunker.KindEntities {
				sections[s.Name] = s
			}
		}
	}
	names := []string{}
	for i := range after.Sections {
		s := &after.Sections[i]
		if s.Kind != chunker.KindEntities {
			continue
		}
		if old := sections[s.Name]; old == nil || !same(old, s) {
			names = append(names, s.Name)
		}
		delete(sections, s.Name)
	}
	for name := range sections {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

func same(a, b *chunker.Section) bool {
	return slices.EqualFunc(a.Chunks, b.Chunks, func(a, b chunker.Chunk) bool { return a.Digest == b.Digest })
}

// fitting are as many names as there is room for, and how many are left.
func fitting(names []string) (fit []string, left int) {
	const quotes = len(`"",`)
	size := 0
	for i, name := range names {
		if size += len(name) + quotes; size > maxTypes {
			return names[:i:i], len(names) - i
		}
	}
	return names, 0
}
