package cache_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/chunkaside/chunkaside/cache"
	"github.com/chunkaside/chunkaside/cache/faultcache"
)

// faulty is a process with a version in memory, over a cache that goes wrong by rules, and another process that publishes.
func faulty(t *testing.T, o *cache.Options) (reader, publisher *cache.Cache, faults *faultcache.Driver) {
	t.Helper()
	d := memory(t)
	publisher = open(t, d, nil)
	titled(t, publisher, "good")
	faults, err := faultcache.New(d, "", 1)
	if err != nil {
		t.Fatal(err)
	}
	reader = open(t, faults, o)
	current(t, reader)
	return reader, publisher, faults
}

// TestSlowChunksKeepNobodyWaiting: after a publish the version in memory is the answer until the chunks that stand in place of what is in memory have come, or two seconds are over.
func TestSlowChunksKeepNobodyWaiting(t *testing.T) {
	for _, test := range []struct {
		rules string
		waits time.Duration
		first time.Duration // until the new version is the answer
		read  bool          // then, at once
	}{
		{"get c/* delay 100ms", 100 * time.Millisecond, 0, true},
		{"get c/* delay 1900ms", 200 * time.Millisecond, 4 * time.Second, true},
		{"get c/* fail", 0, 4 * time.Second, false},
	} {
		t.Run(test.rules, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c, publisher, faults := faulty(t, &cache.Options{Resident: true})
				titled(t, publisher, "newer")
				if err := faults.Use(test.rules); err != nil {
					t.Fatal(err)
				}
				for start := time.Now(); ; time.Sleep(50 * time.Millisecond) {
					asked := time.Now()
					s, err := c.Current(t.Context())
					if took := time.Since(asked); err != nil || took > test.waits {
						t.Fatalf("Current = %v after %v, want an answer within %v", err, took, test.waits)
					}
					newer := s.Manifest().Digest == versions(t, publisher).Manifest
					asked = time.Now()
					switch {
					case newer && !test.read:
						return
					case newer:
						if got, took := title(t, s), time.Since(asked); got != "newer" || took > 0 {
							t.Errorf("title = %q after %v more", got, took)
						}
						return
					}
					if got := title(t, s); got != "good" {
						t.Fatalf("title = %q", got)
					}
					if took := time.Since(start); took > test.first {
						t.Fatalf("still the old version after %v", took)
					}
				}
			})
		})
	}
}

// TestFollowedChunksAreThere: who follows a version reads from it at once what he read from the one before.
func TestFollowedChunksAreThere(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, publisher, faults := faulty(t, nil)
		titled(t, publisher, "newer")
		s, err := c.Current(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if err := faults.Use("* fail"); err != nil {
			t.Fatal(err)
		}
		if got := title(t, s); got != "newer" {
			t.Errorf("title = %q", got)
		}
	})
}

// TestLostChunkIsFoundFirst: a version lacks a chunk in place of one in memory. It is not followed, but built anew.
func TestLostChunkIsFoundFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, publisher, faults := faulty(t, &cache.Options{Build: version(show, "newer")})
		before, err := c.Current(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		titled(t, publisher, "newer")
		after, err := publisher.Current(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		lose(t, faults, after, before)
		if got := current(t, c); got != "newer" {
			t.Errorf("title = %q", got)
		}
		if stats := c.Stats(); stats.Builds != 1 || stats.Missing == 0 {
			t.Errorf("%d builds, %d missing", stats.Builds, stats.Missing)
		}
	})
}
