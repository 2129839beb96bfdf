package guard_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/chunkaside/chunkaside/cache"
)

func TestBreakerLeavesTheCacheAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		script := away
		f := newFake(t, func(ctx context.Context, n int) error { return script(ctx, n) })
		d := over(t, f, once())
		for range 5 {
			expectUnavailable(t, "Get", get(t.Context(), d, pointer))
		}
		err := get(t.Context(), d, pointer)
		expectUnavailable(t, "Get with an open breaker", err)
		if !strings.Contains(err.Error(), "the cache is left alone for 2s: cache unavailable: connection refused") {
			t.Errorf("the error is %q: it should say for how long, and why", err)
		}
		if n := f.calls(); n != 5 {
			t.Errorf("%d calls reached the cache, want 5", n)
		}

		time.Sleep(2 * time.Second)
		expectUnavailable(t, "the trial", get(t.Context(), d, pointer))
		expectUnavailable(t, "Get after a trial that failed", get(t.Context(), d, pointer))
		if n := f.calls(); n != 6 {
			t.Errorf("%d calls reached the cache, want one trial after the first 5", n)
		}
		if s := d.Stats(); s.Breaker != "open" || s.Opened != 2 || s.Rejected != 2 || s.Calls != 8 {
			t.Errorf("Stats = %+v", s)
		}

		time.Sleep(2 * time.Second)
		script = well
		for range 3 {
			if err := get(t.Context(), d, pointer); err != nil {
				t.Errorf("Get = %v, want success once the cache is well", err)
			}
		}
		if s := d.Stats(); s.Breaker != "closed" {
			t.Errorf("Stats = %+v, want a closed breaker", s)
		}
	})
}

func TestBreakerTriesOneCallAtATime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake(t, func(ctx context.Context, n int) error {
			if n <= 5 {
				return errAway
			}
			return after(ctx, time.Second)
		})
		d := over(t, f, once())
		for range 5 {
			_ = get(t.Context(), d, pointer)
		}
		time.Sleep(2 * time.Second)
		trial := make(chan error)
		go func() { trial <- get(t.Context(), d, pointer) }()
		synctest.Wait()
		expectUnavailable(t, "Get beside the trial", get(t.Context(), d, pointer))
		if err := <-trial; err != nil {
			t.Errorf("the trial = %v", err)
		}
		if err := get(t.Context(), d, pointer); err != nil {
			t.Errorf("Get after the trial = %v", err)
		}
	})
}

// TestBreakerOutlivesItsTrial is a trial whose caller gives up: nothing was found out, and another call must try.
func TestBreakerOutlivesItsTrial(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake(t, func(ctx context.Context, n int) error {
			switch {
			case n <= 5:
				return errAway
			case n == 6:
				return silent(ctx, n)
			}
			return nil
		})
		d := over(t, f, once())
		for range 5 {
			_ = get(t.Context(), d, pointer)
		}
		time.Sleep(2 * time.Second)
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, cancel)
		if err := get(ctx, d, pointer); !errors.Is(err, context.Canceled) {
			t.Errorf("the trial = %v, want its ctx's error", err)
		}
		time.Sleep(2 * time.Second)
		if err := get(t.Context(), d, pointer); err != nil {
			t.Errorf("Get = %v, want a second trial that succeeds", err)
		}
	})
}

func TestBreakerOutlivesAPanic(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake(t, func(_ context.Context, n int) error {
			if n <= 5 {
				return errAway
			}
			if n == 6 {
				panic("the library")
			}
			return nil
		})
		o := once()
		o.InFlight = 1
		d := over(t, f, o)
		for range 5 {
			_ = get(t.Context(), d, pointer)
		}
		time.Sleep(2 * time.Second)
		func() {
			defer func() {
				if recover() == nil {
					t.Error("the panic was lost")
				}
			}()
			_ = get(t.Context(), d, pointer)
		}()
		expectUnavailable(t, "Get after a trial that found out nothing", get(t.Context(), d, pointer))
		time.Sleep(2 * time.Second)
		if err := get(t.Context(), d, pointer); err != nil {
			t.Errorf("Get after a panic = %v", err)
		}
	})
}

// TestBreakerIgnoresThePast: a call that began before the cache failed says nothing of how it is now.
func TestBreakerIgnoresThePast(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake(t, func(ctx context.Context, n int) error {
			switch {
			case n == 1:
				return after(ctx, 3*time.Second)
			case n <= 6:
				return errAway
			}
			return after(ctx, 2*time.Second)
		})
		d := over(t, f, once())
		ended := make(chan error, 2)
		begin := func() {
			go func() { ended <- get(t.Context(), d, pointer) }()
			synctest.Wait()
		}
		begin() // ends at 3 s
		for range 5 {
			_ = get(t.Context(), d, pointer)
		}
		time.Sleep(2 * time.Second)
		begin() // the trial, ends at 4 s
		time.Sleep(1500 * time.Millisecond)
		if err := <-ended; err != nil {
			t.Errorf("the call of before = %v", err)
		}
		expectUnavailable(t, "Get beside the trial", get(t.Context(), d, pointer))
		if err := <-ended; err != nil {
			t.Errorf("the trial = %v", err)
		}
	})
}

// TestWhatOpensTheBreaker makes twenty calls that end in one way.
func TestWhatOpensTheBreaker(t *testing.T) {
	deadline := func(d time.Duration) func(context.Context) (context.Context, context.CancelFunc) {
		return func(ctx context.Context) (context.Context, context.CancelFunc) { return context.WithTimeout(ctx, d) }
	}
	for name, test := range map[string]struct {
		script func(context.Context, int) error
		begin  func(context.Context) (context.Context, context.CancelFunc)
		opens  bool
	}{
		"unavailable":           {away, context.WithCancel, true},
		"the driver's deadline": {func(context.Context, int) error { return context.DeadlineExceeded }, context.WithCancel, true},
		"the call's deadline":   {silent, deadline(200 * time.Millisecond), true},
		"a deadline too soon":   {silent, deadline(50 * time.Millisecond), false},
		"half of the calls": {func(_ context.Context, n int) error {
			if n%2 == 0 {
				return errAway
			}
			return nil
		}, context.WithCancel, true},
		"a third of the calls": {func(_ context.Context, n int) error {
			if n%3 == 0 {
				return errAway
			}
			return nil
		}, context.WithCancel, false},
		"too large": {func(context.Context, int) error { return cache.ErrTooLarge }, context.WithCancel, false},
		"refused":   {func(context.Context, int) error { return errors.New("wrong password") }, context.WithCancel, false},
		"the caller gives up": {silent, func(ctx context.Context) (context.Context, context.CancelFunc) {
			ctx, cancel := context.WithCancel(ctx)
			time.AfterFunc(200*time.Millisecond, cancel)
			return ctx, cancel
		}, false},
		"the caller gives up for a deadline": {silent, func(ctx context.Context) (context.Context, context.CancelFunc) {
			ctx, cancel := context.WithCancelCause(ctx)
			time.AfterFunc(200*time.Millisecond, func() { cancel(context.DeadlineExceeded) })
			return ctx, func() { cancel(nil) }
		}, true},
		"seldom": {func(ctx context.Context, _ int) error {
			time.Sleep(3 * time.Second)
			return errAway
		}, context.WithCancel, false},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				d := over(t, newFake(t, test.script), once())
				for range 20 {
					ctx, cancel := test.begin(t.Context())
					_ = get(ctx, d, pointer)
					cancel()
				}
				if opened := d.Stats().Opened > 0; opened != test.opens {
					t.Errorf("the breaker opened: %v, want %v", opened, test.opens)
				}
			})
		})
	}
}
