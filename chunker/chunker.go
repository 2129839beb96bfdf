// Package chunker turns a catalog's entities into chunks and a manifest, and back: bytes in, bytes out. It knows no cloud, no GraphQL and
// no clock. docs/format.md is the normative text of what it writes and reads.
//
// A version is written section by section, entity by entity, in the order of their cluster keys:
//
//	w := chunker.NewWriter(chunker.Header{Catalog: "pyvideo"}, nil, store)
//	w.Section("Program")
//	w.Add(key, []byte(`{"id":"p1"}`))
//	manifest, err := w.Close()
//
// and read by decoding the manifest, then any of its blocks:
//
//	m, err := chunker.DecodeManifest(data, digest)
//	lines, err := chunker.Inflate(nil, chunk, digest, block)
//
// A Writer belongs to one goroutine. Manifests are not changed once made, so any number of goroutines may read them.
package chunker

// What a reader never exceeds, whatever a manifest says. The numbers are part of the format.
const (
	// MaxChunk is the most bytes of a stored chunk or manifest: 976 KiB, so that an item of 1 MB holds it with its key.
	MaxChunk = 976 << 10
	// MaxBlock is the most bytes of a block before compression.
	MaxBlock = 16 << 20
	// MaxManifest is the most bytes of a manifest before compression.
	MaxManifest = 64 << 20
)

// Format is the number of the byte format that this package writes.
const Format = 1

// Options tunes the writing. The zero value of each field means its default. Readers need none of it.
type Options struct {
	// Level is gzip's: 1 is fast, 9 is small; the default is 6.
	Level int
	// BlockTarget, BlockMin and BlockMax are bytes of a block before compression: what it has on average, at least (but for the
	// last of a chunk) and at most (but for a single entity). Defaults: 256, 64 and 768 KiB. BlockMax is at most 960 KiB,
	// so that a block always fits in a chunk.
	BlockTarget, BlockMin, BlockMax int
	// ChunkTarget and ChunkMin are the same for chunks. Defaults: 1 MiB and 256 KiB.
	ChunkTarget, ChunkMin int
}

const maxBlockMax = 960 << 10 // gzip adds at most 5 bytes per 16 KiB and 18 per member to what it cannot compress

func (o *Options) withDefaults() (Options, error) {
	full := Options{Level: 6, BlockTarget: 256 << 10, BlockMin: 64 << 10, BlockMax: 768 << 10, ChunkTarget: 1 << 20, ChunkMin: 256 << 10}
	if o == nil {
		return full, nil
	}
	for _, field := range []struct {
		to        *int
		from      int
		name      string
		low, high int
	}{
		{&full.Level, o.Level, "Level", 1, 9},
		{&full.BlockTarget, o.BlockTarget, "BlockTarget", 1, maxBlockMax},
		{&full.BlockMin, o.BlockMin, "BlockMin", 1, maxBlockMax},
		{&full.BlockMax, o.BlockMax, "BlockMax", 1, maxBlockMax},
		{&full.ChunkTarget, o.ChunkTarget, "ChunkTarget", 1, 1 << 30},
		{&full.ChunkMin, o.ChunkMin, "ChunkMin", 1, 1 << 30},
	} {
		if field.from == 0 {
			continue
		}
		if field.from < field.low || field.from > field.high {
			return full, &OptionError{Name: field.name, Value: field.from, Low: field.low, High: field.high}
		}
		*field.to = field.from
	}
	return full, nil
}
