package cache_test

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/chunkaside/chunkaside/cache"
)

// works notes what a Trace is told: each work as "outer/inner", with a "!" if it failed, in the order of their ends.
type works struct {
	mu    sync.Mutex
	ended []string
	open  int
}

type workKey struct{}

func (w *works) trace(ctx context.Context, work, _ string) (context.Context, func(error)) {
	if outer, ok := ctx.Value(workKey{}).(string); ok {
		work = outer + "/" + work
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.open++
	return context.WithValue(ctx, workKey{}, work), func(err error) {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.open--
		if err != nil {
			work += "!"
		}
		w.ended = append(w.ended, work)
	}
}

// TestTrace: each work is told where it begins and ends, as a part of the one that it is done for.
func TestTrace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var w works
		want := func(what string, works ...string) {
			t.Helper()
			if diff := cmp.Diff(works, w.ended); diff != "" || w.open != 0 {
				t.Errorf("%s: %d are open; (-want +got):\n%s", what, w.open, diff)
			}
			w.ended = nil
		}
		out := &outage{Driver: memory(t)}
		query := func(c *cache.Cache) {
			ctx, end := w.trace(t.Context(), "query", "")
			_, err := c.Current(ctx)
			end(err)
			synctest.Wait()
		}
		c := open(t, out, &cache.Options{Trace: w.trace, Build: slowBuild("built", time.Second, new(atomic.Int64))})
		query(c)
		want("the first", "query/refresh!", "query/lease", "query/publish/build", "query/publish", "query")
		query(c)
		want("from memory", "query")

		reader := open(t, out, &cache.Options{Trace: w.trace})
		current(t, reader)
		want("outside of a query", "refresh", "load")
		time.Sleep(time.Second)
		query(reader)
		want("a look", "query/refresh", "query")
		out.down.Store(true)
		time.Sleep(time.Second)
		query(reader)
		want("a look in vain", "query/refresh!", "query")
		if _, err := c.Warm(t.Context(), nil); err == nil {
			t.Error("a warm-up without a cache")
		}
		want("a warm-up in vain", "lease")
	})
}

// TestNobodyIsTold: without a Trace there is nothing to pay.
func TestNobodyIsTold(t *testing.T) {
	c := open(t, memory(t), &cache.Options{MaxAge: time.Hour, Build: version(show, "built")})
	current(t, c)
	n := testing.AllocsPerRun(100, func() {
		if _, err := c.Current(t.Context()); err != nil {
			t.Error(err)
		}
		_, end := cache.Trace(nil).Begin(t.Context(), "work", "")
		end(nil)
	})
	if n != 0 {
		t.Errorf("%v allocations", n)
	}
}
