package bench

import (
	"context"
	"testing"

	"github.com/chunkaside/chunkaside/catalog"
	"github.com/chunkaside/chunkaside/catalog/schema"
	"github.com/chunkaside/chunkaside/chunker"
	"github.com/chunkaside/chunkaside/store"
)

// version is a built version with its chunks.
type version struct {
	schema   *schema.Schema
	manifest *chunker.Manifest
	chunks   map[chunker.Digest][]byte
}

func build(t testing.TB, s *schema.Schema, from store.Store) version {
	t.Helper()
	v := version{schema: s, chunks: map[chunker.Digest][]byte{}}
	var err error
	v.manifest, err = catalog.Build(t.Context(), from, s, nil, func(d chunker.Digest, data []byte) error {
		v.chunks[d] = data
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// stored is the bytes of the version's chunks and manifest.
func (v version) stored() int {
	size := len(v.manifest.Encoded)
	for _, data := range v.chunks {
		size += len(data)
	}
	return size
}

// snapshot reads the version from this process's memory, with room for all of it.
func (v version) snapshot(t testing.TB) *catalog.Snapshot {
	t.Helper()
	memory, err := catalog.NewMemory(func(_ context.Context, digests []chunker.Digest) ([][]byte, error) {
		chunks := make([][]byte, len(digests))
		for i, d := range digests {
			chunks[i] = v.chunks[d]
		}
		return chunks, nil
	}, &catalog.MemoryOptions{Blocks: 2*raw(v.manifest) + 64<<20})
	if err != nil {
		t.Fatal(err)
	}
	s, err := catalog.NewSnapshot(v.schema, v.manifest, memory)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// raw is the bytes of a version's lines before compression, those of its indexes included.
func raw(m *chunker.Manifest) int {
	size := 0
	for _, s := range m.Sections {
		size += s.Raw
	}
	return size
}

// storedBlock is a block with the chunk that holds it.
type storedBlock struct {
	chunk *chunker.Chunk
	*chunker.Block
}

// blocks are those of the version's sections of entities, and of its indexes too if they are asked for.
func (v version) blocks(indexes bool) []storedBlock {
	var blocks []storedBlock
	for s := range v.manifest.Sections {
		section := &v.manifest.Sections[s]
		if section.Kind == chunker.KindIndex && !indexes {
			continue
		}
		for c := range section.Chunks {
			for i := range section.Chunks[c].Blocks {
				blocks = append(blocks, storedBlock{&section.Chunks[c], &section.Chunks[c].Blocks[i]})
			}
		}
	}
	return blocks
}

// inflate appends a block as it was before compression.
func (v version) inflate(dst []byte, b storedBlock) ([]byte, error) {
	return v.manifest.Codec.Inflate(dst, v.chunks[b.chunk.Digest], b.chunk.Digest, b.Block)
}
