package chunker_test

import (
	"fmt"
	"math"
	"math/bits"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/chunkaside/chunkaside/chunker"
)

// The tests of this file hold docs/format.md, "Sizes", against what is written, and log the numbers that stand there.

// near says whether got is within a share of want.
func near(got, want, share float64) bool { return math.Abs(got-want) <= share*want }

func TestMeanBlock(t *testing.T) {
	const seed, target, least, most = 16, 96, 64, 256 // in KiB, the defaults
	lines := random(rand.New(rand.NewPCG(seed, 0)), 100_000, 1000)
	raw, weights := 0, 0
	for _, e := range lines {
		raw, weights = raw+len(e.json)+1, weights+1<<bits.Len(uint(len(e.json)))
	}
	gap := target * float64(raw) / float64(weights)
	want := least + gap*(1-math.Exp(-(most-least)/gap))
	n := len(blocks(t, &chunker.Options{Codec: chunker.Zstd, Level: 1}, lines))
	got := float64(raw) / 1024 / float64(n)
	t.Logf("seed %d: w is %.2f of a line's length; %d KiB are %d blocks of %.0f KiB, %.0f by the formula", seed, float64(weights)/float64(raw), raw>>10, n, got, want)
	if !near(got, want, 0.05) {
		t.Error("that is off by more than 5 %")
	}
}

func TestManifestBytes(t *testing.T) {
	const seed, n = 17, 5000
	r := rand.New(rand.NewPCG(seed, 0))
	for _, test := range []struct {
		name string
		key  func(i int) string
		want float64
	}{
		{"keys that count up", func(i int) string { return fmt.Sprintf("program-%06d\x00", i) }, 46},
		{"random keys of 32 digits", func(int) string { return fmt.Sprintf("%016x%016x\x00", r.Uint64(), r.Uint64()) }, 61},
	} {
		lines := random(r, n, 2000)
		for i := range lines {
			lines[i].key = test.key(i)
		}
		slices.SortFunc(lines, func(a, b entity) int { return strings.Compare(a.key, b.key) })
		v := write(t, &chunker.Options{BlockMax: 1}, map[string][]entity{"A": lines}) // each line a block
		before := held()
		m, err := chunker.DecodeManifest(v.manifest.Encoded, v.manifest.Digest)
		if err != nil {
			t.Fatal(err)
		}
		memory := held() - before
		runtime.KeepAlive(m)
		runtime.KeepAlive(v)
		stored := float64(len(v.manifest.Encoded)) / n
		t.Logf("seed %d, %s: a block takes %d bytes of JSON, %.1f stored, %d in memory", seed, test.name, len(v.json(t))/n, stored, memory/n)
		if !near(stored, test.want, 0.05) || memory/n > 300 {
			t.Errorf("want %.0f stored and at most 300 in memory", test.want)
		}
	}
}

// held is the bytes of memory in use.
func held() int {
	var stats runtime.MemStats
	runtime.GC()
	runtime.GC() // the first lets pools go, the second what they held
	runtime.ReadMemStats(&stats)
	return int(stats.HeapAlloc)
}

func TestSharedNames(t *testing.T) {
	const seed, keys, firsts = 18, 200_000, 20_000
	r := rand.New(rand.NewPCG(seed, 0))
	tags, ids := map[chunker.Tag]int{}, map[chunker.BlockID]int{}
	var tagPairs, idPairs int
	for i := range keys {
		key := fmt.Sprintf("%016x\x00", r.Uint64())
		tag, id := chunker.TagOf("A", key), chunker.BlockIDOf("A", key)
		tagPairs += tags[tag]
		tags[tag]++
		if i < firsts {
			idPairs += ids[id]
			ids[id]++
		}
	}
	wantTags, wantIDs := math.Pow(keys, 2)/math.Pow(2, 25), math.Pow(firsts, 2)/math.Pow(2, 19)
	t.Logf("seed %d: of %d keys %d pairs share a tag, %.0f by the formula; of %d blocks %d pairs share an ID, %.0f by the formula", seed, keys, tagPairs, wantTags, firsts, idPairs, wantIDs)
	if !near(float64(tagPairs), wantTags, 0.1) || !near(float64(idPairs), wantIDs, 0.1) {
		t.Error("that is off by more than 10 %")
	}
}
