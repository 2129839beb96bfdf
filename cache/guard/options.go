package guard

import (
	"cmp"
	"time"

	"github.com/chunkaside/chunkaside/cache"
)

// Options tunes a guard. The zero value of each field means its default.
type Options struct {
	// FailureShare of the calls within FailureWindow, of which there must be FailureCalls, opens the breaker: calls fail at once for BreakerPause, then one tries the cache. Defaults: 0.5, 10 s,
	// 5 calls, 2 s.
	FailureShare  float64
	FailureWindow time.Duration
	FailureCalls  int
	BreakerPause  time.Duration
	// Attempts is how often a Get, Touch or Delete is sent, as long as the cache is unavailable. Default 3; 1 never repeats.
	Attempts int
	// Backoff is the longest pause before the second attempt; each later one is twice as long. Half of it is random. Default 20 ms.
	Backoff time.Duration
	// RetryShare bounds the repetitions: at most so many for each call, and ten at once. Default 0.2.
	RetryShare float64
	// HedgeDelay is how long a Get of immutable values may take before it is sent a second time. Default: longer than 95 % of them took lately, 10 ms to 1 s. Negative: never.
	HedgeDelay time.Duration
	// HedgeShare bounds the second sendings: at most so many for each read, and three at once. Default 0.05.
	HedgeShare float64
	// InFlight is how many calls may be under way at once, second sendings not counted. Default 64.
	InFlight int
	// MaxWait is how long a call waits for a place among them. Default 1 s.
	MaxWait time.Duration
	// Reopen makes the driver anew, without waiting for the network: where nobody answers, and where the cache refuses with ErrRefused, with the key that is the right one by then. Nil: the driver looks
	// after its connections.
	Reopen func() (cache.Driver, error)
	// ReopenAfter is how many calls in a row must find nobody who answers before the driver is made anew. Default 3.
	ReopenAfter int
}

func (o *Options) withDefaults() Options {
	full := Options{}
	if o != nil {
		full = *o
	}
	full.FailureShare = cmp.Or(full.FailureShare, 0.5)
	full.FailureWindow = cmp.Or(full.FailureWindow, 10*time.Second)
	full.FailureCalls = cmp.Or(full.FailureCalls, 5)
	full.BreakerPause = cmp.Or(full.BreakerPause, 2*time.Second)
	full.Attempts = cmp.Or(full.Attempts, 3)
	full.Backoff = cmp.Or(full.Backoff, 20*time.Millisecond)
	full.RetryShare = cmp.Or(full.RetryShare, 0.2)
	full.HedgeShare = cmp.Or(full.HedgeShare, 0.05)
	full.InFlight = cmp.Or(full.InFlight, 64)
	full.MaxWait = cmp.Or(full.MaxWait, time.Second)
	full.ReopenAfter = cmp.Or(full.ReopenAfter, 3)
	return full
}
