package guard

import (
	"context"
	"fmt"
	"time"

	"github.com/chunkaside/chunkaside/catalog/schema"
	"github.com/chunkaside/chunkaside/internal/breaker"
	"github.com/chunkaside/chunkaside/store"
)

// broken is a store that is left alone while it fails.
type broken struct {
	store.Store

	breaker *breaker.Breaker
	counts  *counts
}

// through makes one read. It may say itself that the store has answered, before it ends; then its end says nothing more.
func through[T any](ctx context.Context, s *broken, read func(answered func()) (T, error)) (result T, err error) {
	call, err := s.breaker.Enter()
	if err != nil {
		s.counts.rejected.Add(1)
		// The cause may be the end of another read's ctx, which this one's error must not match.
		return result, fmt.Errorf("%w: the store is %s", store.ErrUnavailable, err.Error())
	}
	start, left := time.Now(), false
	leave := func(o breaker.Outcome, err error) {
		if !left {
			left = true
			call.Leave(o, err)
		}
	}
	err = breaker.ErrUnfinished
	defer func() { leave(breaker.Judge(ctx, time.Since(start), err, store.ErrUnavailable), err) }()
	return read(func() { leave(breaker.Answered, nil) })
}

// Scan implements store.Store. Its first page is the store's answer: others need not wait for the last one, and what goes wrong on the way from here may be emit's fault.
func (s *broken) Scan(ctx context.Context, m *schema.Model, o *store.ScanOptions, emit func([]store.Entity) error) error {
	_, err := through(ctx, s, func(answered func()) (bool, error) {
		return true, s.Store.Scan(ctx, m, o, func(entities []store.Entity) error {
			answered()
			return emit(entities)
		})
	})
	return err
}

// Get implements store.Store.
func (s *broken) Get(ctx context.Context, m *schema.Model, keys []store.Key) ([]store.Entity, error) {
	return through(ctx, s, func(func()) ([]store.Entity, error) { return s.Store.Get(ctx, m, keys) })
}

// Query implements store.Store.
func (s *broken) Query(ctx context.Context, m *schema.Model, q store.Query) (store.Page, error) {
	return through(ctx, s, func(func()) (store.Page, error) { return s.Store.Query(ctx, m, q) })
}
