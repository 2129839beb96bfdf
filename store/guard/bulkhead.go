package guard

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/failsafe-go/failsafe-go/bulkhead"

	"github.com/chunkaside/chunkaside/catalog/schema"
	"github.com/chunkaside/chunkaside/store"
)

// bounded is a store with places for so many reads at once.
type bounded struct {
	store.Store

	places   bulkhead.Bulkhead[any]
	inFlight int
	maxWait  time.Duration
	counts   *counts
}

func newBulkhead(st store.Store, o Options, n *counts) *bounded {
	return &bounded{st, bulkhead.New[any](uint(o.InFlight)), o.InFlight, o.MaxWait, n}
}

// enter takes a place, which leave gives back.
func (s *bounded) enter(ctx context.Context) error {
	err := s.places.AcquirePermitWithMaxWait(ctx, s.maxWait)
	if errors.Is(err, bulkhead.ErrFull) {
		s.counts.rejected.Add(1)
		return fmt.Errorf("%w: %d reads of this process are under way, and none has ended for %v", store.ErrUnavailable, s.inFlight, s.maxWait)
	}
	return err
}

func (s *bounded) leave() { s.places.ReleasePermit() }

// Scan implements store.Store.
func (s *bounded) Scan(ctx context.Context, m *schema.Model, o *store.ScanOptions, emit func([]store.Entity) error) error {
	if err := s.enter(ctx); err != nil {
		return err
	}
	defer s.leave()
	return s.Store.Scan(ctx, m, o, emit)
}

// Get implements store.Store.
func (s *bounded) Get(ctx context.Context, m *schema.Model, keys []store.Key) ([]store.Entity, error) {
	if err := s.enter(ctx); err != nil {
		return nil, err
	}
	defer s.leave()
	return s.Store.Get(ctx, m, keys)
}

// Query implements store.Store.
func (s *bounded) Query(ctx context.Context, m *schema.Model, q store.Query) (store.Page, error) {
	if err := s.enter(ctx); err != nil {
		return store.Page{}, err
	}
	defer s.leave()
	return s.Store.Query(ctx, m, q)
}
