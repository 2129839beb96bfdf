package cache

import (
	"bytes"
	"context"
	"fmt"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

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
	// Repaired is how many of the sent chunks the cache should have had, but lacked or held damaged.
	Repaired int `json:"repaired"`
}

// Publish makes a version the current one: chunks first, then the manifest, then the pointer by compare-and-set, so that a reader sees the old version or the
// new one whole. What is written is read back before the pointer moves. If it fails, the old version is current. The error is build's, or matches ErrConflict if another
// publisher was first.
func (c *Cache) Publish(ctx context.Context, build Build) (Published, error) {
	// Looked at before the build: who publishes meanwhile wins, and this publish is a conflict.
	found, err := c.look(ctx)
	if err != nil {
		return Published{}, err
	}
	p, _, err := c.publish(ctx, build, found)
	return p, err
}

// publish makes what is built follow what the look found.
func (c *Cache) publish(ctx context.Context, build Build, found look) (Published, *chunker.Manifest, error) {
	p := newPublication(ctx, c, c.chunksOf(ctx, found))
	m, err := build(p.ctx, p.emit)
	if sendErr := p.group.Wait(); sendErr != nil {
		err = sendErr // it is why the build ended
	}
	if err != nil {
		return Published{}, nil, err
	}
	if err := c.writeManifest(ctx, m); err != nil {
		return Published{}, nil, err
	}
	published := p.result()
	if published.Pointer, err = c.move(ctx, found, m.Digest); err != nil {
		return Published{}, nil, err
	}
	c.counts.published.Add(1)
	c.writeHead(ctx, m)
	return published, m, nil
}

// chunksOf is what the version that a look found says is in the cache. It saves sending: a version that cannot be read gives none.
func (c *Cache) chunksOf(ctx context.Context, found look) map[chunker.Digest]bool {
	if !found.sound() {
		return nil
	}
	m, err := c.manifest(ctx, found)
	if err != nil {
		return nil
	}
	there := map[chunker.Digest]bool{}
	for chunk := range m.Chunks {
		there[chunk.Digest] = true
	}
	return there
}

// writeManifest writes it under its digest, where it stays.
func (c *Cache) writeManifest(ctx context.Context, m *chunker.Manifest) error {
	if err := c.write(ctx, c.keys.manifest(m.Digest), m.Encoded, c.options.TTL/24*23); err != nil {
		return fmt.Errorf("write manifest %s: %w", m.Digest.Short(), err)
	}
	return nil
}

// writeHead writes the manifest under a fixed name, where a cold process finds it together with the pointer. It is a hint, so a failure is none of the publish's: readers fetch it by its
// digest then.
func (c *Cache) writeHead(ctx context.Context, m *chunker.Manifest) {
	if err := c.driver.Set(ctx, c.keys.head(), m.Encoded, c.options.TTL/24*23); err != nil {
		c.trouble.met(ctx, "the manifest's copy was not written", err)
	}
}

// move moves the pointer from what a look found to a version.
func (c *Cache) move(ctx context.Context, found look, d chunker.Digest) (Pointer, error) {
	p := found.next(d)
	raw, err := p.encode()
	if err != nil {
		return Pointer{}, fmt.Errorf("encode the pointer: %w", err)
	}
	moved, err := c.replace(ctx, c.keys.pointer(), found.raw, raw, c.options.TTL/24*22)
	if err != nil {
		if !c.holds(ctx, c.keys.pointer(), raw) {
			return Pointer{}, fmt.Errorf("move the pointer: %w", err)
		}
		moved = true // only the answer was lost
	}
	if !moved {
		return Pointer{}, fmt.Errorf("move the pointer to %s: %w", d.Short(), ErrConflict)
	}
	return p, nil
}

// replace sets a key that holds exactly old; nil is a missing one.
func (c *Cache) replace(ctx context.Context, key string, old, value []byte, ttl time.Duration) (bool, error) {
	if len(old) > 0 {
		return c.driver.CompareAndSet(ctx, key, old, value, ttl)
	}
	if old != nil {
		// There is something, but nothing that could be compared with.
		if err := c.driver.Delete(ctx, key); err != nil {
			return false, err
		}
	}
	return c.driver.SetIfAbsent(ctx, key, value, ttl)
}

// holds says whether a key is known to have a value, after a call whose outcome is not known.
func (c *Cache) holds(ctx context.Context, key string, value []byte) bool {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
	defer cancel()
	values, err := c.driver.Get(ctx, []string{key})
	return err == nil && bytes.Equal(values[0], value)
}

// publication takes the chunks of a version while it is built, and writes several at once.
type publication struct {
	cache *Cache
	ctx   context.Context //nolint:containedctx // of the group of goroutines that it stands for, and ends with them
	group *errgroup.Group
	there map[chunker.Digest]bool // what the last version says is in the cache

	chunks, sent, repaired atomic.Int64
	bytes, bytesSent       atomic.Int64
}

func newPublication(ctx context.Context, c *Cache, there map[chunker.Digest]bool) *publication {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(c.options.Parallelism)
	return &publication{cache: c, ctx: ctx, group: group, there: there}
}

// emit takes a chunk; it waits while too many are under way.
func (p *publication) emit(d chunker.Digest, data []byte) error {
	if err := p.ctx.Err(); err != nil {
		return context.Cause(p.ctx)
	}
	p.group.Go(func() error {
		if _, err := safely(func() (struct{}, error) { return struct{}{}, p.send(d, data) }); err != nil {
			return fmt.Errorf("publish chunk %s: %w", d.Short(), err)
		}
		p.cache.memory.Put(d, data)
		return nil
	})
	return nil
}

// send writes a chunk, unless it is there whole: then it gets a new TTL.
func (p *publication) send(d chunker.Digest, data []byte) error {
	c, key := p.cache, p.cache.keys.chunk(d)
	p.chunks.Add(1)
	p.bytes.Add(int64(len(data)))
	if p.there[d] {
		values, err := c.driver.Get(p.ctx, []string{key})
		if err != nil {
			return err
		}
		if bytes.Equal(values[0], data) {
			if there, err := c.driver.Touch(p.ctx, key, c.options.TTL); err != nil || there {
				return err
			}
		}
		p.repaired.Add(1)
	}
	p.sent.Add(1)
	p.bytesSent.Add(int64(len(data)))
	c.counts.chunksWritten.Add(1)
	c.counts.bytesWritten.Add(int64(len(data)))
	return c.write(p.ctx, key, data, c.options.TTL)
}

func (p *publication) result() Published {
	return Published{
		Chunks: int(p.chunks.Load()), ChunksSent: int(p.sent.Load()), Bytes: p.bytes.Load(), BytesSent: p.bytesSent.Load(), Repaired: int(p.repaired.Load()),
	}
}
