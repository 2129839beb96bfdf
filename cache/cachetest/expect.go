package cachetest

import (
	"bytes"
	"fmt"
	"testing"
	"time"

	"github.com/chunkaside/chunkaside/cache"
)

// get returns one value, nil if missing.
func get(t testing.TB, d cache.Driver, key string) []byte {
	t.Helper()
	return getAll(t, d, key)[0]
}

// getAll returns the values by index.
func getAll(t testing.TB, d cache.Driver, keys ...string) [][]byte {
	t.Helper()
	values, err := d.Get(t.Context(), keys)
	if err != nil {
		t.Fatalf("Get(%d keys) = %v", len(keys), err)
	}
	if len(values) != len(keys) {
		t.Fatalf("Get(%d keys) = %d values", len(keys), len(values))
	}
	return values
}

func set(t testing.TB, d cache.Driver, key string, value []byte, ttl time.Duration) {
	t.Helper()
	if err := d.Set(t.Context(), key, value, ttl); err != nil {
		t.Fatalf("Set(%q, %d bytes) = %v", key, len(value), err)
	}
}

// setIfAbsent expects a SetIfAbsent to store, or not.
func setIfAbsent(t testing.TB, d cache.Driver, key, value string, ttl time.Duration, want bool) {
	t.Helper()
	got, err := d.SetIfAbsent(t.Context(), key, []byte(value), ttl)
	if err != nil || got != want {
		t.Fatalf("SetIfAbsent(%q, %q) = %v, %v, want %v", key, value, got, err, want)
	}
}

// compareAndSet expects a CompareAndSet to store, or not.
func compareAndSet(t testing.TB, d cache.Driver, key, old, value string, ttl time.Duration, want bool) {
	t.Helper()
	got, err := d.CompareAndSet(t.Context(), key, []byte(old), []byte(value), ttl)
	if err != nil || got != want {
		t.Fatalf("CompareAndSet(%q, %q, %q) = %v, %v, want %v", key, old, value, got, err, want)
	}
}

// touch expects a Touch to find the key, or not.
func touch(t testing.TB, d cache.Driver, key string, ttl time.Duration, want bool) {
	t.Helper()
	got, err := d.Touch(t.Context(), key, ttl)
	if err != nil || got != want {
		t.Fatalf("Touch(%q) = %v, %v, want %v", key, got, err, want)
	}
}

// expect compares without printing whole values: they may be large and are seldom text.
func expect(t testing.TB, key string, got, want []byte) {
	t.Helper()
	switch {
	case got == nil:
		t.Errorf("%q is missing, want %s", key, excerpt(want))
	case !bytes.Equal(got, want):
		t.Errorf("%q holds %d bytes %s, want %d bytes %s", key, len(got), excerpt(got), len(want), excerpt(want))
	}
}

func expectMissing(t testing.TB, key string, got []byte) {
	t.Helper()
	if got != nil {
		t.Errorf("%q holds %d bytes %s, want it missing", key, len(got), excerpt(got))
	}
}

func excerpt(value []byte) string {
	const most = 24
	if len(value) > most {
		return fmt.Sprintf("%q...", value[:most])
	}
	return fmt.Sprintf("%q", value)
}
