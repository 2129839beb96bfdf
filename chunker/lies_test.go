package chunker_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/chunkaside/chunkaside/chunker"
)

// told is a manifest as it is stored, so that a test can say there what it likes.
type told struct {
	Magic  string        `json:"magic"`
	Format int           `json:"format"`
	Codec  chunker.Codec `json:"codec"`
	chunker.Header
	Sections []chunker.Section `json:"sections"`
}

// tell changes a version's manifest and stores it under the digest that it then has.
func (v version) tell(t testing.TB, lie func(*told)) ([]byte, chunker.Digest) {
	t.Helper()
	m, err := chunker.DecodeManifest(v.manifest.Encoded, v.manifest.Digest) // a copy
	if err != nil {
		t.Fatal(err)
	}
	stored := told{"chunkaside manifest", chunker.Format, m.Codec, m.Header, m.Sections}
	lie(&stored)
	raw, err := json.Marshal(stored)
	if err != nil {
		t.Fatal(err)
	}
	return pack(t, string(raw))
}

// several is a version whose sections have several chunks of several blocks.
func several(t testing.TB, codec chunker.Codec) version {
	t.Helper()
	return write(t, &chunker.Options{Codec: codec, BlockTarget: 1, BlockMin: 1000, BlockMax: 2000, ChunkTarget: 1, ChunkMin: 5000}, map[string][]entity{"A": seeded(12, 60), "B": seeded(13, 60)})
}

// TestLiesOfAManifest tells one lie at a time that a manifest shows by itself. Its digest is right.
func TestLiesOfAManifest(t *testing.T) {
	chunks := func(lie func([]chunker.Chunk)) func(*told) { return func(m *told) { lie(m.Sections[0].Chunks) } }
	block := func(lie func(*chunker.Block)) func(*told) {
		return func(m *told) {
			s, b := &m.Sections[0], &m.Sections[0].Chunks[0].Blocks[0]
			count, raw := s.Count-b.Count, s.Raw-b.Raw
			lie(b)
			s.Count, s.Raw = count+b.Count, raw+b.Raw // so that they add up
		}
	}
	for name, lie := range map[string]func(*told){
		"another magic":                   func(m *told) { m.Magic = "chunkaside pointer" },
		"sections swapped":                func(m *told) { slices.Reverse(m.Sections) },
		"a section told twice":            func(m *told) { m.Sections[1] = m.Sections[0] },
		"a section of more lines":         func(m *told) { m.Sections[0].Count++ },
		"a section of fewer bytes":        func(m *told) { m.Sections[0].Raw-- },
		"no chunks":                       func(m *told) { m.Sections[0].Chunks = nil },
		"chunks swapped":                  chunks(func(c []chunker.Chunk) { c[0], c[1] = c[1], c[0] }),
		"a chunk told twice":              chunks(func(c []chunker.Chunk) { c[1] = c[0] }),
		"blocks swapped":                  chunks(func(c []chunker.Chunk) { c[0].Blocks[0], c[0].Blocks[1] = c[0].Blocks[1], c[0].Blocks[0] }),
		"a block told twice":              chunks(func(c []chunker.Chunk) { c[0].Blocks[1] = c[0].Blocks[0] }),
		"a key told twice, in one chunk":  chunks(func(c []chunker.Chunk) { c[0].Blocks[1].First = c[0].Blocks[0].First }),
		"a key told twice, in two chunks": chunks(func(c []chunker.Chunk) { c[1].Blocks[0].First = last(c[0]).First }),
		"a block left out":                chunks(func(c []chunker.Chunk) { c[0].Blocks = c[0].Blocks[1:] }),
		"all blocks left out":             chunks(func(c []chunker.Chunk) { c[0].Blocks = nil }),
		"no digest":                       chunks(func(c []chunker.Chunk) { c[0].Digest = "" }),
		"a path for a digest":             chunks(func(c []chunker.Chunk) { c[0].Digest = chunker.Digest(strings.Repeat("../a", 16)) }),
		"no lines":                        block(func(b *chunker.Block) { b.Count = 0 }),
		"more lines than bytes":           block(func(b *chunker.Block) { b.Count = b.Raw + 1 }),
		"more than a block":               block(func(b *chunker.Block) { b.Raw = chunker.MaxBlock + 1 }),
		"no stored bytes":                 block(func(b *chunker.Block) { b.Size = 0 }),
		"more than a chunk":               block(func(b *chunker.Block) { b.Size = chunker.MaxChunk }),
	} {
		data, d := several(t, chunker.Gzip).tell(t, lie)
		if _, err := chunker.DecodeManifest(data, d); !errors.Is(err, chunker.ErrDamaged) {
			t.Errorf("%s: %v, want ErrDamaged", name, err)
		}
	}
}

