package cachetest

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/chunkaside/chunkaside/cache"
)

// runMany: many keys in one Get.
func runMany(t *testing.T, h Harness) {
	h.each(t, "200 keys", func(t *testing.T, d cache.Driver) {
		keys := make([]string, 200)
		for i := range keys {
			keys[i] = fmt.Sprintf("many/%03d", i)
			if i%3 != 0 { // Every third key stays missing: answers must land by index.
				set(t, d, keys[i], []byte(keys[i]), long)
			}
		}
		for i, value := range getAll(t, d, keys...) {
			if i%3 == 0 {
				expectMissing(t, keys[i], value)
			} else {
				expect(t, keys[i], value, []byte(keys[i]))
			}
		}
	})
	h.each(t, "12 values of 900 KB", func(t *testing.T, d cache.Driver) {
		const size = 900_000
		if h.MaxItemSize > 0 && h.MaxItemSize < size+100 {
			t.Skipf("the cache takes %d bytes at most", h.MaxItemSize)
		}
		keys, values := make([]string, 12), make([][]byte, 12)
		for i := range keys {
			keys[i], values[i] = fmt.Sprintf("large/%02d", i), noise(uint64(i), size)
			set(t, d, keys[i], values[i], long)
		}
		for i, got := range getAll(t, d, keys...) {
			expect(t, keys[i], got, values[i])
		}
	})
	h.each(t, "repeated keys", func(t *testing.T, d cache.Driver) {
		set(t, d, "a", []byte("A"), long)
		set(t, d, "b", []byte("B"), long)
		values := getAll(t, d, "a", "b", "a", "nobody", "a", "nobody")
		for i, want := range []string{"A", "B", "A", "", "A", ""} {
			if want == "" {
				expectMissing(t, "nobody", values[i])
				continue
			}
			expect(t, want, values[i], []byte(want))
			copy(values[i], "?") // Must not show through in the values that follow.
		}
	})
}

// noise is size bytes that no compression shrinks, the same for the same seed.
func noise(seed uint64, size int) []byte {
	var key [32]byte
	key[0] = byte(seed)
	b := bytes.Repeat([]byte{0}, size)
	_, _ = rand.NewChaCha8(key).Read(b) // Never fails.
	return b
}
