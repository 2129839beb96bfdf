package chunker_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/chunkaside/chunkaside/chunker"
)

// materials are what lines are cut from, from what compresses best to what does not at all, each as long as a line can be.
var materials = sync.OnceValue(func() []string {
	source := rand.NewChaCha8([32]byte{15})
	texts := []string{strings.Repeat("a", chunker.MaxBlock)}
	for _, alphabet := range []string{"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/", everyByte()} {
		texts = append(texts, noise(source, alphabet))
	}
	return texts
})

func everyByte() string {
	all := make([]byte, 0, 255)
	for c := range 256 {
		if c != '\n' {
			all = append(all, byte(c))
		}
	}
	return string(all)
}

func noise(source *rand.ChaCha8, alphabet string) string {
	text := make([]byte, chunker.MaxBlock)
	_, _ = source.Read(text)
	for i, b := range text {
		text[i] = alphabet[int(b)*len(alphabet)>>8]
	}
	return string(text)
}

// exponential draws numbers from 1 to 2^most, small ones as often as large ones.
func exponential(most int) *rapid.Generator[int] {
	return rapid.Custom(func(t *rapid.T) int {
		n := 1 << rapid.IntRange(0, most).Draw(t, "exponent")
		return rapid.IntRange(n/2+1, n).Draw(t, "n")
	})
}

// sizes are those of lines, without line feeds: few or many, as much as a chunk holds or more, now and then one about as large as can be stored, or as can be at all.
func sizes(t *rapid.T) []int {
	list := rapid.SliceOfN(exponential(16), 1, 40).Draw(t, "sizes")
	r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "more"), 0)) // rapid itself prefers small numbers
	switch r.IntN(20) {
	case 0, 1:
		list = append(list, []int{1 << 20, 960 << 10, chunker.MaxChunk}[r.IntN(3)]-r.IntN(400))
	case 2, 3:
		list = append(list, 1<<r.IntN(22)+1)
	case 4, 5:
		for range 10 + r.IntN(10) {
			list = append(list, r.IntN(200_000))
		}
	case 6:
		list = append(list, chunker.MaxBlock-r.IntN(4))
	}
	return rapid.Permutation(list).Draw(t, "order")
}

// contents makes a line of each size, each of one of the materials.
func contents(t *rapid.T, sizes []int) []entity {
	r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0))
	lines := make([]entity, len(sizes))
	place := 0
	for i, size := range sizes {
		if place+size > chunker.MaxBlock {
			place = 0
		}
		lines[i] = entity{fmt.Sprintf("k%06d", i), materials()[r.IntN(len(materials()))][place : place+size]}
		place += size
	}
	return lines
}

// options draws any options within their bounds.
func options(t *rapid.T) *chunker.Options {
	block, chunk := exponential(19), exponential(30)
	o := &chunker.Options{
		Codec: chunker.Gzip, Level: rapid.IntRange(1, 9).Draw(t, "level"), Parallelism: rapid.IntRange(1, 4).Draw(t, "parallelism"),
		BlockTarget: block.Draw(t, "block target"), BlockMin: block.Draw(t, "block minimum"), BlockMax: block.Draw(t, "block maximum"),
		ChunkTarget: chunk.Draw(t, "chunk target"), ChunkMin: chunk.Draw(t, "chunk minimum"), IndexTarget: exponential(17).Draw(t, "index target"),
	}
	if rapid.Bool().Draw(t, "largest blocks") {
		o.BlockTarget, o.BlockMax, o.IndexTarget = 960<<10, 960<<10, 240<<10
	}
	if rapid.Bool().Draw(t, "largest chunks") {
		o.ChunkTarget = 1 << 30
	}
	if rapid.Bool().Draw(t, "zstd") {
		o.Codec, o.Level = chunker.Zstd, min(o.Level, 4)
	}
	return o
}

// TestEveryChunkFits writes lines of any size and content with any options: chunks are within their limit and read back as the lines, or the error names a line that cannot be stored.
func TestEveryChunkFits(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		lines, o := contents(t, sizes(t)), options(t)
		name := rapid.SampledFrom([]string{"A", "A.x"}).Draw(t, "section")
		v, err := tryWrite(o, map[string][]entity{name: lines})
		if err != nil {
			checkTooLarge(t, err, o, name, lines)
			return
		}
		for chunk := range v.manifest.Chunks {
			if n := len(v.chunks[chunk.Digest]); n > chunker.MaxChunk || n != chunk.Size() {
				t.Errorf("a chunk has %d bytes, %d by the manifest; the limit is %d", n, chunk.Size(), chunker.MaxChunk)
			}
		}
		m, err := chunker.DecodeManifest(v.manifest.Encoded, v.manifest.Digest)
		if diff := cmp.Diff(v.manifest, m); err != nil || diff != "" {
			t.Errorf("decoded manifest: %v (-written +read):\n%s", err, diff)
		}
		if v.lines(t, name) != ndjson(lines) {
			t.Error("other lines are read back than were written")
		}
	})
}

