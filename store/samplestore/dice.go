package samplestore

import (
	"encoding/hex"
	"math/bits"
	"math/rand/v2"
	"sort"
)

// seed makes the sample what it is. Another one makes another sample, and its frozen digest fails.
const seed = 20260401

// dice makes the choices. It takes whole words of PCG, whose sequence is specified, and counts in integers only: methods of
// rand.Rand may draw differently on another platform, and floating point may round differently.
type dice struct{ source *rand.PCG }

// newDice returns dice for one part of the sample, so that a change in one part leaves the others alone.
func newDice(part int) dice {
	return dice{rand.NewPCG(seed, uint64(part))}
}

// below returns a number from 0 to n-1.
func (d dice) below(n int) int {
	high, _ := bits.Mul64(d.source.Uint64(), uint64(n))
	return int(high)
}

// between returns a number from low to high, both included.
func (d dice) between(low, high int) int { return low + d.below(high-low+1) }

func (d dice) oneIn(n int) bool { return d.below(n) == 0 }

// hex returns text that does not compress further than to half, as the names of real files.
func (d dice) hex(bytes int) string {
	raw := make([]byte, bytes)
	for i := range raw {
		raw[i] = byte(d.below(256))
	}
	return hex.EncodeToString(raw)
}

// pick returns one of n ranks, the first ones more often: the weight of rank k is 1/(k+flatness), as words in real text.
func (d dice) pick(n int) int {
	at, _ := bits.Mul64(d.source.Uint64(), ranks[n-1])
	return sort.Search(n-1, func(k int) bool { return at < ranks[k] })
}

const (
	// maxForms is the most forms a rule may have.
	maxForms = 128
	// flatness decides, with the size of the grammar, how well the texts compress.
	flatness = 30
)

// ranks[k] is the sum of the weights of ranks 0 to k.
var ranks = func() (sums [maxForms]uint64) {
	sum := uint64(0)
	for k := range sums {
		sum += 1 << 24 / uint64(k+flatness)
		sums[k] = sum
	}
	return sums
}()
