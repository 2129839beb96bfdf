package catalog_test

import (
	"bytes"
	"context"
	"slices"

	"github.com/chunkaside/chunkaside/catalog/schema"
	"github.com/chunkaside/chunkaside/store"
)

// editing is a store with the title of one episode changed.
type editing struct {
	store.Store
	at int
}

func (e *editing) Scan(ctx context.Context, m *schema.Model, o *store.ScanOptions, emit func([]store.Entity) error) error {
	n := 0
	return e.Store.Scan(ctx, m, o, func(entities []store.Entity) error {
		if m.Name == "Episode" && e.at >= n && e.at < n+len(entities) {
			entities = slices.Clone(entities)
			entities[e.at-n] = bytes.Replace(entities[e.at-n], []byte(`"title":"`), []byte(`"title":"Edited `), 1)
		}
		n += len(entities)
		return emit(entities)
	})
}

func median(values []float64) float64 {
	slices.Sort(values)
	return values[len(values)/2]
}
