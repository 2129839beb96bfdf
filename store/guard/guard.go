// Package guard protects a store from those who read it: a wrapper of any store.Store that is one itself.
//
//	st := guard.New(tables, &guard.Options{Units: 100})
//	defer st.Close()
//	page, err := st.Query(ctx, m, q)                       // narrow: at most 100 units a second
//	err = st.Builds().Scan(ctx, m, nil, emit)              // a build: as fast as the store gives
//
// What it bounds is what one process spends: N processes spend N times as much. Of all processes one builds at a time, for the lease of package cache sees to that; narrow reads have no such bound, so
// choose their units by how many processes there may be.
//
// No call is repeated here: dynamostore does that itself, ten times, and a scan cannot be repeated once it has emitted something.
package guard

import (
	"github.com/chunkaside/chunkaside/internal/breaker"
	"github.com/chunkaside/chunkaside/store"
)

// Store is a store.Store that guards another. Make one with New. Its own methods are for narrow reads, those that a query waits for.
type Store struct {
	store.Store // the stack of narrow reads

	builds  store.Store
	breaker *breaker.Breaker
	counts  counts
}

var _ store.Store = (*Store)(nil)

// New guards a store, which the guard closes. A nil o means the defaults.
func New(st store.Store, o *Options) *Store {
	full := o.withDefaults()
	s := &Store{breaker: breaker.New(breaker.Options{Share: full.FailureShare, Calls: full.FailureCalls, Window: full.FailureWindow, Pause: full.BreakerPause})}
	s.Store, s.builds = s.stack(st, full)
	return s
}

// stack puts the policies around a store, for narrow reads and for builds. A read passes them from the last to the first:
//
//   - bulkhead is outermost, and for narrow reads only: those who wait for units have a place already, so that no more can wait than there are places;
//   - meter before breaker: whoever has waited for units learns there that the store has failed meanwhile;
//   - breaker is innermost, and one for both: it counts what the store does, and none of our own refusals.
func (s *Store) stack(st store.Store, o Options) (narrow, builds store.Store) {
	st = &broken{st, s.breaker, &s.counts}
	narrow = &metered{st, newBucket(o.Units), o.MaxWait, &s.counts, &s.counts.units}
	narrow = newBulkhead(narrow, o, &s.counts)
	builds = &metered{st, newBucket(o.BuildUnits), patient, &s.counts, &s.counts.buildUnits}
	return narrow, builds
}

// Builds is the same store for the one who builds, who needs much and may wait for it, as long as his ctx lets him. Closing either closes both.
func (s *Store) Builds() store.Store { return s.builds }
