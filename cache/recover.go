package cache

import (
	"context"
	"errors"
	"fmt"

	"github.com/chunkaside/chunkaside/catalog"
	"github.com/chunkaside/chunkaside/chunker"
)

// lostError: a chunk is not in the cache. It matches ErrIncomplete.
type lostError struct{ digest chunker.Digest }

func (e *lostError) Error() string {
	return fmt.Sprintf("chunk %s is missing: %v", e.digest.Short(), ErrIncomplete)
}

func (e *lostError) Unwrap() error { return ErrIncomplete }

// lostChunk is the chunk that an error of reading a snapshot is about, "" if it does not tell.
func lostChunk(err error) chunker.Digest {
	if lost, ok := errors.AsType[*lostError](err); ok {
		return lost.digest
	}
	if damage, ok := errors.AsType[*chunker.DamageError](err); ok {
		return damage.Digest
	}
	return ""
}

// Recover returns a version to read instead of s, of which a chunk turned out to be missing or damaged, as the cause says: a newer one, the same one published anew, or, until then, an earlier
// one that is in memory and does without that chunk. Of all callers in all processes one builds; those that have nothing else wait for it.
func (c *Cache) Recover(ctx context.Context, s *catalog.Snapshot, cause error) (*catalog.Snapshot, error) {
	recovered := func(ctx context.Context) (*held, error) { return c.recoverFrom(ctx, s) }
	lastGood := c.earlier.without(lostChunk(cause))
	if lastGood == nil {
		h, err := c.once(ctx, flightRecover, recovered)
		if err != nil {
			return nil, err
		}
		return h.snapshot, nil
	}
	soft, cancel := context.WithTimeout(ctx, c.options.SoftTimeout)
	defer cancel()
	h, err := c.meanwhile(ctx, soft, flightRecover, recovered)
	if err != nil || h.snapshot == s {
		c.counts.stale.Add(1)
		c.tell(Event{Kind: Stale, Version: lastGood.Manifest().Digest})
		return lastGood, nil
	}
	return h.snapshot, nil
}

func (c *Cache) recoverFrom(ctx context.Context, s *catalog.Snapshot) (*held, error) {
	if h := c.held.Load(); h != nil && h.snapshot != s {
		return h, nil // another caller came before
	}
	found, err := c.look(ctx)
	if err != nil {
		return nil, err
	}
	if h := c.held.Load(); found.sound() && h != nil && found.Manifest != h.Manifest {
		return c.follow(ctx, found)
	}
	return c.rebuild(ctx, found, s, c.options.HardTimeout)
}
