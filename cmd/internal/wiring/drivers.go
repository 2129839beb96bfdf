package wiring

import (
	"compress/flate"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/chunkaside/chunkaside/cache"
	"github.com/chunkaside/chunkaside/catalog/schema"
	"github.com/chunkaside/chunkaside/store"
)

// named is a cache whose errors know its address. What the driver calls neither away nor too large it refuses: a wrong password, a database that is
// not there.
type named struct {
	cache.Driver
	address string
}

var _ cache.Driver = named{}

func (n named) mark(ctx context.Context, err error) error {
	if err == nil || done(ctx, err) {
		return err
	}
	return &CacheError{n.address, err}
}

func (n named) Get(ctx context.Context, keys []string) ([][]byte, error) {
	values, err := n.Driver.Get(ctx, keys)
	return values, n.mark(ctx, err)
}

func (n named) Set(ctx context.Context, key string, value []byte, ttl time.Duration) error {
	return n.mark(ctx, n.Driver.Set(ctx, key, value, ttl))
}

func (n named) SetIfAbsent(ctx context.Context, key string, value []byte, ttl time.Duration) (bool, error) {
	stored, err := n.Driver.SetIfAbsent(ctx, key, value, ttl)
	return stored, n.mark(ctx, err)
}

func (n named) CompareAndSet(ctx context.Context, key string, old, value []byte, ttl time.Duration) (bool, error) {
	stored, err := n.Driver.CompareAndSet(ctx, key, old, value, ttl)
	return stored, n.mark(ctx, err)
}

func (n named) Touch(ctx context.Context, key string, ttl time.Duration) (bool, error) {
	there, err := n.Driver.Touch(ctx, key, ttl)
	return there, n.mark(ctx, err)
}

func (n named) Delete(ctx context.Context, key string) error {
	return n.mark(ctx, n.Driver.Delete(ctx, key))
}

// packed is a store of files whose damaged gzip is bad data, not a fault of the medium.
type packed struct{ store.Store }

var _ store.Store = packed{}

func invalid(err error) error {
	var corrupt flate.CorruptInputError
	switch {
	case err == nil, errors.Is(err, store.ErrInvalid):
		return err
	case errors.Is(err, gzip.ErrHeader), errors.Is(err, gzip.ErrChecksum), errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.As(err, &corrupt):
		return fmt.Errorf("%w: it is no gzip, or only a part of it: %w", store.ErrInvalid, err)
	}
	return err
}

func (p packed) Scan(ctx context.Context, m *schema.Model, o *store.ScanOptions, emit func([]store.Entity) error) error {
	return invalid(p.Store.Scan(ctx, m, o, emit))
}

func (p packed) Get(ctx context.Context, m *schema.Model, keys []store.Key) ([]store.Entity, error) {
	entities, err := p.Store.Get(ctx, m, keys)
	return entities, invalid(err)
}

func (p packed) Query(ctx context.Context, m *schema.Model, q store.Query) (store.Page, error) {
	page, err := p.Store.Query(ctx, m, q)
	return page, invalid(err)
}
