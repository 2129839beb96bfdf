package store

import (
	"context"
	"sync"
	"sync/atomic"

	"github.com/chunkaside/chunkaside/catalog/schema"
)

// Stats is what was asked of a store. The numbers only grow.
type Stats struct {
	// Scans, Gets and Queries are calls; failed ones count.
	Scans   int64 `json:"scans"`
	Gets    int64 `json:"gets"`
	Queries int64 `json:"queries"`
	// Entities and Bytes handed out.
	Entities int64 `json:"entities"`
	Bytes    int64 `json:"bytes"`
	// ReadUnits charged by the store for scans and queries, their sum rounded down; 0 where it does not charge.
	ReadUnits int64 `json:"readUnits"`
}

// Counting is a store that counts what is asked of another.
type Counting struct {
	Store

	scans, gets, queries, entities, bytes atomic.Int64

	mu        sync.Mutex
	readUnits float64 // most queries are charged half a unit
}

var _ Store = (*Counting)(nil)

// Count counts what is asked of st.
func Count(st Store) *Counting { return &Counting{Store: st} }

// Stats returns the counts at this moment.
func (c *Counting) Stats() Stats {
	c.mu.Lock()
	units := int64(c.readUnits)
	c.mu.Unlock()
	return Stats{Scans: c.scans.Load(), Gets: c.gets.Load(), Queries: c.queries.Load(), Entities: c.entities.Load(), Bytes: c.bytes.Load(),
		ReadUnits: units}
}

// Scan is the counted store's.
func (c *Counting) Scan(ctx context.Context, m *schema.Model, o *ScanOptions, emit func([]Entity) error) error {
	c.scans.Add(1)
	counted := ScanOptions{}
	if o != nil {
		counted = *o
	}
	var units float64
	progress := counted.Progress
	counted.Progress = func(p Progress) {
		units = p.ReadUnits
		if progress != nil {
			progress(p)
		}
	}
	defer func() { c.charge(units) }()
	return c.Store.Scan(ctx, m, &counted, func(entities []Entity) error {
		c.count(entities)
		return emit(entities)
	})
}

// Get is the counted store's.
func (c *Counting) Get(ctx context.Context, m *schema.Model, keys []Key) ([]Entity, error) {
	c.gets.Add(1)
	entities, err := c.Store.Get(ctx, m, keys)
	c.count(entities)
	return entities, err
}

// Query is the counted store's.
func (c *Counting) Query(ctx context.Context, m *schema.Model, q Query) (Page, error) {
	c.queries.Add(1)
	page, err := c.Store.Query(ctx, m, q)
	c.count(page.Entities)
	c.charge(page.ReadUnits)
	return page, err
}

func (c *Counting) charge(units float64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.readUnits += units
}

func (c *Counting) count(entities []Entity) {
	for _, e := range entities {
		if e != nil {
			c.entities.Add(1)
			c.bytes.Add(int64(len(e)))
		}
	}
}
