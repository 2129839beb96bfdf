package cache_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/chunkaside/chunkaside/cache"
	"github.com/chunkaside/chunkaside/catalog"
	"github.com/chunkaside/chunkaside/chunker"
)

// The table of docs/reliability.md, line by line.

// slowBuild is a build that takes a while, and counts.
func slowBuild(title string, takes time.Duration, builds *atomic.Int64) cache.Build {
	return func(ctx context.Context, emit func(chunker.Digest, []byte) error) (*chunker.Manifest, error) {
		builds.Add(1)
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(takes):
		}
		return version(show, title)(ctx, emit)
	}
}

// reader is a process with a version in memory, over a cache that can be put out of order.
func reader(t *testing.T, o *cache.Options) (*cache.Cache, *outage) {
	t.Helper()
	d := memory(t)
	if _, err := open(t, d, nil).Publish(t.Context(), version(show, "good")); err != nil {
		t.Fatal(err)
	}
	out := &outage{Driver: d}
	c := open(t, out, o)
	if got := current(t, c); got != "good" {
		t.Fatalf("title = %q", got)
	}
	return c, out
}

// TestFresh: within four fifths of MaxAge nobody looks.
func TestFresh(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, out := reader(t, &cache.Options{MaxAge: 10 * time.Second})
		time.Sleep(8*time.Second - 1)
		before := out.reads.Load()
		current(t, c)
		if out.reads.Load() != before || c.Stats().Hits != 1 {
			t.Errorf("%d reads, %d hits", out.reads.Load()-before, c.Stats().Hits)
		}
	})
}

// TestEarly: in the last fifth of MaxAge one caller looks and the others do not wait; and not all processes do so at the same time.
func TestEarly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := memory(t)
		if _, err := open(t, d, nil).Publish(t.Context(), version(show, "good")); err != nil {
			t.Fatal(err)
		}
		var early []*cache.Cache
		for range 100 {
			c := open(t, d, &cache.Options{MaxAge: 10 * time.Second})
			current(t, c)
			early = append(early, c)
		}
		time.Sleep(9 * time.Second)
		looked := 0
		for _, c := range early {
			current(t, c)
			looked += int(c.Stats().Refreshes) - 1
		}
		if looked < 20 || looked > 80 {
			t.Errorf("after nine tenths of MaxAge %d of 100 processes look, want about half", looked)
		}

		c, out := reader(t, &cache.Options{MaxAge: 10 * time.Second})
		time.Sleep(10*time.Second - 1)
		out.hang.Store(int64(100 * time.Millisecond))
		before, start := out.reads.Load(), time.Now()
		var group sync.WaitGroup
		var waited atomic.Int64
		for range 50 {
			group.Go(func() {
				current(t, c)
				if time.Since(start) > 0 {
					waited.Add(1)
				}
			})
		}
		group.Wait()
		if out.reads.Load()-before != 1 || waited.Load() != 1 {
			t.Errorf("%d reads, %d of 50 callers waited; want one and one", out.reads.Load()-before, waited.Load())
		}
	})
}

// TestDue: from MaxAge on all callers wait for one look, up to SoftTimeout.
func TestDue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, out := reader(t, nil)
		if _, err := open(t, out.Driver, nil).Publish(t.Context(), version(show, "newer")); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Second)
		out.hang.Store(int64(50 * time.Millisecond)) // the pointer, then the manifest
		before := c.Stats().Looks
		var group sync.WaitGroup
		for range 50 {
			group.Go(func() {
				if s, err := c.Current(t.Context()); err != nil || s.Manifest().Digest == "" || c.Stats().Looks != before+1 {
					t.Errorf("Current = %v, %v after %d looks", s, err, c.Stats().Looks-before)
				}
			})
		}
		group.Wait()
		out.hang.Store(0)
		if got := current(t, c); got != "newer" {
			t.Errorf("title = %q", got)
		}
	})
}

// TestStale: a cache that does not answer, or not in time, or has no version, leaves the last good one the answer until MaxStale.
func TestStale(t *testing.T) {
	for name, fail := range map[string]func(t *testing.T, out *outage){
		"down":    func(_ *testing.T, out *outage) { out.down.Store(true) },
		"slow":    func(_ *testing.T, out *outage) { out.hang.Store(int64(3 * time.Second)) },
		"emptied": func(t *testing.T, out *outage) { remove(t, out.Driver, "current") },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c, out := reader(t, &cache.Options{MaxStale: time.Hour, HardTimeout: 2 * time.Second})
				fail(t, out)
				begin := time.Now()
				for time.Since(begin) < time.Hour-2*time.Second {
					start := time.Now()
					if got := current(t, c); got != "good" || time.Since(start) > 200*time.Millisecond {
						t.Fatalf("title %q after %v", got, time.Since(start))
					}
					time.Sleep(7 * time.Second)
				}
				time.Sleep(10 * time.Second)
				start := time.Now()
				if s, err := c.Current(t.Context()); err == nil || time.Since(start) > 2*time.Second {
					t.Errorf("after MaxStale: %v, %v after %v; want an error within HardTimeout", s, err, time.Since(start))
				}
				out.down.Store(false)
				out.hang.Store(0)
				if _, err := open(t, out.Driver, nil).Publish(t.Context(), version(show, "back")); err != nil {
					t.Fatal(err)
				}
				time.Sleep(time.Second)
				if got := current(t, c); got != "back" {
					t.Errorf("title = %q", got)
				}
			})
		})
	}
}

