package chunker_test

import (
	"fmt"
	"math/bits"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/cespare/xxhash/v2"
	"pgregory.net/rapid"

	"github.com/chunkaside/chunkaside/chunker"
)

// What an edit, one line inserted, changed or deleted, may touch is said in docs/format.md, "What an edit touches". Here each block is a chunk. Where a block ends depends on the lines from its first to
// the next block's first and on nothing else, hence:
//
//   - Blocks before the one that holds the line right before the edit stay: they were decided before it came.
//   - From the first line behind the edit that begins a block in both versions on, all blocks stay: both cut the same lines from the same place on.
//   - There is such a line no later than the first anchor behind the edit.
//
// An anchor is a line C that begins a block whatever stands before D, a line before it, if both hashes say so, no other's does in the minimum's bytes before C, and D stands from the minimum to the maximum
// less the minimum before C. For suppose that a block begins at a line S so close before C that C cannot begin one. Then S was cut by size, for its hash does not say so; so the block before S began more than
// the maximum before C, had its minimum when it came to D, and would have ended there.
//
// Nothing bounds the way to an anchor: TestWithoutHashesNothingStays.

// edit is one edit of lines: same stay before it, and behind after it.
type edit struct {
	after        []entity
	same, behind int
}

// kinds are the edits at a line.
var kinds = map[string]func(lines []entity, at int, json string) edit{
	"insert": func(lines []entity, at int, json string) edit {
		return edit{slices.Insert(slices.Clone(lines), at+1, entity{lines[at].key + "+", json}), at + 1, len(lines) - at - 1}
	},
	"insert first": func(lines []entity, _ int, json string) edit {
		return edit{slices.Insert(slices.Clone(lines), 0, entity{"-", json}), 0, len(lines)}
	},
	"change": func(lines []entity, at int, json string) edit {
		after := slices.Clone(lines)
		after[at].json = json
		return edit{after, at, len(lines) - at - 1}
	},
	"delete": func(lines []entity, at int, _ string) edit {
		return edit{slices.Delete(slices.Clone(lines), at, at+1), at, len(lines) - at - 1}
	},
}

// mayBegin says whether a line's hash lets it begin a block: docs/format.md, "Boundaries", in other words than the code's.
func mayBegin(e entity, target int) bool {
	weight := uint64(1)
	for weight < uint64(len(e.json)+1) {
		weight *= 2
	}
	high, _ := bits.Mul64(xxhash.Sum64String("A\x00"+e.key), uint64(target))
	return high < weight
}

// none is above every key.
const none = "~"

// anchor is the key of the first anchor among lines.
func anchor(lines []entity, o *chunker.Options) string {
	place := 0
	var places []int // in bytes, of the lines before that may begin a block
	for _, e := range lines {
		if mayBegin(e, o.BlockTarget) {
			near, far := place-o.BlockMin, place-(o.BlockMax-o.BlockMin)
			alone := len(places) == 0 || places[len(places)-1] <= near
			if alone && slices.ContainsFunc(places, func(p int) bool { return far <= p && p <= near }) {
				return e.key
			}
			places = append(places, place)
		}
		place += len(e.json) + 1
	}
	return none
}

// blocks are those of a version of section A, each a chunk.
func blocks(t rapid.TB, o *chunker.Options, lines []entity) []chunker.Chunk {
	t.Helper()
	chunks := write(t, o, map[string][]entity{"A": lines}).manifest.Section("A").Chunks
	for _, c := range chunks {
		if len(c.Blocks) != 1 {
			t.Fatalf("a chunk has %d blocks; by default each is a chunk", len(c.Blocks))
		}
	}
	return chunks
}

// from is the blocks from the first on that begins with this key or a later one.
func from(blocks []chunker.Chunk, key string) []chunker.Chunk {
	n, _ := slices.BinarySearchFunc(blocks, key, func(c chunker.Chunk, key string) int { return strings.Compare(c.Blocks[0].First, key) })
	return blocks[n:]
}

// common is the first key, not below the given one, with which a block begins in both versions.
func common(before, after []chunker.Chunk, key string) string {
	for _, c := range from(before, key) {
		first := c.Blocks[0].First
		if rest := from(after, first); len(rest) > 0 && rest[0].Blocks[0].First == first {
			return first
		}
	}
	return none
}

func same(a, b []chunker.Chunk) bool {
	return slices.EqualFunc(a, b, func(a, b chunker.Chunk) bool { return a.Digest == b.Digest && a.Blocks[0] == b.Blocks[0] })
}

func TestWhatAnEditTouches(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0))
		lines := random(r, rapid.IntRange(1, 500).Draw(t, "lines"), rapid.IntRange(1, 400).Draw(t, "longest"))
		size := rapid.IntRange(1, 5000)
		o := &chunker.Options{
			Level: 1, Parallelism: 1, BlockTarget: size.Draw(t, "target"), BlockMin: size.Draw(t, "minimum"), BlockMax: size.Draw(t, "maximum"),
		}
		at, json := rapid.IntRange(0, len(lines)-1).Draw(t, "at"), strings.Repeat("x", rapid.IntRange(1, 1000).Draw(t, "new length"))
		kind := rapid.SampledFrom([]string{"insert", "insert first", "change", "delete"}).Draw(t, "edit")
		checkEdit(t, o, lines, kinds[kind](lines, at, json))
	})
}