// TestLiesAboutBlocks tells what adds up, so that the manifest is sound by itself, and the chunks are sound too: the blocks give it away.
func TestLiesAboutBlocks(t *testing.T) {
	for name, lie := range map[string]func(m *told, chunks []chunker.Chunk){
		"lines moved": func(_ *told, c []chunker.Chunk) { c[0].Blocks[0].Count--; c[0].Blocks[1].Count++ },
		"bytes moved": func(_ *told, c []chunker.Chunk) { c[0].Blocks[0].Raw--; c[0].Blocks[1].Raw++ },
		"sizes moved": func(_ *told, c []chunker.Chunk) { c[0].Blocks[0].Size--; c[0].Blocks[1].Size++ },
		"sizes swapped": func(_ *told, c []chunker.Chunk) {
			c[0].Blocks[0].Size, c[0].Blocks[1].Size = c[0].Blocks[1].Size, c[0].Blocks[0].Size
		},
		"one size less":   func(_ *told, c []chunker.Chunk) { last(c[0]).Size-- },
		"one size more":   func(_ *told, c []chunker.Chunk) { last(c[0]).Size++ },
		"digests swapped": func(_ *told, c []chunker.Chunk) { c[0].Digest, c[1].Digest = c[1].Digest, c[0].Digest },
		"another codec": func(m *told, _ []chunker.Chunk) {
			m.Codec = map[chunker.Codec]chunker.Codec{chunker.Gzip: chunker.Zstd, chunker.Zstd: chunker.Gzip}[m.Codec]
		},
	} {
		for _, codec := range codecs {
			v := several(t, codec)
			data, d := v.tell(t, func(m *told) { lie(m, m.Sections[0].Chunks) })
			m, err := chunker.DecodeManifest(data, d)
			if err != nil {
				t.Errorf("%s, %s: the manifest by itself: %v", name, codec, err)
				continue
			}
			if _, err := (version{m, v.chunks}).read("A"); !errors.Is(err, chunker.ErrDamaged) {
				t.Errorf("%s, %s: %v, want ErrDamaged", name, codec, err)
			}
		}
	}
}

func last(c chunker.Chunk) *chunker.Block { return &c.Blocks[len(c.Blocks)-1] }

// TestShortChunk cuts a chunk everywhere: it has another digest then, and of its blocks only those are read that are whole.
func TestShortChunk(t *testing.T) {
	for _, codec := range codecs {
		v := several(t, codec)
		chunk := v.manifest.Section("A").Chunks[0]
		data := v.chunks[chunk.Digest]
		for n := range data {
			if err := chunker.Verify("chunk", data[:n], chunk.Digest); !errors.Is(err, chunker.ErrDamaged) {
				t.Fatalf("%s, %d of %d bytes: %v, want ErrDamaged", codec, n, len(data), err)
			}
			for i, b := range chunk.Blocks {
				lines, err := codec.Inflate([]byte("before"), data[:n], chunk.Digest, &b)
				whole := n >= b.Offset+b.Size
				if whole != (err == nil) || !whole && (!errors.Is(err, chunker.ErrDamaged) || string(lines) != "before") {
					t.Fatalf("%s, %d of %d bytes, block %d: %d bytes, %v", codec, n, len(data), i, len(lines), err)
				}
			}
		}
	}
}

// TestFlippedBits flips every bit of a block: it is damaged, or the bit means nothing and the lines are right.
func TestFlippedBits(t *testing.T) {
	for _, codec := range codecs {
		v := several(t, codec)
		chunk := v.manifest.Section("A").Chunks[0]
		block := chunk.Blocks[0]
		data := bytes.Clone(v.chunks[chunk.Digest])
		want, err := codec.Inflate(nil, data, chunk.Digest, &block)
		if err != nil {
			t.Fatal(err)
		}
		for bit := range 8 * block.Size {
			data[bit/8] ^= 1 << (bit % 8)
			got, err := codec.Inflate(nil, data, chunk.Digest, &block)
			if err == nil && !bytes.Equal(got, want) || err != nil && !errors.Is(err, chunker.ErrDamaged) {
				t.Errorf("%s, bit %d: %d bytes, %v", codec, bit, len(got), err)
			}
			data[bit/8] ^= 1 << (bit % 8)
		}
	}
}
