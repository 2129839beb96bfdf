package guard_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/chunkaside/chunkaside/cache"
	"github.com/chunkaside/chunkaside/cache/guard"
)

// frozen is a script of a connection that looks well and carries nothing: its driver gives up after a second.
func frozen(ctx context.Context, _ int) error {
	if err := after(ctx, time.Second); err != nil {
		return err
	}
	return errAway
}

// reopening is once with a Reopen that returns the drivers one after another.
func reopening(drivers ...cache.Driver) *guard.Options {
	o := once()
	o.FailureCalls = 1_000_000
	o.Reopen = func() (cache.Driver, error) {
		if len(drivers) == 0 {
			return nil, errors.New("no driver left")
		}
		next := drivers[0]
		drivers = drivers[1:]
		return next, nil
	}
	return o
}

func TestFrozenConnectionIsReplaced(t *testing.T) {
	softTimeout := func(ctx context.Context) (context.Context, context.CancelFunc) {
		ctx, cancel := context.WithCancel(ctx)
		time.AfterFunc(200*time.Millisecond, cancel)
		return ctx, cancel
	}
	for name, begin := range map[string]func(context.Context) (context.Context, context.CancelFunc){
		"the driver gives up": context.WithCancel,
		"a deadline": func(ctx context.Context) (context.Context, context.CancelFunc) {
			return context.WithTimeout(ctx, 800*time.Millisecond)
		},
		"a soft timeout": softTimeout,
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				old, fresh := newFake(t, frozen), newFake(t, well)
				d := over(t, old, reopening(fresh))
				time.Sleep(time.Hour)
				for range 3 {
					ctx, cancel := begin(t.Context())
					if err := get(ctx, d, pointer); err == nil {
						t.Error("a frozen connection answered")
					}
					cancel()
				}
				if err := get(t.Context(), d, pointer); err != nil || fresh.calls() != 1 || !old.isClosed() {
					t.Errorf("Get = %v, %d calls of the new driver, the old one closed: %v", err, fresh.calls(), old.isClosed())
				}
				if s := d.Stats(); s.Reopened != 1 {
					t.Errorf("Stats = %+v", s)
				}
			})
		})
	}
}

// TestLiveConnectionIsKept: somebody answers, if only that he does not want to.
func TestLiveConnectionIsKept(t *testing.T) {
	for name, script := range map[string]func(context.Context, int) error{
		"throttled": away,
		"an answer between": func(ctx context.Context, n int) error {
			if n%3 == 0 {
				return nil
			}
			return frozen(ctx, n)
		},
		"slow": func(ctx context.Context, _ int) error { return after(ctx, time.Second) },
	} {
		synctest.Test(t, func(t *testing.T) {
			f := newFake(t, script)
			d := over(t, f, reopening(newFake(t, well)))
			time.Sleep(time.Hour)
			for range 20 {
				_ = get(t.Context(), d, pointer)
			}
			if f.calls() != 20 || f.isClosed() {
				t.Errorf("%s: the driver was replaced after %d calls", name, f.calls())
			}
		})
	}
}

// TestOldConnectionServesItsCalls: it is closed when the last of them has ended. Of many callers who find it dead one makes the new one.
func TestOldConnectionServesItsCalls(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		old := newFake(t, func(ctx context.Context, n int) error {
			if n == 1 {
				return after(ctx, time.Minute)
			}
			return frozen(ctx, n)
		})
		o := reopening(newFake(t, well), newFake(t, well))
		reopen := o.Reopen
		o.Reopen = func() (cache.Driver, error) {
			time.Sleep(time.Second)
			return reopen()
		}
		d := over(t, old, o)
		time.Sleep(time.Hour)
		long := make(chan error)
		go func() { long <- get(t.Context(), d, pointer) }()
		synctest.Wait()
		crowd := make(chan error)
		for range 10 {
			go func() { crowd <- get(t.Context(), d, pointer) }()
		}
		for range 10 {
			<-crowd
		}
		if s := d.Stats(); s.Reopened != 1 || old.isClosed() {
			t.Errorf("replaced %d times, want once; the old one, still in use, closed: %v", s.Reopened, old.isClosed())
		}
		if err := <-long; err != nil || !old.isClosed() {
			t.Errorf("the last call on the old driver = %v, then closed: %v", err, old.isClosed())
		}
	})
}

