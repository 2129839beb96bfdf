package cache

import (
	"context"
	"fmt"
	"sync/atomic"

	"golang.org/x/sync/errgroup"

	"github.com/chunkaside/chunkaside/catalog"
	"github.com/chunkaside/chunkaside/chunker"
)

// Published says what a publish did.
type Published struct {
	Pointer
	// Chunks of the version, and how many of them were sent; the others were there and got a new TTL.
	Chunks     int `json:"chunks"`
	ChunksSent int `json:"chunksSent"`
	// Bytes of all the version's chunks, and of those sent.
	Bytes     int64 `json:"bytes"`
	BytesSent int64 `json:"bytesSent"`
}

// Publish makes a version the current one: chunks first, then the manifest, then the pointer by compare-and-set, so that a reader sees the old version or the
// new one whole. If it fails, the old version is current. The error matches ErrConflict if another publisher was first.
func (c *Cache) Publish(ctx context.Context, v *catalog.Version) (Published, error) {
	found, err := c.look(ctx)
	if err != nil {
		return Published{}, err
	}
	return c.publish(ctx, v, found, c.chunksOf(ctx, found))
}

// chunksOf is what the version that a look found says is in the cache. It is a hint that saves sending: a version that cannot be read gives none.
func (c *Cache) chunksOf(ctx context.Context, found look) map[chunker.Digest]bool {
	if !found.sound() {
		return nil
	}
	m, err := c.fetchManifest(ctx, found.Manifest)
	if err != nil {
		return nil
	}
	there := map[chunker.Digest]bool{}
	for chunk := range m.Chunks {
		there[chunk.Digest] = true
	}
	return there
}

// publish makes v follow what the look found. Chunks that are likely there are touched, and sent only if that finds them gone.
func (c *Cache) publish(ctx context.Context, v *catalog.Version, found look, likely map[chunker.Digest]bool) (Published, error) {
	p := Published{Chunks: len(v.Chunks)}
	if err := c.sendChunks(ctx, v, likely, &p); err != nil {
		return Published{}, err
	}
	ttl := c.options.TTL
	key := c.keys.manifest(v.Manifest.Digest)
	if err := c.driver.Set(ctx, key, v.Manifest.Encoded, ttl/24*23); err != nil {
		return Published{}, fmt.Errorf("write manifest %s: %w", v.Manifest.Digest.Short(), err)
	}
	p.Pointer = found.next(v.Manifest.Digest)
	raw, err := p.encode()
	if err != nil {
		return Published{}, fmt.Errorf("encode the pointer: %w", err)
	}
	var moved bool
	if found.raw == nil {
		moved, err = c.driver.SetIfAbsent(ctx, c.keys.pointer(), raw, ttl/24*22)
	} else {
		moved, err = c.driver.CompareAndSet(ctx, c.keys.pointer(), found.raw, raw, ttl/24*22)
	}
	if err != nil {
		return Published{}, fmt.Errorf("move the pointer: %w", err)
	}
	if !moved {
		return Published{}, fmt.Errorf("move the pointer to %s: %w", v.Manifest.Digest.Short(), ErrConflict)
	}
	c.counts.published.Add(1)
	return p, nil
}

func (c *Cache) sendChunks(ctx context.Context, v *catalog.Version, likely map[chunker.Digest]bool, p *Published) error {
	var sent, bytesSent atomic.Int64
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(c.options.Parallelism)
	for d, data := range v.Chunks {
		p.Bytes += int64(len(data))
		group.Go(func() error {
			there, err := c.sendChunk(ctx, d, data, likely[d])
			if err == nil && !there {
				sent.Add(1)
				bytesSent.Add(int64(len(data)))
			}
			return err
		})
	}
	err := group.Wait()
	p.ChunksSent, p.BytesSent = int(sent.Load()), bytesSent.Load()
	c.counts.chunksWritten.Add(sent.Load())
	c.counts.bytesWritten.Add(bytesSent.Load())
	return err
}

// sendChunk writes a chunk, or if it is there already gives it a new TTL.
func (c *Cache) sendChunk(ctx context.Context, d chunker.Digest, data []byte, likely bool) (there bool, err error) {
	key := c.keys.chunk(d)
	if likely {
		if there, err = c.driver.Touch(ctx, key, c.options.TTL); err != nil || there {
			return there, wrapChunk("touch", d, err)
		}
	}
	return false, wrapChunk("write", d, c.driver.Set(ctx, key, data, c.options.TTL))
}

func wrapChunk(verb string, d chunker.Digest, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s chunk %s: %w", verb, d.Short(), err)
}
