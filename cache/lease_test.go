package cache_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/chunkaside/chunkaside/cache"
	"github.com/chunkaside/chunkaside/cache/faultcache"
)

// TestLeaseIsRenewed: a build may take longer than the life of a lease, and nobody else begins.
func TestLeaseIsRenewed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var builds atomic.Int64
		d := memory(t)
		o := &cache.Options{HardTimeout: 2 * time.Minute, Build: slowBuild("built", 100*time.Second, &builds)}
		var group sync.WaitGroup
		for range 20 {
			group.Go(func() {
				if got := current(t, open(t, d, o)); got != "built" {
					t.Errorf("title = %q", got)
				}
			})
		}
		group.Wait()
		if builds.Load() != 1 {
			t.Errorf("%d builds, want 1", builds.Load())
		}
	})
}

// TestLeaseOfTheDead: a holder that dies keeps the others waiting no longer than its lease lives.
func TestLeaseOfTheDead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var builds atomic.Int64
		d := memory(t)
		dying := &leaseLoser{Driver: d}
		go func() {
			_, _ = open(t, dying, &cache.Options{Build: slowBuild("never", time.Minute, &builds)}).Current(t.Context())
		}()
		time.Sleep(time.Second)
		dying.dead.Store(true)
		start := time.Now()
		if got := current(t, open(t, d, &cache.Options{Build: slowBuild("built", time.Second, &builds)})); got != "built" || time.Since(start) > 17*time.Second {
			t.Errorf("title %q after %v", got, time.Since(start))
		}
		time.Sleep(5 * time.Minute)
	})
}

// TestLeaseLost: a holder that cannot renew its lease gives up, and changes nothing.
func TestLeaseLost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var builds atomic.Int64
		d := memory(t)
		if _, err := open(t, d, nil).Publish(t.Context(), version(show, "good")); err != nil {
			t.Fatal(err)
		}
		losing := &leaseLoser{Driver: d}
		c := open(t, losing, &cache.Options{Build: slowBuild("late", 40*time.Second, &builds)})
		time.AfterFunc(5*time.Second, func() { losing.dead.Store(true) })
		start := time.Now()
		if _, err := c.Warm(t.Context(), nil); !errors.Is(err, cache.ErrConflict) || time.Since(start) > 20*time.Second {
			t.Errorf("Warm = %v after %v, want ErrConflict when the lease has run out", err, time.Since(start))
		}
		if got := current(t, open(t, d, nil)); got != "good" {
			t.Errorf("title = %q", got)
		}
		losing.dead.Store(false)
		time.Sleep(time.Minute)

		// Another one takes the lease meanwhile.
		go func() {
			time.Sleep(10 * time.Second)
			remove(t, d, "lease")
			if _, err := open(t, d, &cache.Options{Build: version(show, "other")}).Warm(t.Context(), nil); err != nil {
				t.Error(err)
			}
		}()
		if _, err := c.Warm(t.Context(), nil); !errors.Is(err, cache.ErrConflict) {
			t.Errorf("Warm = %v, want ErrConflict", err)
		}
		if got := current(t, open(t, d, nil)); got != "other" {
			t.Errorf("title = %q", got)
		}
	})
}

// leaseLoser is a driver that, when dead, does not change the lease.
type leaseLoser struct {
	cache.Driver
	dead atomic.Bool
}

func (l *leaseLoser) CompareAndSet(ctx context.Context, key string, old, value []byte, ttl time.Duration) (bool, error) {
	if l.dead.Load() && strings.HasSuffix(key, "/lease") {
		return false, cache.ErrUnavailable
	}
	return l.Driver.CompareAndSet(ctx, key, old, value, ttl)
}

// TestLostAcknowledgement: the pointer was moved, but its mover was not told. He looks, and has published.
func TestLostAcknowledgement(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		faults, err := faultcache.New(memory(t), "compare-and-set current lose; set-if-absent current lose", 1)
		if err != nil {
			t.Fatal(err)
		}
		c := open(t, faults, nil)
		titled(t, c, "one", "two")
		if got := current(t, open(t, faults, nil)); got != "two" {
			t.Errorf("title = %q", got)
		}
	})
}
