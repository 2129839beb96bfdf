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

// Recover returns a version to read instead of s, of which a chunk turned out to be missing or damaged, as the cause says: a newer one, the same one published anew, or, until then, one that was
// current before and does without that chunk. Of all callers in all processes one builds; those that have nothing else wait for it.
func (c *Cache) Recover(ctx context.Context, s *catalog.Snapshot, cause error) (*catalog.Snapshot, error) {
	chunk := lostChunk(cause)
	lastGood := c.before.without(chunk, c.held.Load())
	waiting, builds, stop := patient(ctx, c.policy.Load().HardTimeout)
	if lastGood != nil {
		stop()
		waiting, builds, stop = c.softly(ctx, c.policy.Load().SoftTimeout)
	}
	defer stop()
	h, err := c.once(waiting, flightRecover, func(ctx context.Context) (*held, error) { return c.recoverFrom(ctx, s, chunk, builds) })
	switch {
	case err == nil:
		return h.snapshot, nil
	case lastGood != nil:
		return c.stale(lastGood), nil
	}
	return nil, err
}

func (c *Cache) recoverFrom(ctx context.Context, s *catalog.Snapshot, chunk chunker.Digest, builds func()) (*held, error) {
	h := c.held.Load()
	if h != nil && h.snapshot != s && (h.Manifest == s.Manifest().Digest || chunk == "" || !has(h.snapshot.Manifest(), chunk)) {
		return h, nil // another caller came before, or s is an earlier version
	}
	found, err := c.look(ctx)
	if err != nil {
		return nil, err
	}
	if found.sound() && h != nil && found.Manifest != h.Manifest {
		if newer, err := c.follow(ctx, found); !lost(err) {
			return newer, err
		}
	}
	if h != nil {
		s = h.snapshot // it lacks the same chunk
	}
	return c.rebuild(ctx, found, s, builds)
}
