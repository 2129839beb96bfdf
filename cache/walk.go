package cache

import (
	"context"
	"fmt"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/chunkaside/chunkaside/chunker"
)

// walk reads the chunks of versions past what is in memory, each once, however many versions have it.
type walk struct {
	cache    *Cache
	progress func(done, of int)
	digests  []chunker.Digest

	mu    sync.Mutex
	found map[chunker.Digest]walked
}

// walked is a chunk as it was read.
type walked struct {
	stored int   // bytes
	fault  error // a *lostError or a *chunker.DamageError, or nil
}

func newWalk(c *Cache, progress func(done, of int), manifests ...*chunker.Manifest) *walk {
	w := &walk{cache: c, progress: progress, found: map[chunker.Digest]walked{}}
	seen := map[chunker.Digest]bool{}
	for _, m := range manifests {
		for chunk := range m.Chunks {
			if !seen[chunk.Digest] {
				seen[chunk.Digest] = true
				w.digests = append(w.digests, chunk.Digest)
			}
		}
	}
	return w
}

// chunks reads them. The error says why they could not be read; what is wrong with them is found.
func (w *walk) chunks(ctx context.Context) error {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(w.cache.options.Parallelism)
	for _, d := range w.digests {
		group.Go(func() error {
			values, err := w.cache.driver.Get(ctx, []string{w.cache.keys.chunk(d)})
			if err != nil {
				return fmt.Errorf("read chunk %s: %w", d.Short(), err)
			}
			w.note(d, values[0])
			return nil
		})
	}
	return group.Wait()
}

// note keeps what was read for a chunk; nil is a missing one.
func (w *walk) note(d chunker.Digest, data []byte) {
	chunk := walked{stored: len(data), fault: chunker.Verify("chunk", data, d)}
	if data == nil {
		chunk.fault = &lostError{d}
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.found[d] = chunk
	if w.progress != nil {
		w.progress(len(w.found), len(w.digests))
	}
}

// fault is the first chunk's that has one, or nil.
func (w *walk) fault() error {
	for _, d := range w.digests {
		if err := w.found[d].fault; err != nil {
			return err
		}
	}
	return nil
}
