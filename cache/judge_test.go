package cache_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/chunkaside/chunkaside/cache"
	"github.com/chunkaside/chunkaside/catalog"
	"github.com/chunkaside/chunkaside/chunker"
)

// shows builds a version of so many shows.
func shows(count *int) cache.Build {
	return func(_ context.Context, emit func(chunker.Digest, []byte) error) (*chunker.Manifest, error) {
		w, err := chunker.NewWriter(chunker.Header{Catalog: "catalog", Schema: show.Digest}, nil, emit)
		if err != nil {
			return nil, err
		}
		err = w.Section("Show")
		for i := 0; i < *count && err == nil; i++ {
			_, err = w.Add(fmt.Sprintf("s%03d\x00", i), fmt.Appendf(nil, `{"id":"s%03d","title":"t"}`, i))
		}
		m, closeErr := w.Close()
		if err != nil {
			return nil, err
		}
		return m, closeErr
	}
}

// TestRefusedVersionChangesNothing: not the pointer, not the history, not what readers get.
func TestRefusedVersionChangesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := memory(t)
		count := 100
		c := open(t, d, &cache.Options{Build: shows(&count)})
		if _, err := c.Warm(t.Context(), nil); err != nil {
			t.Fatal(err)
		}
		before := versions(t, c)
		count = 40
		var refused *catalog.RefusedError
		for name, publish := range map[string]func() (cache.Published, error){
			"warm":    func() (cache.Published, error) { return c.Warm(t.Context(), nil) },
			"publish": func() (cache.Published, error) { return c.Publish(t.Context(), shows(&count)) },
			"update": func() (cache.Published, error) {
				return c.Update(t.Context(), func(ctx context.Context, _ *catalog.Snapshot, emit func(chunker.Digest, []byte) error) (*chunker.Manifest, error) {
					return shows(&count)(ctx, emit)
				}, nil)
			},
		} {
			if _, err := publish(); !errors.As(err, &refused) || !strings.Contains(err.Error(), "100 -> 40 entities") {
				t.Errorf("%s: %v", name, err)
			}
			if after := versions(t, c); after.Pointer != before.Pointer || len(after.Versions) != 1 {
				t.Errorf("%s changed the history: %+v", name, after)
			}
		}
		reader := open(t, d, nil)
		s, err := reader.Current(t.Context())
		if err != nil || s.Count(show.Model("Show")) != 100 {
			t.Errorf("readers get %v, %v", s, err)
		}

		p, err := c.Warm(t.Context(), &cache.WarmOptions{Force: true})
		if err != nil || !p.Forced || len(p.Findings) != 1 || len(p.Changes) != 1 || p.Changes[0].Removed != 60 {
			t.Fatalf("forced: %+v, %v", p, err)
		}
		if h := versions(t, c); !strings.HasPrefix(h.Current().Note, "forced: Show: 100 -> 40 entities") || h.Current().Entities != 40 {
			t.Errorf("history: %+v", h)
		}
	})
}

// TestRulesHoldForReaders: what a reader builds for want of a version is judged too.
func TestRulesHoldForReaders(t *testing.T) {
	count := 3
	o := &cache.Options{Build: shows(&count), Rules: catalog.Rules{Minimum: map[string]int{"Show": 5}}}
	d := memory(t)
	var refused *catalog.RefusedError
	if _, err := open(t, d, o).Current(t.Context()); !errors.As(err, &refused) {
		t.Errorf("current: %v", err)
	}
	if _, err := open(t, d, nil).Versions(t.Context()); !errors.Is(err, cache.ErrNoVersion) {
		t.Errorf("something was published: %v", err)
	}
}

func TestRulesOfAnotherSchema(t *testing.T) {
	_, err := cache.New(memory(t), show, &cache.Options{Rules: catalog.Rules{Minimum: map[string]int{"Film": 1}}})
	if err == nil || !strings.Contains(err.Error(), "Film") {
		t.Errorf("New: %v", err)
	}
}

// TestRefusalKeepsAlive what it protects: else, once that had gone, nothing would be left to refuse by.
func TestRefusalKeepsAlive(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := memory(t)
		count := 100
		c := open(t, d, &cache.Options{Build: shows(&count)})
		if _, err := c.Warm(t.Context(), nil); err != nil {
			t.Fatal(err)
		}
		count = 40
		for range 12 {
			time.Sleep(4 * time.Hour)
			if _, err := c.Warm(t.Context(), nil); err == nil {
				t.Fatal("the version was published")
			}
		}
		s, err := open(t, d, nil).Current(t.Context())
		if err != nil || s.Count(show.Model("Show")) != 100 {
			t.Errorf("after two days: %v, %v", s, err)
		}
		if h := versions(t, c); len(h.Versions) != 1 || h.Versions[0].Entities != 100 {
			t.Errorf("history: %+v", h)
		}
	})
}

// TestMendedStoreIsMeasuredByWhatReadersHave: after a rollback, the bad version is no measure.
func TestMendedStoreIsMeasuredByWhatReadersHave(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := memory(t)
		count := 100
		c := open(t, d, &cache.Options{Build: shows(&count)})
		for _, count = range []int{100, 300} {
			if _, err := c.Warm(t.Context(), nil); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := rollback(t.Context(), c, "previous"); err != nil {
			t.Fatal(err)
		}
		count = 101
		if p, err := c.Warm(t.Context(), nil); err != nil || p.Changes[0].Added != 1 {
			t.Errorf("warm: %+v, %v", p, err)
		}
		if _, err := rollback(t.Context(), c, "previous"); err != nil {
			t.Fatal(err)
		}
		count = 10
		if _, err := c.Update(t.Context(), func(ctx context.Context, _ *catalog.Snapshot, emit func(chunker.Digest, []byte) error) (*chunker.Manifest, error) {
			return shows(&count)(ctx, emit)
		}, nil); err == nil {
			t.Error("after a rollback, an update is not measured at all")
		}
	})
}
