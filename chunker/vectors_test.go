package chunker_test

import (
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/chunkaside/chunkaside/chunker"
)

var update = flag.Bool("update", false, "write the frozen vectors anew: only before the format is released")

// vector is the version frozen in testdata/v1: two sections of seeded entities and one of an index, cut small.
func vector(t *testing.T, codec chunker.Codec) (version, map[string][]entity) {
	sections := map[string][]entity{"A": seeded(7, 12), "A.x": seeded(9, 40), "B": seeded(8, 120)}
	o := *small
	o.Codec = codec
	return write(t, &o, sections), sections
}

func TestFrozenVectors(t *testing.T) {
	for _, codec := range []chunker.Codec{chunker.Gzip, chunker.Zstd} {
		t.Run(string(codec), func(t *testing.T) { testFrozenVectors(t, codec) })
	}
}

func testFrozenVectors(t *testing.T, codec chunker.Codec) {
	dir := filepath.Join("testdata", "v1", string(codec))
	written, sections := vector(t, codec)
	if *update {
		freeze(t, dir, written, sections)
	}

	digest, err := os.ReadFile(filepath.Join(dir, "manifest.digest"))
	if err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(filepath.Join(dir, "manifest.json.gz"))
	if err != nil {
		t.Fatal(err)
	}
	m, err := chunker.DecodeManifest(data, chunker.Digest(digest))
	if err != nil {
		t.Fatal(err)
	}
	frozen := version{manifest: m, chunks: map[chunker.Digest][]byte{}}
	for c := range m.Chunks {
		if frozen.chunks[c.Digest], err = os.ReadFile(filepath.Join(dir, string(c.Digest))); err != nil {
			t.Fatal(err)
		}
		if err := chunker.Verify("chunk", frozen.chunks[c.Digest], c.Digest); err != nil {
			t.Error(err)
		}
	}
	for name, entities := range sections {
		if frozen.lines(t, name) != ndjson(entities) {
			t.Errorf("section %s of the frozen version reads otherwise", name)
		}
	}
	if written.manifest.Digest != m.Digest {
		t.Errorf("the same entities are now written as %s, frozen is %s", written.manifest.Digest, m.Digest)
	}
}

func freeze(t *testing.T, dir string, v version, sections map[string][]entity) {
	t.Helper()
	files := map[string][]byte{"manifest.digest": []byte(v.manifest.Digest), "manifest.json.gz": v.manifest.Encoded}
	for d, data := range v.chunks {
		files[string(d)] = data
	}
	for name, entities := range sections {
		files[name+".ndjson"] = []byte(ndjson(entities))
	}
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	for name, data := range files {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}