// TestAbsent: without a version one process builds, however long it takes, and the others wait up to HardTimeout.
func TestAbsent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var builds, built, waited atomic.Int64
		d := memory(t)
		o := &cache.Options{HardTimeout: 3 * time.Second, Build: slowBuild("built", 4*time.Second, &builds)}
		var group sync.WaitGroup
		for range 10 {
			c := open(t, d, o)
			for range 3 { // callers of one process wait for each other
				group.Go(func() {
					start := time.Now()
					_, err := c.Current(t.Context())
					switch {
					case err == nil && time.Since(start) == 4*time.Second:
						built.Add(1)
					case errors.Is(err, context.DeadlineExceeded) && time.Since(start) == 3*time.Second:
						waited.Add(1)
					default:
						t.Errorf("Current = %v after %v", err, time.Since(start))
					}
				})
			}
		}
		group.Wait()
		if builds.Load() != 1 || built.Load() != 1 || waited.Load() != 29 {
			t.Errorf("%d builds, %d callers answered, %d told to try again; want 1, 1, 29", builds.Load(), built.Load(), waited.Load())
		}
	})
}

// TestWithin: a caller of less patience goes sooner.
func TestWithin(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var builds atomic.Int64
		d := memory(t)
		o := &cache.Options{Build: slowBuild("built", 4*time.Second, &builds)}
		go func() { _, _ = open(t, d, o).Current(context.Background()) }()
		time.Sleep(time.Second)
		start := time.Now()
		if _, err := open(t, d, o).Within(t.Context(), time.Second/2); !errors.Is(err, context.DeadlineExceeded) || time.Since(start) != time.Second/2 {
			t.Errorf("Within = %v after %v", err, time.Since(start))
		}
		time.Sleep(10 * time.Second)
	})
}

// TestNothingRunsOn: a function that is frozen between calls begins nothing that outlives them.
func TestNothingRunsOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, out := reader(t, nil)
		out.hang.Store(int64(time.Minute))
		time.Sleep(2 * time.Second)
		current(t, c)
		synctest.Wait()
		if out.cut.Load() != 1 {
			t.Errorf("%d reads were cut with the last caller gone, want 1", out.cut.Load())
		}
	})
}

// TestRefill: an emptied cache is filled again within one query of all, and the others do not wait for it.
func TestRefill(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var builds atomic.Int64
		d := memory(t)
		if _, err := open(t, d, nil).Publish(t.Context(), version(show, "good")); err != nil {
			t.Fatal(err)
		}
		var processes []*cache.Cache
		for range 10 {
			c := open(t, d, &cache.Options{Build: slowBuild("built", 5*time.Second, &builds)})
			current(t, c)
			processes = append(processes, c)
		}
		remove(t, d, "current")
		time.Sleep(2 * time.Second)
		var group sync.WaitGroup
		var waited atomic.Int64
		for i := range 200 {
			group.Go(func() {
				start := time.Now()
				current(t, processes[i%10])
				if time.Since(start) > 200*time.Millisecond {
					waited.Add(1)
				}
			})
		}
		group.Wait()
		if builds.Load() != 1 || waited.Load() != 1 {
			t.Errorf("%d builds, %d of 200 queries waited; want one and one", builds.Load(), waited.Load())
		}
		time.Sleep(2 * time.Second)
		if got := current(t, processes[3]); got != "built" {
			t.Errorf("title = %q", got)
		}
	})
}

// TestAsk: with somebody to ask, no query builds. One process asks; those with a version do not wait, the others do.
func TestAsk(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := memory(t)
		var asked, builds atomic.Int64
		warmer := open(t, d, &cache.Options{Build: slowBuild("built", 5*time.Second, &builds)})
		var background sync.WaitGroup
		o := &cache.Options{Ask: func(context.Context) error {
			asked.Add(1)
			background.Go(func() { _, _ = warmer.Warm(context.Background(), nil) })
			return nil
		}}
		var group sync.WaitGroup
		for range 50 {
			group.Go(func() {
				if got := current(t, open(t, d, o)); got != "built" {
					t.Errorf("title = %q", got)
				}
			})
		}
		group.Wait()
		c := open(t, d, o)
		current(t, c)
		time.Sleep(time.Minute)
		remove(t, d, "current")
		start := time.Now()
		if got := current(t, c); got != "built" || time.Since(start) > 200*time.Millisecond {
			t.Errorf("title %q after %v", got, time.Since(start))
		}
		background.Wait()
		if asked.Load() != 2 || builds.Load() != 2 || c.Stats().Asked != 1 {
			t.Errorf("asked %d times, %d builds; want two and two", asked.Load(), builds.Load())
		}
	})
}

// keepNothing has every block read again, so that a chunk that goes missing is missed.
var keepNothing = &catalog.MemoryOptions{Blocks: 1, Chunks: 1}

// TestLostChunkOfANewVersion: as long as it is not there again, an earlier version that does without it answers.
func TestLostChunkOfANewVersion(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, out := reader(t, &cache.Options{Memory: keepNothing})
		before, err := c.Current(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := open(t, out.Driver, nil).Publish(t.Context(), version(show, "newer")); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Second)
		after, err := c.Current(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		old := map[chunker.Digest]bool{}
		for chunk := range before.Manifest().Chunks {
			old[chunk.Digest] = true
		}
		for chunk := range after.Manifest().Chunks {
			if !old[chunk.Digest] {
				remove(t, out.Driver, "c/"+string(chunk.Digest))
			}
		}
		m := show.Model("Show")
		_, _, err = after.Get(t.Context(), m, "s007\x00")
		if !errors.Is(err, cache.ErrIncomplete) {
			t.Fatalf("the chunk is there: %v", err)
		}
		s, err := c.Recover(t.Context(), after, err)
		if err != nil {
			t.Fatal(err)
		}
		if got := title(t, s); got != "good" {
			t.Errorf("title = %q, want the earlier version's", got)
		}
	})
}
