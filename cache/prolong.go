package cache

import (
	"context"
	"fmt"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/chunkaside/chunkaside/chunker"
)

// alive are the manifests of the versions that a publish keeps alive: the current one and the newest, and unless it is a brief one the last Options.Keep. Those that cannot be read are left out:
// there is nothing to keep.
func (c *Cache) alive(ctx context.Context, h History, brief bool) []*chunker.Manifest {
	count := c.options.Keep
	if brief {
		count = 1
	}
	wanted := h.Versions[:min(count, len(h.Versions))]
	if h.Manifest != "" {
		wanted = append([]Version{h.Current()}, wanted...)
	}
	manifests := make([]*chunker.Manifest, len(wanted))
	var group errgroup.Group
	group.SetLimit(c.options.Parallelism)
	seen := map[chunker.Digest]bool{}
	for i, v := range wanted {
		if seen[v.Manifest] {
			continue
		}
		seen[v.Manifest] = true
		group.Go(func() error {
			if m, err := c.Manifest(ctx, v); err == nil {
				manifests[i] = m
			}
			return nil
		})
	}
	_ = group.Wait() // it has no error
	return slices.DeleteFunc(manifests, func(m *chunker.Manifest) bool { return m == nil })
}

// prolong gives older versions a new TTL, but for the chunks that they share with the one just written. What is missing of them is missing: it is no fault of this publish.
func (c *Cache) prolong(ctx context.Context, older []*chunker.Manifest, written *chunker.Manifest) {
	done := map[chunker.Digest]bool{}
	for chunk := range written.Chunks {
		done[chunk.Digest] = true
	}
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(c.options.Parallelism)
	touch := func(key string, ttl time.Duration) {
		group.Go(func() error {
			if _, err := c.driver.Touch(ctx, key, ttl); err != nil {
				return fmt.Errorf("touch %s: %w", key, err)
			}
			return nil
		})
	}
	for _, m := range older {
		for chunk := range m.Chunks {
			if !done[chunk.Digest] {
				done[chunk.Digest] = true
				touch(c.keys.chunk(chunk.Digest), c.options.TTL)
			}
		}
		if m.Digest != written.Digest {
			touch(c.keys.manifest(m.Digest), c.options.TTL/24*23)
		}
	}
	if err := group.Wait(); err != nil {
		c.trouble.met(ctx, "older versions were not kept alive", err)
	}
}