// TestNewConnectionGetsTime: a cache that is away does not get a new connection with every third call.
func TestNewConnectionGetsTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := over(t, newFake(t, frozen), reopening(newFake(t, well)))
		for at := 200 * time.Millisecond; at <= 2*time.Second; at += 200 * time.Millisecond {
			ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
			_ = get(ctx, d, pointer)
			cancel()
			if reopened := d.Stats().Reopened; (reopened > 0) != (at == 2*time.Second) {
				t.Errorf("replaced %d times after %v, want once after 2s", reopened, at)
			}
		}
	})
}

func TestReopenFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		old := newFake(t, frozen)
		tries := 0
		o := reopening()
		o.Reopen = func() (cache.Driver, error) { tries++; return nil, errors.New("not now") }
		d := over(t, old, o)
		time.Sleep(time.Hour)
		for range 9 {
			expectUnavailable(t, "Get", get(t.Context(), d, pointer))
		}
		if tries != 3 || old.isClosed() {
			t.Errorf("%d tries in nine calls, want one after each three; the old driver closed: %v", tries, old.isClosed())
		}
	})
}

func TestReopenedIsClosed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fresh := newFake(t, well)
		d := guard.New(newFake(t, frozen), reopening(fresh))
		time.Sleep(time.Hour)
		for range 3 {
			_ = get(t.Context(), d, pointer)
		}
		if err := d.Close(); err != nil || !fresh.isClosed() {
			t.Errorf("Close = %v, the driver in use closed: %v", err, fresh.isClosed())
		}
		if err := get(t.Context(), d, pointer); err == nil {
			t.Error("a closed guard answers")
		}
	})
}

func TestClosedWhileReopening(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		old, fresh := newFake(t, frozen), newFake(t, well)
		o := once()
		o.Reopen = func() (cache.Driver, error) {
			time.Sleep(time.Minute)
			return fresh, nil
		}
		d := guard.New(old, o)
		time.Sleep(time.Hour)
		done := make(chan struct{})
		go func() {
			defer close(done)
			for range 3 {
				_ = get(t.Context(), d, pointer)
			}
		}()
		time.Sleep(30 * time.Second)
		if err := d.Close(); err != nil || !old.isClosed() {
			t.Errorf("Close = %v, the old driver closed: %v", err, old.isClosed())
		}
		<-done
		if !fresh.isClosed() {
			t.Error("the driver that came too late stays open")
		}
	})
}

// TestRefusedKeyIsReadAnew: a key that the cache does not take any more may have been replaced. The new driver has the one of that moment; who is refused again waits half a minute.
func TestRefusedKeyIsReadAnew(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		refused := func(context.Context, int) error { return fmt.Errorf("a fake: %w", cache.ErrRefused) }
		first, second, third := newFake(t, refused), newFake(t, refused), newFake(t, well)
		d := over(t, first, reopening(second, third))
		steps := []struct {
			wait time.Duration
			want *fake
		}{{0, first}, {29 * time.Second, first}, {time.Second, first}, {0, second}, {29 * time.Second, second}, {time.Second, second}, {0, third}}
		calls := map[*fake]int{}
		for i, step := range steps {
			time.Sleep(step.wait)
			err := get(t.Context(), d, pointer)
			calls[step.want]++
			if step.want.calls() != calls[step.want] || (err == nil) != (step.want == third) {
				t.Errorf("step %d: Get = %v, %d calls of its driver, want %d", i, err, step.want.calls(), calls[step.want])
			}
		}
		if s := d.Stats(); s.Reopened != 2 || s.Retries != 0 || s.Opened != 0 {
			t.Errorf("Stats = %+v", s)
		}
	})
}