// checkTooLarge holds an error to what it says: the line it names is too large, alone too.
func checkTooLarge(t *rapid.T, err error, o *chunker.Options, name string, lines []entity) {
	var large *chunker.TooLargeError
	if !errors.As(err, &large) {
		t.Fatalf("%v, want a TooLargeError", err)
	}
	at := slices.IndexFunc(lines, func(e entity) bool { return e.key == large.Key })
	if at < 0 || large.Section != name || large.Size <= large.Limit {
		t.Fatalf("%v: it names none of section %s, or one that is not too large", err, name)
	}
	raw := len(lines[at].json) + 1
	if large.Limit != chunker.MaxChunk && (large.Limit != chunker.MaxBlock || large.Size != raw) {
		t.Errorf("%v: the line has %d bytes, and the limit is none", err, raw)
	}
	var alone *chunker.TooLargeError
	if _, err := tryWrite(o, map[string][]entity{name: lines[at : at+1]}); !errors.As(err, &alone) || *alone != *large {
		t.Errorf("%v; alone: %v", large, err)
	}
}

// TestLargestBlockFits fills a block to the largest maximum that the options take, with lines that do not compress: whatever the codec's level, it is no larger than a chunk.
func TestLargestBlockFits(t *testing.T) {
	var bounds *chunker.OptionError
	if _, err := chunker.NewWriter(chunker.Header{}, &chunker.Options{BlockMax: 1 << 40}, nil); !errors.As(err, &bounds) {
		t.Fatalf("a maximum of 1 TiB: %v, want an OptionError", err)
	}
	var lines []entity
	text := materials()[len(materials())-1]
	for place := 0; place < bounds.High; place += 1024 {
		lines = append(lines, entity{fmt.Sprintf("k%06d", len(lines)), text[place : place+1023]})
	}
	for codec, levels := range map[chunker.Codec]int{chunker.Gzip: 9, chunker.Zstd: 4} {
		for level := 1; level <= levels; level++ {
			v, err := tryWrite(&chunker.Options{Codec: codec, Level: level, BlockTarget: bounds.High, BlockMin: bounds.High, BlockMax: bounds.High}, map[string][]entity{"A": lines})
			if err != nil {
				t.Errorf("%s, level %d: %v", codec, level, err)
				continue
			}
			if chunks := v.manifest.Section("A").Chunks; len(chunks) != 1 || len(chunks[0].Blocks) != 1 {
				t.Errorf("%s, level %d: %d chunks, want one of one block", codec, level, len(chunks))
			}
		}
	}
}

// emitted is a version as it was emitted: the digests in their order. It takes the chunks' bytes to be its own, and spoils them.
func emitted(o *chunker.Options, lines []entity, before func(), meanwhile func()) ([]chunker.Digest, error) {
	var digests []chunker.Digest
	w, err := chunker.NewWriter(chunker.Header{}, o, func(d chunker.Digest, data []byte) error {
		meanwhile()
		if chunker.DigestOf(data) != d {
			return errors.New("a chunk has another digest than it was emitted with")
		}
		digests = append(digests, d)
		clear(data)
		return nil
	})
	if err != nil {
		return nil, err
	}
	err = w.Section("A")
	for _, e := range lines {
		before()
		line := []byte(e.json)
		if _, addErr := w.Add(e.key, line); addErr != nil {
			err = addErr
		}
		clear(line)
	}
	m, closeErr := w.Close()
	if err := errors.Join(err, closeErr); err != nil {
		return nil, err
	}
	return append(digests, m.Digest), nil
}

func nothing() {}

// TestSameBytesHoweverManyCompress writes with one compressor, and with up to eight: each gets other blocks, one after another, and must make the same bytes of each.
func TestSameBytesHoweverManyCompress(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		lines, o := contents(t, rapid.SliceOfN(exponential(12), 1, 200).Draw(t, "sizes")), options(t)
		o.BlockTarget, o.BlockMin = exponential(12).Draw(t, "small target"), exponential(12).Draw(t, "small minimum")
		o.Parallelism = 1
		want, err := emitted(o, lines, nothing, nothing)
		if err != nil {
			t.Fatal(err)
		}
		o.Parallelism = rapid.IntRange(2, 8).Draw(t, "at once")
		if got, err := emitted(o, lines, nothing, nothing); err != nil || !slices.Equal(got, want) {
			t.Errorf("%d at once: %v, %v; one at a time: %v", o.Parallelism, got, err, want)
		}
	})
}

// TestSameBytesHoweverSlow lets the one who takes chunks, or the one who adds lines, always be the last: the clock of the bubble moves on when all else waits.
func TestSameBytesHoweverSlow(t *testing.T) {
	for _, codec := range []chunker.Codec{chunker.Gzip, chunker.Zstd} {
		o := *small
		o.Codec, o.Parallelism = codec, 3
		lines := seeded(11, 400)
		want, err := emitted(&o, lines, nothing, nothing)
		if err != nil {
			t.Fatal(err)
		}
		wait := func() { time.Sleep(time.Second) }
		for name, run := range map[string]struct{ before, meanwhile func() }{"who takes": {nothing, wait}, "who adds": {wait, nothing}} {
			synctest.Test(t, func(t *testing.T) {
				got, err := emitted(&o, lines, run.before, run.meanwhile)
				if err != nil || !slices.Equal(got, want) {
					t.Errorf("%s, %s is slow: %v, %v; want %v", codec, name, got, err, want)
				}
			})
		}
	}
}
