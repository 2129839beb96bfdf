package guard_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/chunkaside/chunkaside/catalog/schema"
	"github.com/chunkaside/chunkaside/store"
	"github.com/chunkaside/chunkaside/store/filestore"
	"github.com/chunkaside/chunkaside/store/guard"
	"github.com/chunkaside/chunkaside/store/storetest"
)

func TestContract(t *testing.T) {
	for name, view := range map[string]func(*guard.Store) store.Store{
		"narrow": func(s *guard.Store) store.Store { return s },
		"builds": func(s *guard.Store) store.Store { return s.Builds() },
	} {
		t.Run(name, func(t *testing.T) {
			storetest.Run(t, storetest.Harness{JSON: true, Open: func(t *testing.T, tables ...storetest.Table) store.Store {
				return view(over(t, open(t, tables), &guard.Options{Units: -1}))
			}})
		})
	}
}

// open returns a store of files with these tables.
func open(t *testing.T, tables []storetest.Table) *filestore.Store {
	t.Helper()
	folder := t.TempDir()
	for _, table := range tables {
		var lines []byte
		for _, record := range table.Records {
			line, err := json.Marshal(members(record))
			if err != nil {
				t.Fatal(err)
			}
			lines = append(append(lines, line...), '\n')
		}
		if err := os.WriteFile(filepath.Join(folder, table.Model.Table+".ndjson"), lines, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	s, err := filestore.New(folder)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func members(record store.Item) map[string]any {
	object := map[string]any{}
	for _, m := range record {
		object[m.Name] = plain(m.Value)
	}
	return object
}

func plain(v store.Value) any {
	switch v.Type {
	case store.Null:
		return nil
	case store.Bool:
		return v.Bool
	case store.Number:
		return json.Number(v.Text)
	case store.Map:
		return members(v.Members)
	case store.List:
		elems := make([]any, len(v.Elems))
		for i, e := range v.Elems {
			elems[i] = plain(e)
		}
		return elems
	}
	return string(v.Text)
}

// over guards a store for the time of the test.
func over(t testing.TB, st store.Store, o *guard.Options) *guard.Store {
	t.Helper()
	s := guard.New(st, o)
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// fake is a store whose reads end as a script says. It charges units for each query, and for each page of a scan, which has four.
type fake struct {
	script func(ctx context.Context, n int) error // n counts the reads from 1
	units  float64
	entity store.Entity

	mu            sync.Mutex
	n             int
	running, most int
}

func (f *fake) begin(ctx context.Context) error {
	f.mu.Lock()
	f.n++
	n := f.n
	f.running++
	f.most = max(f.most, f.running)
	f.mu.Unlock()
	defer func() {
		f.mu.Lock()
		defer f.mu.Unlock()
		f.running--
	}()
	if f.script == nil {
		return nil
	}
	return f.script(ctx, n)
}

func (f *fake) reads() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.n
}

func (f *fake) Scan(ctx context.Context, _ *schema.Model, o *store.ScanOptions, emit func([]store.Entity) error) error {
	if err := f.begin(ctx); err != nil {
		return err
	}
	for i := range 4 {
		if err := emit([]store.Entity{f.entity}); err != nil {
			return err
		}
		o.Report(store.Progress{ReadUnits: f.units * float64(i+1)})
	}
	return nil
}

func (f *fake) Get(ctx context.Context, _ *schema.Model, keys []store.Key) ([]store.Entity, error) {
	if err := f.begin(ctx); err != nil {
		return nil, err
	}
	entities := make([]store.Entity, len(keys))
	for i := range keys {
		entities[i] = f.entity
	}
	return entities, nil
}

func (f *fake) Query(ctx context.Context, _ *schema.Model, _ store.Query) (store.Page, error) {
	if err := f.begin(ctx); err != nil {
		return store.Page{}, err
	}
	return store.Page{Entities: []store.Entity{f.entity}, ReadUnits: f.units}, nil
}

func (f *fake) Close() error { return nil }

// after answers after d.
func after(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}

var errAway = fmt.Errorf("%w: connection refused", store.ErrUnavailable)

func query(ctx context.Context, st store.Store) error {
	_, err := st.Query(ctx, nil, store.Query{})
	return err
}

func discard([]store.Entity) error { return nil }

// expectThrottled expects a refusal that names a time.
func expectThrottled(t *testing.T, err error, want time.Duration) {
	t.Helper()
	var throttled *store.ThrottledError
	if !errors.As(err, &throttled) || !errors.Is(err, store.ErrUnavailable) || throttled.RetryIn.Round(time.Millisecond) != want {
		t.Errorf("%v, want a store.ThrottledError that says %v", err, want)
	}
}
