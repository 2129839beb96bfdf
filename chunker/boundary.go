package chunker

import (
	"math/bits"

	"github.com/cespare/xxhash/v2"
)

// keyHash is the number that decides an entity's boundaries, see docs/format.md.
func keyHash(section, key string) uint64 {
	var h xxhash.Digest
	h.Reset()
	_, _ = h.WriteString(section)
	_, _ = h.Write([]byte{0})
	_, _ = h.WriteString(key)
	return h.Sum64()
}

func keyHashBytes(section string, key []byte) uint64 {
	var h xxhash.Digest
	h.Reset()
	_, _ = h.WriteString(section)
	_, _ = h.Write([]byte{0})
	_, _ = h.Write(key)
	return h.Sum64()
}

// begins says whether an entity of this hash and size begins a new run, where runs have target bytes on average: its hash falls below its
// own size's share of the target.
func begins(hash uint64, size, target int) bool {
	weight := uint64(1) << bits.Len(uint(size-1))
	if weight >= uint64(target) {
		return true
	}
	// 2^64 * weight / target, without the overflow: weight < target, so the quotient fits.
	threshold, _ := bits.Div64(weight, 0, uint64(target))
	return hash < threshold
}
