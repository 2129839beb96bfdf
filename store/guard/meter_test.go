package guard_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/chunkaside/chunkaside/store"
	"github.com/chunkaside/chunkaside/store/guard"
)

// TestUnits reads for a minute as fast as it may.
func TestUnits(t *testing.T) {
	big := make(store.Entity, 9000) // three units
	for name, test := range map[string]struct {
		fake *fake
		read func(ctx context.Context, st store.Store) error
		cost float64 // of one read
	}{
		"queries": {&fake{units: 2.5}, query, 2.5},
		"queries that cost as little as possible": {&fake{units: 0.5}, query, 0.5},
		"queries of a store that does not charge": {&fake{entity: big}, query, 3},
		"gets": {&fake{entity: big}, func(ctx context.Context, st store.Store) error {
			_, err := st.Get(ctx, nil, make([]store.Key, 5))
			return err
		}, 15},
		"gets of what is not there": {&fake{}, func(ctx context.Context, st store.Store) error {
			_, err := st.Get(ctx, nil, make([]store.Key, 5))
			return err
		}, 5},
		"scans of a store that does not charge": {&fake{entity: big}, func(ctx context.Context, st store.Store) error { return st.Scan(ctx, nil, nil, discard) }, 9},
		"scans":                                 {&fake{units: 10, entity: big}, func(ctx context.Context, st store.Store) error { return st.Scan(ctx, nil, nil, discard) }, 40},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				d := over(t, test.fake, &guard.Options{Units: 100, MaxWait: time.Hour})
				time.Sleep(time.Hour) // only a second's units are kept
				start, reads := time.Now(), 0
				for ; time.Since(start) < time.Minute; reads++ {
					if err := test.read(t.Context(), d); err != nil {
						t.Fatal(err)
					}
				}
				// What a second brings is there at the start, and the last read may be on credit.
				spent := float64(reads) * test.cost
				if spent < 6000 || spent > 6100+2*test.cost {
					t.Errorf("%d reads for %g units in a minute, want 100 units a second", reads, spent)
				}
				if s := d.Stats(); s.Units != int64(spent) || s.BuildUnits != 0 || s.Waited == 0 {
					t.Errorf("Stats = %+v, want %g units", s, spent)
				}
			})
		})
	}
}

// TestDebt: a read that cost more than there was lets the next ones wait, or fail at once and say when to come back.
func TestDebt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fake{units: 219.5}
		s := over(t, f, &guard.Options{Units: 100, MaxWait: time.Second})
		if err := query(t.Context(), s); err != nil {
			t.Fatal(err)
		}
		start := time.Now()
		err := query(t.Context(), s)
		expectThrottled(t, err, 1200*time.Millisecond)
		if want := "store unavailable: no read units are left: retry in 1.2 s"; err.Error() != want {
			t.Errorf("the error is %q, want %q", err, want)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
		defer cancel()
		time.Sleep(200 * time.Millisecond)
		expectThrottled(t, query(ctx, s), time.Second) // it has only 100 ms
		if time.Since(start) != 200*time.Millisecond || f.reads() != 1 {
			t.Errorf("%d reads, %v: a wait in vain must not begin", f.reads(), time.Since(start))
		}
		if err := query(t.Context(), s); err != nil || time.Since(start) != 1200*time.Millisecond {
			t.Errorf("Query = %v after %v, want success after 1.2 s", err, time.Since(start))
		}
		if s := s.Stats(); s.Throttled != 2 || s.Waited != 1 {
			t.Errorf("Stats = %+v", s)
		}
	})
}

// TestWhoDoesNotReadDoesNotPay: the units of those who give up go to the others.
func TestWhoDoesNotReadDoesNotPay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := over(t, &fake{units: 150}, &guard.Options{Units: 100, MaxWait: time.Second, InFlight: 1000})
		if err := query(t.Context(), s); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		gone := make(chan error)
		for range 50 {
			go func() { gone <- query(ctx, s) }()
		}
		synctest.Wait()
		cancel()
		for range 50 {
			if err := <-gone; !errors.Is(err, context.Canceled) {
				t.Errorf("Query = %v, want its ctx's error", err)
			}
		}
		start := time.Now()
		if err := query(t.Context(), s); err != nil || time.Since(start).Round(time.Millisecond) != 505*time.Millisecond {
			t.Errorf("Query = %v after %v, want the wait for the debt of one query", err, time.Since(start))
		}
	})
}

// TestWaitersDoNotBeginTogether: each takes what it costs at least, so they come one after another.
func TestWaitersDoNotBeginTogether(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := over(t, &fake{units: 0.5}, &guard.Options{Units: 1, MaxWait: time.Minute})
		start := time.Now()
		ended := make(chan time.Duration, 6)
		for range 6 {
			go func() {
				if err := query(t.Context(), s); err != nil {
					t.Error(err)
				}
				ended <- time.Since(start)
			}()
		}
		for i := range 6 {
			if got, want := <-ended, max(0, time.Duration(i-1)*500*time.Millisecond); got != want {
				t.Errorf("query %d ended after %v, want %v", i, got, want)
			}
		}
	})
}

// TestBuildsHaveTheirOwnUnits: a build waits as long as it must, and takes nothing from the queries.
func TestBuildsHaveTheirOwnUnits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := over(t, &fake{units: 100}, &guard.Options{Units: 1, BuildUnits: 10, MaxWait: time.Second})
		start := time.Now()
		if err := s.Builds().Scan(t.Context(), nil, nil, discard); err != nil {
			t.Fatal(err)
		}
		if took := time.Since(start); took != 29*time.Second {
			t.Errorf("a scan of four pages of 100 units took %v, want 29s: the fourth page waits for the units of the three before it, less a second's", took)
		}
		if err := query(t.Context(), s); err != nil || time.Since(start) != 29*time.Second {
			t.Errorf("a query beside it = %v after %v", err, time.Since(start))
		}
		if s := s.Stats(); s.BuildUnits != 400 || s.Units != 100 {
			t.Errorf("Stats = %+v", s)
		}
	})
}

func TestBuildsAreNotBound(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := over(t, &fake{units: 1e6}, nil)
		start := time.Now()
		for range 10 {
			if err := s.Builds().Scan(t.Context(), nil, nil, discard); err != nil {
				t.Fatal(err)
			}
		}
		if took := time.Since(start); took > 0 {
			t.Errorf("builds without a bound took %v", took)
		}
	})
}

// TestScanEndsInTime: who has not the time to wait for the next page learns it at once.
func TestScanEndsInTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := over(t, &fake{units: 100}, &guard.Options{BuildUnits: 10})
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		start := time.Now()
		expectThrottled(t, s.Builds().Scan(ctx, nil, nil, discard), 9*time.Second)
		if took := time.Since(start); took > 0 {
			t.Errorf("it took %v", took)
		}
	})
}
