package guard_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/chunkaside/chunkaside/cache"
	"github.com/chunkaside/chunkaside/cache/guard"
)

// slowAt is a script in which the calls of these numbers take a minute.
func slowAt(numbers ...int) func(context.Context, int) error {
	return func(ctx context.Context, n int) error {
		if slices.Contains(numbers, n) {
			return after(ctx, time.Minute)
		}
		return after(ctx, time.Millisecond)
	}
}

func TestSlowReadIsSentAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake(t, slowAt(2))
		d := over(t, f, nil)
		if err := d.Set(t.Context(), chunk, []byte("value"), time.Hour); err != nil {
			t.Fatal(err)
		}
		start := time.Now()
		values, err := d.Get(t.Context(), []string{chunk})
		if err != nil || string(values[0]) != "value" {
			t.Errorf("Get = %q, %v", values, err)
		}
		if took := time.Since(start); took != 51*time.Millisecond {
			t.Errorf("it took %v, want the delay of 50 ms and the second sending's 1 ms", took)
		}
		f.mu.Lock()
		defer f.mu.Unlock()
		if f.running != 0 {
			t.Errorf("%d calls run on after the answer", f.running)
		}
		if s := d.Stats(); s.Hedges != 1 || s.HedgesWon != 1 {
			t.Errorf("Stats = %+v", s)
		}
	})
}

func TestFirstSendingWins(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake(t, func(ctx context.Context, n int) error {
			if n == 1 {
				return after(ctx, 70*time.Millisecond)
			}
			return after(ctx, time.Minute)
		})
		d := over(t, f, nil)
		start := time.Now()
		if err := get(t.Context(), d, chunk); err != nil || time.Since(start) != 70*time.Millisecond {
			t.Errorf("Get = %v after %v, want the first sending's answer after 70ms", err, time.Since(start))
		}
		if s := d.Stats(); s.Hedges != 1 || s.HedgesWon != 0 || f.running != 0 {
			t.Errorf("Stats = %+v, and %d calls run on", s, f.running)
		}
	})
}

func TestWhatIsSentAgain(t *testing.T) {
	for _, test := range []struct {
		keys []string
		want bool
	}{
		{[]string{chunk}, true},
		{[]string{"space/catalog/m/1", "space/catalog/h/2", chunk}, true},
		{[]string{pointer}, false},
		{[]string{chunk, pointer}, false},
		{[]string{"space/c/current"}, false}, // a catalog called "c"
		{[]string{"c/m/manifest"}, false},
		{nil, false},
	} {
		synctest.Test(t, func(t *testing.T) {
			f := newFake(t, func(ctx context.Context, _ int) error { return after(ctx, time.Second) })
			d := over(t, f, nil)
			if _, err := d.Get(t.Context(), test.keys); err != nil {
				t.Error(err)
			}
			if again := f.calls() > 1; again != test.want {
				t.Errorf("Get(%v) was sent again: %v, want %v", test.keys, again, test.want)
			}
		})
	}
}

func TestQuickReadIsSentOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake(t, func(ctx context.Context, _ int) error { return after(ctx, 49*time.Millisecond) })
		d := over(t, f, &guard.Options{HedgeDelay: 50 * time.Millisecond})
		for range 100 {
			if err := get(t.Context(), d, chunk); err != nil {
				t.Fatal(err)
			}
		}
		if n := f.calls(); n != 100 {
			t.Errorf("%d calls for 100 reads", n)
		}
	})
}

// TestHedgeBudget: a cache that has become slow as a whole is not asked twice as often.
func TestHedgeBudget(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake(t, func(ctx context.Context, _ int) error { return after(ctx, 100*time.Millisecond) })
		d := over(t, f, &guard.Options{HedgeDelay: 50 * time.Millisecond})
		for range 1000 {
			if err := get(t.Context(), d, chunk); err != nil {
				t.Fatal(err)
			}
		}
		if n := f.calls(); n < 1050 || n > 1054 {
			t.Errorf("%d calls for 1,000 reads of which one in twenty may be sent again, and three at once", n)
		}
	})
}

// TestDelayFollowsTheCache: what is slow depends on the cache. One that always takes 300 ms is not slow.
func TestDelayFollowsTheCache(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		took := 300 * time.Millisecond
		f := newFake(t, func(ctx context.Context, _ int) error { return after(ctx, took) })
		d := over(t, f, &guard.Options{HedgeShare: 1})
		read := func(n int) int64 {
			before := d.Stats().Hedges
			for range n {
				if err := get(t.Context(), d, chunk); err != nil {
					t.Fatal(err)
				}
			}
			return d.Stats().Hedges - before
		}
		read(100)
		if n := read(1000); n < 40 || n > 60 {
			t.Errorf("%d of 1,000 reads that take 300 ms each were sent again, want about 50", n)
		}
		took = time.Millisecond
		read(1000)
		took = 11 * time.Millisecond
		if n := read(1); n != 1 {
			t.Error("a cache that has become quick is still given the time it once took")
		}
	})
}

// TestSecondSendingFails: only a good answer counts.
func TestSecondSendingFails(t *testing.T) {
	for name, second := range map[string]func() error{
		"error": func() error { return errAway },
		"panic": func() error { panic("the library") },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := newFake(t, func(ctx context.Context, n int) error {
					if n == 2 {
						return second()
					}
					return after(ctx, time.Second)
				})
				if err := get(t.Context(), over(t, f, nil), chunk); err != nil {
					t.Errorf("Get = %v, want the first sending's answer", err)
				}
			})
		})
	}
}

func TestFirstSendingFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake(t, func(ctx context.Context, n int) error {
			if n == 1 {
				_ = after(ctx, time.Second)
				return errAway
			}
			return after(ctx, 2*time.Second)
		})
		d := over(t, f, &guard.Options{Attempts: 1})
		start := time.Now()
		if err := get(t.Context(), d, chunk); err != nil || time.Since(start) != 2050*time.Millisecond {
			t.Errorf("Get = %v after %v, want the second sending's answer", err, time.Since(start))
		}
	})
}

func TestBothSendingsEndWithTheCaller(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake(t, silent)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := get(ctx, over(t, f, nil), chunk); !errors.Is(err, context.DeadlineExceeded) || errors.Is(err, cache.ErrUnavailable) {
			t.Errorf("Get = %v, want the ctx's error", err)
		}
		if f.calls() != 2 || f.running != 0 {
			t.Errorf("%d calls, %d run on, want 2 and 0", f.calls(), f.running)
		}
	})
}
