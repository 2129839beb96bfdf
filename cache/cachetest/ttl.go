package cachetest

import (
	"testing"
	"time"

	"github.com/chunkaside/chunkaside/cache"
)

const (
	// short is a TTL that a test waits out. Real servers wait in real time, so it is small; and no test expects a key to be
	// there within it except to give it a longer TTL, which even a busy machine does in this time.
	short = 400 * time.Millisecond
	// after is past short.
	after = short + 100*time.Millisecond
)

// runTTL: every write gives its key the TTL it names, counted from then.
func runTTL(t *testing.T, h Harness) {
	h.timed(t, "set", func(t *testing.T, d cache.Driver, advance func(time.Duration)) {
		set(t, d, "short", []byte("v"), short)
		set(t, d, "long", []byte("v"), long)
		set(t, d, "shortened", []byte("v"), long)
		set(t, d, "shortened", []byte("v"), short)
		set(t, d, "fraction", []byte("v"), 1500*time.Microsecond)
		set(t, d, "least", []byte("v"), 1)
		advance(after)
		expectMissing(t, "short", get(t, d, "short"))
		expect(t, "long", get(t, d, "long"), []byte("v"))
		expectMissing(t, "shortened", get(t, d, "shortened"))
		expectMissing(t, "fraction", get(t, d, "fraction"))
		expectMissing(t, "least", get(t, d, "least"))
		touch(t, d, "short", long, false)
	})
	h.timed(t, "touch", func(t *testing.T, d cache.Driver, advance func(time.Duration)) {
		set(t, d, "extended", []byte("v"), short)
		touch(t, d, "extended", long, true)
		set(t, d, "shortened", []byte("v"), long)
		touch(t, d, "shortened", short, true)
		touch(t, d, "nobody", long, false)
		advance(after)
		expect(t, "extended", get(t, d, "extended"), []byte("v"))
		expectMissing(t, "shortened", get(t, d, "shortened"))
		expectMissing(t, "nobody", get(t, d, "nobody"))
	})
	h.timed(t, "set if absent", func(t *testing.T, d cache.Driver, advance func(time.Duration)) {
		setIfAbsent(t, d, "short", "v", short, true)
		setIfAbsent(t, d, "long", "v", long, true)
		setIfAbsent(t, d, "long", "w", short, false) // Refused, so the TTL stays.
		advance(after)
		expectMissing(t, "short", get(t, d, "short"))
		expect(t, "long", get(t, d, "long"), []byte("v"))
		compareAndSet(t, d, "short", "v", "w", long, false)
		setIfAbsent(t, d, "short", "again", long, true)
		expect(t, "short", get(t, d, "short"), []byte("again"))
	})
	h.timed(t, "compare and set", func(t *testing.T, d cache.Driver, advance func(time.Duration)) {
		for _, key := range []string{"short", "long", "refused"} {
			setIfAbsent(t, d, key, "v", long, true)
		}
		compareAndSet(t, d, "short", "v", "w", short, true)
		compareAndSet(t, d, "long", "v", "w", long, true)
		compareAndSet(t, d, "refused", "x", "w", short, false)
		advance(after)
		expectMissing(t, "short", get(t, d, "short"))
		expect(t, "long", get(t, d, "long"), []byte("w"))
		expect(t, "refused", get(t, d, "refused"), []byte("v"))
	})
	h.each(t, "the longest", func(t *testing.T, d cache.Driver) {
		const year = 366 * 24 * time.Hour // More than some services allow: they shorten it.
		set(t, d, "k", []byte("v"), year)
		touch(t, d, "k", year, true)
		setIfAbsent(t, d, "absent", "v", year, true)
		compareAndSet(t, d, "absent", "v", "w", year, true)
		expect(t, "k", get(t, d, "k"), []byte("v"))
		expect(t, "absent", get(t, d, "absent"), []byte("w"))
	})
	h.each(t, "not positive", func(t *testing.T, d cache.Driver) {
		for _, ttl := range []time.Duration{0, -time.Second} {
			for _, call := range writes(d, "k", ttl) {
				if err := call.do(t.Context()); err == nil {
					t.Errorf("%s with TTL %v succeeded", call.op, ttl)
				}
			}
		}
		expectMissing(t, "k", get(t, d, "k"))
	})
}
