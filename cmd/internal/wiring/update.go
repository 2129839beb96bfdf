package wiring

import (
	"context"
	"errors"

	"github.com/chunkaside/chunkaside/cache"
	"github.com/chunkaside/chunkaside/catalog"
	"github.com/chunkaside/chunkaside/catalog/schema"
	"github.com/chunkaside/chunkaside/chunker"
	"github.com/chunkaside/chunkaside/store"
)

// Record names one record: by its primary key as a Snapshot wants it, and as a Store does.
type Record struct {
	Model  *schema.Model
	Key    string
	Values store.Key
}

// Update reads the records from the store and publishes what they make of the last version. Where there is no last version, or it cannot be read, it builds one from the whole store.
func (a *App) Update(ctx context.Context, records []Record, o *cache.WarmOptions) (cache.Published, error) {
	p, err := a.Cache.Update(ctx, func(ctx context.Context, last *catalog.Snapshot, emit func(chunker.Digest, []byte) error) (*chunker.Manifest, error) {
		// Read here, as the lease's holder, so that nobody has published anything later meanwhile.
		edits, err := a.edits(ctx, records)
		if err != nil {
			return nil, err
		}
		return catalog.Merge(ctx, last, edits, a.build, emit)
	}, o)
	for _, mended := range []error{cache.ErrNoVersion, cache.ErrIncomplete, chunker.ErrDamaged, catalog.ErrSchema, catalog.ErrOptions} {
		if errors.Is(err, mended) {
			return a.Cache.Warm(ctx, o)
		}
	}
	return p, err
}

// edits are the records as the store has them now.
func (a *App) edits(ctx context.Context, records []Record) ([]catalog.Edit, error) {
	keys := map[*schema.Model][]store.Key{}
	for _, r := range records {
		keys[r.Model] = append(keys[r.Model], r.Values)
	}
	found := map[*schema.Model][]store.Entity{}
	for m, wanted := range keys {
		entities, err := a.Store.Builds().Get(ctx, m, wanted)
		if err != nil {
			return nil, err
		}
		found[m] = entities
	}
	edits := make([]catalog.Edit, len(records))
	for i, r := range records {
		edits[i] = catalog.Edit{Model: r.Model, Key: r.Key, Entity: found[r.Model][0]}
		found[r.Model] = found[r.Model][1:]
	}
	return edits, nil
}
