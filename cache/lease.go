package cache

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"time"
)

// LeaseTime is the life of a lease that is not renewed: how long a holder that dies keeps others waiting.
const LeaseTime = 15 * time.Second

// errLeaseLost: the lease could not be renewed in time. Another process may be building, so this one must not publish.
var errLeaseLost = fmt.Errorf("the lease ran out during the work: %w", ErrConflict)

// lease is the right to build, taken from the shared cache.
type lease struct {
	cache *Cache
	token []byte
	until time.Time // by this process's clock, which began to count before the cache's did
}

// acquire takes the lease if nobody has it; it is nil if someone does.
func (c *Cache) acquire(ctx context.Context) (_ *lease, err error) {
	ctx, end := c.options.Trace.Begin(ctx, "lease", "")
	defer func() { end(err) }()
	l := &lease{c, []byte(rand.Text()), time.Now().Add(LeaseTime)}
	won, err := c.driver.SetIfAbsent(ctx, c.keys.lease(), l.token, LeaseTime)
	if err != nil {
		// Only the answer may be lost: a lease that nobody knows he holds would keep all others waiting for its whole TTL.
		l.release(ctx)
		return nil, fmt.Errorf("take the lease: %w", err)
	}
	if !won {
		c.counts.leasesLost.Add(1)
		c.tell(Event{Kind: LeaseLost})
		return nil, nil //nolint:nilnil // no lease is an answer, not a fault
	}
	c.counts.leasesWon.Add(1)
	c.tell(Event{Kind: LeaseWon})
	return l, nil
}

// keep renews the lease until stop is called. The ctx it returns ends when that does not succeed in time; its cause is errLeaseLost then.
func (l *lease) keep(ctx context.Context) (held context.Context, stop func()) {
	held, cancel := context.WithCancelCause(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		cancel(l.renew(held))
	}()
	return held, func() {
		cancel(nil)
		<-done
	}
}

// leaseLost is errLeaseLost if that is why a work under the lease ended, else the work's own error.
func leaseLost(ctx context.Context, err error) error {
	if cause := context.Cause(ctx); err != nil && errors.Is(cause, errLeaseLost) {
		return cause
	}
	return err
}

// renew renews the lease now and then, until ctx ends or the lease is lost.
func (l *lease) renew(ctx context.Context) error {
	for {
		wait := time.NewTimer(LeaseTime / 5)
		select {
		case <-ctx.Done():
			wait.Stop()
			return nil
		case <-wait.C:
		}
		asked := time.Now()
		bounded, cancel := context.WithDeadline(ctx, l.until)
		ours, err := l.cache.driver.CompareAndSet(bounded, l.cache.keys.lease(), l.token, l.token, LeaseTime)
		cancel()
		switch {
		case ours:
			l.until = asked.Add(LeaseTime)
		case err == nil || !time.Now().Before(l.until):
			return errLeaseLost
		}
	}
}

// How long a lease goes on after its work, so that nobody builds again at once: after a build that failed, for it would fail again; after one that a reader started, for a cache that loses
// what it is given would have the store read again and again.
const (
	failurePause = 5 * time.Second
	rebuildPause = 2 * time.Second
)

// end gives the lease back after a pause, in which it says why, unless it has passed to another holder meanwhile. If that fails, it ends by its TTL.
func (l *lease) end(ctx context.Context, why string, pause time.Duration) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
	defer cancel()
	_, _ = l.cache.driver.CompareAndSet(ctx, l.cache.keys.lease(), l.token, []byte(why), max(pause, time.Millisecond))
}

// release gives the lease back at once.
func (l *lease) release(ctx context.Context) { l.end(ctx, "released", 0) }
