package cache_test

import (
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/chunkaside/chunkaside/cache"
)

// TestNotify: what happens to a cache is told, with what is known of it.
func TestNotify(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		var kinds []cache.EventKind
		last := map[cache.EventKind]cache.Event{}
		out := &outage{Driver: memory(t)}
		c := open(t, out, &cache.Options{Build: slowBuild("built", 3*time.Second, new(atomic.Int64)), Notify: func(e cache.Event) {
			mu.Lock()
			defer mu.Unlock()
			kinds = append(kinds, e.Kind)
			last[e.Kind] = e
		}})
		current(t, c)
		out.down.Store(true)
		time.Sleep(5 * time.Second)
		current(t, c)
		out.down.Store(false)
		for _, want := range []cache.EventKind{cache.Looked, cache.LeaseWon, cache.Built, cache.Announced, cache.Followed, cache.Stale} {
			if !slices.Contains(kinds, want) {
				t.Errorf("nothing was told of %q: %v", want, kinds)
			}
		}
		version := c.Stats().Version
		if e := last[cache.Built]; e.Took != 3*time.Second || string(e.Version) != version {
			t.Errorf("built: %+v", e)
		}
		if e := last[cache.Announced]; string(e.Version) != version || e.Bytes == 0 || e.Sequence == 0 {
			t.Errorf("announced: %+v", e)
		}
		if e := last[cache.Stale]; string(e.Version) != version || e.Age != 5*time.Second {
			t.Errorf("stale: %+v", e)
		}
		if e := last[cache.Looked]; e.Err == nil {
			t.Errorf("looked in vain: %+v", e)
		}

		// Another process finds a chunk gone, and another one damaged.
		s, err := c.Current(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		reader := open(t, out, &cache.Options{Notify: func(e cache.Event) { last[e.Kind] = e }})
		current(t, reader)
		for chunk := range s.Manifest().Chunks {
			remove(t, out, "c/"+string(chunk.Digest))
		}
		if shot, err := open(t, out, &cache.Options{Notify: func(e cache.Event) { last[e.Kind] = e }}).Current(t.Context()); err == nil {
			_, _, _ = shot.Get(t.Context(), show.Model("Show"), "s007\x00")
		}
		if last[cache.Missing].Digest == "" {
			t.Error("nothing was told of a missing chunk")
		}
		for chunk := range s.Manifest().Chunks {
			set(t, out, "c/"+string(chunk.Digest), "junk")
		}
		if shot, err := open(t, out, &cache.Options{Notify: func(e cache.Event) { last[e.Kind] = e }}).Current(t.Context()); err == nil {
			_, _, _ = shot.Get(t.Context(), show.Model("Show"), "s007\x00")
		}
		if last[cache.Damaged].Digest == "" {
			t.Error("nothing was told of a damaged chunk")
		}
	})
}
