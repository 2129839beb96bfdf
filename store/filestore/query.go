package filestore

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/chunkaside/chunkaside/catalog/schema"
	"github.com/chunkaside/chunkaside/store"
)

// Query reads the whole file for each page. Of records with the same primary key the last one counts.
func (s *Store) Query(ctx context.Context, m *schema.Model, q store.Query) (store.Page, error) {
	if err := q.Check(); err != nil {
		return store.Page{}, fmt.Errorf("query %s: %w", m.Name, err)
	}
	partition, err := s.partition(ctx, m, q)
	if err != nil {
		return store.Page{}, err
	}
	slices.SortFunc(partition, func(a, b store.Placed) int { return q.Compare(m, a.Cursor, b.Cursor) })
	page, err := q.Page(m, partition)
	if err != nil {
		return store.Page{}, fmt.Errorf("query %s: %w", m.Name, err)
	}
	return page, nil
}

// partition gathers the entities of the query's partition, unordered.
func (s *Store) partition(ctx context.Context, m *schema.Model, q store.Query) ([]store.Placed, error) {
	found := map[string]store.Placed{}
	err := s.read(ctx, m, func(item store.Item) error {
		primary, err := store.PrimaryKey(m, item)
		if err != nil {
			return err
		}
		delete(found, primary.Identity())
		key, err := store.IndexKey(m, q.Index, item)
		if err != nil || key == nil || key[0] != q.Partition {
			return err
		}
		entity, err := encode(m, item)
		if entity != nil {
			at := store.Cursor{Sort: key.SortValue(), Partition: primary[0], PrimarySort: primary.SortValue()}
			found[primary.Identity()] = store.Placed{Cursor: at, Entity: entity}
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return slices.Collect(maps.Values(found)), nil
}
