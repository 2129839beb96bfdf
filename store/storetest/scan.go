package storetest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/chunkaside/chunkaside/catalog/schema"
	"github.com/chunkaside/chunkaside/store"
)

func testScan(t *testing.T, s suite) {
	m := model(t, "Show")
	records := shows(300)
	st := s.Open(t, Table{m, records})
	var want []store.Entity
	for _, r := range records {
		want = append(want, entity(t, m, r))
	}
	sorted(want)
	for _, parallelism := range []int{0, 1, 4, 64} {
		t.Run(fmt.Sprint(parallelism), func(t *testing.T) {
			progress := &watch{t: t}
			got := scan(t, st, m, &store.ScanOptions{Parallelism: parallelism, Progress: progress.see})
			same(t, "Scan", got, want)
			progress.check(want)
		})
	}
	same(t, "Scan without options", scan(t, st, m, nil), want)
}

// watch holds the calls of Progress against what the contract says of them.
type watch struct {
	t    *testing.T
	busy atomic.Bool
	last store.Progress
}

func (w *watch) see(p store.Progress) {
	if w.busy.Swap(true) {
		w.t.Error("Progress is called concurrently")
	}
	defer w.busy.Store(false)
	if p.Entities < w.last.Entities || p.Bytes < w.last.Bytes || p.ReadUnits < w.last.ReadUnits {
		w.t.Errorf("progress goes back from %+v to %+v", w.last, p)
	}
	w.last = p
}

func (w *watch) check(all []store.Entity) {
	w.t.Helper()
	size := 0
	for _, e := range all {
		size += len(e)
	}
	if w.last.Entities != int64(len(all)) || w.last.Bytes != int64(size) {
		w.t.Errorf("last progress = %+v, want %d entities and %d bytes", w.last, len(all), size)
	}
}

// testScanLarge reads records of which two and a half fill a page.
func testScanLarge(t *testing.T, s suite) {
	m := model(t, "Show")
	records := large(8)
	st := s.Open(t, Table{m, records})
	for _, parallelism := range []int{1, 3} {
		var busy atomic.Bool
		seen := map[string]int{}
		err := st.Scan(t.Context(), m, &store.ScanOptions{Parallelism: parallelism}, func(entities []store.Entity) error {
			if busy.Swap(true) {
				t.Error("emit is called concurrently")
			}
			defer busy.Store(false)
			if len(entities) == 0 {
				t.Error("emit is called with nothing")
			}
			for _, e := range entities {
				seen[string(e)]++
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		for i, r := range records {
			if n := seen[string(entity(t, m, r))]; n != 1 {
				t.Errorf("parallelism %d: record %d was emitted %d times", parallelism, i, n)
			}
		}
		if len(seen) != len(records) {
			t.Errorf("parallelism %d: %d entities, want %d", parallelism, len(seen), len(records))
		}
	}
}

func testScanEmpty(t *testing.T, s suite) {
	m := model(t, "Show")
	if got := scan(t, s.Open(t, Table{Model: m}), m, nil); len(got) != 0 {
		t.Errorf("Scan of an empty table = %s", got)
	}
}

// testScanStopped has emit fail: its error comes back, and it is not called again.
func testScanStopped(t *testing.T, s suite) {
	m := model(t, "Show")
	st := s.Open(t, Table{m, large(8)})
	stop := errors.New("enough")
	for _, parallelism := range []int{1, 8} {
		calls := 0
		err := st.Scan(t.Context(), m, &store.ScanOptions{Parallelism: parallelism}, func([]store.Entity) error {
			calls++
			return stop
		})
		if !errors.Is(err, stop) || calls != 1 {
			t.Errorf("parallelism %d: Scan = %v after %d calls of emit, want %v after 1", parallelism, err, calls, stop)
		}
	}
}

func testScanCancelled(t *testing.T, s suite) {
	m := model(t, "Show")
	st := s.Open(t, Table{m, large(8)})
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	err := st.Scan(ctx, m, &store.ScanOptions{Parallelism: 1}, func([]store.Entity) error {
		cancel()
		return nil
	})
	if !errors.Is(err, context.Canceled) || errors.Is(err, store.ErrUnavailable) {
		t.Errorf("Scan, cancelled on the way = %v, want context.Canceled", err)
	}
	if _, err := st.Get(cancelled(t), m, []store.Key{{showID(1)}}); !errors.Is(err, context.Canceled) {
		t.Errorf("Get, cancelled = %v, want context.Canceled", err)
	}
	if _, err := st.Query(cancelled(t), m, store.Query{Index: m.Key, Partition: "x"}); !errors.Is(err, context.Canceled) {
		t.Errorf("Query, cancelled = %v, want context.Canceled", err)
	}
}

func testConcurrent(t *testing.T, s suite) {
	m := model(t, "Show")
	records := shows(60)
	for i := range records {
		records[i] = append(records[i], item("studio", text("a"))...)
	}
	st := s.Open(t, Table{m, records})
	var wg sync.WaitGroup
	for worker := range 12 {
		wg.Go(func() {
			if err := use(t, st, m, worker, len(records)); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
}

func use(t *testing.T, st store.Store, m *schema.Model, worker, records int) error {
	switch worker % 3 {
	case 0:
		got, err := st.Get(t.Context(), m, []store.Key{{showID(worker)}})
		if err != nil || len(got) != 1 || got[0] == nil {
			return fmt.Errorf("Get = %s, %w", got, err)
		}
	case 1:
		page, err := st.Query(t.Context(), m, store.Query{Index: m.Index("byStudio"), Partition: "a"})
		if err != nil || len(page.Entities) != records {
			return fmt.Errorf("Query = %d entities, %w", len(page.Entities), err)
		}
	default:
		n := 0
		err := st.Scan(t.Context(), m, nil, func(e []store.Entity) error { n += len(e); return nil })
		if err != nil || n != records {
			return fmt.Errorf("Scan = %d entities, %w", n, err)
		}
	}
	return nil
}
