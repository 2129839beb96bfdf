package wiring

import (
	"context"

	"github.com/chunkaside/chunkaside/cache"
	"github.com/chunkaside/chunkaside/catalog"
	"github.com/chunkaside/chunkaside/chunker"
)

// Update reads the records from the store and publishes what they make of the last version. Where there is no last version, or it cannot be read, it builds one from the whole store.
func (a *App) Update(ctx context.Context, records []catalog.Record, o *cache.WarmOptions) (cache.Published, error) {
	p, err := a.Cache.Update(ctx, func(ctx context.Context, last *catalog.Snapshot, emit func(chunker.Digest, []byte) error) (*chunker.Manifest, error) {
		// Read here, as the lease's holder, so that nobody has published anything later meanwhile.
		edits, err := catalog.ReadEdits(ctx, a.Store.Builds(), records)
		if err != nil {
			return nil, err
		}
		return catalog.Merge(ctx, last, edits, a.build, emit)
	}, o)
	if cache.NeedsWarm(err) {
		return a.Cache.Warm(ctx, o)
	}
	return p, err
}
