package faultcache_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/chunkaside/chunkaside/cache"
	"github.com/chunkaside/chunkaside/cache/faultcache"
	"github.com/chunkaside/chunkaside/catalog"
	"github.com/chunkaside/chunkaside/catalog/schema"
	"github.com/chunkaside/chunkaside/chunker"
	"github.com/chunkaside/chunkaside/store/storetest"
)

// The tests of this file have a Cache over a driver with faults: what each action does to those who read and publish.

// shows is the schema of the tests, made once: a schema is immutable.
var shows = func() *schema.Schema {
	s, err := schema.Parse("test.graphql", `type Show @model { id: ID! title: String }`)
	if err != nil {
		panic(err)
	}
	return s
}()

const entities = 300

// titled builds a version of shows that all have this title.
func titled(title string) cache.Build {
	return func(ctx context.Context, emit func(chunker.Digest, []byte) error) (*chunker.Manifest, error) {
		var lines []string
		for i := range entities {
			lines = append(lines, fmt.Sprintf(`{"id":"s%03d","title":"%s"}`, i, title))
		}
		small := &chunker.Options{BlockTarget: 512, BlockMin: 128, ChunkTarget: 1024, ChunkMin: 512}
		return catalog.Build(ctx, storetest.Tables{"Show": lines}, shows, &catalog.BuildOptions{Chunker: small}, emit)
	}
}

func open(t testing.TB, d cache.Driver, o *cache.Options) *cache.Cache {
	t.Helper()
	c, err := cache.New(d, shows, o)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// published is a cache that holds a version.
func published(t testing.TB, title string) cache.Driver {
	t.Helper()
	d := memory(t)
	if _, err := open(t, d, nil).Publish(t.Context(), titled(title)); err != nil {
		t.Fatal(err)
	}
	return d
}

// read is the title that all shows have.
func read(t testing.TB, s *catalog.Snapshot) (string, error) {
	t.Helper()
	m := shows.Model("Show")
	page, err := s.Page(t.Context(), m, catalog.Range{Limit: entities + 1})
	if err != nil {
		return "", err
	}
	if len(page.Entities) != entities {
		t.Errorf("%d entities, want %d", len(page.Entities), entities)
	}
	title := string(page.Entities[0].Field(m.Field("title")))
	for _, e := range page.Entities {
		if got := string(e.Field(m.Field("title"))); got != title {
			t.Errorf("a torn version: titles %s and %s", title, got)
		}
	}
	return title[1 : len(title)-1], nil
}

// current reads the version that a process of its own finds.
func current(t testing.TB, d cache.Driver) string {
	t.Helper()
	s, err := open(t, d, nil).Current(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	title, err := read(t, s)
	if err != nil {
		t.Fatal(err)
	}
	return title
}

// use changes the rules.
func use(t testing.TB, d *faultcache.Driver, rules string) {
	t.Helper()
	if err := d.Use(rules); err != nil {
		t.Fatal(err)
	}
}

// TestSlowReads: a process without a version waits, one that has one does not.
func TestSlowReads(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := wrap(t, published(t, "one"), "get current delay 3s times 1")
		c := open(t, d, nil)
		start := time.Now()
		if _, err := c.Current(t.Context()); err != nil || time.Since(start) != 3*time.Second {
			t.Errorf("Current = %v after %v, want the version after 3s", err, time.Since(start))
		}
		use(t, d, "get delay 3s")
		time.Sleep(time.Minute)
		start = time.Now()
		if _, err := c.Current(t.Context()); err != nil || time.Since(start) >= 3*time.Second {
			t.Errorf("Current = %v after %v, want the version in memory sooner", err, time.Since(start))
		}
		time.Sleep(time.Minute) // past what is under way
	})
}

// TestReadsFail: the last version stays the answer; a process without one has cache.ErrUnavailable.
func TestReadsFail(t *testing.T) {
	for _, rules := range []string{"get fail", "get throttle", "* stop"} {
		synctest.Test(t, func(t *testing.T) {
			d := wrap(t, published(t, "one"), "")
			c := open(t, d, nil)
			first, err := c.Current(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			use(t, d, rules)
			time.Sleep(time.Minute)
			if s, err := c.Current(t.Context()); err != nil || s != first {
				t.Errorf("%s: Current = %v, want the version in memory", rules, err)
			}
			if _, err := open(t, d, nil).Current(t.Context()); !errors.Is(err, cache.ErrUnavailable) {
				t.Errorf("%s: Current without a version = %v, want cache.ErrUnavailable", rules, err)
			}
			use(t, d, "")
			if got := current(t, d); got != "one" {
				t.Errorf("title %q, want one", got)
			}
		})
	}
}

// TestReadAgain: what is spoiled on its way once costs another read, and no build.
func TestReadAgain(t *testing.T) {
	for _, rules := range []string{"get c/* corrupt times 1", "get c/* drop times 1"} {
		c := open(t, wrap(t, published(t, "one"), rules), &cache.Options{Build: titled("other")})
		s, err := c.Current(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if title, err := read(t, s); title != "one" || err != nil || c.Stats().Builds != 0 {
			t.Errorf("%s: title %q, %v, %d builds", rules, title, err, c.Stats().Builds)
		}
	}
}

// TestSpoiledReads: a chunk that is corrupt or gone is found out, and recovered from.
func TestSpoiledReads(t *testing.T) {
	for rules, want := range map[string]error{
		"get c/* corrupt":       chunker.ErrDamaged,
		"get c/* drop":          cache.ErrIncomplete,
		"get c/* evict times 1": cache.ErrIncomplete,
	} {
		t.Run(rules, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				inner := published(t, "one")
				d := wrap(t, inner, rules)
				c := open(t, d, &cache.Options{Build: titled("one")})
				s, err := c.Current(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				_, err = read(t, s)
				if !errors.Is(err, want) {
					t.Fatalf("the version is read with %v, want %v", err, want)
				}
				if err := d.Use(""); err != nil {
					t.Fatal(err)
				}
				if s, err = c.Recover(t.Context(), s, err); err != nil {
					t.Fatal(err)
				}
				if title, err := read(t, s); title != "one" || err != nil {
					t.Errorf("recovered: title %q, %v", title, err)
				}
				if got := current(t, inner); got != "one" {
					t.Errorf("in the cache: title %q", got)
				}
			})
		})
	}
}

