package cache

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"time"

	"github.com/chunkaside/chunkaside/catalog"
	"github.com/chunkaside/chunkaside/chunker"
)

// held is the version in memory. It is replaced, never changed.
type held struct {
	Pointer
	snapshot *catalog.Snapshot
	looked   time.Time // when the pointer was last looked at
}

// Current returns the current version, which the caller may use as long as it likes: a later version does not touch it. A snapshot that could not be refreshed
// is still returned; an error means that there never was one: ErrNoVersion, ErrUnavailable, catalog.ErrSchema, chunker.ErrFormat, what Build returned, or ctx's.
//
// Reading the snapshot fetches the chunks that are not in memory: see Recover for what to do if that fails.
func (c *Cache) Current(ctx context.Context) (*catalog.Snapshot, error) {
	h := c.held.Load()
	if h != nil && time.Since(h.looked) < c.options.MaxAge {
		c.counts.hits.Add(1)
		return h.snapshot, nil
	}
	wait := ctx
	if h != nil {
		// There is an answer already: a newer one is worth a short wait. The work goes on, for the next caller.
		var cancel context.CancelFunc
		wait, cancel = context.WithTimeout(ctx, c.options.SoftTimeout)
		defer cancel()
	}
	fresh, err := c.once(wait, flightRefresh, c.refresh)
	if err == nil {
		return fresh.snapshot, nil
	}
	if h = c.held.Load(); h != nil {
		// One wait is enough: the next callers do not wait for the same work.
		c.lookedInVain()
		c.counts.stale.Add(1)
		return h.snapshot, nil
	}
	return nil, err
}

// Recover returns a version to read instead of s, of which a chunk turned out to be missing or damaged: a newer one, or the same one published anew. Of all callers in all processes one
// builds; the others wait for it.
func (c *Cache) Recover(ctx context.Context, s *catalog.Snapshot) (*catalog.Snapshot, error) {
	h, err := c.once(ctx, flightRecover, func(ctx context.Context) (*held, error) {
		if h := c.held.Load(); h != nil && h.snapshot != s {
			return h, nil // another caller came before
		}
		found, err := c.look(ctx)
		if err != nil {
			return nil, err
		}
		if h := c.held.Load(); found.sound() && h != nil && found.Manifest != h.Manifest {
			return c.follow(ctx, found)
		}
		return c.rebuild(ctx, found, s)
	})
	if err != nil {
		return nil, err
	}
	return h.snapshot, nil
}

// The works that are done once for all callers.
const (
	flightRefresh = "refresh"
	flightRecover = "recover"
)

// once lets one goroutine of the process do the work and the others wait for it, each no longer than its own ctx. The work itself does not end with the ctx of the one that
// happened to come first, for the others need it; it is bounded by BuildTimeout.
func (c *Cache) once(ctx context.Context, name string, do func(context.Context) (*held, error)) (*held, error) {
	work := context.WithoutCancel(ctx)
	result := c.flight.DoChan(name, func() (any, error) {
		bounded, cancel := context.WithTimeout(work, c.options.BuildTimeout)
		defer cancel()
		if err := c.recentFailure(); err != nil && name == flightRefresh {
			return nil, err
		}
		h, err := safely(func() (*held, error) { return do(bounded) })
		if err != nil {
			c.lookedInVain()
			c.trouble.met(bounded, "the catalog cannot be refreshed", err)
			c.failure.Store(&failure{err, time.Now()})
			return nil, err
		}
		c.failure.Store(nil)
		return h, nil
	})
	select {
	case <-ctx.Done():
		return nil, fmt.Errorf("wait for a version: %w", ctx.Err())
	case r := <-result:
		if r.Err != nil {
			return nil, r.Err
		}
		return r.Val.(*held), nil
	}
}

// failure is what the last flight ended with.
type failure struct {
	err error
	at  time.Time
}

// recentFailure is the last flight's error, for a moment: what has just failed for one query would fail for the next one too, and a cache or store in trouble is not helped by being asked at
// every query.
func (c *Cache) recentFailure() error {
	f := c.failure.Load()
	if f == nil || time.Since(f.at) >= min(max(c.options.MaxAge, 0), time.Second) {
		return nil
	}
	return f.err
}

