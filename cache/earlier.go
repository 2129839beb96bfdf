package cache

import (
	"context"
	"slices"
	"sync"

	"github.com/chunkaside/chunkaside/catalog"
	"github.com/chunkaside/chunkaside/chunker"
)

// At returns the version of this digest: the current one, or an earlier one that lives yet, as long as Options.Keep and the TTL let it. The error matches ErrIncomplete where it does not, and
// catalog.ErrSchema where it is of another schema. What it has in common with other versions is in memory once.
func (c *Cache) At(ctx context.Context, d chunker.Digest) (*catalog.Snapshot, error) {
	if h := c.held.Load(); h != nil && h.Manifest == d {
		return h.snapshot, nil
	}
	if s := c.earlier.find(d); s != nil {
		return s, nil
	}
	return c.reading.join(ctx, string(d), func(ctx context.Context) (*catalog.Snapshot, error) {
		m, err := c.manifest(ctx, look{Pointer: Pointer{Manifest: d}})
		if err != nil {
			return nil, err
		}
		s, err := catalog.NewSnapshot(c.schema, m, c.memory)
		if err == nil {
			c.earlier.add(s)
		}
		return s, err
	})
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

// without is the last of them that does without a chunk, or nil; also if the chunk is not known.
func (e *earlier) without(d chunker.Digest) *catalog.Snapshot {
	if d == "" {
		return nil
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, s := range e.snapshots {
		if !has(s.Manifest(), d) {
			return s
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
