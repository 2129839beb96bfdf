package cache_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/chunkaside/chunkaside/cache"
)

func setPolicy(t *testing.T, c *cache.Cache, p cache.Policy) {
	t.Helper()
	if err := c.SetPolicy(p); err != nil {
		t.Fatal(err)
	}
}

// TestPolicyOfMaxAge: a shorter one holds for the version in memory too, a longer one from the next look on.
func TestPolicyOfMaxAge(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, out := reader(t, &cache.Options{MaxAge: time.Hour})
		looks := func() int64 {
			before := out.reads.Load()
			current(t, c)
			return out.reads.Load() - before
		}
		setPolicy(t, c, cache.Policy{MaxAge: 10 * time.Second})
		if n := looks(); n != 0 {
			t.Errorf("%d reads of a version just seen", n)
		}
		time.Sleep(10 * time.Second)
		setPolicy(t, c, cache.Policy{MaxAge: time.Hour})
		if n := looks(); n != 1 {
			t.Errorf("%d reads of a version seen ten seconds ago", n)
		}
		time.Sleep(40 * time.Minute)
		if n := looks(); n != 0 {
			t.Errorf("%d reads within the hour", n)
		}
	})
}

// TestPolicyOfWaiting: how long callers wait, and how long an old version is an answer.
func TestPolicyOfWaiting(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, out := reader(t, nil)
		out.hang.Store(int64(time.Minute))
		setPolicy(t, c, cache.Policy{SoftTimeout: 3 * time.Second, MaxStale: time.Hour, HardTimeout: 5 * time.Second})
		wait := func() (time.Duration, error) {
			begin := time.Now()
			_, err := c.Current(t.Context())
			return time.Since(begin), err
		}
		time.Sleep(time.Minute)
		if took, err := wait(); took != 3*time.Second || err != nil {
			t.Errorf("Current took %v, %v", took, err)
		}
		time.Sleep(time.Hour)
		if took, err := wait(); took != 5*time.Second || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Current took %v, %v", took, err)
		}
		setPolicy(t, c, cache.Policy{})
		time.Sleep(2 * time.Second) // a look in vain counts for MaxAge, from when its own goroutine notices
		if took, err := wait(); took != 200*time.Millisecond || err != nil {
			t.Errorf("Current took %v, %v; by default an hour is not too old", took, err)
		}
	})
}

// TestBadPolicy changes nothing.
func TestBadPolicy(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, out := reader(t, &cache.Options{MaxAge: time.Minute})
		for _, p := range []cache.Policy{
			{MaxAge: time.Second, MaxStale: time.Millisecond},
			{MaxAge: time.Second, SoftTimeout: -1},
			{MaxAge: time.Second, SoftTimeout: time.Minute},
			{MaxAge: time.Second, HardTimeout: time.Millisecond},
		} {
			if err := c.SetPolicy(p); err == nil {
				t.Errorf("SetPolicy(%+v) = nil", p)
			}
			if _, err := cache.New(out, show, &cache.Options{MaxAge: p.MaxAge, MaxStale: p.MaxStale, SoftTimeout: p.SoftTimeout, HardTimeout: p.HardTimeout}); err == nil {
				t.Errorf("New with %+v = nil", p)
			}
		}
		time.Sleep(40 * time.Second)
		before := out.reads.Load()
		if current(t, c); out.reads.Load() != before {
			t.Error("a refused policy is followed")
		}
	})
}
