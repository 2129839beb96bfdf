package cache_test

import (
	"fmt"
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

// TestSlowChunks: after a publish the version in memory is the answer until the chunks that stand in place of what is in memory have come. Where nothing runs on between calls, one call waits for them.
func TestSlowChunks(t *testing.T) {
	for _, test := range []struct {
		rules    string
		resident bool
		waits    int           // calls that wait longer than SoftTimeout
		after    time.Duration // the new version is the answer, at the latest
	}{
		{"get c/* delay 100ms", false, 0, 100 * time.Millisecond},
		{"get c/* delay 3s", true, 0, 5 * time.Second},
		{"get c/* delay 3s", false, 1, 7 * time.Second},
		{"get c/* fail for 5", false, 0, 15 * time.Second},
	} {
		t.Run(fmt.Sprintf("%s, resident %v", test.rules, test.resident), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c, publisher, faults := faulty(t, &cache.Options{Resident: test.resident})
				titled(t, publisher, "newer")
				if err := faults.Use(test.rules); err != nil {
					t.Fatal(err)
				}
				waits := 0
				for start := time.Now(); ; time.Sleep(50 * time.Millisecond) {
					asked := time.Now()
					got := current(t, c)
					if time.Since(asked) > 200*time.Millisecond {
						waits++
					}
					if got == "newer" {
						break
					}
					if took := time.Since(start); took > test.after {
						t.Fatalf("still %q after %v", got, took)
					}
				}
				if waits != test.waits {
					t.Errorf("%d calls waited, want %d", waits, test.waits)
				}
			})
		})
	}
}

// TestChunksThatNeverCome: hardly anybody waits for them, and the last good version answers until MaxStale.
func TestChunksThatNeverCome(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, publisher, faults := faulty(t, &cache.Options{MaxStale: 10 * time.Minute})
		current(t, c)
		titled(t, publisher, "newer")
		if err := faults.Use("get c/* delay 24h"); err != nil {
			t.Fatal(err)
		}
		waits := 0
		for start := time.Now(); time.Since(start) < 8*time.Minute; time.Sleep(100 * time.Millisecond) {
			asked := time.Now()
			if got := current(t, c); got != "good" {
				t.Fatalf("title = %q after %v", got, time.Since(start))
			}
			if time.Since(asked) > 200*time.Millisecond {
				waits++
			}
		}
		if waits < 10 || waits > 17 {
			t.Errorf("%d calls waited in eight minutes, want one in half a minute", waits)
		}
		time.Sleep(2 * time.Minute)
		s, err := c.Current(t.Context())
		if err != nil || s.Manifest().Digest != versions(t, publisher).Manifest {
			t.Errorf("after MaxStale: %v, want the newer version, whatever of it can be read", err)
		}
	})
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
