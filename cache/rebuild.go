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

// rebuild is the way back from a look that found no usable version, or one that holds the snapshot unreadable (nil for none). Of all processes that come here, one builds and publishes; the
// others go on with what they hold, or wait for the pointer to change. builds is called before this one builds.
func (c *Cache) rebuild(ctx context.Context, broken look, unreadable *catalog.Snapshot, builds func()) (*held, error) {
	c.counts.misses.Add(1)
	if c.options.Ask != nil {
		return c.ask(ctx, broken, unreadable)
	}
	if c.options.Build == nil {
		return nil, ErrNoVersion
	}
	for wait := firstPause; ; wait = longer(wait) {
		l, err := c.acquire(ctx)
		if err != nil {
			return nil, err
		}
		if l != nil {
			builds()
			return c.rebuildAlone(ctx, l, broken)
		}
		if h := c.held.Load(); c.answers(h) && h.snapshot != unreadable {
			c.lookedInVain()
			return h, nil
		}
		if h, err := c.await(ctx, broken, wait); h != nil || err != nil {
			return h, err
		}
	}
}

// await waits until another process publishes, and loads its version; it is nil, nil if nobody holds the lease any more.
func (c *Cache) await(ctx context.Context, broken look, wait time.Duration) (*held, error) {
	for ; ; wait = longer(wait) {
		if err := idle(ctx, wait); err != nil {
			return nil, err
		}
		// One call tells both: whether there is a version, and whether somebody still works on one.
		values, err := c.driver.Get(ctx, []string{c.keys.lease()})
		if err != nil {
			return nil, fmt.Errorf("look at the lease: %w", err)
		}
		found, err := c.look(ctx)
		if err != nil {
			return nil, err
		}
		if h, err := c.followOther(ctx, found, broken); h != nil || err != nil {
			return h, err
		}
		if values[0] == nil {
			return nil, nil //nolint:nilnil // nobody has published: an answer, not a fault
		}
	}
}

// followOther loads what another process has published since the broken look; nil, nil if there is nothing.
func (c *Cache) followOther(ctx context.Context, found, broken look) (*held, error) {
	if !found.sound() || bytes.Equal(found.raw, broken.raw) {
		return nil, nil //nolint:nilnil // nothing new is an answer, not a fault
	}
	h, err := c.follow(ctx, found)
	if errors.Is(err, ErrIncomplete) || isDamage(err) {
		return nil, nil //nolint:nilnil // it may become visible after the pointer: look again
	}
	return h, err
}

// rebuildAlone builds and publishes as the lease's holder.
func (c *Cache) rebuildAlone(ctx context.Context, l *lease, broken look) (h *held, err error) {
	defer func() {
		if err != nil {
			l.end(ctx, "failed", failurePause)
			return
		}
		l.end(ctx, "built", rebuildPause)
	}()
	ctx, stop := l.keep(ctx)
	defer stop()
	// The last holder may have published between our look and our lease.
	found, err := c.look(ctx)
	if err != nil {
		return nil, err
	}
	if h, err := c.followOther(ctx, found, broken); h != nil || err != nil {
		return h, err
	}
	p, m, err := c.publish(ctx, c.build, c.after(found), publishing{mending: true})
	if errors.Is(err, ErrConflict) {
		// A publisher without the lease, or one who lost it, was first: its version is as good.
		if found, lookErr := c.look(ctx); lookErr == nil && found.sound() {
			return c.follow(ctx, found)
		}
	}
	if err != nil {
		return nil, leaseLost(ctx, err)
	}
	return c.hold(ctx, p.Pointer, m)
}

// after is the look with a sequence no lower than that of the version in memory, so that no reader takes what follows for older. Where the cache was emptied, the tokens of lists stay good.
func (c *Cache) after(found look) look {
	if h := c.held.Load(); h != nil {
		found.Sequence = max(found.Sequence, h.Sequence)
		if found.tokenKey == "" {
			found.tokenKey = h.tokenKey
		}
	}
	return found
}

func (c *Cache) build(ctx context.Context, emit func(chunker.Digest, []byte) error) (*chunker.Manifest, error) {
	return c.told(ctx, func(ctx context.Context) (*chunker.Manifest, error) { return c.options.Build(ctx, emit) })
}

// told counts a build, and tells how it ended.
func (c *Cache) told(ctx context.Context, build func(context.Context) (*chunker.Manifest, error)) (_ *chunker.Manifest, err error) {
	ctx, end := c.options.Trace.Begin(ctx, "build", "")
	defer func() { end(err) }()
	c.counts.builds.Add(1)
	begin := time.Now()
	m, err := build(ctx)
	if err != nil {
		c.tell(Event{Kind: Built, Took: time.Since(begin), Err: err})
		return nil, fmt.Errorf("build a version: %w", err)
	}
	c.tell(Event{Kind: Built, Took: time.Since(begin), Version: m.Digest})
	return m, nil
}

// Inspect reads the current version's pointer and manifest, past what is in memory. The error is ErrNoVersion if there is none.
func (c *Cache) Inspect(ctx context.Context) (Pointer, *chunker.Manifest, error) {
	found, err := c.look(ctx)
	if err == nil {
		err = found.usable()
	}
	if err != nil {
		return Pointer{}, nil, err
	}
	m, err := c.manifest(ctx, found)
	return found.Pointer, m, err
}

// Waiting begins with short pauses and comes to long ones: somebody may be nearly done, or only have begun.
const (
	firstPause = 100 * time.Millisecond
	lastPause  = time.Second
)

func longer(d time.Duration) time.Duration { return min(d*3/2, lastPause) }

// idle waits for between half and all of d, so that many waiters do not look at once.
func idle(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d/2 + rand.N(d/2))
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return fmt.Errorf("wait for the version that another process builds: %w", ctx.Err())
	case <-timer.C:
		return nil
	}
}
