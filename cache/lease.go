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

// failurePause is how long a lease goes on after a build that failed: nobody can build meanwhile, so a record that cannot be built costs the store one load in this time, not one a query.
const failurePause = 5 * time.Second

// end gives the lease back, or after a failure lets it run out a little later.
func (l *lease) end(ctx context.Context, failure error) {
	if failure != nil {
		l.set(ctx, "failed", failurePause)
		return
	}
	l.release(ctx)
}

// release gives the lease back, unless it has passed to another holder meanwhile: it is set to end at once, if it is still ours. If that fails, the lease ends by
// its TTL.
func (l *lease) release(ctx context.Context) { l.set(ctx, "released", time.Millisecond) }

func (l *lease) set(ctx context.Context, value string, ttl time.Duration) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
	defer cancel()
	_, _ = l.cache.driver.CompareAndSet(ctx, l.cache.keys.lease(), l.token, []byte(value), ttl)
}
