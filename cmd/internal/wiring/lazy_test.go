package wiring

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/chunkaside/chunkaside/store"
	"github.com/chunkaside/chunkaside/store/samplestore"
)

// closing is a store that counts how often it is closed.
type closing struct {
	store.Store
	closed *atomic.Int64
}

func (c closing) Close() error {
	c.closed.Add(1)
	return c.Store.Close()
}

// TestLazyStore is opened once, by the first who reads it, and again only if that failed.
func TestLazyStore(t *testing.T) {
	s, err := OpenSchema(Config{Store: sample})
	if err != nil {
		t.Fatal(err)
	}
	m := s.Model("Program")
	var opened, closed atomic.Int64
	st := &lazy{open: func(ctx context.Context) (store.Store, error) {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		opened.Add(1)
		return closing{samplestore.New(), &closed}, nil
	}}
	if err := st.Close(); err != nil || opened.Load() != 0 {
		t.Errorf("closed before it was read: %v, opened %d times", err, opened.Load())
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := st.Get(ended, m, []store.Key{{"detective-arthur"}}); !errors.Is(err, context.Canceled) {
		t.Errorf("Get = %v", err)
	}
	if _, err := st.Query(ended, m, store.Query{Index: m.Key}); !errors.Is(err, context.Canceled) {
		t.Errorf("Query = %v", err)
	}
	if err := st.Scan(ended, m, nil, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("Scan = %v", err)
	}
	var group sync.WaitGroup
	for range 20 {
		group.Go(func() {
			found, err := st.Get(t.Context(), m, []store.Key{{"detective-arthur"}})
			if err != nil || found[0] == nil {
				t.Errorf("Get = %s, %v", found, err)
			}
			page, err := st.Query(t.Context(), m, store.Query{Index: m.Key, Partition: "detective-arthur"})
			if err != nil || len(page.Entities) != 1 {
				t.Errorf("Query = %v, %v", page, err)
			}
			scanned := 0
			err = st.Scan(t.Context(), m, nil, func(entities []store.Entity) error {
				scanned += len(entities)
				return nil
			})
			if err != nil || scanned == 0 {
				t.Errorf("Scan = %v of %d", err, scanned)
			}
		})
	}
	group.Wait()
	if err := st.Close(); err != nil || opened.Load() != 1 || closed.Load() != 1 {
		t.Errorf("Close = %v; opened %d times, closed %d times", err, opened.Load(), closed.Load())
	}
}

// TestLazyStoreOfAnApp: what is wrong with an address is found out at once, what is wrong with the SDK's own sources when the store is read.
func TestLazyStoreOfAnApp(t *testing.T) {
	for _, name := range []string{"AWS_REGION", "AWS_DEFAULT_REGION", "AWS_PROFILE"} {
		t.Setenv(name, "")
	}
	t.Setenv("AWS_CONFIG_FILE", t.TempDir())
	const schema = "../../../store/samplestore/sample.graphql"
	for _, address := range []string{"dynamodb:?endpoint=nonsense", "dynamodb:?regoin=eu-west-1"} {
		if _, err := Open(t.Context(), Config{Schema: schema, Store: address, Cache: memory, LazyStore: true}); !errors.Is(err, ErrUsage) {
			t.Errorf("Open of %s = %v", address, err)
		}
	}
	if _, err := Open(t.Context(), Config{Schema: schema, Store: "dynamodb:", Cache: memory}); !errors.Is(err, ErrUsage) {
		t.Errorf("Open without a region = %v", err)
	}
	app, err := Open(t.Context(), Config{Schema: schema, Store: "dynamodb:", Cache: memory, LazyStore: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { app.Close() })
	if _, err := app.Store.Get(t.Context(), app.Schema.Models[0], []store.Key{{"x"}}); !errors.Is(err, ErrUsage) {
		t.Errorf("Get = %v", err)
	}
}
