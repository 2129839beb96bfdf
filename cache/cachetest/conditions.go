package cachetest

import (
	"testing"

	"github.com/chunkaside/chunkaside/cache"
)

// runConditions: SetIfAbsent and CompareAndSet, one caller at a time.
func runConditions(t *testing.T, h Harness) {
	h.each(t, "set if absent", func(t *testing.T, d cache.Driver) {
		setIfAbsent(t, d, "k", "first", long, true)
		setIfAbsent(t, d, "k", "second", long, false)
		expect(t, "k", get(t, d, "k"), []byte("first"))
		if err := d.Delete(t.Context(), "k"); err != nil {
			t.Fatal(err)
		}
		setIfAbsent(t, d, "k", "third", long, true)
		expect(t, "k", get(t, d, "k"), []byte("third"))
	})
	h.each(t, "empty is there", func(t *testing.T, d cache.Driver) {
		setIfAbsent(t, d, "k", "", long, true)
		setIfAbsent(t, d, "k", "v", long, false)
		expect(t, "k", get(t, d, "k"), []byte{})
	})
	h.each(t, "compare and set", func(t *testing.T, d cache.Driver) {
		compareAndSet(t, d, "k", "anything", "v", long, false)
		expectMissing(t, "k", get(t, d, "k"))
		setIfAbsent(t, d, "k", "one", long, true)
		compareAndSet(t, d, "k", "on", "two", long, false)
		compareAndSet(t, d, "k", "one ", "two", long, false)
		compareAndSet(t, d, "k", "one", "two", long, true)
		compareAndSet(t, d, "k", "one", "three", long, false)
		compareAndSet(t, d, "k", "two", "two", long, true)
		expect(t, "k", get(t, d, "k"), []byte("two"))
		compareAndSet(t, d, "k", "two", "", long, true)
		expect(t, "k", get(t, d, "k"), []byte{})
	})
	h.each(t, "compare all bytes", func(t *testing.T, d cache.Driver) {
		value := string(allBytes())
		setIfAbsent(t, d, "k", value, long, true)
		compareAndSet(t, d, "k", value[:len(value)-1], "v", long, false)
		compareAndSet(t, d, "k", value, value+value, long, true)
		expect(t, "k", get(t, d, "k"), []byte(value+value))
	})
	h.each(t, "no old value", func(t *testing.T, d cache.Driver) {
		setIfAbsent(t, d, "empty", "", long, true)
		for _, old := range [][]byte{nil, {}} {
			for _, key := range []string{"missing", "empty"} {
				if stored, err := d.CompareAndSet(t.Context(), key, old, []byte("v"), long); err == nil || stored {
					t.Errorf("CompareAndSet(%s key, old %v) = %v, %v, want an error", key, old, stored, err)
				}
			}
		}
		expectMissing(t, "missing", get(t, d, "missing"))
	})
}
