package guard

import (
	"sync"
	"sync/atomic"
)

// Stats is what a guard has done since it was made. The numbers only grow.
type Stats struct {
	// Units are those that narrow reads cost, BuildUnits those of builds, as the store charged or as they were estimated; rounded down.
	Units      int64 `json:"units"`
	BuildUnits int64 `json:"buildUnits"`
	// Waited are reads, and pages of scans, that waited for units; Throttled are those that were refused, for the wait would have been too long.
	Waited    int64 `json:"waited"`
	Throttled int64 `json:"throttled"`
	// Rejected are reads that were refused by the open breaker, or for want of a place.
	Rejected int64 `json:"rejected"`
	// Breaker is "closed" while reads pass, "open" while the store is left alone, "half-open" while one read tries it. Opened is how many pauses have begun.
	Breaker string `json:"breaker"`
	Opened  int64  `json:"opened"`
}

type counts struct {
	waited, throttled, rejected atomic.Int64
	units, buildUnits           sum
}

// sum adds up units, of which there are halves.
type sum struct {
	mu    sync.Mutex
	units float64
}

func (s *sum) add(units float64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.units += units
}

func (s *sum) load() int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return int64(s.units)
}

// Stats returns the counts at this moment.
func (s *Store) Stats() Stats {
	n := &s.counts
	return Stats{
		Units: n.units.load(), BuildUnits: n.buildUnits.load(), Waited: n.waited.Load(), Throttled: n.throttled.Load(), Rejected: n.rejected.Load(),
		Breaker: s.breaker.State(), Opened: s.breaker.Opened(),
	}
}
