package guard_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/chunkaside/chunkaside/cache"
	"github.com/chunkaside/chunkaside/cache/guard"
)

// failing is a script whose first n calls fail.
func failing(n int) func(context.Context, int) error {
	return func(_ context.Context, call int) error {
		if call <= n {
			return errAway
		}
		return nil
	}
}

func TestWhatIsRepeated(t *testing.T) {
	value := []byte("value")
	for name, test := range map[string]struct {
		call  func(ctx context.Context, d cache.Driver) error
		calls int
	}{
		"Get":    {func(ctx context.Context, d cache.Driver) error { return get(ctx, d, pointer) }, 3},
		"Touch":  {func(ctx context.Context, d cache.Driver) error { _, err := d.Touch(ctx, "k", time.Hour); return err }, 3},
		"Delete": {func(ctx context.Context, d cache.Driver) error { return d.Delete(ctx, "k") }, 3},
		"Set":    {func(ctx context.Context, d cache.Driver) error { return d.Set(ctx, "k", value, time.Hour) }, 1},
		"SetIfAbsent": {func(ctx context.Context, d cache.Driver) error {
			_, err := d.SetIfAbsent(ctx, "k", value, time.Hour)
			return err
		}, 1},
		"CompareAndSet": {func(ctx context.Context, d cache.Driver) error {
			_, err := d.CompareAndSet(ctx, "k", value, value, time.Hour)
			return err
		}, 1},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := newFake(t, failing(2))
				d := over(t, f, nil)
				err := test.call(t.Context(), d)
				if f.calls() != test.calls || (err == nil) != (test.calls == 3) {
					t.Errorf("%d calls, %v, want %d", f.calls(), err, test.calls)
				}
				if s := d.Stats(); s.Retries != int64(test.calls-1) {
					t.Errorf("Stats = %+v", s)
				}
			})
		})
	}
}

func TestWhatIsNotRepeated(t *testing.T) {
	for name, cause := range map[string]error{"too large": cache.ErrTooLarge, "refused": errors.New("wrong password"), "cancelled": context.Canceled} {
		synctest.Test(t, func(t *testing.T) {
			f := newFake(t, func(context.Context, int) error { return cause })
			if err := get(t.Context(), over(t, f, nil), pointer); !errors.Is(err, cause) || f.calls() != 1 {
				t.Errorf("%s: %v after %d calls, want one", name, err, f.calls())
			}
		})
	}
}

func TestPauses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := over(t, newFake(t, failing(3)), &guard.Options{Attempts: 4, Backoff: time.Second})
		start := time.Now()
		if err := get(t.Context(), d, pointer); err != nil {
			t.Fatal(err)
		}
		if took := time.Since(start); took < 3500*time.Millisecond || took > 7*time.Second {
			t.Errorf("three pauses of at most 1 s, 2 s and 4 s, half of each random, took %v", took)
		}
	})
}

// TestNoPauseBeyondTheDeadline: who cannot wait for the second attempt gets the error of the first, at once.
func TestNoPauseBeyondTheDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := over(t, newFake(t, away), &guard.Options{Backoff: time.Minute})
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		start := time.Now()
		expectUnavailable(t, "Get", get(ctx, d, pointer))
		if took := time.Since(start); took > 0 {
			t.Errorf("Get waited %v in vain", took)
		}
	})
}

// TestRetryBudget: a cache that is away is not asked three times as often.
func TestRetryBudget(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake(t, away)
		d := over(t, f, &guard.Options{FailureCalls: 1_000_000})
		for range 1000 {
			_ = get(t.Context(), d, pointer)
		}
		if n := f.calls(); n < 1200 || n > 1211 {
			t.Errorf("%d calls for 1,000 of which a fifth may be repeated, and ten at once", n)
		}
	})
}

// TestRejectedIsNotRepeated: the breaker's own answer does not get better by asking it again.
func TestRejectedIsNotRepeated(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := over(t, newFake(t, away), nil)
		for d.Stats().Breaker != "open" {
			_ = get(t.Context(), d, pointer)
		}
		before, start := d.Stats().Retries, time.Now()
		expectUnavailable(t, "Get", get(t.Context(), d, pointer))
		if s := d.Stats(); s.Retries != before || time.Since(start) > 0 {
			t.Errorf("%d more retries in %v", s.Retries-before, time.Since(start))
		}
	})
}
