package cache

import (
	"context"
	"fmt"

	"golang.org/x/sync/errgroup"

	"github.com/chunkaside/chunkaside/catalog"
	"github.com/chunkaside/chunkaside/chunker"
)

// fetchBatch is how many chunks one Get asks for: some MB at most.
const fetchBatch = 4

// fetch reads a version: its manifest, and those of its chunks that h (nil for none) does not hold. The error matches ErrIncomplete where something is missing,
// chunker.ErrDamaged where it is not what it should be.
func (c *Cache) fetch(ctx context.Context, d chunker.Digest, h *held) (*catalog.Snapshot, map[chunker.Digest][]byte, error) {
	m, err := c.fetchManifest(ctx, d)
	if err != nil {
		return nil, nil, err
	}
	chunks := map[chunker.Digest][]byte{}
	var missing []chunker.Digest
	for chunk := range m.Chunks {
		if h != nil && h.chunks[chunk.Digest] != nil {
			chunks[chunk.Digest] = h.chunks[chunk.Digest]
		} else {
			missing = append(missing, chunk.Digest)
		}
	}
	if err := c.fetchChunks(ctx, missing, chunks); err != nil {
		return nil, nil, err
	}
	snapshot, err := catalog.NewSnapshot(c.schema, m, chunks)
	if isDamage(err) {
		c.counts.damaged.Add(1)
	}
	return snapshot, chunks, err
}

func (c *Cache) fetchManifest(ctx context.Context, d chunker.Digest) (*chunker.Manifest, error) {
	values, err := c.driver.Get(ctx, []string{c.keys.manifest(d)})
	if err != nil {
		return nil, fmt.Errorf("read manifest %s: %w", d.Short(), err)
	}
	if values[0] == nil {
		return nil, fmt.Errorf("manifest %s is missing: %w", d.Short(), ErrIncomplete)
	}
	c.counts.bytesRead.Add(int64(len(values[0])))
	m, err := chunker.DecodeManifest(values[0], d)
	if isDamage(err) {
		c.counts.damaged.Add(1)
	}
	if err == nil && m.Catalog != c.options.Catalog {
		c.counts.damaged.Add(1)
		err = &chunker.DamageError{Part: "manifest", Digest: d, Reason: fmt.Sprintf("it belongs to the catalog %q", m.Catalog)}
	}
	return m, err
}

// fetchChunks reads chunks into the map, several at once.
func (c *Cache) fetchChunks(ctx context.Context, digests []chunker.Digest, into map[chunker.Digest][]byte) error {
	results := make([][]byte, len(digests))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(c.options.Parallelism)
	for start := 0; start < len(digests); start += fetchBatch {
		end := min(start+fetchBatch, len(digests))
		group.Go(func() error { return c.fetchSome(ctx, digests[start:end], results[start:end]) })
	}
	if err := group.Wait(); err != nil {
		return err
	}
	for i, d := range digests {
		into[d] = results[i]
	}
	return nil
}

func (c *Cache) fetchSome(ctx context.Context, digests []chunker.Digest, results [][]byte) error {
	names := make([]string, len(digests))
	for i, d := range digests {
		names[i] = c.keys.chunk(d)
	}
	values, err := c.driver.Get(ctx, names)
	if err != nil {
		return fmt.Errorf("read chunk %s and %d more: %w", digests[0].Short(), len(digests)-1, err)
	}
	for i, data := range values {
		if data == nil {
			return fmt.Errorf("chunk %s is missing: %w", digests[i].Short(), ErrIncomplete)
		}
		if err := chunker.Verify("chunk", data, digests[i]); err != nil {
			c.counts.damaged.Add(1)
			return err
		}
		c.counts.chunksRead.Add(1)
		c.counts.bytesRead.Add(int64(len(data)))
		results[i] = data
	}
	return nil
}
