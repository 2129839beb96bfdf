package cache

import (
	"context"
	"errors"
	"time"

	"github.com/chunkaside/chunkaside/catalog"
	"github.com/chunkaside/chunkaside/chunker"
)

// WarmOptions tunes a Warm, a Renew or an Update. A nil *WarmOptions has the defaults.
type WarmOptions struct {
	// Force publishes the version although rules refuse it. What they found is in the result, and in the history.
	Force bool
	// NewSchema publishes although the current version is of another schema, whose readers go on with the version that they hold, and refuse this one. Without it that is an error, which matches
	// catalog.ErrSchema: deployments of two schemas must not share a namespace.
	NewSchema bool
}

func (o *WarmOptions) publishing() publishing {
	if o == nil {
		return publishing{}
	}
	return publishing{forced: o.Force, newSchema: o.NewSchema}
}

// Warm builds a version and publishes it, whatever the cache holds, as the lease's holder; it waits for a holder that is at work. Chunks that the cache should have but lacks, or holds damaged,
// are sent again. While another version is pinned, that one stays current. The error is a *catalog.RefusedError if Options.Rules refuse the version: then nothing changes.
func (c *Cache) Warm(ctx context.Context, o *WarmOptions) (Published, error) {
	if c.options.Build == nil {
		return Published{}, ErrNoVersion
	}
	var p Published
	err := c.alone(ctx, failurePause, func(ctx context.Context, found look) (err error) {
		p, err = c.publishAndHold(ctx, c.build, found, o.publishing())
		return err
	})
	c.counts.drifted.Add(int64(p.Changed()))
	return p, err
}

// Merge makes a version of the last one: see catalog.Merge and catalog.Renew. It hands the chunks that are not in the last version to emit, and returns the manifest.
type Merge func(ctx context.Context, last *catalog.Snapshot, emit func(chunker.Digest, []byte) error) (*chunker.Manifest, error)

// Update publishes what merge makes of the version published last, as the lease's holder, as Warm does. Of the chunks that both versions have, only the presence is checked. If there is no
// version, or it cannot be read, or not all of it is there, nothing changes and NeedsWarm says so of the error.
func (c *Cache) Update(ctx context.Context, merge Merge, o *WarmOptions) (Published, error) {
	var p Published
	err := c.alone(ctx, 0, func(ctx context.Context, found look) (err error) {
		how := o.publishing()
		how.brief = true
		p, err = c.publishAfter(ctx, merge, found, how)
		return err
	})
	return p, err
}

// Renew is a Warm that may read a part of the source of truth: what renew makes of the version published last is published in the place of a build. Chunks that it hands to emit are repaired, as Warm
// does; of all others only the presence is checked, as Update does, and NeedsWarm is to be asked of the error, too.
func (c *Cache) Renew(ctx context.Context, renew Merge, o *WarmOptions) (Published, error) {
	var p Published
	err := c.alone(ctx, failurePause, func(ctx context.Context, found look) (err error) {
		p, err = c.publishAfter(ctx, func(ctx context.Context, last *catalog.Snapshot, emit func(chunker.Digest, []byte) error) (*chunker.Manifest, error) {
			return c.told(ctx, func(ctx context.Context) (*chunker.Manifest, error) { return renew(ctx, last, emit) })
		}, found, o.publishing())
		return err
	})
	c.counts.drifted.Add(int64(p.Changed()))
	return p, err
}

// publishAfter publishes what merge makes of the version that was built last.
func (c *Cache) publishAfter(ctx context.Context, merge Merge, found look, how publishing) (Published, error) {
	if err := found.usable(); err != nil {
		return Published{}, err
	}
	history, err := c.history(ctx, found)
	if err != nil {
		return Published{}, err // which version was built last is not known
	}
	last, err := c.Open(ctx, history.Newest())
	if err != nil {
		return Published{}, err
	}
	return c.publishAndHold(ctx, func(ctx context.Context, emit func(chunker.Digest, []byte) error) (*chunker.Manifest, error) {
		return merge(ctx, last, emit)
	}, found, how)
}

// NeedsWarm says whether an error is that there is no version which can be followed or read, which Warm mends.
func NeedsWarm(err error) bool {
	for _, mended := range []error{ErrNoVersion, ErrIncomplete, chunker.ErrDamaged, catalog.ErrSchema, catalog.ErrOptions} {
		if errors.Is(err, mended) {
			return true
		}
	}
	return false
}

// alone does something as the lease's holder, with what the pointer says; it waits for a holder that is at work. If it fails, nobody else may begin before the pause is over.
func (c *Cache) alone(ctx context.Context, pause time.Duration, do func(ctx context.Context, found look) error) error {
	for wait := firstPause / 10; ; wait = longer(wait) { // the last holder's lease may be just ending
		asked := time.Now() // the lease began after it
		l, err := c.acquire(ctx)
		if err != nil {
			return err
		}
		if l != nil {
			return c.holding(ctx, l, asked.Add(c.options.BuildTimeout), pause, do)
		}
		if err := idle(ctx, wait); err != nil {
			return err
		}
	}
}

// holding does something and ends the lease.
func (c *Cache) holding(ctx context.Context, l *lease, until time.Time, pause time.Duration, do func(ctx context.Context, found look) error) (err error) {
	defer func() {
		if err == nil || refused(err) || NeedsWarm(err) {
			l.release(ctx) // an operator may want to force it, and a Warm may follow
			return
		}
		l.end(ctx, "failed", pause)
	}()
	ctx, cancel := context.WithDeadline(ctx, until)
	defer cancel()
	ctx, stop := l.keep(ctx)
	defer stop()
	found, err := c.look(ctx)
	if err == nil {
		err = do(ctx, c.after(found))
	}
	return leaseLost(ctx, err)
}

// publishAndHold publishes, and makes what is current then the version in memory.
func (c *Cache) publishAndHold(ctx context.Context, build Build, found look, how publishing) (Published, error) {
	p, m, err := c.publish(ctx, build, found, how)
	if err != nil {
		return Published{}, err
	}
	if p.Manifest == m.Digest {
		_, err = c.hold(ctx, p.Pointer, m)
	}
	return p, err
}
