package cache

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/chunkaside/chunkaside/catalog"
	"github.com/chunkaside/chunkaside/chunker"
)

// held is the version in memory. It is replaced, never changed.
type held struct {
	Pointer
	snapshot *catalog.Snapshot
	chunks   map[chunker.Digest][]byte // compressed, so that the next version fetches only what differs
	looked   time.Time                 // when the pointer was last looked at
}

// Current returns the current version, which the caller may use as long as it likes: a later version does not touch it. A snapshot that could not be refreshed
// is still returned; an error means that there never was one: ErrNoVersion, ErrUnavailable, catalog.ErrSchema, chunker.ErrFormat, what Build returned, or ctx's.
func (c *Cache) Current(ctx context.Context) (*catalog.Snapshot, error) {
	h := c.held.Load()
	if h != nil && time.Since(h.looked) < c.options.MaxAge {
		c.counts.hits.Add(1)
		return h.snapshot, nil
	}
	fresh, err := c.refreshOnce(ctx)
	if err == nil {
		return fresh.snapshot, nil
	}
	if h = c.held.Load(); h != nil {
		c.counts.stale.Add(1)
		return h.snapshot, nil
	}
	return nil, err
}

// refreshOnce lets one goroutine of the process refresh and the others wait for it, each no longer than its own ctx. The work itself does not end with the ctx of
// the one that happened to come first, for the others need it; it is bounded by BuildTimeout.
func (c *Cache) refreshOnce(ctx context.Context) (*held, error) {
	work := context.WithoutCancel(ctx)
	result := c.flight.DoChan("refresh", func() (any, error) {
		// A flight may have ended between our look at held and this one's start.
		if h := c.held.Load(); h != nil && time.Since(h.looked) < c.options.MaxAge {
			return h, nil
		}
		bounded, cancel := context.WithTimeout(work, c.options.BuildTimeout)
		defer cancel()
		return c.refresh(bounded)
	})
	select {
	case <-ctx.Done():
		return nil, fmt.Errorf("wait for a version: %w", ctx.Err())
	case r := <-result:
		if r.Err != nil {
			return nil, r.Err
		}
		return r.Val.(*held), nil
	}
}

// refresh makes held what the pointer says.
func (c *Cache) refresh(ctx context.Context) (*held, error) {
	c.counts.refreshes.Add(1)
	found, err := c.look(ctx)
	if err != nil {
		c.lookedInVain()
		return nil, err
	}
	if found.sound() {
		h, err := c.follow(ctx, found)
		if errors.Is(err, ErrIncomplete) {
			// Reads may be eventually consistent: the chunks may become visible a little after the pointer.
			if err := pause(ctx); err != nil {
				return nil, err
			}
			h, err = c.follow(ctx, found)
		}
		if err == nil || !errors.Is(err, ErrIncomplete) && !isDamage(err) {
			return h, err
		}
	}
	return c.rebuild(ctx, found)
}

// lookedInVain counts a failed look as a look, so that a cache in trouble is not asked at every query.
func (c *Cache) lookedInVain() {
	if h := c.held.Load(); h != nil {
		again := *h
		again.looked = time.Now()
		c.held.CompareAndSwap(h, &again)
	}
}

// follow loads the version that a look found, unless it is the one in memory.
func (c *Cache) follow(ctx context.Context, found look) (*held, error) {
	h := c.held.Load()
	if h != nil && (h.Manifest == found.Manifest || found.Sequence < h.Sequence) {
		// Reads may be eventually consistent: a lower sequence is an old one seen late. Never go back.
		again := *h
		again.looked, again.Sequence = time.Now(), max(h.Sequence, found.Sequence)
		c.held.Store(&again)
		return &again, nil
	}
	snapshot, chunks, err := c.fetch(ctx, found.Manifest, h)
	if err != nil {
		c.lookedInVain()
		return nil, err
	}
	return c.hold(found.Pointer, snapshot, chunks), nil
}

func (c *Cache) hold(p Pointer, s *catalog.Snapshot, chunks map[chunker.Digest][]byte) *held {
	h := &held{Pointer: p, snapshot: s, chunks: chunks, looked: time.Now()}
	c.held.Store(h)
	return h
}

func isDamage(err error) bool { return errors.Is(err, chunker.ErrDamaged) }
