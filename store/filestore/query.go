package filestore

import (
	"context"
	"fmt"
	"slices"

	"github.com/chunkaside/chunkaside/catalog/schema"
	"github.com/chunkaside/chunkaside/store"
)

// pageBytes ends a page as DynamoDB does, so that what works on files works there.
const pageBytes = 1 << 20

// Query reads the whole file for each page. Of records with the same primary key the last one counts.
func (s *Store) Query(ctx context.Context, m *schema.Model, q store.Query) (store.Page, error) {
	if err := q.Check(); err != nil {
		return store.Page{}, fmt.Errorf("query %s: %w", m.Name, err)
	}
	start, err := q.Cursor()
	if err == nil && start != nil {
		err = start.Check(m, q)
	}
	if err != nil {
		return store.Page{}, fmt.Errorf("query %s: %w", m.Name, err)
	}
	matches, err := s.partition(ctx, m, q)
	if err != nil {
		return store.Page{}, err
	}
	order := func(a, b match) int { return q.Compare(m, a.cursor, b.cursor) }
	slices.SortFunc(matches, order)
	if start != nil {
		after, found := slices.BinarySearchFunc(matches, match{cursor: *start}, order)
		if found {
			after++
		}
		matches = matches[after:]
	}
	return page(q, matches), nil
}

// match is one entity of the partition, with its place in the order.
type match struct {
	cursor store.Cursor
	entity store.Entity
}

// partition gathers the entities of the query's partition, unordered.
func (s *Store) partition(ctx context.Context, m *schema.Model, q store.Query) ([]match, error) {
	matches := map[string]match{}
	err := s.read(ctx, m, func(item store.Item) error {
		primary, err := store.PrimaryKey(m, item)
		if err != nil {
			return err
		}
		delete(matches, primary.Identity())
		key, err := store.IndexKey(m, q.Index, item)
		if err != nil || key == nil || key[0] != q.Partition {
			return err
		}
		entity, err := encode(m, item)
		if entity != nil {
			at := store.Cursor{Sort: key.SortValue(), Partition: primary[0], PrimarySort: primary.SortValue()}
			matches[primary.Identity()] = match{cursor: at, entity: entity}
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	list := make([]match, 0, len(matches))
	for _, found := range matches {
		list = append(list, found)
	}
	return list, nil
}

// page cuts the first page from matches.
func page(q store.Query, matches []match) store.Page {
	var p store.Page
	bytes := 0
	for i, found := range matches {
		if q.Limit > 0 && i == q.Limit || bytes > 0 && bytes+len(found.entity) > pageBytes {
			p.Next = matches[i-1].cursor.Token(q)
			break
		}
		bytes += len(found.entity)
		p.Entities = append(p.Entities, found.entity)
	}
	return p
}
