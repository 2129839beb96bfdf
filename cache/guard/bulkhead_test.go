package guard_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/chunkaside/chunkaside/cache/guard"
)

func TestBulkhead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake(t, func(ctx context.Context, _ int) error { return after(ctx, 600*time.Millisecond) })
		d := over(t, f, &guard.Options{InFlight: 2, MaxWait: time.Second, HedgeDelay: -1})
		results := make(chan error)
		for range 6 {
			go func() { results <- get(t.Context(), d, pointer) }()
		}
		failed := 0
		for range 6 {
			if err := <-results; err != nil {
				failed++
				expectUnavailable(t, "Get", err)
			}
		}
		// At 0 s two begin, at 0.6 s two more; the last two would at 1.2 s.
		if failed != 2 || f.most != 2 || d.Stats().Rejected != 2 {
			t.Errorf("%d of 6 calls failed, and %d were under way at once, want 2 and 2; Stats = %+v", failed, f.most, d.Stats())
		}
	})
}

func TestBulkheadHeedsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := over(t, newFake(t, func(ctx context.Context, _ int) error { return after(ctx, time.Second) }), &guard.Options{InFlight: 1, HedgeDelay: -1})
		done := make(chan error)
		go func() { done <- get(t.Context(), d, pointer) }()
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()
		start := time.Now()
		if err := get(ctx, d, pointer); !errors.Is(err, context.DeadlineExceeded) || time.Since(start) != 100*time.Millisecond {
			t.Errorf("Get = %v after %v, want its ctx's error when that ends", err, time.Since(start))
		}
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
}
