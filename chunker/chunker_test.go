package chunker_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/gzip"
	"pgregory.net/rapid"

	"github.com/chunkaside/chunkaside/chunker"
)

// entity is what a test writes; its cluster key is its id.
type entity struct{ key, json string }

// version is a written version with its chunks.
type version struct {
	manifest *chunker.Manifest
	chunks   map[chunker.Digest][]byte
}

func write(t rapid.TB, o *chunker.Options, sections map[string][]entity) version {
	t.Helper()
	v, err := tryWrite(o, sections)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func tryWrite(o *chunker.Options, sections map[string][]entity) (version, error) {
	v := version{chunks: map[chunker.Digest][]byte{}}
	w, err := chunker.NewWriter(chunker.Header{Catalog: "test", Schema: "s"}, o, func(d chunker.Digest, data []byte) error {
		v.chunks[d] = data
		return nil
	})
	if err != nil {
		return v, err
	}
	for _, name := range []string{"A", "A.x", "B", "C"} {
		entities, ok := sections[name]
		if !ok {
			continue
		}
		begin := w.Section
		if of, index, ok := strings.Cut(name, "."); ok {
			begin = func(name string) error { return w.Index(name, of, index) }
		}
		if err := begin(name); err != nil {
			return v, err
		}
		for _, e := range entities {
			if _, err := w.Add(e.key, []byte(e.json)); err != nil {
				_, _ = w.Close()
				return v, err
			}
		}
	}
	v.manifest, err = w.Close()
	return v, err
}

// lines is a section as read back block by block.
func (v version) lines(t rapid.TB, name string) string {
	t.Helper()
	all, err := v.read(name)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func (v version) read(name string) (string, error) {
	var all []byte
	section := v.manifest.Section(name)
	if of, index, ok := strings.Cut(name, "."); ok {
		section = v.manifest.IndexSection(of, index)
	}
	for _, chunk := range section.Chunks {
		for i := range chunk.Blocks {
			var err error
			if all, err = v.manifest.Codec.Inflate(all, v.chunks[chunk.Digest], chunk.Digest, &chunk.Blocks[i]); err != nil {
				return "", err
			}
		}
	}
	return string(all), nil
}

// seeded makes n entities of about 300 bytes each that compress like text. The generator is part of the frozen vectors.
func seeded(seed uint64, n int) []entity {
	r := rand.New(rand.NewPCG(seed, 0))
	words := strings.Fields("the a catalog of programs and episodes is read by everyone edited few 番組 一覧 \u2028 talk Python data")
	entities := make([]entity, n)
	for i := range entities {
		var text strings.Builder
		for range 10 + r.IntN(70) {
			fmt.Fprintf(&text, "%s%d ", words[r.IntN(len(words))], r.IntN(50))
		}
		key := fmt.Sprintf("e%06d", i)
		entities[i] = entity{key, fmt.Sprintf(`{"id":"%s","text":"%s"}`, key, text.String())}
	}
	return entities
}

func ndjson(entities []entity) string {
	var b strings.Builder
	for _, e := range entities {
		b.WriteString(e.json + "\n")
	}
	return b.String()
}

// codecs are all there are.
var codecs = []chunker.Codec{chunker.Gzip, chunker.Zstd}

// small makes many blocks and chunks of little data.
var small = &chunker.Options{BlockTarget: 4 << 10, BlockMin: 1 << 10, BlockMax: 16 << 10, ChunkTarget: 16 << 10, ChunkMin: 4 << 10}

func TestRoundTrip(t *testing.T) {
	for _, codec := range []chunker.Codec{chunker.Gzip, chunker.Zstd} {
		t.Run(string(codec), func(t *testing.T) { testRoundTrip(t, codec) })
	}
}

func testRoundTrip(t *testing.T, codec chunker.Codec) {
	sections := map[string][]entity{"A": seeded(1, 3), "B": seeded(2, 2000), "C": {}}
	o := *small
	o.Codec = codec
	v := write(t, &o, sections)
	m, err := chunker.DecodeManifest(v.manifest.Encoded, v.manifest.Digest)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(v.manifest, m); diff != "" {
		t.Errorf("decoded manifest (-written +read):\n%s", diff)
	}
	v.manifest = m
	for name, entities := range sections {
		if got := v.lines(t, name); got != ndjson(entities) {
			t.Errorf("section %s: read back %d bytes, differing from the %d written", name, len(got), len(ndjson(entities)))
		}
	}
	if got := len(m.Section("B").Chunks); got < 10 {
		t.Errorf("section B has %d chunks; the options should make many", got)
	}
}

func TestChunksAreGzip(t *testing.T) {
	entities := seeded(3, 1500)
	v := write(t, small, map[string][]entity{"A": entities})
	var all []byte
	for _, c := range v.manifest.Section("A").Chunks {
		all = append(all, v.chunks[c.Digest]...)
	}
	for name, data := range map[string][]byte{"chunk": all, "manifest": v.manifest.Encoded} {
		if plain := []byte{0x1f, 0x8b, 8, 0, 0, 0, 0, 0}; !bytes.HasPrefix(data, plain) {
			t.Errorf("a %s begins with % x, want % x: gzip, deflate, no flags, no time", name, data[:len(plain)], plain)
		}
	}
	r, err := gzip.NewReader(bytes.NewReader(all))
	if err != nil {
		t.Fatal(err)
	}
	got, err := io.ReadAll(r)
	if err != nil || string(got) != ndjson(entities) {
		t.Errorf("gzip of all chunks gives %d bytes, %v; want the %d of the NDJSON", len(got), err, len(ndjson(entities)))
	}
}

func TestEditMovesFewChunks(t *testing.T) {
	entities := seeded(4, 3000)
	before := write(t, small, map[string][]entity{"A": entities})
	total := len(before.manifest.Section("A").Chunks)
	for _, test := range []struct {
		name string
		edit func([]entity) []entity
	}{
		{"edit", func(e []entity) []entity { e[1234].json = `{"id":"e001234","text":"new"}`; return e }},
		{"insert", func(e []entity) []entity {
			return append(append(e[:777:777], entity{"e000776x", `{"id":"x"}`}), e[777:]...)
		}},
		{"delete", func(e []entity) []entity { return append(e[:2222:2222], e[2223:]...) }},
	} {
		after := write(t, small, map[string][]entity{"A": test.edit(append([]entity(nil), entities...))})
		moved := 0
		for d := range after.chunks {
			if before.chunks[d] == nil {
				moved++
			}
		}
		if moved < 1 || moved > 4 {
			t.Errorf("%s: %d of %d chunks are new, want 1 to 4", test.name, moved, total)
		}
	}
}

func TestChunkLimit(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 5))
	noise := func(n int) string {
		b := make([]byte, n)
		for i := range b {
			b[i] = byte(' ' + r.IntN(95))
		}
		return string(b)
	}
	var entities []entity
	for i := range 60 {
		entities = append(entities, entity{fmt.Sprintf("k%03d", i), noise(100 + r.IntN(400_000))})
	}
	v := write(t, nil, map[string][]entity{"A": entities})
	for d, data := range v.chunks {
		if len(data) > chunker.MaxChunk {
			t.Errorf("chunk %s has %d bytes", d.Short(), len(data))
		}
	}
	if v.lines(t, "A") != ndjson(entities) {
		t.Error("the entities are not read back")
	}

	_, err := tryWrite(nil, map[string][]entity{"A": {{"big", noise(2 << 20)}}})
	var large *chunker.TooLargeError
	if !errors.As(err, &large) || large.Key != "big" || large.Section != "A" {
		t.Errorf("an entity of 2 MiB of noise: %v, want a TooLargeError naming it", err)
	}
	_, err = tryWrite(nil, map[string][]entity{"A": {{"vast", strings.Repeat("a", chunker.MaxBlock)}}})
	if !errors.As(err, &large) || large.Key != "vast" {
		t.Errorf("an entity over MaxBlock: %v, want a TooLargeError naming it", err)
	}
}

