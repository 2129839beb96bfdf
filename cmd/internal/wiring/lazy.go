package wiring

import (
	"context"
	"sync"

	"github.com/chunkaside/chunkaside/catalog/schema"
	"github.com/chunkaside/chunkaside/store"
)

// lazy is a store that is opened when it is first read. A query that is answered from the cache needs none, and an SDK takes as long to set up as most of the rest.
type lazy struct {
	open func(context.Context) (store.Store, error)

	mu    sync.Mutex
	store store.Store // nil until open has succeeded
}

var _ store.Store = (*lazy)(nil)

// opened is the store. What cannot be opened is tried again by the next caller: it may have been this one's ctx.
func (l *lazy) opened(ctx context.Context) (store.Store, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.store != nil {
		return l.store, nil
	}
	st, err := l.open(ctx)
	if err != nil {
		return nil, err
	}
	l.store = st
	return st, nil
}

func (l *lazy) Scan(ctx context.Context, m *schema.Model, o *store.ScanOptions, emit func([]store.Entity) error) error {
	st, err := l.opened(ctx)
	if err != nil {
		return err
	}
	return st.Scan(ctx, m, o, emit)
}

func (l *lazy) Get(ctx context.Context, m *schema.Model, keys []store.Key) ([]store.Entity, error) {
	st, err := l.opened(ctx)
	if err != nil {
		return nil, err
	}
	return st.Get(ctx, m, keys)
}

func (l *lazy) Query(ctx context.Context, m *schema.Model, q store.Query) (store.Page, error) {
	st, err := l.opened(ctx)
	if err != nil {
		return store.Page{}, err
	}
	return st.Query(ctx, m, q)
}

func (l *lazy) Close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.store == nil {
		return nil
	}
	return l.store.Close()
}
