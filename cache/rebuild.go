package cache

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/chunkaside/chunkaside/catalog"
	"github.com/chunkaside/chunkaside/chunker"
)

// rebuild is the way back from a look that found no usable version. Of all processes that come here, one builds and publishes; the others go on with
// what they hold, or wait for the pointer to change.
func (c *Cache) rebuild(ctx context.Context, broken look) (*held, error) {
	c.counts.misses.Add(1)
	if c.options.Build == nil {
		c.lookedInVain()
		return nil, ErrNoVersion
	}
	for {
		l, err := c.acquire(ctx)
		if err != nil {
			c.lookedInVain()
			return nil, err
		}
		if l != nil {
			defer l.release(ctx)
			return c.rebuildAlone(ctx, broken)
		}
		if h := c.held.Load(); h != nil {
			c.lookedInVain()
			return h, nil
		}
		if err := pause(ctx); err != nil {
			return nil, err
		}
		if h, err := c.followOther(ctx, broken); h != nil || err != nil {
			return h, err
		}
	}
}

// followOther loads the version that another process has published since; nil, nil if there is none yet.
func (c *Cache) followOther(ctx context.Context, broken look) (*held, error) {
	found, err := c.look(ctx)
	if err != nil || !found.sound() || bytes.Equal(found.raw, broken.raw) {
		return nil, err
	}
	h, err := c.follow(ctx, found)
	if errors.Is(err, ErrIncomplete) {
		return nil, nil //nolint:nilnil // chunks may become visible after the pointer: look again
	}
	return h, err
}

// rebuildAlone builds and publishes as the lease's holder.
func (c *Cache) rebuildAlone(ctx context.Context, broken look) (*held, error) {
	// The last holder may have published between our look and our lease.
	if h, err := c.followOther(ctx, broken); h != nil || err != nil {
		return h, err
	}
	v, err := c.build(ctx)
	if err != nil {
		c.lookedInVain()
		return nil, err
	}
	// Nothing is taken for there: what was missing or damaged must be sent.
	p, err := c.publish(ctx, v, c.after(broken), nil)
	if err != nil {
		c.lookedInVain()
		return nil, err
	}
	return c.holdVersion(p.Pointer, v)
}

// after is the look with a sequence no lower than that of the version in memory, so that no reader takes what follows for older.
func (c *Cache) after(found look) look {
	if h := c.held.Load(); h != nil {
		found.Sequence = max(found.Sequence, h.Sequence)
	}
	return found
}

func (c *Cache) build(ctx context.Context) (*catalog.Version, error) {
	c.counts.builds.Add(1)
	v, err := c.options.Build(ctx)
	if err != nil {
		return nil, fmt.Errorf("build a version: %w", err)
	}
	return v, nil
}

func (c *Cache) holdVersion(p Pointer, v *catalog.Version) (*held, error) {
	snapshot, err := catalog.NewSnapshot(c.schema, v.Manifest, v.Chunks)
	if err != nil {
		return nil, err
	}
	return c.hold(p, snapshot, v.Chunks), nil
}

// Warm builds a version and publishes it, whatever the cache holds, as the lease's holder; it waits for a holder that is at work.
func (c *Cache) Warm(ctx context.Context) (Published, error) {
	if c.options.Build == nil {
		return Published{}, ErrNoVersion
	}
	for {
		l, err := c.acquire(ctx)
		if err != nil {
			return Published{}, err
		}
		if l != nil {
			defer l.release(ctx)
			return c.warmAlone(ctx)
		}
		if err := pause(ctx); err != nil {
			return Published{}, err
		}
	}
}

func (c *Cache) warmAlone(ctx context.Context) (Published, error) {
	ctx, cancel := context.WithTimeout(ctx, c.options.BuildTimeout)
	defer cancel()
	// Looked at before the build: who publishes meanwhile wins, and this publish is a conflict.
	found, err := c.look(ctx)
	if err != nil {
		return Published{}, err
	}
	v, err := c.build(ctx)
	if err != nil {
		return Published{}, err
	}
	p, err := c.publish(ctx, v, c.after(found), c.chunksOf(ctx, found))
	if err != nil {
		return Published{}, err
	}
	_, err = c.holdVersion(p.Pointer, v)
	return p, err
}

// Inspect reads the current version's pointer and manifest, past what is in memory. The error is ErrNoVersion if there is none.
func (c *Cache) Inspect(ctx context.Context) (Pointer, *chunker.Manifest, error) {
	found, err := c.look(ctx)
	if err != nil {
		return Pointer{}, nil, err
	}
	if found.damage != nil {
		return Pointer{}, nil, found.damage
	}
	if found.raw == nil {
		return Pointer{}, nil, ErrNoVersion
	}
	m, err := c.fetchManifest(ctx, found.Manifest)
	return found.Pointer, m, err
}

// pause waits 50 to 150 ms between two looks, so that many waiters do not look at once.
func pause(ctx context.Context) error {
	timer := time.NewTimer(50*time.Millisecond + rand.N(100*time.Millisecond))
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return fmt.Errorf("wait for the version that another process builds: %w", ctx.Err())
	case <-timer.C:
		return nil
	}
}