func checkEdit(t *rapid.T, o *chunker.Options, lines []entity, e edit) {
	before, after := blocks(t, o, lines), blocks(t, o, e.after)
	if e.same > 0 {
		decided := len(before) - len(from(before, lines[e.same-1].key+"\x00")) - 1
		if !same(before[:decided], after[:min(decided, len(after))]) {
			t.Errorf("not all of the %d blocks before the edit's stay", decided)
		}
	}
	behind := lines[len(lines)-e.behind:]
	if len(behind) == 0 {
		return
	}
	again := common(before, after, behind[0].key)
	if !same(from(before, again), from(after, again)) {
		t.Errorf("%s begins a block in both versions, but not all stays from there on", again)
	}
	if a := anchor(behind, o); again > a {
		t.Errorf("%s is the first line that begins a block in both versions; the anchor %s does not", again, a)
	}
}

// TestWithoutHashesNothingStays shows what no bound can exclude: where no hash says so, all cuts are by size, and a line more at the front moves every one of them.
func TestWithoutHashesNothingStays(t *testing.T) {
	o := &chunker.Options{BlockTarget: 900 << 10, BlockMin: 1, BlockMax: 1000}
	var lines []entity
	for i := 0; len(lines) < 400; i++ {
		if e := (entity{fmt.Sprintf("k%06d", i), strings.Repeat("x", 99)}); !mayBegin(e, o.BlockTarget) {
			lines = append(lines, e)
		}
	}
	before, after := blocks(t, o, lines), blocks(t, o, kinds["insert first"](lines, 0, lines[0].json).after)
	if again := common(before, after, lines[0].key); again != none || len(before) != 40 {
		t.Errorf("%d blocks, the versions agree from %s on; the test wants 40 that never agree", len(before), again)
	}
}

// TestHowMuchAnEditTouches counts the chunks that an edit makes new. Boundaries depend on keys and lengths alone, so a seed gives the same counts everywhere.
func TestHowMuchAnEditTouches(t *testing.T) {
	const seed, edits = 1, 1000
	for _, test := range []struct {
		name    string
		lines   int
		options chunker.Options
		most    int // of 99 in 100
	}{
		{"the defaults, a 32nd of each", 2000, chunker.Options{BlockTarget: 3 << 10, BlockMin: 2 << 10, BlockMax: 8 << 10}, 2},
		// Half of the blocks are cut by size, and of the lines whose hash says so most come too soon.
		{"guards everywhere", 600, chunker.Options{BlockTarget: 512, BlockMin: 512, BlockMax: 768}, 8},
	} {
		t.Run(test.name, func(t *testing.T) {
			o := test.options
			o.Level, o.Parallelism = 1, 1
			r := rand.New(rand.NewPCG(seed, 0))
			lines := random(r, test.lines, 80)
			before := blocks(t, &o, lines)
			counts := make([]int, edits)
			anchors := 0
			for i := range counts {
				kind := []string{"insert", "change", "delete"}[r.IntN(3)]
				e := kinds[kind](lines, r.IntN(len(lines)), random(r, 1, 80)[0].json)
				counts[i] = touched(before, blocks(t, &o, e.after))
				if anchor(lines[len(lines)-e.behind:], &o) != none {
					anchors++
				}
			}
			slices.Sort(counts)
			t.Logf("seed %d, %d blocks: of %d edits half touch %d chunk, 9 in 10 at most %d, 99 in 100 at most %d, all at most %d; behind %d there is an anchor",
				seed, len(before), edits, counts[edits/2], counts[edits*9/10], counts[edits*99/100], counts[edits-1], anchors)
			if counts[edits/2] != 1 || counts[edits*99/100] > test.most {
				t.Errorf("half of the edits touch up to %d chunks, want 1; 99 in 100 up to %d, want %d", counts[edits/2], counts[edits*99/100], test.most)
			}
		})
	}
}

// touched is how many of the chunks after an edit are new: what has to be sent.
func touched(before, after []chunker.Chunk) int {
	there := map[chunker.Digest]bool{}
	for _, c := range before {
		there[c.Digest] = true
	}
	n := 0
	for _, c := range after {
		if !there[c.Digest] {
			n++
		}
	}
	return n
}

// random makes n lines of up to longest bytes. Their keys are k000000, k000001, ...
func random(r *rand.Rand, n, longest int) []entity {
	lines := make([]entity, n)
	for i := range lines {
		text := make([]byte, 1+r.IntN(longest))
		for j := range text {
			text[j] = byte('a' + r.IntN(26))
		}
		lines[i] = entity{fmt.Sprintf("k%06d", i), string(text)}
	}
	return lines
}
