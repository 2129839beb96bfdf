// Package chunker turns a catalog's entities into chunks and a manifest, and back: bytes in, bytes out. It knows no cloud, no GraphQL and
// no clock. docs/format.md is the normative text of what it writes and reads.
//
// A version is written section by section, entity by entity, in the order of their cluster keys:
//
//	w, err := chunker.NewWriter(chunker.Header{Catalog: "pyvideo"}, nil, emit)
//	w.Section("Program")
//	w.Add(key, []byte(`{"id":"p1"}`))
//	manifest, err := w.Close()
//
// and read by decoding the manifest, then any of its blocks:
//
//	m, err := chunker.DecodeManifest(data, digest)
//	lines, err := m.Codec.Inflate(nil, chunk, digest, block)
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
