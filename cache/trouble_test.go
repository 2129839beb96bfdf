package cache_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/chunkaside/chunkaside/cache"
	"github.com/chunkaside/chunkaside/chunker"
)

var errStore = errors.New("no store")

// TestFailingBuildIsBraked: a catalog that cannot be built costs the store a load now and then, not one a query.
func TestFailingBuildIsBraked(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := memory(t)
		var builds atomic.Int64
		o := &cache.Options{Build: func(context.Context, func(chunker.Digest, []byte) error) (*chunker.Manifest, error) {
			builds.Add(1)
			return nil, errStore
		}}
		var processes []*cache.Cache
		for range 20 {
			processes = append(processes, open(t, d, o))
		}
		var group sync.WaitGroup
		for i := range 600 {
			group.Go(func() {
				time.Sleep(time.Duration(i) * 100 * time.Millisecond)
				ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
				defer cancel()
				if _, err := processes[i%20].Current(ctx); err == nil {
					t.Error("a version came of a failing build")
				}
			})
		}
		group.Wait()
		if got := builds.Load(); got < 2 || got > 14 {
			t.Errorf("%d builds in a minute, want one every five seconds or so", got)
		}
		time.Sleep(5 * time.Minute) // past what is under way
	})
}

// TestSoftTimeout: with a version in memory, nobody of a resident process waits long for a newer one.
func TestSoftTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := memory(t)
		c := open(t, d, &cache.Options{Resident: true, Build: func(ctx context.Context, emit func(chunker.Digest, []byte) error) (*chunker.Manifest, error) {
			time.Sleep(20 * time.Second)
			return version(show, "built")(ctx, emit)
		}})
		if _, err := open(t, d, nil).Publish(t.Context(), version(show, "good")); err != nil {
			t.Fatal(err)
		}
		if got := current(t, c); got != "good" {
			t.Fatalf("title = %q", got)
		}
		remove(t, d, "current")
		time.Sleep(2 * time.Second)
		start := time.Now()
		if got := current(t, c); got != "good" || time.Since(start) > 200*time.Millisecond {
			t.Errorf("title %q after %v, want good within the soft timeout", got, time.Since(start))
		}
		time.Sleep(21 * time.Second)
		if got := current(t, c); got != "built" {
			t.Errorf("title = %q, want what was built meanwhile", got)
		}
	})
}

func TestPanicsAreErrors(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := open(t, memory(t), &cache.Options{Build: func(context.Context, func(chunker.Digest, []byte) error) (*chunker.Manifest, error) { panic("boom") }})
		if _, err := c.Current(t.Context()); err == nil || !strings.Contains(err.Error(), "boom") {
			t.Errorf("Current = %v, want the panic as an error", err)
		}
	})
}

// TestNeverBackwards: a slow fetch of an older version does not take the place of a newer one.
func TestNeverBackwards(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := memory(t)
		if _, err := open(t, d, nil).Publish(t.Context(), version(show, "one")); err != nil {
			t.Fatal(err)
		}
		remove(t, d, "manifest")
		c := open(t, &slowManifest{Driver: d}, &cache.Options{Build: version(show, "two")})
		var group sync.WaitGroup
		group.Go(func() { _, _ = c.Current(t.Context()) })
		time.Sleep(time.Second)
		if _, err := c.Warm(t.Context(), nil); err != nil {
			t.Fatal(err)
		}
		group.Wait()
		if got := current(t, c); got != "two" {
			t.Errorf("title = %q, want two", got)
		}
	})
}

// slowManifest is a driver whose first read of a manifest takes a while.
type slowManifest struct {
	cache.Driver
	read atomic.Bool
}

func (s *slowManifest) Get(ctx context.Context, keys []string) ([][]byte, error) {
	values, err := s.Driver.Get(ctx, keys)
	if strings.Contains(keys[0], "/m/") && !s.read.Swap(true) {
		time.Sleep(5 * time.Second)
	}
	return values, err
}

