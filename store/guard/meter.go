package guard

import (
	"context"
	"sync"
	"time"

	"github.com/chunkaside/chunkaside/catalog/schema"
	"github.com/chunkaside/chunkaside/store"
)

// metered is a store whose reads cost units from a bucket.
type metered struct {
	store.Store

	bucket  *bucket
	maxWait time.Duration
	counts  *counts
	spent   *sum
}

// advance is what each read takes before it begins: the least that one costs. So those who wait for the same moment do not all begin in it. A read that fails costs no more.
const advance = 0.5

// begin waits until a read may begin. Whose ctx is done makes none.
func (s *metered) begin(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := s.wait(ctx, s.bucket.take(advance)); err != nil {
		s.bucket.take(-advance)
		return err
	}
	s.spent.add(advance)
	return nil
}

// settle takes what a read has cost beyond its advance, or beyond what was settled before; less than that is given back.
func (s *metered) settle(units float64) {
	s.bucket.take(units)
	s.spent.add(units)
}

// wait waits for units. A wait that would be too long is an error at once: the caller may have something better to do.
func (s *metered) wait(ctx context.Context, pause time.Duration) error {
	if pause == 0 {
		return nil
	}
	deadline, bounded := ctx.Deadline()
	if pause > s.maxWait || bounded && time.Until(deadline) <= pause {
		s.counts.throttled.Add(1)
		return &store.ThrottledError{RetryIn: pause}
	}
	s.counts.waited.Add(1)
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}

// Get implements store.Store. Its cost is estimated, for the contract does not tell it: each key has its own.
func (s *metered) Get(ctx context.Context, m *schema.Model, keys []store.Key) ([]store.Entity, error) {
	if err := s.begin(ctx); err != nil {
		return nil, err
	}
	entities, err := s.Store.Get(ctx, m, keys)
	if err == nil {
		cost := 0.0
		for _, e := range entities {
			cost += max(1, unitsOf(len(e)))
		}
		s.settle(cost - advance)
	}
	return entities, err
}

// Query implements store.Store.
func (s *metered) Query(ctx context.Context, m *schema.Model, q store.Query) (store.Page, error) {
	if err := s.begin(ctx); err != nil {
		return store.Page{}, err
	}
	page, err := s.Store.Query(ctx, m, q)
	if err == nil {
		s.settle(max(advance, cost(page.ReadUnits, size(page.Entities))) - advance)
	}
	return page, err
}

// Scan implements store.Store. It waits between pages: the store reads on meanwhile, by a page for each segment at most.
func (s *metered) Scan(ctx context.Context, m *schema.Model, o *store.ScanOptions, emit func([]store.Entity) error) error {
	if err := s.begin(ctx); err != nil {
		return err
	}
	f := &fare{meter: s, settled: advance}
	counted := store.ScanOptions{}
	if o != nil {
		counted = *o
	}
	counted.Progress = func(p store.Progress) {
		f.charged(p.ReadUnits)
		o.Report(p)
	}
	return s.Store.Scan(ctx, m, &counted, func(entities []store.Entity) error {
		f.emitted(size(entities))
		if err := s.wait(ctx, s.bucket.take(0)); err != nil {
			return err
		}
		return emit(entities)
	})
}

// fare is what a scan has cost so far.
type fare struct {
	meter *metered

	mu      sync.Mutex
	units   float64 // that the store has charged
	bytes   int
	settled float64
}

func (f *fare) charged(units float64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.units = units
	f.settle()
}

func (f *fare) emitted(bytes int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.bytes += bytes
	f.settle()
}

// settle settles what came since the last time. The caller holds the lock.
func (f *fare) settle() {
	now := max(advance, cost(f.units, f.bytes))
	f.meter.settle(now - f.settled)
	f.settled = now
}

// cost is what the store has charged, or, if it does not say, what DynamoDB would charge for so many bytes.
func cost(charged float64, bytes int) float64 {
	if charged > 0 {
		return charged
	}
	return unitsOf(bytes)
}

// unitsOf is what a strongly consistent read of so many bytes costs: a unit for each 4 KB that is begun.
func unitsOf(bytes int) float64 { return float64((bytes + 4095) / 4096) }

func size(entities []store.Entity) (bytes int) {
	for _, e := range entities {
		bytes += len(e)
	}
	return bytes
}
