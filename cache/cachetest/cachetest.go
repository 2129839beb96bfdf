// Package cachetest is the contract of cache.Driver as tests. A driver's own test says how to open it and hands that to Run:
//
//	func TestContract(t *testing.T) {
//		cachetest.Run(t, cachetest.Harness{Open: open, Advance: time.Sleep, MaxItemSize: 1_000_000})
//	}
package cachetest

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/chunkaside/chunkaside/cache"
)

// Harness is what the suite must know of a driver and the cache behind it.
type Harness struct {
	// Open returns a driver on an empty cache and closes it in t.Cleanup. The suite calls it once for each test; tests run one
	// after another.
	Open func(t testing.TB) cache.Driver
	// Advance lets d pass for the cache that was opened last. Nil: the driver keeps time with package time, and starts no
	// goroutine that outlives a call; its tests of time then run in a testing/synctest bubble.
	Advance func(d time.Duration)
	// MaxItemSize is the largest key and value together, in bytes, that the opened cache takes. 0: no test of it.
	MaxItemSize int
	// Unreachable returns a driver whose cache refuses connections. The driver's own timeout must be longer than five seconds.
	// Nil: there is no such thing.
	Unreachable func(t testing.TB) cache.Driver
	// Stalled returns a driver whose cache took the connection but answers nothing for ten seconds. The driver's own timeout
	// must be longer than a second. Nil: there is no such thing.
	Stalled func(t testing.TB) cache.Driver
}

// Run runs the whole contract, a subtest for each clause.
func Run(t *testing.T, h Harness) {
	t.Run("Values", func(t *testing.T) { runValues(t, h) })
	t.Run("Many", func(t *testing.T) { runMany(t, h) })
	t.Run("Sizes", func(t *testing.T) { runSizes(t, h) })
	t.Run("TTL", func(t *testing.T) { runTTL(t, h) })
	t.Run("Conditions", func(t *testing.T) { runConditions(t, h) })
	t.Run("Races", func(t *testing.T) { runRaces(t, h) })
	t.Run("Context", func(t *testing.T) { runContext(t, h) })
	t.Run("Unreachable", func(t *testing.T) { runUnreachable(t, h) })
}

// long is a TTL that no test outlives.
const long = time.Hour

// each runs a test with a driver of its own.
func (h Harness) each(t *testing.T, name string, test func(t *testing.T, d cache.Driver)) {
	t.Run(name, func(t *testing.T) { test(t, h.Open(t)) })
}

// timed runs a test that lets time pass, in a bubble if the driver's time is the process's.
func (h Harness) timed(t *testing.T, name string, test func(t *testing.T, d cache.Driver, advance func(time.Duration))) {
	t.Run(name, func(t *testing.T) {
		if h.Advance != nil {
			test(t, h.Open(t), h.Advance)
			return
		}
		synctest.Test(t, func(t *testing.T) { test(t, h.Open(t), time.Sleep) })
	})
}
