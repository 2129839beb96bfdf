package cache

import (
	"bytes"
	"context"
	"fmt"
	"sync/atomic"

	"golang.org/x/sync/errgroup"

	"github.com/chunkaside/chunkaside/chunker"
)

// publication takes the chunks of a version while it is built, and writes several at once.
type publication struct {
	cache *Cache
	ctx   context.Context //nolint:containedctx // of the group of goroutines that it stands for, and ends with them
	group *errgroup.Group
	there map[chunker.Digest]bool // what the last versions say is in the cache
	// emitted is build's alone, which emits from one goroutine.
	emitted map[chunker.Digest]bool

	chunks, sent, repaired atomic.Int64
	bytes, bytesSent       atomic.Int64
}

func newPublication(ctx context.Context, c *Cache, older []*chunker.Manifest) *publication {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(c.options.Parallelism)
	p := &publication{cache: c, ctx: ctx, group: group, there: map[chunker.Digest]bool{}, emitted: map[chunker.Digest]bool{}}
	for _, m := range older {
		for chunk := range m.Chunks {
			p.there[chunk.Digest] = true
		}
	}
	return p
}

// run builds the version, and comes back when all its chunks are in the cache.
func (p *publication) run(build Build) (*chunker.Manifest, error) {
	m, err := build(p.ctx, p.emit)
	if err == nil {
		p.keep(m)
	}
	if sendErr := p.group.Wait(); sendErr != nil {
		err = sendErr // it is why the build ended
	}
	return m, err
}

// emit takes a chunk; it waits while too many are under way.
func (p *publication) emit(d chunker.Digest, data []byte) error {
	if err := p.ctx.Err(); err != nil {
		return context.Cause(p.ctx)
	}
	p.emitted[d] = true
	p.group.Go(func() error {
		if _, err := safely(func() (struct{}, error) { return struct{}{}, p.send(d, data) }); err != nil {
			return fmt.Errorf("publish chunk %s: %w", d.Short(), err)
		}
		p.cache.memory.Put(d, data)
		return nil
	})
	return nil
}

// keep gives a new TTL to the chunks that were not emitted, for they are those of the last version.
func (p *publication) keep(m *chunker.Manifest) {
	for chunk := range m.Chunks {
		if p.emitted[chunk.Digest] {
			continue
		}
		p.chunks.Add(1)
		p.bytes.Add(int64(chunk.Size()))
		p.group.Go(func() error { return p.cache.keepChunk(p.ctx, chunk.Digest) })
	}
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
