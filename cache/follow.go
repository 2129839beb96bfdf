package cache

import (
	"context"
	"time"

	"github.com/chunkaside/chunkaside/catalog"
	"github.com/chunkaside/chunkaside/chunker"
)

// follow loads the version that a look found, unless it is the one in memory.
func (c *Cache) follow(ctx context.Context, found look) (*held, error) {
	h := c.held.Load()
	if h != nil && (c.older(found, h) || h.Manifest == found.Manifest) {
		again := c.looked(*h, true)
		if found.Sequence >= h.Sequence {
			again.Pointer = found.Pointer // the same version, but perhaps pinned now, or with another key
		}
		c.held.CompareAndSwap(h, again)
		return again, nil
	}
	m, err := c.manifest(ctx, found)
	if err != nil {
		return nil, err
	}
	next, err := catalog.NewSnapshot(c.schema, m, c.memory)
	if err != nil {
		return nil, err
	}
	if err := c.prepare(ctx, next, h); err != nil {
		return nil, err
	}
	return c.put(ctx, found.Pointer, next), nil
}

// prepare reads what a newer version has in place of what is in memory of the one held, which is the answer meanwhile. So a slow chunk keeps hardly anybody waiting, one that is missing is found before a query needs it,
// and a version whose chunks cannot be had is not followed. What has been read stays for the next try.
func (c *Cache) prepare(ctx context.Context, next *catalog.Snapshot, h *held) error {
	if !c.answers(h) {
		return nil
	}
	err := next.Prepare(ctx, h.snapshot)
	if err != nil && !lost(err) {
		c.coming.delayed(next.Manifest().Digest)
	}
	return err
}

// settled is how long looks must find pointers of a lower sequence before one is followed.
const settled = 10 * time.Second

// older says whether what a look found is an old pointer seen late, for reads may be eventually consistent: then there is no going back to it. If nothing newer is seen for a while it is followed all the same: the
// cache was emptied, or an operator's hand was in it, and whoever publishes now has a slower clock.
func (c *Cache) older(found look, h *held) bool {
	if found.Sequence >= h.Sequence {
		c.lower.Store(nil)
		return false
	}
	now := time.Now()
	c.lower.CompareAndSwap(nil, &now)
	return !c.lowered()
}

// lowered says whether lower sequences are to be followed.
func (c *Cache) lowered() bool {
	since := c.lower.Load()
	return since != nil && time.Since(*since) >= settled
}

// hold makes a version the one in memory, unless a newer one has come to be there meanwhile.
func (c *Cache) hold(ctx context.Context, p Pointer, m *chunker.Manifest) (*held, error) {
	snapshot, err := catalog.NewSnapshot(c.schema, m, c.memory)
	if err != nil {
		return nil, err
	}
	return c.put(ctx, p, snapshot), nil
}

// put is hold for a version that has been made readable.
func (c *Cache) put(ctx context.Context, p Pointer, snapshot *catalog.Snapshot) *held {
	h := c.looked(held{Pointer: p, snapshot: snapshot}, true)
	for {
		before := c.held.Load()
		if before != nil && before.Sequence > p.Sequence && !c.lowered() {
			return before
		}
		if c.held.CompareAndSwap(before, h) {
			c.lower.Store(nil)
			c.coming.clear()
			c.trouble.over(ctx, p)
			if before == nil || before.Manifest != p.Manifest {
				c.tell(Event{Kind: Followed, Version: p.Manifest, Sequence: p.Sequence})
			}
			if before != nil && before.Manifest != p.Manifest {
				c.earlier.add(before.snapshot)
				c.before.add(before)
			}
			return h
		}
	}
}
