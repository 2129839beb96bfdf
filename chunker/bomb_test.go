package chunker_test

import (
	"bytes"
	"errors"
	"runtime/metrics"
	"strings"
	"testing"

	"github.com/chunkaside/chunkaside/chunker"
)

// slack is what inflating or decoding may take besides what it gives: buffers, which are kept for the next. In bytes.
const slack = 4 << 20

// TestBombBehindABlock: a sound block, told to be longer than it is, with 256 MiB compressed behind it.
func TestBombBehindABlock(t *testing.T) {
	zeros := strings.Repeat("0", 8<<20)
	for _, codec := range codecs {
		bomb := write(t, &chunker.Options{Codec: codec}, map[string][]entity{"A": {{"a", zeros}}})
		chunk := write(t, &chunker.Options{Codec: codec}, map[string][]entity{"A": {{"a", "{}"}}})
		data := bytes.Clone(chunk.chunks[chunk.manifest.Section("A").Chunks[0].Digest])
		for range 32 {
			data = append(data, bomb.chunks[bomb.manifest.Section("A").Chunks[0].Digest]...)
		}
		before := allocated()
		_, err := codec.Inflate(nil, data, "", &chunker.Block{Count: 1, Raw: 3, Size: len(data)})
		if got := allocated() - before; got > slack || !errors.Is(err, chunker.ErrDamaged) {
			t.Errorf("%s: %d bytes of memory, %v", codec, got, err)
		}
	}
}

// TestManifestBombs: manifests of few stored bytes must not take many times what they inflate to, which the limits bound.
func TestManifestBombs(t *testing.T) {
	const size = 8 << 20
	begin := `{"magic":"chunkaside manifest","format":1,"codec":"gzip","catalog":"c","schema":"s","sections":`
	for name, test := range map[string]struct{ begin, repeat string }{
		"blanks":                   {begin, " "},
		"arrays in arrays":         {begin, "["},
		"a long text":              {begin + `[{"name":"`, "a"},
		"sections without names":   {begin + `[{"kind":"index"}`, `,{"kind":"index"}`},
		"sections of another kind": {begin + `[{}`, `,{}`},
		"chunks without blocks":    {begin + `[{"name":"A","kind":"entities","chunks":[{}`, `,{}`},
		"blocks without bytes":     {begin + `[{"name":"A","kind":"entities","chunks":[{"blocks":[{}`, `,{}`},
	} {
		data, d := pack(t, test.begin+strings.Repeat(test.repeat, size/len(test.repeat)))
		before := allocated()
		_, err := chunker.DecodeManifest(data, d)
		if got := allocated() - before; got > 10*size {
			t.Errorf("%s: %d bytes, of %d inflated, took %d of memory", name, len(data), size, got)
		}
		if !errors.Is(err, chunker.ErrDamaged) {
			t.Errorf("%s: %v, want ErrDamaged", name, err)
		}
	}
	data, d := pack(t, strings.Repeat(" ", chunker.MaxManifest+1))
	if _, err := chunker.DecodeManifest(data, d); !errors.Is(err, chunker.ErrDamaged) {
		t.Errorf("more than MaxManifest: %v, want ErrDamaged", err)
	}
}

// allocated is the bytes of memory that the process has taken so far, those given back included.
func allocated() uint64 {
	sample := []metrics.Sample{{Name: "/gc/heap/allocs:bytes"}}
	metrics.Read(sample)
	return sample[0].Value.Uint64()
}