// errPanic: something below panicked. A panic in a goroutine of its own would end the process, and the version in memory with it.
var errPanic = errors.New("panic")

// safely turns a panic into an error.
func safely[T any](do func() (T, error)) (result T, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%w: %v\n%s", errPanic, p, debug.Stack())
		}
	}()
	return do()
}

// refresh makes held what the pointer says.
func (c *Cache) refresh(ctx context.Context) (*held, error) {
	// A flight may have ended between the caller's look at held and this one's start.
	if h := c.held.Load(); h != nil && time.Since(h.looked) < c.options.MaxAge {
		return h, nil
	}
	c.counts.refreshes.Add(1)
	found, err := c.look(ctx)
	if err != nil {
		return nil, err
	}
	if found.sound() {
		h, err := c.follow(ctx, found)
		if errors.Is(err, ErrIncomplete) {
			// Reads may be eventually consistent: the manifest may become visible a little after the pointer.
			if err := idle(ctx, firstPause); err != nil {
				return nil, err
			}
			h, err = c.follow(ctx, found)
		}
		if err == nil || !errors.Is(err, ErrIncomplete) && !isDamage(err) {
			return h, err
		}
		c.trouble.met(ctx, "the version cannot be read", err)
		h, rebuildErr := c.rebuild(ctx, found, nil)
		if errors.Is(rebuildErr, ErrNoVersion) {
			rebuildErr = err // there is one, but it cannot be read, and nothing here can build another
		}
		return h, rebuildErr
	}
	return c.rebuild(ctx, found, nil)
}

// lookedInVain counts a failed look as a look, so that a cache in trouble is not asked at every query.
func (c *Cache) lookedInVain() {
	if h := c.held.Load(); h != nil {
		again := *h
		again.looked = time.Now()
		c.held.CompareAndSwap(h, &again)
	}
}

// follow loads the version that a look found, unless it is the one in memory.
func (c *Cache) follow(ctx context.Context, found look) (*held, error) {
	h := c.held.Load()
	if h != nil && (c.older(found, h) || h.Manifest == found.Manifest) {
		again := *h
		again.looked, again.Sequence = time.Now(), max(h.Sequence, found.Sequence)
		c.held.CompareAndSwap(h, &again)
		return &again, nil
	}
	m, err := c.manifest(ctx, found)
	if err != nil {
		return nil, err
	}
	return c.hold(ctx, found.Pointer, m)
}

// settled is how long a pointer of a lower sequence must stay before it is followed.
const settled = 10 * time.Second

// older says whether what a look found is an old pointer seen late, for reads may be eventually consistent: then there is no going back to it. One that stays is followed all the same: the
// cache was emptied, or an operator's hand was in it, and whoever wrote it has a slower clock.
func (c *Cache) older(found look, h *held) bool {
	if found.Sequence >= h.Sequence {
		c.lower.Store(nil)
		return false
	}
	seen := c.lower.Load()
	if seen == nil || seen.sequence != found.Sequence {
		c.lower.Store(&lower{found.Sequence, time.Now()})
		return true
	}
	return time.Since(seen.since) < settled
}

// lower is a pointer with a lower sequence than that of the version in memory.
type lower struct {
	sequence int64
	since    time.Time
}

// hold makes a version the one in memory, unless a newer one has come to be there meanwhile.
func (c *Cache) hold(ctx context.Context, p Pointer, m *chunker.Manifest) (*held, error) {
	snapshot, err := catalog.NewSnapshot(c.schema, m, c.memory)
	if err != nil {
		return nil, err
	}
	h := &held{Pointer: p, snapshot: snapshot, looked: time.Now()}
	for {
		before := c.held.Load()
		if seen := c.lower.Load(); before != nil && before.Sequence > p.Sequence && (seen == nil || seen.sequence != p.Sequence) {
			return before, nil
		}
		if c.held.CompareAndSwap(before, h) {
			c.lower.Store(nil)
			c.trouble.over(ctx, p)
			if before != nil {
				c.earlier.add(before.snapshot)
			}
			return h, nil
		}
	}
}

func isDamage(err error) bool { return errors.Is(err, chunker.ErrDamaged) }
