package catalog_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/chunkaside/chunkaside/catalog"
	"github.com/chunkaside/chunkaside/chunker"
)

// slow is a fetch that takes a second, and says how often it was begun and cut.
type slow struct{ begun, cut atomic.Int64 }

func (s *slow) fetch(ctx context.Context, digests []chunker.Digest) ([][]byte, error) {
	s.begun.Add(1)
	select {
	case <-time.After(time.Second):
		return make([][]byte, len(digests)), nil
	case <-ctx.Done():
		s.cut.Add(1)
		return nil, ctx.Err()
	}
}

func newMemory(t *testing.T, fetch catalog.Fetch) *catalog.Memory {
	t.Helper()
	m, err := catalog.NewMemory(fetch, nil)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// TestFetchEndsWithItsCallers: a fetch goes on as long as anyone waits for chunks, and no longer.
func TestFetchEndsWithItsCallers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var s slow
		m := newMemory(t, s.fetch)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second/2)
		defer cancel()
		if _, err := m.Chunks(ctx, []chunker.Digest{"a"}); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Chunks = %v, want the caller's own deadline", err)
		}
		synctest.Wait()
		if s.begun.Load() != 1 || s.cut.Load() != 1 {
			t.Errorf("%d fetches, %d cut; want the one cut with its caller", s.begun.Load(), s.cut.Load())
		}
	})
}

// TestWaitersOutliveTheFirst: who waits for chunks that another caller began to fetch gets them, though that one goes.
func TestWaitersOutliveTheFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var s slow
		m := newMemory(t, s.fetch)
		first, cancel := context.WithCancel(t.Context())
		go func() { _, _ = m.Chunks(first, []chunker.Digest{"a"}) }()
		time.Sleep(time.Second / 10)
		done := make(chan error)
		go func() {
			_, err := m.Chunks(t.Context(), []chunker.Digest{"a"})
			done <- err
		}()
		time.Sleep(time.Second / 10)
		cancel()
		if err := <-done; err != nil {
			t.Errorf("the one who waited: %v", err)
		}
		time.Sleep(time.Minute)
	})
}
