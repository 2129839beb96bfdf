package cache

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/chunkaside/chunkaside/catalog"
	"github.com/chunkaside/chunkaside/chunker"
)

// Verified is what a walk through a version found.
type Verified struct {
	Version
	// Chunks of the version, and how many bytes of them are stored.
	Chunks int   `json:"chunks"`
	Stored int64 `json:"stored"`
	// Missing chunks are not in the cache, Damaged ones hold other bytes than their digest says.
	Missing int `json:"missing"`
	Damaged int `json:"damaged"`
	// Faults say what is wrong, one a chunk or section.
	Faults []string `json:"faults"`
	// Findings are what the rules have to say of a version without faults, looked at whole: values and targets that are missing are no fault of the version.
	Findings []string `json:"findings"`
}

// Sound says whether nothing is wrong.
func (v Verified) Sound() bool { return len(v.Faults) == 0 }

// Verify reads a whole version of the history past what is in memory: every chunk against its digest, then every entity and index line against the schema and each other. progress, if not nil, is
// told how many chunks of how many have been read; it must not block. The error says why the walk could not be made; what it found is in the result.
func (c *Cache) Verify(ctx context.Context, v Version, progress func(done, of int)) (Verified, error) {
	m, err := c.Manifest(ctx, v)
	if err != nil {
		return Verified{}, err
	}
	w := newWalk(c, m, progress)
	w.verified.Version = v
	if err := w.chunks(ctx); err != nil {
		return Verified{}, err
	}
	if w.verified.Sound() {
		// Only sound chunks are worth a look into.
		err = w.sections(ctx, m)
	}
	return w.verified, err
}

// walk reads the chunks of a version.
type walk struct {
	cache    *Cache
	progress func(done, of int)
	digests  []chunker.Digest

	mu       sync.Mutex
	verified Verified
}

func newWalk(c *Cache, m *chunker.Manifest, progress func(done, of int)) *walk {
	w := &walk{cache: c, progress: progress, verified: Verified{Faults: []string{}, Findings: []string{}}}
	for chunk := range m.Chunks {
		w.digests = append(w.digests, chunk.Digest)
	}
	return w
}

func (w *walk) chunks(ctx context.Context) error {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(w.cache.options.Parallelism)
	for _, d := range w.digests {
		group.Go(func() error {
			values, err := w.cache.driver.Get(ctx, []string{w.cache.keys.chunk(d)})
			if err != nil {
				return fmt.Errorf("read chunk %s: %w", d.Short(), err)
			}
			w.found(d, values[0])
			return nil
		})
	}
	return group.Wait()
}

// found counts a chunk as it was read; nil is a missing one.
func (w *walk) found(d chunker.Digest, data []byte) {
	w.mu.Lock()
	defer w.mu.Unlock()
	v := &w.verified
	v.Chunks++
	v.Stored += int64(len(data))
	switch err := chunker.Verify("chunk", data, d); {
	case data == nil:
		v.Missing++
		v.Faults = append(v.Faults, fmt.Sprintf("chunk %s is missing", d))
	case err != nil:
		v.Damaged++
		v.Faults = append(v.Faults, err.Error())
	}
	if w.progress != nil {
		w.progress(v.Chunks, len(w.digests))
	}
}

// sections looks into every block, with a memory of its own: what this process holds already proves nothing.
func (w *walk) sections(ctx context.Context, m *chunker.Manifest) error {
	memory, err := catalog.NewMemory(w.cache.fetchChunks, w.cache.options.Memory)
	if err != nil {
		return err
	}
	snapshot, err := catalog.NewSnapshot(w.cache.schema, m, memory)
	if err != nil {
		return err
	}
	for _, model := range w.cache.schema.Models {
		err := snapshot.Check(ctx, model)
		switch {
		case errors.Is(err, chunker.ErrDamaged):
			w.verified.Damaged++
			w.verified.Faults = append(w.verified.Faults, fmt.Sprintf("section %s: %v", model.Name, err))
		case err != nil:
			return err
		}
	}
	if !w.verified.Sound() {
		return nil
	}
	validated, err := catalog.Validate(ctx, nil, snapshot, w.cache.options.Rules)
	for _, f := range validated.Findings {
		w.verified.Findings = append(w.verified.Findings, f.String())
	}
	return err
}
