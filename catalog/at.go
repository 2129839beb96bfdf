package catalog

import (
	"context"
	"fmt"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/chunkaside/chunkaside/catalog/schema"
	"github.com/chunkaside/chunkaside/store"
)

// At returns entity number n of a model in the section's own order, counted from 0. It is for n below Count.
func (s *Snapshot) At(ctx context.Context, m *schema.Model, n int) (Entity, error) {
	places, err := s.sections[m].entities.lines(ctx, n, n+1)
	if err != nil {
		return Entity{}, err
	}
	return places[0], nil
}

// KeyPrefix is the primary key of a store's entity as Get wants it. ok is false if a value is empty: no entity has such a key.
func KeyPrefix(m *schema.Model, key store.Key) (prefix string, ok bool, err error) {
	values := make([][]byte, len(key))
	for i, f := range m.Key.Fields() {
		if store.Numeric(f) {
			values[i] = []byte(key[i])
		} else if values[i], err = jsontext.AppendQuote(nil, key[i]); err != nil {
			return "", false, fmt.Errorf("%s: %w", f.Name, err)
		}
	}
	return Prefix(m.Key, values...)
}