// TestPublishFails: what readers could not read is not announced, and the old version stays.
func TestPublishFails(t *testing.T) {
	for rules, want := range map[string]error{
		"set c/* fail times 1":          cache.ErrUnavailable,
		"set m/* throttle times 1":      cache.ErrUnavailable,
		"set c/* lose times 1":          cache.ErrUnavailable,
		"set c/* corrupt times 1":       chunker.ErrDamaged,
		"set m/* corrupt times 1":       chunker.ErrDamaged,
		"set c/* drop times 1":          cache.ErrIncomplete,
		"compare-and-set current fail":  cache.ErrUnavailable,
		"compare-and-set current evict": cache.ErrConflict,
		"get c/* fail after 1":          cache.ErrUnavailable,
	} {
		t.Run(rules, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				inner := published(t, "one")
				d := wrap(t, inner, rules)
				if _, err := open(t, d, nil).Publish(t.Context(), titled("two")); !errors.Is(err, want) {
					t.Errorf("Publish = %v, want %v", err, want)
				}
				if evicted := d.Counts()["evict"] > 0; evicted {
					if _, err := open(t, inner, nil).Current(t.Context()); !errors.Is(err, cache.ErrNoVersion) {
						t.Errorf("Current without a pointer = %v, want cache.ErrNoVersion", err)
					}
				} else if got := current(t, inner); got != "one" {
					t.Errorf("title %q, want one", got)
				}
				if _, err := open(t, inner, nil).Publish(t.Context(), titled("two")); err != nil {
					t.Errorf("Publish without faults, after it = %v", err)
				}
				if got := current(t, inner); got != "two" {
					t.Errorf("title %q, want two", got)
				}
			})
		})
	}
}

// TestLostAnswers: the pointer was moved, or the lease taken, though nobody heard of it.
func TestLostAnswers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := wrap(t, memory(t), "set-if-absent current lose times 1; compare-and-set current lose times 1")
		for _, title := range []string{"one", "two", "three"} {
			if _, err := open(t, d, nil).Publish(t.Context(), titled(title)); err != nil {
				t.Errorf("Publish of %s = %v", title, err)
			}
			if got := current(t, d); got != title {
				t.Errorf("title %q, want %s", got, title)
			}
		}
		if got := d.Counts()["lose"]; got != 2 {
			t.Errorf("%d answers were lost, want 2", got)
		}
		use(t, d, "set-if-absent lease lose times 1")
		c := open(t, d, &cache.Options{Build: titled("four")})
		if _, err := c.Warm(t.Context(), nil); !errors.Is(err, cache.ErrUnavailable) {
			t.Errorf("Warm = %v, want cache.ErrUnavailable", err)
		}
		start := time.Now()
		if _, err := c.Warm(t.Context(), nil); err != nil || time.Since(start) > 10*time.Second {
			t.Errorf("Warm = %v after %v, want no waiting for a lease that nobody knows of", err, time.Since(start))
		}
	})
}

// TestStop: whichever operation a publisher loses its connection at, readers see the old version or the new one, whole.
func TestStop(t *testing.T) {
	for n := 0; ; n++ {
		done := false
		synctest.Test(t, func(t *testing.T) {
			inner := published(t, "one")
			_, err := open(t, wrap(t, inner, fmt.Sprintf("* stop after %d", n)), nil).Publish(t.Context(), titled("two"))
			got := current(t, inner)
			switch done = err == nil; {
			case err == nil && got != "two":
				t.Errorf("published after %d operations, but the title is %q", n, got)
			case err != nil && !errors.Is(err, cache.ErrUnavailable):
				t.Errorf("Publish, stopped after %d operations = %v, want cache.ErrUnavailable", n, err)
			}
		})
		if done {
			if n < 10 {
				t.Errorf("a publish took only %d operations", n)
			}
			return
		}
	}
}
