package guard

import "sync/atomic"

// Stats is what a guard has done since it was made. The numbers only grow.
type Stats struct {
	// Calls are attempts to reach the cache, repetitions and refused ones among them; second sendings are not.
	Calls int64 `json:"calls"`
	// Retries are repetitions of a call that failed.
	Retries int64 `json:"retries"`
	// Hedges are second sendings of a read that took long; HedgesWon are those that answered first.
	Hedges    int64 `json:"hedges"`
	HedgesWon int64 `json:"hedgesWon"`
	// Rejected are calls that were refused here: by the open breaker, or for want of a place.
	Rejected int64 `json:"rejected"`
	// Breaker is "closed" while calls pass, "open" while the cache is left alone, "half-open" while one call tries it. Opened is how many pauses have begun.
	Breaker string `json:"breaker"`
	Opened  int64  `json:"opened"`
	// Reopened is how often the driver was made anew.
	Reopened int64 `json:"reopened"`
}

type counts struct {
	calls, retries, hedges, hedgesWon, rejected, reopened atomic.Int64
}

// Stats returns the counts at this moment.
func (d *Driver) Stats() Stats {
	n := &d.counts
	return Stats{
		Calls: n.calls.Load(), Retries: n.retries.Load(), Hedges: n.hedges.Load(), HedgesWon: n.hedgesWon.Load(), Rejected: n.rejected.Load(), Reopened: n.reopened.Load(),
		Breaker: d.breaker.breaker.State(), Opened: d.breaker.breaker.Opened(),
	}
}
