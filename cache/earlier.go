package cache

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/chunkaside/chunkaside/catalog"
	"github.com/chunkaside/chunkaside/chunker"
)

// At returns the version of this digest: the current one, or an earlier one that lives yet, as long as Options.Keep and the TTL let it. The error matches ErrIncomplete where it does not, and
// catalog.ErrSchema where it is of another schema; a look for it takes SoftTimeout at most. What it has in
// common with other versions is in memory once.
func (c *Cache) At(ctx context.Context, d chunker.Digest) (*catalog.Snapshot, error) {
	if h := c.held.Load(); h != nil && h.Manifest == d {
		return h.snapshot, nil
	}
	if s := c.earlier.find(d); s != nil {
		return s, nil
	}
	if err := c.earlier.recentFailure(d); err != nil {
		return nil, err
	}
	soft, cancel := context.WithTimeout(ctx, c.policy.Load().SoftTimeout)
	defer cancel()
	s, err := c.reading.join(soft, string(d), func(ctx context.Context) (*catalog.Snapshot, error) {
		m, err := c.manifest(ctx, look{Pointer: Pointer{Manifest: d}})
		if err != nil {
			return nil, err
		}
		return catalog.NewSnapshot(c.schema, m, c.memory)
	})
	if err != nil {
		c.earlier.fail(d, err)
		return nil, err
	}
	c.earlier.add(s)
	return s, nil
}

// TokenKey is a secret of 32 bytes that all processes of a catalog share: it comes with the pointer, and lives as long as the cache keeps that. It is "" before the first version, and as long
// as the pointer is one that an earlier release wrote.
func (c *Cache) TokenKey() string {
	if h := c.held.Load(); h != nil {
		return h.tokenKey
	}
	return ""
}

// maxEarlier is how many versions before the current one are kept in memory. Each is its manifest; what it is read from is in Memory, and leaves that when nobody reads it.
const maxEarlier = 4

// earlier are versions that were current, or were asked for: the last one first.
type earlier struct {
	mu        sync.Mutex
	snapshots []*catalog.Snapshot

	failed   chunker.Digest // the last one that could not be read, for a moment
	failure  error
	failedAt time.Time
}

// recentFailure is why a version could not be read just now: those who page in one that is gone need not all wait for it.
func (e *earlier) recentFailure(d chunker.Digest) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.failed == d && time.Since(e.failedAt) < time.Second {
		return e.failure
	}
	return nil
}

func (e *earlier) fail(d chunker.Digest, err error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.failed, e.failure, e.failedAt = d, err, time.Now()
}

func (e *earlier) find(d chunker.Digest) *catalog.Snapshot {
	e.mu.Lock()
	defer e.mu.Unlock()
	i := slices.IndexFunc(e.snapshots, func(s *catalog.Snapshot) bool { return s.Manifest().Digest == d })
	if i < 0 {
		return nil
	}
	s := e.snapshots[i]
	e.snapshots = slices.Insert(slices.Delete(e.snapshots, i, i+1), 0, s)
	return s
}

func (e *earlier) add(s *catalog.Snapshot) {
	if e.find(s.Manifest().Digest) != nil {
		return
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.snapshots = slices.Insert(e.snapshots, 0, s)
	if len(e.snapshots) > maxEarlier {
		e.snapshots = slices.Delete(e.snapshots, maxEarlier, len(e.snapshots))
	}
}

// before are the versions that were current in this process, the last one first: what Recover falls back on.
type before struct {
	mu   sync.Mutex
	held []*held
}

// maxBefore is how many of them are kept.
const maxBefore = 2

func (b *before) add(h *held) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.held = slices.Insert(b.held, 0, h)
	b.held = b.held[:min(len(b.held), maxBefore)]
}

// without is the last of them that does without a chunk, and that no operator has gone away from; nil for none, also if the chunk is not known.
func (b *before) without(d chunker.Digest, current *held) *held {
	if d == "" || current == nil {
		return nil
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, h := range b.held {
		if h.Sequence >= current.Floor && h.Sequence < current.Sequence && !has(h.snapshot.Manifest(), d) {
			return h
		}
	}
	return nil
}

func has(m *chunker.Manifest, d chunker.Digest) bool {
	for chunk := range m.Chunks {
		if chunk.Digest == d {
			return true
		}
	}
	return false
}
