package storetest

import (
	"context"
	"errors"

	"github.com/chunkaside/chunkaside/catalog/schema"
	"github.com/chunkaside/chunkaside/store"
)

// Tables is a store for tests of what stands above stores: the entities of each model, by the model's name. It can only be scanned.
type Tables map[string][]string

var _ store.Store = Tables{}

// Scan emits the model's entities one by one.
func (t Tables) Scan(ctx context.Context, m *schema.Model, _ *store.ScanOptions, emit func([]store.Entity) error) error {
	for _, e := range t[m.Name] {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := emit([]store.Entity{store.Entity(e)}); err != nil {
			return err
		}
	}
	return nil
}

// Get is not supported.
func (Tables) Get(context.Context, *schema.Model, []store.Key) ([]store.Entity, error) {
	return nil, errors.ErrUnsupported
}

// Query is not supported.
func (Tables) Query(context.Context, *schema.Model, store.Query) (store.Page, error) {
	return store.Page{}, errors.ErrUnsupported
}

// Close does nothing.
func (Tables) Close() error { return nil }
