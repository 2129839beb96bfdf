package cache

import (
	"context"
	"fmt"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/chunkaside/chunkaside/chunker"
)

// walk reads chunks past what is in memory.
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

func newWalk(c *Cache, progress func(done, of int), digests []chunker.Digest) *walk {
	return &walk{cache: c, progress: progress, digests: digests, found: map[chunker.Digest]walked{}}
}

// digests are those of the chunks of versions, each once.
func digests(manifests ...*chunker.Manifest) (all []chunker.Digest) {
	seen := map[chunker.Digest]bool{}
	for _, m := range manifests {
		for chunk := range m.Chunks {
			if !seen[chunk.Digest] {
				seen[chunk.Digest] = true
				all = append(all, chunk.Digest)
			}
		}
	}
	return all
}

// CheckChunks reads chunks past what is in memory, each of which must be named once. It returns what is wrong with them, by index: an error that matches ErrIncomplete or chunker.ErrDamaged, or nil.
// progress is that of VerifyAll. The error says why they could not be read.
func (c *Cache) CheckChunks(ctx context.Context, wanted []chunker.Digest, progress func(done, of int)) ([]error, error) {
	w := newWalk(c, progress, wanted)
	if err := w.chunks(ctx); err != nil {
		return nil, err
	}
	faults := make([]error, len(wanted))
	for i, d := range wanted {
		faults[i] = w.found[d].fault
	}
	return faults, nil
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