// TestOddPointers: whatever stands where the pointer should, a rebuild puts a sound one there.
func TestOddPointers(t *testing.T) {
	digest := strings.Repeat("0a", 32)
	for name, value := range map[string]string{
		"empty":      "",
		"far ahead":  fmt.Sprintf(`{"magic":"chunkaside pointer","format":1,"sequence":9223372036854775807,"manifest":"%s","published":"2026-01-02T03:04:05Z"}`, digest),
		"to nowhere": fmt.Sprintf(`{"magic":"chunkaside pointer","format":1,"sequence":5,"manifest":"%s","published":"2026-01-02T03:04:05Z"}`, digest),
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				d := memory(t)
				set(t, d, "current", value)
				if got := current(t, open(t, d, &cache.Options{Build: version(show, "built")})); got != "built" {
					t.Errorf("title = %q", got)
				}
				if got := current(t, open(t, d, nil)); got != "built" {
					t.Errorf("another process reads %q", got)
				}
			})
		})
	}
}

// TestLowerPointerThatStays: after the cache was emptied, a publisher with a slow clock is followed in the end.
func TestLowerPointerThatStays(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := memory(t)
		c := open(t, d, nil)
		if _, err := open(t, d, nil).Publish(t.Context(), version(show, "one")); err != nil {
			t.Fatal(err)
		}
		if got := current(t, c); got != "one" {
			t.Fatalf("title = %q", got)
		}
		m := manifest(t, d)
		if _, err := open(t, d, nil).Publish(t.Context(), version(show, "two")); err != nil {
			t.Fatal(err)
		}
		two := manifest(t, d)
		time.Sleep(2 * time.Second)
		if got := current(t, c); got != "two" {
			t.Fatalf("title = %q", got)
		}
		// An old pointer, seen late, is not followed; one that stays is.
		remove(t, d, "current")
		set(t, d, "current", fmt.Sprintf(`{"magic":"chunkaside pointer","format":1,"sequence":5,"manifest":"%s","published":"2026-01-02T03:04:05Z"}`, m.Digest))
		time.Sleep(2 * time.Second)
		if got := current(t, c); got != "two" {
			t.Errorf("a lower pointer was followed at once: %q", got)
		}
		time.Sleep(11 * time.Second)
		if got := current(t, c); got != "one" {
			t.Errorf("a lower pointer that stays was not followed: %q (two is %s)", got, two.Digest.Short())
		}
	})
}

// TestSlowClock: after the cache was emptied somebody with a slow clock publishes, again and again. His versions are followed, though no one of them stays for long.
func TestSlowClock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := memory(t)
		c := open(t, d, nil)
		titled(t, open(t, d, nil), "before")
		if got := current(t, c); got != "before" {
			t.Fatalf("title = %q", got)
		}
		remove(t, d, "current")
		slow := open(t, d, &cache.Options{Clock: func() time.Time { return time.Now().Add(-time.Hour) }})
		for n := range 10 {
			if _, err := slow.Publish(t.Context(), version(show, fmt.Sprint(n))); err != nil {
				t.Fatal(err)
			}
			time.Sleep(2 * time.Second)
			if got := current(t, c); (got == "before") != (n < 5) {
				t.Errorf("after %d s the title is %q", 2*(n+1), got)
			}
		}
	})
}

// TestTroubleIsLogged: once, not at every query, and its end too.
func TestTroubleIsLogged(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := memory(t)
		var log bytes.Buffer
		if _, err := open(t, d, nil).Publish(t.Context(), version(show, "good")); err != nil {
			t.Fatal(err)
		}
		broken := &outage{Driver: d}
		c := open(t, broken, &cache.Options{Log: slog.New(slog.NewTextHandler(&log, nil))})
		current(t, c)
		broken.down.Store(true)
		for range 20 {
			time.Sleep(2 * time.Second)
			current(t, c)
		}
		broken.down.Store(false)
		time.Sleep(2 * time.Second)
		if _, err := open(t, d, nil).Publish(t.Context(), version(show, "new")); err != nil {
			t.Fatal(err)
		}
		current(t, c)
		if got := strings.Count(log.String(), "cannot be refreshed"); got != 1 {
			t.Errorf("%d lines for one outage, want 1:\n%s", got, log.String())
		}
		if !strings.Contains(log.String(), "well again") {
			t.Errorf("the end is not logged:\n%s", log.String())
		}
	})
}

// TestLostBytesAreNotAnnounced: a cache that does not keep what is written to it gets no pointer.
func TestLostBytesAreNotAnnounced(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := memory(t)
		if _, err := open(t, &forgetful{d}, nil).Publish(t.Context(), version(show, "lost")); err == nil {
			t.Error("a version was announced that is not in the cache")
		}
		if _, _, err := open(t, d, nil).Inspect(t.Context()); !errors.Is(err, cache.ErrNoVersion) {
			t.Errorf("Inspect = %v, want ErrNoVersion", err)
		}
	})
}

