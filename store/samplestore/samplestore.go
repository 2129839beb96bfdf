// Package samplestore is the store behind the URL "sample:": a made-up catalog of a streaming service, about 10 MB of English
// and Japanese, for a first try without any data of one's own, and for tests and benchmarks that need the same bytes everywhere.
//
// Programs have episode groups, these have episodes. The catalog is generated on the first call, in memory, always the same:
// a frozen digest holds every byte of it. Its schema is Schema.
//
//	s, err := schema.Parse("sample.graphql", samplestore.Schema)
//	st := samplestore.New()
//	entities, err := st.Get(ctx, s.Model("Program"), []store.Key{{"detective-arthur"}})
package samplestore

import (
	"context"
	_ "embed"
	"fmt"
	"slices"

	"github.com/chunkaside/chunkaside/catalog/schema"
	"github.com/chunkaside/chunkaside/store"
)

// Schema is the sample's catalog as SDL.
//
//go:embed sample.graphql
var Schema string

// Store reads the sample. All Stores of a process share the entities: who gets them must not write to them.
type Store struct{}

var _ store.Store = (*Store)(nil)

// New returns a Store. Nothing is generated before its first call.
func New() *Store { return &Store{} }

// batch is how many entities are handed over at once.
const batch = 500

// Scan is store.Store's. It reads memory, so Parallelism changes nothing.
func (s *Store) Scan(ctx context.Context, m *schema.Model, o *store.ScanOptions, emit func([]store.Entity) error) error {
	t, err := find(ctx, m)
	if err != nil {
		return err
	}
	var progress store.Progress
	for entities := range slices.Chunk(t.entities, batch) {
		if err := ctx.Err(); err != nil {
			return err
		}
		// A copy: emit may keep the slice, and the next Scan must find its own as it was.
		if err := emit(slices.Clone(entities)); err != nil {
			return err
		}
		for _, e := range entities {
			progress.Bytes += int64(len(e))
		}
		progress.Entities += int64(len(entities))
		o.Report(progress)
	}
	return nil
}

// Get is store.Store's.
func (s *Store) Get(ctx context.Context, m *schema.Model, keys []store.Key) ([]store.Entity, error) {
	t, err := find(ctx, m)
	if err != nil {
		return nil, err
	}
	entities := make([]store.Entity, len(keys))
	for i, key := range keys {
		if err := key.Check(t.model.Key); err != nil {
			return nil, fmt.Errorf("get %s: %w", m.Name, err)
		}
		if row, found := t.rows[key[0]]; found {
			entities[i] = t.entities[row]
		}
	}
	return entities, nil
}

// Query is store.Store's.
func (s *Store) Query(ctx context.Context, m *schema.Model, q store.Query) (store.Page, error) {
	t, err := find(ctx, m)
	if err != nil {
		return store.Page{}, err
	}
	if err := q.Check(); err != nil {
		return store.Page{}, fmt.Errorf("query %s: %w", m.Name, err)
	}
	ix, found := t.indexes[identity(q.Index)]
	if !found {
		return store.Page{}, fmt.Errorf("%w: the sample's %s has no index %q like this", store.ErrNoTable, m.Name, q.Index.Name)
	}
	partition := ix[q.Partition]
	if q.Descending {
		partition = slices.Clone(partition)
		slices.Reverse(partition)
	}
	page, err := q.Page(t.model, partition)
	if err != nil {
		return store.Page{}, fmt.Errorf("query %s: %w", m.Name, err)
	}
	return page, nil
}

// Close does nothing: the catalog may be in use by others.
func (s *Store) Close() error { return nil }

// find returns the table of a model, generating the catalog if need be. The sample holds its own models, not those of
// another schema that has some names in common.
func find(ctx context.Context, m *schema.Model) (*table, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	c, err := generated()
	if err != nil {
		return nil, err
	}
	t := c[m.Name]
	if t == nil || !slices.EqualFunc(t.model.Stored(), m.Stored(), sameField) {
		return nil, fmt.Errorf("%w: the sample has no %s as this schema declares it; use the sample's own schema, or another store",
			store.ErrNoTable, m.Name)
	}
	return t, nil
}

func sameField(a, b *schema.Field) bool {
	return a.Name == b.Name && a.Type.Name == b.Type.Name && (a.Type.Elem == nil) == (b.Type.Elem == nil)
}
