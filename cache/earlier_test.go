package cache_test

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/chunkaside/chunkaside/cache"
)

// TestAt: earlier versions are read while they live, by processes that never held them too.
func TestAt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := memory(t)
		titled(t, open(t, d, nil), "one", "two", "three", "four", "five", "six", "seven")
		c := open(t, d, nil)
		if _, err := c.Current(t.Context()); err != nil {
			t.Fatal(err)
		}
		history := versions(t, c)
		for range 2 {
			for i, want := range []string{"seven", "six", "five", "four", "three", "two", "one"} {
				s, err := c.At(t.Context(), history.Versions[i].Manifest)
				if err != nil {
					t.Fatal(err)
				}
				if got := title(t, s); got != want {
					t.Errorf("version %d has %q, want %q", i, got, want)
				}
			}
		}
		two := history.Versions[5].Manifest
		if err := d.Delete(t.Context(), "chunkaside/catalog/m/"+string(two)); err != nil {
			t.Fatal(err)
		}
		if _, err := open(t, d, nil).At(t.Context(), two); !errors.Is(err, cache.ErrIncomplete) {
			t.Errorf("a version that is gone: %v", err)
		}
	})
}

// TestAtWhatWasCurrent: a version that a process held stays readable there without a look at the cache.
func TestAtWhatWasCurrent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := memory(t)
		c := open(t, d, nil)
		titled(t, c, "one")
		before, err := c.Current(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		titled(t, c, "two")
		if _, err := c.Current(t.Context()); err != nil {
			t.Fatal(err)
		}
		if err := d.Delete(t.Context(), "chunkaside/catalog/m/"+string(before.Manifest().Digest)); err != nil {
			t.Fatal(err)
		}
		if s, err := c.At(t.Context(), before.Manifest().Digest); err != nil || s != before {
			t.Errorf("At = %v, %v; want the snapshot that was held", s, err)
		}
	})
}

// TestTokenKey: all processes of a catalog have one, through publishing, rolling back and an emptied cache that a process fills again.
func TestTokenKey(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := memory(t)
		c := open(t, d, nil)
		if c.TokenKey() != "" {
			t.Error("there is a key before the first version")
		}
		key := func(c *cache.Cache) string {
			t.Helper()
			if _, err := c.Current(t.Context()); err != nil {
				t.Fatal(err)
			}
			return c.TokenKey()
		}
		titled(t, c, "one")
		first := key(c)
		if len(first) != 32 {
			t.Fatalf("the key has %d bytes", len(first))
		}
		titled(t, c, "two")
		if _, err := rollback(t.Context(), c, "previous"); err != nil {
			t.Fatal(err)
		}
		if key(open(t, d, nil)) != first {
			t.Error("another process has another key")
		}
		other := open(t, memory(t), nil)
		if titled(t, other, "one"); key(other) == first {
			t.Error("another cache has the same key")
		}

		// The cache is emptied under a process that can build.
		d = memory(t)
		c = open(t, d, &cache.Options{Build: version(show, "one"), MaxAge: -1})
		first = key(c)
		time.Sleep(time.Minute) // past the pause after a build
		if err := d.Delete(t.Context(), "chunkaside/catalog/current"); err != nil {
			t.Fatal(err)
		}
		if key(c) != first || key(open(t, d, nil)) != first {
			t.Error("the cache was emptied, and the key is another one")
		}
	})
}
