package cache

import (
	"context"
	"fmt"
	"slices"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/chunkaside/chunkaside/chunker"
)

// CollectOptions tunes a Collect. The zero value of each field means its default.
type CollectOptions struct {
	// Keep is how many of the newest versions stay; default Options.Keep, negative keeps none but the current one.
	Keep int
	// Grace is how long a version stays after it ceased to be the current one, for those who still read it. Default 1 h; negative is none.
	Grace time.Duration
	// DryRun only says what would go.
	DryRun bool
}

// Collected says what a Collect took away.
type Collected struct {
	// Versions that are listed no more.
	Versions []Version `json:"versions"`
	// Chunks that only they had, and the bytes of those.
	Chunks int   `json:"chunks"`
	Bytes  int64 `json:"bytes"`
}

// Collect takes older versions out of the history, and deletes the chunks that no other version of the history has: now, and not when their TTL ends. The current version, the newest and a pinned
// one stay whatever the options say. It works as the lease's holder, so that nobody publishes meanwhile what it deletes; Publish, which takes no lease, must not run beside it.
func (c *Cache) Collect(ctx context.Context, o CollectOptions) (Collected, error) {
	var done Collected
	err := c.alone(ctx, 0, func(ctx context.Context, found look) error {
		if err := found.usable(); err != nil {
			return err
		}
		history, err := c.history(ctx, found)
		if err != nil {
			return err // what is to go is not known
		}
		done, err = c.collect(ctx, found, history, c.collectDefaults(o))
		return err
	})
	return done, err
}

func (c *Cache) collectDefaults(o CollectOptions) CollectOptions {
	if o.Keep == 0 {
		o.Keep = c.options.Keep
	}
	if o.Grace == 0 {
		o.Grace = time.Hour
	}
	return o
}

func (c *Cache) collect(ctx context.Context, found look, history History, o CollectOptions) (Collected, error) {
	// A lease that ends in the middle would let another publish what is just being deleted.
	ctx, cancel := context.WithTimeout(ctx, c.options.BuildTimeout/2)
	defer cancel()
	stay, leave := history.divide(o.Keep, o.Grace, time.Now())
	done := Collected{Versions: append([]Version{}, leave...)}
	if len(leave) == 0 {
		return done, nil
	}
	needed, err := c.manifestsOf(ctx, stay)
	if err != nil {
		return Collected{}, err
	}
	if named(history.Manifest, needed) == nil {
		return Collected{}, fmt.Errorf("what the current version needs is not known, so nothing was deleted: %w", ErrIncomplete)
	}
	garbage, err := c.garbage(ctx, needed, leave)
	if err != nil {
		return Collected{}, err
	}
	for _, chunk := range garbage.chunks {
		done.Chunks++
		done.Bytes += int64(chunk.Size())
	}
	if o.DryRun {
		return done, nil
	}
	// The pointer gets a new TTL: what it names needs one first.
	if err := c.prolong(ctx, needed, map[chunker.Digest]bool{}); err != nil {
		return Collected{}, err
	}
	// Then nobody can go back to those that leave any more, and then they go. Those that are lost leave too.
	stay = slices.DeleteFunc(stay, func(v Version) bool { return named(v.Manifest, needed) == nil })
	if _, err := c.announce(ctx, found, found.next(c.options.Clock()), stay); err != nil {
		return Collected{}, err
	}
	return done, c.discard(ctx, garbage)
}

func (c *Cache) manifestsOf(ctx context.Context, versions []Version) ([]*chunker.Manifest, error) {
	digests := make([]chunker.Digest, len(versions))
	for i, v := range versions {
		digests[i] = v.Manifest
	}
	return c.manifests(ctx, digests)
}

// divide parts the versions that stay from those that leave.
func (h History) divide(keep int, grace time.Duration, now time.Time) (stay, leave []Version) {
	needed := map[chunker.Digest]bool{h.Manifest: true, h.Newest().Manifest: true}
	for i, v := range h.Versions {
		if i < keep || now.Sub(h.ended(i)) <= grace {
			needed[v.Manifest] = true
		}
	}
	for _, v := range h.Versions {
		if needed[v.Manifest] {
			stay = append(stay, v)
		} else {
			leave = append(leave, v)
		}
	}
	return stay, leave
}

// ended is when a version that is not the current one was last needed, as far as is known.
func (h History) ended(i int) time.Time {
	ended := h.Versions[i].Until
	if i > 0 && h.Versions[i-1].Published.After(ended) {
		ended = h.Versions[i-1].Published
	}
	return ended
}

// garbage is what only versions that leave have.
type garbage struct {
	manifests []chunker.Digest
	chunks    map[chunker.Digest]*chunker.Chunk
}

// garbage is what the versions that leave have, and none of those that stay.
func (c *Cache) garbage(ctx context.Context, needed []*chunker.Manifest, leave []Version) (garbage, error) {
	g := garbage{chunks: map[chunker.Digest]*chunker.Chunk{}}
	for _, v := range leave {
		if !slices.Contains(g.manifests, v.Manifest) {
			g.manifests = append(g.manifests, v.Manifest)
		}
	}
	leaving, err := c.manifestsOf(ctx, leave) // of those that are lost already, the chunks end by their TTL
	if err != nil {
		return garbage{}, err
	}
	for _, m := range leaving {
		for chunk := range m.Chunks {
			g.chunks[chunk.Digest] = chunk
		}
	}
	for _, m := range needed {
		for chunk := range m.Chunks {
			delete(g.chunks, chunk.Digest)
		}
	}
	return g, nil
}

// discard deletes. What it cannot delete ends by its TTL.
func (c *Cache) discard(ctx context.Context, g garbage) error {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(c.options.Parallelism)
	var deleted atomic.Int64
	remove := func(key string) {
		group.Go(func() error {
			if err := c.driver.Delete(ctx, key); err != nil {
				return fmt.Errorf("delete %s, after %d others: %w", key, deleted.Load(), err)
			}
			deleted.Add(1)
			return nil
		})
	}
	for d := range g.chunks {
		remove(c.keys.chunk(d))
	}
	for _, d := range g.manifests {
		remove(c.keys.manifest(d))
	}
	return group.Wait()
}
