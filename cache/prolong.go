package cache

import (
	"context"
	"fmt"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/chunkaside/chunkaside/chunker"
)

// alive are the manifests of the versions that a publish keeps alive: the current one, the one that was built last, and unless it is a brief one the last Options.Keep. Those that are lost are left
// out: there is nothing to keep.
func (c *Cache) alive(ctx context.Context, h History, brief bool) ([]*chunker.Manifest, error) {
	if len(h.Versions) == 0 {
		return nil, nil
	}
	wanted := []chunker.Digest{h.Manifest, h.Newest().Manifest}
	if !brief {
		for _, v := range h.Versions[:min(c.options.Keep, len(h.Versions))] {
			wanted = append(wanted, v.Manifest)
		}
	}
	return c.manifests(ctx, wanted)
}

// manifests reads several at once, each once, and leaves out those that are lost.
func (c *Cache) manifests(ctx context.Context, wanted []chunker.Digest) ([]*chunker.Manifest, error) {
	seen := map[chunker.Digest]bool{}
	wanted = slices.DeleteFunc(wanted, func(d chunker.Digest) bool {
		double := seen[d]
		seen[d] = true
		return double
	})
	found := make([]*chunker.Manifest, len(wanted))
	group, reading := errgroup.WithContext(ctx)
	group.SetLimit(c.options.Parallelism)
	for i, d := range wanted {
		group.Go(func() error {
			m, err := c.Manifest(reading, Version{Manifest: d})
			if err != nil && !lost(err) {
				return err
			}
			found[i] = m
			if err != nil {
				found[i] = nil
			}
			return nil
		})
	}
	err := group.Wait()
	return slices.DeleteFunc(found, func(m *chunker.Manifest) bool { return m == nil }), err
}

// named is the manifest of this digest among some, or nil.
func named(d chunker.Digest, manifests []*chunker.Manifest) *chunker.Manifest {
	for _, m := range manifests {
		if m.Digest == d {
			return m
		}
	}
	return nil
}

// prolong gives versions a new TTL, but for the chunks of done. What of them is missing is missing; the error is that the cache could not be used.
func (c *Cache) prolong(ctx context.Context, versions []*chunker.Manifest, done map[chunker.Digest]bool) error {
	var group errgroup.Group // one that fails does not keep the others from being touched
	group.SetLimit(c.options.Parallelism)
	touch := func(key string, ttl time.Duration) {
		group.Go(func() error {
			if _, err := c.driver.Touch(ctx, key, ttl); err != nil {
				return fmt.Errorf("keep %s alive: %w", key, err)
			}
			return nil
		})
	}
	for _, m := range versions {
		for chunk := range m.Chunks {
			if !done[chunk.Digest] {
				done[chunk.Digest] = true
				touch(c.keys.chunk(chunk.Digest), c.options.TTL)
			}
		}
		touch(c.keys.manifest(m.Digest), c.options.TTL/24*23)
	}
	return group.Wait()
}

// remain gives what a pointer names a new TTL, and then the pointer itself: the versions go on as they are.
func (c *Cache) remain(ctx context.Context, found look, versions []*chunker.Manifest) error {
	if !found.sound() {
		return nil
	}
	if err := c.prolong(ctx, versions, map[chunker.Digest]bool{}); err != nil {
		return err
	}
	if found.History != "" {
		if _, err := c.driver.Touch(ctx, c.keys.history(found.History), c.options.TTL/24*23); err != nil {
			return fmt.Errorf("keep the history alive: %w", err)
		}
	}
	if _, err := c.driver.Touch(ctx, c.keys.head(), c.options.TTL/24*23); err != nil {
		return fmt.Errorf("keep the manifest's copy alive: %w", err)
	}
	if _, err := c.driver.Touch(ctx, c.keys.pointer(), c.options.TTL/24*22); err != nil {
		return fmt.Errorf("keep the pointer alive: %w", err)
	}
	return nil
}

func chunksOf(m *chunker.Manifest) map[chunker.Digest]bool {
	chunks := map[chunker.Digest]bool{}
	for chunk := range m.Chunks {
		chunks[chunk.Digest] = true
	}
	return chunks
}