// forgetful drops some chunks, and corrupts others.
type forgetful struct{ cache.Driver }

func (f *forgetful) Set(ctx context.Context, key string, value []byte, ttl time.Duration) error {
	switch {
	case !strings.Contains(key, "/c/"):
	case key[len(key)-1] < '8':
		return nil
	default:
		value = append([]byte("x"), value...)
	}
	return f.Driver.Set(ctx, key, value, ttl)
}

// TestOldPointerSeenNowAndThen: an old pointer that comes up between good looks is never followed, however long ago it was first seen.
func TestOldPointerSeenNowAndThen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := memory(t)
		stale := &staleNow{Driver: d}
		c := open(t, stale, nil)
		if _, err := open(t, d, nil).Publish(t.Context(), version(show, "old")); err != nil {
			t.Fatal(err)
		}
		values, err := d.Get(t.Context(), []string{"chunkaside/catalog/current"})
		if err != nil {
			t.Fatal(err)
		}
		stale.pointer = values[0]
		if _, err := open(t, d, nil).Publish(t.Context(), version(show, "new")); err != nil {
			t.Fatal(err)
		}
		for i := range 60 {
			stale.now.Store(i%15 == 5)
			if got := current(t, c); got != "new" {
				t.Fatalf("second %d: title = %q", i, got)
			}
			time.Sleep(time.Second)
		}
	})
}

// staleNow is a driver that shows an old pointer when told to.
type staleNow struct {
	cache.Driver
	pointer []byte
	now     atomic.Bool
}

func (s *staleNow) Get(ctx context.Context, keys []string) ([][]byte, error) {
	values, err := s.Driver.Get(ctx, keys)
	if s.now.Load() && strings.HasSuffix(keys[0], "/current") {
		values[0] = s.pointer
	}
	return values, err
}

// TestHungLookCostsOneWait: while a look hangs, one query waits for it, the others do not.
func TestHungLookCostsOneWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := memory(t)
		slow := &outage{Driver: d}
		if _, err := open(t, d, nil).Publish(t.Context(), version(show, "good")); err != nil {
			t.Fatal(err)
		}
		c := open(t, slow, nil)
		current(t, c)
		slow.hang.Store(int64(time.Minute))
		time.Sleep(2 * time.Second)
		start := time.Now()
		for range 20 {
			if got := current(t, c); got != "good" {
				t.Errorf("title = %q", got)
			}
		}
		if got := time.Since(start); got > 200*time.Millisecond {
			t.Errorf("20 queries took %v, want one soft timeout", got)
		}
		time.Sleep(2 * time.Minute) // past what hangs
	})
}

// TestLossyCacheIsNotRebuiltForEver: a cache that loses what it is given costs the store a load now and then.
func TestLossyCacheIsNotRebuiltForEver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := memory(t)
		var builds atomic.Int64
		o := &cache.Options{Build: func(ctx context.Context, emit func(chunker.Digest, []byte) error) (*chunker.Manifest, error) {
			builds.Add(1)
			return version(show, "built")(ctx, emit)
		}}
		c := open(t, d, o)
		current(t, c)
		m := manifest(t, d)
		for range 60 {
			s, err := c.Current(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			for chunk := range m.Chunks {
				remove(t, d, "c/"+string(chunk.Digest))
			}
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			_, _ = c.Recover(ctx, s, cache.ErrIncomplete) // as a query does that cannot read
			cancel()
		}
		if got := builds.Load(); got > 40 {
			t.Errorf("%d builds in a minute, want one every two seconds at most", got)
		}
		time.Sleep(5 * time.Minute)
	})
}

// TestManyPublishers: all but the winners of the pointer get ErrConflict, and nothing else.
func TestManyPublishers(t *testing.T) {
	d := memory(t)
	var group sync.WaitGroup
	for i := range 40 {
		group.Go(func() {
			_, err := open(t, d, nil).Publish(t.Context(), version(show, fmt.Sprint("publisher ", i)))
			if err != nil && !errors.Is(err, cache.ErrConflict) {
				t.Errorf("Publish = %v, want nil or ErrConflict", err)
			}
		})
	}
	group.Wait()
	if got := whole(t, open(t, d, nil)); got != 400 {
		t.Errorf("read %d entities, want 400", got)
	}
}
