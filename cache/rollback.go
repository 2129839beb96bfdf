package cache

import (
	"context"
	"fmt"

	"golang.org/x/sync/errgroup"

	"github.com/chunkaside/chunkaside/catalog"
	"github.com/chunkaside/chunkaside/chunker"
)

// Rollback makes a version the current one again, under a sequence higher than all before. seen is the history that it was chosen from: if another version has become current since then, the error is
// ErrConflict. Before the pointer moves, every chunk of the version is read, checked, and given a new TTL. The next warm-up or update publishes what the store holds then: Pin keeps the
// version. A pin ends. progress, if not nil, is told how many chunks of how many have been read; it must not block.
//
// The error matches ErrIncomplete or chunker.ErrDamaged if not all of the version is there any more, catalog.ErrSchema if this schema's readers could not read it.
func (c *Cache) Rollback(ctx context.Context, seen History, to Version, progress func(done, of int)) (Pointer, error) {
	return c.choose(ctx, progress, func(now History) (Version, bool, error) { return to, false, now.unmoved(seen) })
}

// Pin is Rollback, also to the version that is current, and holds it: what is published later joins the history, but is not read until Unpin.
func (c *Cache) Pin(ctx context.Context, seen History, to Version, progress func(done, of int)) (Pointer, error) {
	return c.choose(ctx, progress, func(now History) (Version, bool, error) { return to, true, now.unmoved(seen) })
}

// Unpin ends a Pin: the version that was built last becomes the current one, as by Rollback. If nothing is pinned, nothing changes.
func (c *Cache) Unpin(ctx context.Context, progress func(done, of int)) (Pointer, error) {
	return c.choose(ctx, progress, func(now History) (Version, bool, error) {
		if !now.Pinned {
			return now.Current(), false, nil
		}
		return now.Newest(), false, nil
	})
}

// unmoved says whether the current version is still the one that an operator has seen.
func (h History) unmoved(seen History) error {
	if h.Manifest != seen.Manifest {
		return fmt.Errorf("version %s is current now, not %s: look again: %w", h.Manifest.Short(), seen.Manifest.Short(), ErrConflict)
	}
	return nil
}

// choose makes a version of the history the current one, as the lease's holder.
func (c *Cache) choose(ctx context.Context, progress func(done, of int), which func(History) (v Version, pinned bool, err error)) (Pointer, error) {
	var p Pointer
	err := c.alone(ctx, 0, func(ctx context.Context, found look) error {
		if err := found.usable(); err != nil {
			return err
		}
		history, err := c.history(ctx, found)
		if err != nil && !lost(err) {
			return err
		}
		v, pinned, err := which(history)
		if err != nil {
			return err
		}
		p = found.Pointer
		if v.Manifest == found.Manifest && pinned == found.Pinned {
			return nil // nothing to change
		}
		p, err = c.point(ctx, found, history, v, pinned, progress)
		return err
	})
	return p, err
}

// point moves the pointer to a version of the history, if all of it is there.
func (c *Cache) point(ctx context.Context, found look, history History, v Version, pinned bool, progress func(done, of int)) (Pointer, error) {
	m, err := c.Manifest(ctx, v)
	if err != nil {
		return Pointer{}, err
	}
	if _, err := catalog.NewSnapshot(c.schema, m, c.memory); err != nil {
		return Pointer{}, err
	}
	if err := c.secure(ctx, m, progress); err != nil {
		return Pointer{}, err
	}
	next := found.next(c.options.Clock())
	next.Manifest, next.Pinned = v.Manifest, pinned
	versions := history.Versions
	if v.Manifest != found.Manifest {
		next.Floor = next.Sequence
		versions = history.again(v, next)
	}
	p, err := c.announce(ctx, found, next, versions)
	if err != nil {
		return Pointer{}, err
	}
	c.writeHead(ctx, m)
	_, err = c.hold(ctx, p, m)
	return p, err
}

// secure makes sure that all of a version is in the cache, whole, and stays there for a TTL.
func (c *Cache) secure(ctx context.Context, m *chunker.Manifest, progress func(done, of int)) error {
	w := newWalk(c, progress, digests(m))
	if err := w.chunks(ctx); err != nil {
		return err
	}
	if err := w.fault(); err != nil {
		return fmt.Errorf("version %s cannot become current: %w", m.Digest.Short(), err)
	}
	group, touching := errgroup.WithContext(ctx)
	group.SetLimit(c.options.Parallelism)
	for _, d := range w.digests {
		group.Go(func() error { return c.keepChunk(touching, d) })
	}
	if err := group.Wait(); err != nil {
		return err
	}
	return c.writeManifest(ctx, m)
}

// keepChunk gives a chunk that must be there a new TTL.
func (c *Cache) keepChunk(ctx context.Context, d chunker.Digest) error {
	there, err := c.driver.Touch(ctx, c.keys.chunk(d), c.options.TTL)
	if err == nil && !there {
		err = ErrIncomplete
	}
	if err != nil {
		return fmt.Errorf("keep chunk %s: %w", d.Short(), err)
	}
	return nil
}
