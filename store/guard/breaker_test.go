package guard_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/chunkaside/chunkaside/store"
	"github.com/chunkaside/chunkaside/store/guard"
)

// failing is a script whose first n reads fail.
func failing(n int) func(context.Context, int) error {
	return func(_ context.Context, read int) error {
		if read <= n {
			return errAway
		}
		return nil
	}
}

func TestBreakerLeavesTheStoreAlone(t *testing.T) {
	read := map[string]func(ctx context.Context, st store.Store) error{
		"Query": query,
		"Get":   func(ctx context.Context, st store.Store) error { _, err := st.Get(ctx, nil, nil); return err },
		"Scan":  func(ctx context.Context, st store.Store) error { return st.Scan(ctx, nil, nil, discard) },
	}
	for name, read := range read {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := &fake{script: failing(5)}
				s := over(t, f, nil)
				for range 5 {
					if err := read(t.Context(), s); !errors.Is(err, errAway) {
						t.Errorf("%v, want the store's own error", err)
					}
				}
				for _, view := range []store.Store{s, s.Builds()} {
					err := read(t.Context(), view)
					if !errors.Is(err, store.ErrUnavailable) || !strings.Contains(err.Error(), "the store is left alone for 2s: store unavailable: connection refused") {
						t.Errorf("%v: it should say for how long, and why", err)
					}
				}
				time.Sleep(2 * time.Second)
				if err := read(t.Context(), s.Builds()); err != nil || f.reads() != 6 {
					t.Errorf("the trial = %v after %d reads, want success of the sixth", err, f.reads())
				}
				if s := s.Stats(); s.Breaker != "closed" || s.Opened != 1 || s.Rejected != 2 {
					t.Errorf("Stats = %+v", s)
				}
			})
		})
	}
}

// TestScanAnswersWithItsFirstPage: others need not wait until a trial has read everything, nor is it the store's fault what becomes of the pages.
func TestScanAnswersWithItsFirstPage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := over(t, &fake{script: failing(5)}, nil)
		for range 5 {
			_ = query(t.Context(), s)
		}
		time.Sleep(2 * time.Second)
		err := s.Builds().Scan(t.Context(), nil, nil, func([]store.Entity) error {
			if err := query(t.Context(), s); err != nil {
				t.Errorf("Query beside a scan that gives pages = %v", err)
			}
			return errAway
		})
		if got := s.Stats().Breaker; !errors.Is(err, errAway) || got != "closed" {
			t.Errorf("Scan = %v, the breaker is %s, want emit's error and closed", err, got)
		}
	})
}

// TestRefusalsDoNotOpenTheBreaker: our own are no failures of the store.
func TestRefusalsDoNotOpenTheBreaker(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := over(t, &fake{units: 1e6}, &guard.Options{Units: 1})
		for range 20 {
			_ = query(t.Context(), s)
		}
		if s := s.Stats(); s.Opened != 0 || s.Throttled != 19 {
			t.Errorf("Stats = %+v", s)
		}
	})
}

func TestBreakerOutlivesAPanic(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := over(t, &fake{script: func(ctx context.Context, n int) error {
			if n == 6 {
				panic("the library")
			}
			return failing(5)(ctx, n)
		}}, &guard.Options{InFlight: 1})
		for range 5 {
			_ = query(t.Context(), s)
		}
		time.Sleep(2 * time.Second)
		func() {
			defer func() {
				if recover() == nil {
					t.Error("the panic was lost")
				}
			}()
			_ = query(t.Context(), s)
		}()
		if got := s.Stats().Breaker; got != "open" {
			t.Errorf("the breaker is %s after a trial that found out nothing", got)
		}
		time.Sleep(2 * time.Second)
		if err := query(t.Context(), s); err != nil {
			t.Errorf("Query after a panic = %v", err)
		}
	})
}

func TestBulkhead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fake{units: 0.5, script: func(ctx context.Context, _ int) error { return after(ctx, 600*time.Millisecond) }}
		s := over(t, f, &guard.Options{InFlight: 2})
		results := make(chan error)
		for range 6 {
			go func() { results <- query(t.Context(), s) }()
		}
		failed := 0
		for range 6 {
			if err := <-results; err != nil {
				failed++
				if !errors.Is(err, store.ErrUnavailable) {
					t.Errorf("Query = %v, want store.ErrUnavailable", err)
				}
			}
		}
		if failed != 2 || f.most != 2 || s.Stats().Rejected != 2 {
			t.Errorf("%d of 6 reads failed, and %d were under way at once, want 2 and 2; Stats = %+v", failed, f.most, s.Stats())
		}
	})
}

func TestBulkheadLeavesRoomForBuilds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fake{script: func(ctx context.Context, n int) error {
			if n == 1 {
				return after(ctx, time.Minute)
			}
			return nil
		}}
		s := over(t, f, &guard.Options{InFlight: 1})
		long := make(chan error)
		go func() { long <- query(t.Context(), s) }()
		synctest.Wait()
		if err := s.Builds().Scan(t.Context(), nil, nil, discard); err != nil {
			t.Errorf("a build beside a crowd of queries = %v", err)
		}
		if err := <-long; err != nil {
			t.Error(err)
		}
	})
}

func TestDoneContext(t *testing.T) {
	f := &fake{}
	s := over(t, f, nil)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for _, view := range []store.Store{s, s.Builds()} {
		if err := query(ctx, view); !errors.Is(err, context.Canceled) || errors.Is(err, store.ErrUnavailable) || f.reads() != 0 {
			t.Errorf("Query = %v after %d reads, want the ctx's error and none", err, f.reads())
		}
	}
}
