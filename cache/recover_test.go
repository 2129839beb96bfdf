package cache_test

import (
	"context"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/chunkaside/chunkaside/cache"
	"github.com/chunkaside/chunkaside/catalog"
	"github.com/chunkaside/chunkaside/chunker"
)

// never is a build that does not end.
func never(ctx context.Context, _ func(chunker.Digest, []byte) error) (*chunker.Manifest, error) {
	<-ctx.Done()
	return nil, ctx.Err()
}

// TestPatienceIsOnesOwn: a patient caller does not get the short patience of another one.
func TestPatienceIsOnesOwn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := memory(t)
		// Another process holds the lease and publishes after 3 s.
		if ok, err := d.SetIfAbsent(t.Context(), "chunkaside/catalog/lease", []byte("other"), 15*time.Second); !ok || err != nil {
			t.Fatal(ok, err)
		}
		go func() {
			time.Sleep(3 * time.Second)
			_, _ = open(t, d, nil).Publish(t.Context(), version(show, "other"))
		}()
		c := open(t, d, &cache.Options{Build: version(show, "mine")})
		go func() { _, _ = c.Within(t.Context(), time.Second/2) }() // a small query that the store could answer
		time.Sleep(time.Second / 10)
		start := time.Now()
		_, err := c.Current(t.Context()) // a wide one: HardTimeout is 20 s
		if err != nil {
			t.Errorf("wide query joined: after %v: %v", time.Since(start), err)
		}
		start = time.Now()
		if _, err := c.Current(t.Context()); err != nil {
			t.Errorf("wide query that comes after: after %v: %v", time.Since(start), err)
		}
		time.Sleep(time.Minute)
	})
}

// TestTokenKeyAfterEmptying: all processes of a cache that was emptied and filled again by a process that held nothing have one key.
func TestTokenKeyAfterEmptying(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := memory(t)
		titled(t, open(t, d, nil), "one")
		a := open(t, d, &cache.Options{MaxAge: -1})
		if _, err := a.Current(t.Context()); err != nil {
			t.Fatal(err)
		}
		empty(t, d)
		titled(t, open(t, d, nil), "one") // same content, a process that held nothing: a warmer
		b := open(t, d, nil)
		if _, err := b.Current(t.Context()); err != nil {
			t.Fatal(err)
		}
		for range 100 {
			if _, err := a.Current(t.Context()); err != nil {
				t.Fatal(err)
			}
			time.Sleep(time.Second)
		}
		if a.TokenKey() != b.TokenKey() {
			t.Errorf("after 100 looks the two processes have different keys")
		}
	})
}

// lose removes the chunks of a version that another one does without.
func lose(t *testing.T, d cache.Driver, of, keep *catalog.Snapshot) {
	t.Helper()
	kept := map[chunker.Digest]bool{}
	for chunk := range keep.Manifest().Chunks {
		kept[chunk.Digest] = true
	}
	for chunk := range of.Manifest().Chunks {
		if !kept[chunk.Digest] {
			remove(t, d, "c/"+string(chunk.Digest))
		}
	}
}

// TestRecoverDoesNotWait: who has an earlier version to answer from does not wait for another process's build.
func TestRecoverDoesNotWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, out := reader(t, &cache.Options{Build: never, Memory: keepNothing})
		before, _ := c.Current(t.Context())
		titled(t, open(t, out.Driver, nil), "newer")
		after, _ := c.Current(t.Context())
		lose(t, out.Driver, after, before)
		_, _, cause := after.Get(t.Context(), show.Model("Show"), "s007\x00")
		if cause == nil {
			t.Fatal("not lost")
		}
		_ = out.Driver.Set(t.Context(), "chunkaside/catalog/lease", []byte("other"), time.Hour) // another process builds
		start := time.Now()
		s, err := c.Recover(t.Context(), after, cause)
		if err != nil || time.Since(start) > 200*time.Millisecond {
			t.Errorf("Recover: %v after %v, title %q", err, time.Since(start), title(t, s))
		}
	})
}

// TestRecoverAfterRollback: a version that an operator rolled back from is no last good one.
func TestRecoverAfterRollback(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := memory(t)
		titled(t, open(t, d, nil), "good", "bad")
		c := open(t, d, nil)
		bad, _ := c.Current(t.Context())
		if _, err := rollback(t.Context(), open(t, d, nil), "previous"); err != nil {
			t.Fatal(err)
		}
		time.Sleep(2 * time.Second)
		good, _ := c.Current(t.Context())
		lose(t, d, good, bad)
		_, _, cause := good.Get(t.Context(), show.Model("Show"), "s007\x00")
		if cause == nil {
			t.Fatal("not lost")
		}
		if s, err := c.Recover(t.Context(), good, cause); err == nil {
			t.Errorf("Recover answers from %q, which was rolled back", title(t, s))
		}
	})
}

// TestRecoverPrefersTheLast: the last good version is the one before, not one that a token asked for.
func TestRecoverPrefersTheLast(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := memory(t)
		p := open(t, d, nil)
		titled(t, p, "one", "two", "three")
		first := versions(t, p).Versions[2].Manifest
		c := open(t, d, nil)
		three, _ := c.Current(t.Context())
		titled(t, p, "four")
		four, _ := c.Current(t.Context())
		if _, err := c.At(t.Context(), first); err != nil { // somebody's nextToken
			t.Fatal(err)
		}
		lose(t, d, four, three)
		_, _, cause := four.Get(t.Context(), show.Model("Show"), "s007\x00")
		s, err := c.Recover(t.Context(), four, cause)
		if err != nil {
			t.Fatal(err)
		}
		if got := title(t, s); got != "three" {
			t.Errorf("title = %q, want three", got)
		}
	})
}

// TestRecoverOfAnEarlierVersion: a version to read instead of an earlier one is not the current one if that lacks the same chunk.
func TestRecoverOfAnEarlierVersion(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := memory(t)
		c := open(t, d, &cache.Options{Build: version(show, "two"), Memory: keepNothing})
		titled(t, open(t, d, nil), "one")
		one, _ := c.Current(t.Context())
		titled(t, open(t, d, nil), "two")
		two, _ := c.Current(t.Context())
		for chunk := range one.Manifest().Chunks {
			if slices.ContainsFunc(slices.Collect(two.Manifest().Chunks), func(other *chunker.Chunk) bool { return other.Digest == chunk.Digest }) {
				remove(t, d, "c/"+string(chunk.Digest))
			}
		}
		m := show.Model("Show")
		_, cause := one.Page(t.Context(), m, catalog.Range{Limit: 1000})
		if cause == nil {
			t.Fatal("the versions have no chunk in common")
		}
		s, err := c.Recover(t.Context(), one, cause)
		if err == nil {
			_, err = s.Page(t.Context(), m, catalog.Range{Limit: 1000})
		}
		if err != nil {
			t.Errorf("what Recover returned: %v", err)
		}
	})
}
