package cache

import (
	"context"
	"crypto/rand"
	"fmt"
	"time"
)

// lease is the right to build, taken from the shared cache.
type lease struct {
	cache *Cache
	token []byte
}

// acquire takes the lease if nobody has it; it is nil if someone does.
func (c *Cache) acquire(ctx context.Context) (*lease, error) {
	l := &lease{c, []byte(rand.Text())}
	won, err := c.driver.SetIfAbsent(ctx, c.keys.lease(), l.token, c.options.BuildTimeout)
	if err != nil {
		// Only the answer may be lost: a lease that nobody knows he holds would keep all others waiting for its whole TTL.
		l.release(ctx)
		return nil, fmt.Errorf("take the lease: %w", err)
	}
	if !won {
		c.counts.leasesLost.Add(1)
		return nil, nil //nolint:nilnil // no lease is an answer, not a fault
	}
	c.counts.leasesWon.Add(1)
	return l, nil
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
