package cachetest

import (
	"bytes"
	"strings"
	"testing"

	"github.com/chunkaside/chunkaside/cache"
)

// runValues: what is set is what is got, and nobody shares memory with anybody.
func runValues(t *testing.T, h Harness) {
	h.each(t, "missing", func(t *testing.T, d cache.Driver) {
		expectMissing(t, "nobody", get(t, d, "nobody"))
	})
	h.each(t, "no keys", func(t *testing.T, d cache.Driver) {
		getAll(t, d)
	})
	h.each(t, "set replaces", func(t *testing.T, d cache.Driver) {
		set(t, d, "k", []byte("first, and longer"), long)
		set(t, d, "k", []byte("second"), long)
		expect(t, "k", get(t, d, "k"), []byte("second"))
	})
	h.each(t, "empty is not missing", func(t *testing.T, d cache.Driver) {
		set(t, d, "empty", []byte{}, long)
		set(t, d, "nil", nil, long)
		values := getAll(t, d, "empty", "nobody", "nil")
		expect(t, "empty", values[0], []byte{})
		expectMissing(t, "nobody", values[1])
		expect(t, "nil", values[2], []byte{})
	})
	h.each(t, "all bytes", func(t *testing.T, d cache.Driver) {
		value := allBytes()
		set(t, d, "binary", value, long)
		expect(t, "binary", get(t, d, "binary"), value)
	})
	h.each(t, "longest key", func(t *testing.T, d cache.Driver) {
		key := longestKey()
		set(t, d, key, []byte("v"), long)
		expect(t, key, get(t, d, key), []byte("v"))
	})
	h.each(t, "caller keeps its value", func(t *testing.T, d cache.Driver) {
		value := []byte("written")
		set(t, d, "k", value, long)
		copy(value, "altered")
		got := get(t, d, "k")
		expect(t, "k", got, []byte("written"))
		copy(got, "altered")
		expect(t, "k", get(t, d, "k"), []byte("written"))
	})
	h.each(t, "delete", func(t *testing.T, d cache.Driver) {
		set(t, d, "k", []byte("v"), long)
		for range 2 { // The second finds nothing, and that is no error.
			if err := d.Delete(t.Context(), "k"); err != nil {
				t.Fatalf("Delete = %v", err)
			}
			expectMissing(t, "k", get(t, d, "k"))
		}
	})
}

// allBytes is every byte value, twice in different company, with the line ends that text protocols trip over.
func allBytes() []byte {
	var b []byte
	for i := range 256 {
		b = append(b, byte(i))
	}
	for i := range 256 {
		b = append(b, byte(255-i))
	}
	return append(b, "\r\n\x00\r\n"...)
}

// longestKey has every printable ASCII character and the greatest length.
func longestKey() string {
	var b bytes.Buffer
	for c := byte('!'); c <= '~'; c++ {
		b.WriteByte(c)
	}
	return b.String() + strings.Repeat("k", cache.MaxKeySize-b.Len())
}
