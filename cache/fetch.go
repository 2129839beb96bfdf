package cache

import (
	"context"
	"fmt"

	"github.com/chunkaside/chunkaside/chunker"
)

// manifest is that of the version that a look found: the one that came with the pointer, if it is, else fetched by its digest. The error matches ErrIncomplete where it is
// missing, chunker.ErrDamaged where it is not what it should be.
func (c *Cache) manifest(ctx context.Context, found look) (*chunker.Manifest, error) {
	if chunker.Verify("manifest", found.head, found.Manifest) == nil {
		c.counts.bytesRead.Add(int64(len(found.head)))
		return c.decodeManifest(found.head, found.Manifest)
	}
	values, err := c.driver.Get(ctx, []string{c.keys.manifest(found.Manifest)})
	if err != nil {
		return nil, fmt.Errorf("read manifest %s: %w", found.Manifest.Short(), err)
	}
	if values[0] == nil {
		return nil, fmt.Errorf("manifest %s is missing: %w", found.Manifest.Short(), ErrIncomplete)
	}
	c.counts.bytesRead.Add(int64(len(values[0])))
	return c.decodeManifest(values[0], found.Manifest)
}

func (c *Cache) decodeManifest(data []byte, d chunker.Digest) (*chunker.Manifest, error) {
	m, err := chunker.DecodeManifest(data, d)
	if err == nil && m.Catalog != c.options.Catalog {
		err = &chunker.DamageError{Part: "manifest", Digest: d, Reason: fmt.Sprintf("it belongs to the catalog %q", m.Catalog)}
	}
	if isDamage(err) {
		c.damaged(d)
	}
	return m, err
}

// fetchChunks is the catalog.Fetch of this cache. The error matches ErrIncomplete where a chunk is missing, chunker.ErrDamaged where it is not what it should be.
func (c *Cache) fetchChunks(ctx context.Context, digests []chunker.Digest) (_ [][]byte, err error) {
	ctx, end := c.options.Trace.Begin(ctx, "load", "")
	defer func() { end(err) }()
	values, err := c.readChunks(ctx, digests)
	if err != nil {
		return nil, err
	}
	for i, d := range digests {
		if err := c.checkChunk(values[i], d); err != nil {
			// What was damaged on its way, or is not visible yet, is sound when it is read again: a build costs more.
			again, readErr := c.readChunks(ctx, digests[i:i+1])
			if readErr != nil || c.checkChunk(again[0], d) != nil {
				return nil, err
			}
			values[i] = again[0]
		}
		c.counts.chunksRead.Add(1)
		c.counts.bytesRead.Add(int64(len(values[i])))
	}
	return values, nil
}

func (c *Cache) readChunks(ctx context.Context, digests []chunker.Digest) ([][]byte, error) {
	names := make([]string, len(digests))
	for i, d := range digests {
		names[i] = c.keys.chunk(d)
	}
	values, err := c.driver.Get(ctx, names)
	if err != nil {
		return nil, fmt.Errorf("read chunk %s and %d more: %w", digests[0].Short(), len(digests)-1, err)
	}
	return values, nil
}

// checkChunk counts and refuses what is not there, or not what it should be.
func (c *Cache) checkChunk(data []byte, d chunker.Digest) error {
	if data == nil {
		c.counts.missing.Add(1)
		c.tell(Event{Kind: Missing, Digest: d})
		return &lostError{d}
	}
	err := chunker.Verify("chunk", data, d)
	if err != nil {
		c.damaged(d)
	}
	return err
}

// damaged counts what is not what it should be; "" is the pointer.
func (c *Cache) damaged(d chunker.Digest) {
	c.counts.damaged.Add(1)
	c.tell(Event{Kind: Damaged, Digest: d})
}
