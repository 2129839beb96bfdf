package wiring

import (
	"context"
	"time"

	"github.com/chunkaside/chunkaside/cache"
	"github.com/chunkaside/chunkaside/catalog"
	"github.com/chunkaside/chunkaside/catalog/schema"
	"github.com/chunkaside/chunkaside/chunker"
)

// Renew reads the tables of these models, as far as the time goes, and publishes what they make of the last version; left are those that there was no time for. Where there is no last version, or it
// cannot be read, it builds one from the whole store.
func (a *App) Renew(ctx context.Context, models []*schema.Model, o *cache.WarmOptions) (p cache.Published, left []*schema.Model, err error) {
	p, err = a.Cache.Renew(ctx, func(ctx context.Context, last *catalog.Snapshot, emit func(chunker.Digest, []byte) error) (m *chunker.Manifest, err error) {
		m, left, err = catalog.Renew(ctx, a.Store.Builds(), last, catalog.Renewal{Models: models, Until: readUntil(ctx)}, a.build, emit)
		return m, err
	}, o)
	if cache.NeedsWarm(err) {
		left = nil
		p, err = a.Cache.Warm(ctx, o)
	}
	return p, left, err
}

// readUntil is when three quarters of ctx's time are over: a table that was read is sorted and compressed after that, and the version is read back and published.
func readUntil(ctx context.Context) time.Time {
	deadline, ok := ctx.Deadline()
	if !ok {
		return time.Time{}
	}
	now := time.Now()
	return now.Add(deadline.Sub(now) / 4 * 3)
}