func TestOrder(t *testing.T) {
	for name, sections := range map[string]map[string][]entity{
		"descending": {"A": {{"b", "{}"}, {"a", "{}"}}},
		"twice":      {"A": {{"a", "{}"}, {"a", "{}"}}},
	} {
		if _, err := tryWrite(nil, sections); !errors.Is(err, chunker.ErrOrder) {
			t.Errorf("%s: %v, want ErrOrder", name, err)
		}
	}
	if _, err := tryWrite(nil, map[string][]entity{"A": {{"\xff", "{}"}}}); err == nil {
		t.Error("a key that is no UTF-8 was taken")
	}
}

func TestEmitError(t *testing.T) {
	want := errors.New("full")
	w, err := chunker.NewWriter(chunker.Header{}, nil, func(chunker.Digest, []byte) error { return want })
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Section("A"); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Add("a", []byte("{}")); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Close(); !errors.Is(err, want) {
		t.Errorf("Close = %v, want emit's error", err)
	}
}

func TestOptions(t *testing.T) {
	_, err := chunker.NewWriter(chunker.Header{}, &chunker.Options{Level: 12}, nil)
	var fault *chunker.OptionError
	if !errors.As(err, &fault) || fault.Name != "Level" {
		t.Errorf("level 12: %v, want an OptionError", err)
	}
}

// TestLongestKey: a key that no reader would take from a manifest is refused.
func TestLongestKey(t *testing.T) {
	for _, test := range []struct {
		size int
		ok   bool
	}{{16 << 10, true}, {16<<10 + 1, false}} {
		v, err := tryWrite(nil, map[string][]entity{"A": {{strings.Repeat("k", test.size), `{}`}}})
		var large *chunker.TooLargeError
		if ok := err == nil; ok != test.ok || !ok && !errors.As(err, &large) {
			t.Errorf("a key of %d bytes: %v", test.size, err)
		}
		if err == nil {
			if _, err := chunker.DecodeManifest(v.manifest.Encoded, v.manifest.Digest); err != nil {
				t.Errorf("a key of %d bytes: %v", test.size, err)
			}
		}
	}
}
