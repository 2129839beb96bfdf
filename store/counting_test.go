package store_test

import (
	"context"
	"errors"
	"sync"
	"testing"

	"github.com/chunkaside/chunkaside/catalog/schema"
	"github.com/chunkaside/chunkaside/store"
)

// charging is a store of two entities that charges half a unit for each query and one and a half for each half of a scan.
type charging struct{ err error }

func (c charging) Scan(_ context.Context, _ *schema.Model, o *store.ScanOptions, emit func([]store.Entity) error) error {
	for i, e := range []string{"{}", "four"} {
		if err := emit([]store.Entity{store.Entity(e)}); err != nil {
			return err
		}
		o.Report(store.Progress{ReadUnits: 1.5 * float64(i+1)})
	}
	return c.err
}

func (c charging) Get(context.Context, *schema.Model, []store.Key) ([]store.Entity, error) {
	return []store.Entity{store.Entity("{}"), nil}, c.err
}

func (c charging) Query(context.Context, *schema.Model, store.Query) (store.Page, error) {
	return store.Page{Entities: []store.Entity{store.Entity("four")}, ReadUnits: 0.5}, c.err
}

func (charging) Close() error { return nil }

func TestCounting(t *testing.T) {
	c := store.Count(charging{})
	emitted, told := 0, 0.0
	o := &store.ScanOptions{Progress: func(p store.Progress) { told = p.ReadUnits }}
	if err := c.Scan(t.Context(), nil, o, func([]store.Entity) error { emitted++; return nil }); err != nil || emitted != 2 || told != 3 {
		t.Errorf("Scan = %v, %d calls of emit, last progress %g units", err, emitted, told)
	}
	var wait sync.WaitGroup
	for range 5 {
		wait.Go(func() {
			if page, err := c.Query(t.Context(), nil, store.Query{}); err != nil || page.ReadUnits != 0.5 {
				t.Errorf("Query = %v, %v", page, err)
			}
		})
	}
	wait.Wait()
	if entities, err := c.Get(t.Context(), nil, nil); err != nil || len(entities) != 2 {
		t.Errorf("Get = %s, %v", entities, err)
	}
	// The scan has two entities of 2 and 4 bytes, each query one of 4, the get one of 2. 3 + 5 halves are 5.5 units.
	want := store.Stats{Scans: 1, Gets: 1, Queries: 5, Entities: 8, Bytes: 28, ReadUnits: 5}
	if got := c.Stats(); got != want {
		t.Errorf("Stats = %+v, want %+v", got, want)
	}
}

func TestCountingFailures(t *testing.T) {
	c := store.Count(charging{err: store.ErrUnavailable})
	if err := c.Scan(t.Context(), nil, nil, func([]store.Entity) error { return nil }); !errors.Is(err, store.ErrUnavailable) {
		t.Errorf("Scan = %v", err)
	}
	enough := errors.New("enough")
	if err := c.Scan(t.Context(), nil, nil, func([]store.Entity) error { return enough }); !errors.Is(err, enough) {
		t.Errorf("Scan = %v", err)
	}
	if _, err := c.Query(t.Context(), nil, store.Query{}); !errors.Is(err, store.ErrUnavailable) {
		t.Errorf("Query = %v", err)
	}
	if got := c.Stats(); got.Scans != 2 || got.Queries != 1 || got.ReadUnits != 3 {
		t.Errorf("Stats = %+v, want what was charged before the failures", got)
	}
}
