package cachetest

import (
	"errors"
	"testing"

	"github.com/chunkaside/chunkaside/cache"
)

// runSizes: the largest item is taken, one byte more is cache.ErrTooLarge and changes nothing.
func runSizes(t *testing.T, h Harness) {
	if h.MaxItemSize == 0 {
		t.Skip("no limit to test")
	}
	const key = "size"
	largest := noise(1, h.MaxItemSize-len(key))
	larger := noise(2, len(largest)+1)

	h.each(t, "largest", func(t *testing.T, d cache.Driver) {
		set(t, d, key, largest, long)
		expect(t, key, get(t, d, key), largest)
	})
	h.each(t, "larger", func(t *testing.T, d cache.Driver) {
		set(t, d, key, []byte("small"), long)
		expectTooLarge(t, "Set", d.Set(t.Context(), key, larger, long))
		expect(t, key, get(t, d, key), []byte("small"))

		// Keys as long as key.
		setIfAbsent(t, d, "here", "small", long, true)
		_, err := d.CompareAndSet(t.Context(), "here", []byte("small"), larger, long)
		expectTooLarge(t, "CompareAndSet", err)
		expect(t, "here", get(t, d, "here"), []byte("small"))
		_, err = d.SetIfAbsent(t.Context(), "none", larger, long)
		expectTooLarge(t, "SetIfAbsent", err)
		expectMissing(t, "none", get(t, d, "none"))
	})
	h.each(t, "far larger", func(t *testing.T, d cache.Driver) {
		expectTooLarge(t, "Set", d.Set(t.Context(), key, make([]byte, 10*h.MaxItemSize), long))
	})
}

func expectTooLarge(t testing.TB, op string, err error) {
	t.Helper()
	if !errors.Is(err, cache.ErrTooLarge) {
		t.Errorf("%s of a value over the limit = %v, want cache.ErrTooLarge", op, err)
	}
	if errors.Is(err, cache.ErrUnavailable) {
		t.Errorf("%s of a value over the limit = %v: trying later will not help", op, err)
	}
}
