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

// Current returns the current version, which the caller may use as long as it likes: a later version does not touch it. A snapshot that could not be refreshed is still returned, as long as
// MaxStale lets it; an error means that there is none: ErrNoVersion, ErrUnavailable, catalog.ErrSchema, chunker.ErrFormat, what Build returned, or ctx's.
//
// Reading the snapshot fetches the chunks that are not in memory: see Recover for what to do if that fails.
func (c *Cache) Current(ctx context.Context) (*catalog.Snapshot, error) {
	return c.Within(ctx, c.policy.Load().HardTimeout)
}

// Within is Current for callers with more or less patience where there is no version: for a look, and for what another process builds. The one who builds himself, as one of all does, is
// bounded by ctx alone.
func (c *Cache) Within(ctx context.Context, patience time.Duration) (*catalog.Snapshot, error) {
	h := c.held.Load()
	switch c.freshness(h) {
	case fresh:
		c.counts.hits.Add(1)
		return h.snapshot, nil
	case early:
		if !c.first.TryLock() {
			c.counts.hits.Add(1)
			return h.snapshot, nil
		}
		defer c.first.Unlock()
		return c.refreshed(ctx)
	case due:
		return c.refreshed(ctx)
	}
	return c.loaded(ctx, patience)
}

// refreshed is the version after a look, or the one in memory if that fails or takes long: there is an answer already, so a newer one is worth a short wait.
func (c *Cache) refreshed(ctx context.Context) (*catalog.Snapshot, error) {
	patience := c.policy.Load().SoftTimeout
	if !c.works.resident && c.coming.insist() {
		patience = insistence
	}
	soft, builds, stop := c.softly(ctx, patience)
	defer stop()
	newer, err := c.once(soft, flightRefresh, c.refresh)
	if v, ok := errors.AsType[*vacancy](err); ok && !c.works.busy(flightRefill) {
		newer, err = c.refill(soft, v, builds)
	}
	if err == nil {
		return newer.snapshot, nil
	}
	// One wait is enough: the next callers do not wait for the same work.
	c.lookedInVain()
	return c.stale(c.held.Load()), nil
}

// stale is an old version, for want of a newer one.
func (c *Cache) stale(h *held) *catalog.Snapshot {
	c.counts.stale.Add(1)
	c.tell(Event{Kind: Stale, Version: h.Manifest, Age: time.Since(h.seen)})
	return h.snapshot
}

// loaded is the first version of a process, or the first one after a time in which it could not be looked for. Callers have nothing else to answer, so they wait.
func (c *Cache) loaded(ctx context.Context, patience time.Duration) (*catalog.Snapshot, error) {
	waiting, builds, stop := patient(ctx, patience)
	defer stop()
	h, err := c.once(waiting, flightRefresh, c.refresh)
	if v, ok := errors.AsType[*vacancy](err); ok {
		if h, err = c.refill(waiting, v, builds); errors.Is(err, ErrNoVersion) {
			err = v // there may be one that cannot be read, and nothing here can build another
		}
	}
	if err != nil {
		return nil, err
	}
	return h.snapshot, nil
}

// vacancy: the shared cache answers, and has no version that can be read.
type vacancy struct {
	found look
	err   error // matches ErrNoVersion, ErrIncomplete or chunker.ErrDamaged
}

func (v *vacancy) Error() string { return v.err.Error() }

func (v *vacancy) Unwrap() error { return v.err }

// refill fills a vacancy. builds is called if this caller is the one who builds.
func (c *Cache) refill(ctx context.Context, v *vacancy, builds func()) (*held, error) {
	return c.once(ctx, flightRefill, func(ctx context.Context) (*held, error) { return c.rebuild(ctx, v.found, nil, builds) })
}

// The works that are done once for all callers.
const (
	flightRefresh = "refresh"
	flightRefill  = "refill"
	flightRecover = "recover"
)

// once lets one goroutine of the process do a work and the others wait for it, each no longer than its own ctx. The work is bounded by BuildTimeout.
func (c *Cache) once(ctx context.Context, name string, do func(context.Context) (*held, error)) (*held, error) {
	h, err := c.works.join(ctx, name, func(ctx context.Context) (*held, error) {
		ctx, cancel := context.WithTimeout(ctx, c.options.BuildTimeout)
		defer cancel()
		if err := c.recentFailure(); err != nil && name != flightRecover {
			return nil, err
		}
		h, err := do(ctx)
		if _, vacant := errors.AsType[*vacancy](err); vacant {
			return nil, err // what comes of it is to be seen
		}
		if err != nil {
			c.lookedInVain()
			if !errors.Is(err, context.Canceled) {
				c.trouble.met(ctx, "the catalog cannot be refreshed", err)
				c.failure.Store(&failure{err, time.Now()})
			}
			return nil, err
		}
		c.failure.Store(nil)
		return h, nil
	})
	if err != nil && ctx.Err() != nil {
		err = fmt.Errorf("wait for a version: %w", context.Cause(ctx))
	}
	return h, err
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
	if f == nil || time.Since(f.at) >= min(max(c.policy.Load().MaxAge, 0), time.Second) {
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

// refresh makes held what the pointer says. The error is a *vacancy where it says nothing, or something that is not there.
func (c *Cache) refresh(ctx context.Context) (_ *held, err error) {
	// A flight may have ended between the caller's look at held and this one's start.
	if h := c.held.Load(); c.freshness(h) == fresh {
		return h, nil
	}
	c.counts.refreshes.Add(1)
	ctx, end := c.options.Trace.Begin(ctx, "refresh", "")
	defer func() { end(err) }()
	found, err := c.look(ctx)
	if err != nil {
		return nil, err
	}
	if err := found.usable(); err != nil {
		return nil, &vacancy{found, err}
	}
	h, err := c.follow(ctx, found)
	if errors.Is(err, ErrIncomplete) {
		// Reads may be eventually consistent: the manifest may become visible a little after the pointer.
		if err := idle(ctx, firstPause); err != nil {
			return nil, err
		}
		h, err = c.follow(ctx, found)
	}
	if errors.Is(err, ErrIncomplete) || isDamage(err) {
		c.trouble.met(ctx, "the version cannot be read", err)
		return nil, &vacancy{found, err}
	}
	return h, err
}

// lookedInVain counts a failed look as a look, so that a cache in trouble is not asked at every query.
func (c *Cache) lookedInVain() {
	if h := c.held.Load(); h != nil {
		c.held.CompareAndSwap(h, c.looked(*h, false))
	}
}

func isDamage(err error) bool { return errors.Is(err, chunker.ErrDamaged) }
