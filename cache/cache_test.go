package cache_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/chunkaside/chunkaside/cache"
	"github.com/chunkaside/chunkaside/cache/memcache"
	"github.com/chunkaside/chunkaside/catalog"
	"github.com/chunkaside/chunkaside/catalog/schema"
	"github.com/chunkaside/chunkaside/chunker"
)

const sdl = `type Show @model { id: ID! title: String }`

// show is the schema of the tests, made once: a schema is immutable.
var show = func() *schema.Schema {
	s, err := schema.Parse("test.graphql", sdl)
	if err != nil {
		panic(err)
	}
	return s
}()

// version builds a version of shows, one of which has this title.
func version(s *schema.Schema, title string) cache.Build {
	return func(_ context.Context, emit func(chunker.Digest, []byte) error) (*chunker.Manifest, error) {
		w, err := chunker.NewWriter(chunker.Header{Catalog: "catalog", Schema: s.Digest}, &chunker.Options{BlockTarget: 512, BlockMin: 128}, emit)
		if err != nil {
			return nil, err
		}
		err = w.Section("Show")
		for i := 0; i < 400 && err == nil; i++ {
			id, text := fmt.Sprintf("s%03d", i), "old"
			if i == 7 {
				text = title
			}
			_, err = w.Add(id+"\x00", fmt.Appendf(nil, `{"id":"%s","title":"%s"}`, id, text))
		}
		m, closeErr := w.Close()
		if err != nil {
			return nil, err
		}
		return m, closeErr
	}
}

// manifest is that of the current version.
func manifest(t testing.TB, d cache.Driver) *chunker.Manifest {
	t.Helper()
	_, m, err := open(t, d, nil).Inspect(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// title is that of the show that differs between versions.
func title(t testing.TB, s *catalog.Snapshot) string {
	t.Helper()
	m := s.Schema().Model("Show")
	e, ok, err := s.Get(t.Context(), m, "s007\x00")
	if !ok || err != nil {
		t.Fatalf("the show s007: %v, %v", ok, err)
	}
	return strings.Trim(string(e.Field(m.Field("title"))), `"`)
}

func memory(t testing.TB) cache.Driver {
	t.Helper()
	d, err := memcache.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func open(t testing.TB, d cache.Driver, o *cache.Options) *cache.Cache {
	t.Helper()
	c, err := cache.New(d, show, o)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func current(t testing.TB, c *cache.Cache) string {
	t.Helper()
	s, err := c.Current(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return title(t, s)
}

func TestPublishAndRead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := memory(t)
		writer, reader := open(t, d, nil), open(t, d, nil)
		if _, err := reader.Current(t.Context()); !errors.Is(err, cache.ErrNoVersion) {
			t.Fatalf("Current of an empty cache = %v, want ErrNoVersion", err)
		}
		time.Sleep(time.Second) // a failure is remembered as long as a look
		first, err := writer.Publish(t.Context(), version(show, "one"))
		if err != nil {
			t.Fatal(err)
		}
		if first.ChunksSent != first.Chunks || first.Chunks < 3 {
			t.Errorf("first publish: %+v, want all of some chunks sent", first)
		}
		if got := current(t, reader); got != "one" {
			t.Errorf("title = %q, want one", got)
		}
		pinned, _ := reader.Current(t.Context())

		second, err := writer.Publish(t.Context(), version(show, "two"))
		if err != nil {
			t.Fatal(err)
		}
		if second.ChunksSent != 1 || second.Sequence <= first.Sequence {
			t.Errorf("second publish: %+v, want one chunk sent and a higher sequence than %d", second, first.Sequence)
		}
		if got := current(t, reader); got != "one" {
			t.Errorf("within MaxAge: title = %q, want one", got)
		}
		time.Sleep(time.Second)
		if got := current(t, reader); got != "two" {
			t.Errorf("after MaxAge: title = %q, want two", got)
		}
		if got := title(t, pinned); got != "one" {
			t.Errorf("the pinned snapshot changed: %q", got)
		}
		// Of each version one chunk was looked into.
		if s := reader.Stats(); s.ChunksRead != 2 || s.Sequence != second.Sequence {
			t.Errorf("stats %+v: want 2 chunks read, sequence %d", s, second.Sequence)
		}
	})
}

// TestOneBuildForMany: however many callers in however many processes find the cache empty, the store is loaded once.
func TestOneBuildForMany(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := memory(t)
		var builds atomic.Int64
		build := func(ctx context.Context, emit func(chunker.Digest, []byte) error) (*chunker.Manifest, error) {
			builds.Add(1)
			time.Sleep(5 * time.Second)
			return version(show, "built")(ctx, emit)
		}
		var processes []*cache.Cache
		for range 20 {
			processes = append(processes, open(t, d, &cache.Options{Build: build}))
		}
		var group sync.WaitGroup
		for i := range 400 {
			group.Go(func() {
				if got := current(t, processes[i%20]); got != "built" {
					t.Errorf("title = %q", got)
				}
			})
		}
		group.Wait()
		if got := builds.Load(); got != 1 {
			t.Errorf("%d builds, want 1", got)
		}
	})
}

func TestEmptiedCacheIsFilledAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := memory(t)
		n := 0
		c := open(t, d, &cache.Options{Build: func(ctx context.Context, emit func(chunker.Digest, []byte) error) (*chunker.Manifest, error) {
			n++
			return version(show, fmt.Sprint("build ", n))(ctx, emit)
		}})
		if got := current(t, c); got != "build 1" {
			t.Fatalf("title = %q", got)
		}
		before := c.Stats().Sequence
		empty(t, d)
		time.Sleep(2 * time.Second)
		if got := current(t, c); got != "build 2" {
			t.Errorf("title = %q, want build 2", got)
		}
		if got := c.Stats().Sequence; got <= before {
			t.Errorf("sequence went from %d to %d", before, got)
		}
		if got := current(t, open(t, d, nil)); got != "build 2" {
			t.Errorf("the cache was not filled again: %q", got)
		}
	})
}

// empty removes all that the current version is made of.
func empty(t testing.TB, d cache.Driver) {
	t.Helper()
	c := open(t, d, nil)
	_, m, err := c.Inspect(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for chunk := range m.Chunks {
		remove(t, d, "c/"+string(chunk.Digest))
	}
	remove(t, d, "m/"+string(m.Digest))
	remove(t, d, "manifest")
	remove(t, d, "current")
}

func remove(t testing.TB, d cache.Driver, key string) {
	t.Helper()
	if err := d.Delete(t.Context(), "chunkaside/catalog/"+key); err != nil {
		t.Fatal(err)
	}
}

func TestDamageIsRepaired(t *testing.T) {
	for name, harm := range map[string]func(t *testing.T, d cache.Driver, m *chunker.Manifest){
		"a chunk is missing": func(t *testing.T, d cache.Driver, m *chunker.Manifest) {
			remove(t, d, "c/"+string(m.Sections[0].Chunks[1].Digest))
		},
		"a chunk is corrupt": func(t *testing.T, d cache.Driver, m *chunker.Manifest) {
			set(t, d, "c/"+string(m.Sections[0].Chunks[1].Digest), "hello")
		},
		"chunks are swapped": func(t *testing.T, d cache.Driver, m *chunker.Manifest) {
			a, b := "c/"+string(m.Sections[0].Chunks[0].Digest), "c/"+string(m.Sections[0].Chunks[1].Digest)
			values, err := d.Get(t.Context(), []string{"chunkaside/catalog/" + a, "chunkaside/catalog/" + b})
			if err != nil {
				t.Fatal(err)
			}
			first := string(values[0])
			set(t, d, a, string(values[1]))
			set(t, d, b, first)
		},
		"the manifest is missing": func(t *testing.T, d cache.Driver, m *chunker.Manifest) {
			remove(t, d, "m/"+string(m.Digest))
			remove(t, d, "manifest")
		},
		"the manifest is corrupt": func(t *testing.T, d cache.Driver, m *chunker.Manifest) {
			set(t, d, "m/"+string(m.Digest), string(m.Encoded[:50]))
			set(t, d, "manifest", string(m.Encoded[:50]))
		},
		"the pointer is corrupt": func(t *testing.T, d cache.Driver, _ *chunker.Manifest) {
			remove(t, d, "current")
			set(t, d, "current", "{")
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				d := memory(t)
				if _, err := open(t, d, nil).Publish(t.Context(), version(show, "sound")); err != nil {
					t.Fatal(err)
				}
				harm(t, d, manifest(t, d))
				c := open(t, d, &cache.Options{Build: version(show, "sound")})
				if got := whole(t, c); got != 400 {
					t.Errorf("read %d entities, want 400", got)
				}
				if got := c.Stats().Builds; got != 1 {
					t.Errorf("%d builds, want 1", got)
				}
				if got := whole(t, open(t, d, nil)); got != 400 {
					t.Errorf("another process reads %d entities from the repaired cache, want 400", got)
				}
			})
		})
	}
}

// whole reads all entities, as a resolver does: what cannot be read is recovered once.
func whole(t testing.TB, c *cache.Cache) int {
	t.Helper()
	s, err := c.Current(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	r := catalog.Range{Limit: 1000}
	page, err := s.Page(t.Context(), show.Model("Show"), r)
	if err != nil {
		if s, err = c.Recover(t.Context(), s, err); err != nil {
			t.Fatal(err)
		}
		page, err = s.Page(t.Context(), show.Model("Show"), r)
	}
	if err != nil {
		t.Fatal(err)
	}
	return len(page.Entities)
}

func set(t testing.TB, d cache.Driver, key, value string) {
	t.Helper()
	if err := d.Set(t.Context(), "chunkaside/catalog/"+key, []byte(value), time.Hour); err != nil {
		t.Fatal(err)
	}
}

// TestPublisherDies: whatever write a publisher dies at, readers see the old version or the new one, whole.
func TestPublisherDies(t *testing.T) {
	for writes := 0; ; writes++ {
		d := memory(t)
		if _, err := open(t, d, nil).Publish(t.Context(), version(show, "old")); err != nil {
			t.Fatal(err)
		}
		dying := &mortal{Driver: d, left: writes}
		_, err := open(t, dying, nil).Publish(t.Context(), version(show, "new"))
		got := current(t, open(t, d, nil))
		if err == nil {
			if got != "new" {
				t.Errorf("after %d writes and no error: title %q, want new", writes, got)
			}
			if writes < 5 {
				t.Errorf("a publish took only %d writes", writes)
			}
			return
		}
		if got != "old" {
			t.Errorf("publisher died after %d writes: title %q, want old", writes, got)
		}
	}
}

// mortal is a driver whose process dies after a number of writes.
type mortal struct {
	cache.Driver
	mu   sync.Mutex
	left int
}

var errDead = errors.New("dead")

func (m *mortal) live() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.left == 0 {
		return errDead
	}
	m.left--
	return nil
}

func (m *mortal) Set(ctx context.Context, key string, value []byte, ttl time.Duration) error {
	if err := m.live(); err != nil {
		return err
	}
	return m.Driver.Set(ctx, key, value, ttl)
}

func (m *mortal) Touch(ctx context.Context, key string, ttl time.Duration) (bool, error) {
	if err := m.live(); err != nil {
		return false, err
	}
	return m.Driver.Touch(ctx, key, ttl)
}

func (m *mortal) CompareAndSet(ctx context.Context, key string, old, value []byte, ttl time.Duration) (bool, error) {
	if err := m.live(); err != nil {
		return false, err
	}
	return m.Driver.CompareAndSet(ctx, key, old, value, ttl)
}

func TestLastGoodVersionStays(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := memory(t)
		if _, err := open(t, d, nil).Publish(t.Context(), version(show, "good")); err != nil {
			t.Fatal(err)
		}
		broken := &outage{Driver: d}
		c := open(t, broken, &cache.Options{Build: func(context.Context, func(chunker.Digest, []byte) error) (*chunker.Manifest, error) {
			return nil, errors.New("no store")
		}})
		if got := current(t, c); got != "good" {
			t.Fatalf("title = %q", got)
		}
		broken.down.Store(true)
		time.Sleep(2 * time.Second)
		if got := current(t, c); got != "good" {
			t.Errorf("cache down: title = %q, want good", got)
		}
		broken.down.Store(false)
		empty(t, d)
		time.Sleep(2 * time.Second)
		if got := current(t, c); got != "good" {
			t.Errorf("cache empty, store down: title = %q, want good", got)
		}
		if s := c.Stats(); s.Stale != 2 {
			t.Errorf("%d stale answers, want 2", s.Stale)
		}
		cold := open(t, broken, nil)
		broken.down.Store(true)
		if _, err := cold.Current(t.Context()); !errors.Is(err, cache.ErrUnavailable) {
			t.Errorf("a cold process with the cache down: %v, want ErrUnavailable", err)
		}
	})
}

// outage is a driver whose reads fail while it is down.
type outage struct {
	cache.Driver
	down atomic.Bool
	hang atomic.Int64 // how long each read takes, in nanoseconds

	reads, cut atomic.Int64 // begun, and ended by their ctx
}

func (o *outage) Get(ctx context.Context, keys []string) ([][]byte, error) {
	if o.down.Load() {
		return nil, cache.ErrUnavailable
	}
	o.reads.Add(1)
	select {
	case <-ctx.Done():
		o.cut.Add(1)
		return nil, ctx.Err()
	case <-time.After(time.Duration(o.hang.Load())):
		return o.Driver.Get(ctx, keys)
	}
}

// TestLeaseOfALostAnswer: a lease that was taken without its taker hearing of it does not keep others from building.
func TestLeaseOfALostAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		lossy := &deaf{Driver: memory(t)}
		c := open(t, lossy, &cache.Options{Build: version(show, "built")})
		if _, err := c.Current(t.Context()); !errors.Is(err, cache.ErrUnavailable) {
			t.Fatalf("Current = %v, want ErrUnavailable", err)
		}
		time.Sleep(time.Second) // a failure is remembered as long as a look
		start := time.Now()
		if got := current(t, c); got != "built" || time.Since(start) > time.Second {
			t.Errorf("title %q after %v", got, time.Since(start))
		}
	})
}

// deaf is a driver that loses the answer of the first SetIfAbsent.
type deaf struct {
	cache.Driver
	heard atomic.Bool
}

func (d *deaf) SetIfAbsent(ctx context.Context, key string, value []byte, ttl time.Duration) (bool, error) {
	set, err := d.Driver.SetIfAbsent(ctx, key, value, ttl)
	if !d.heard.Swap(true) {
		return false, cache.ErrUnavailable
	}
	return set, err
}

func TestConflict(t *testing.T) {
	d := memory(t)
	racing := &racer{Driver: d}
	racing.before = func() {
		if _, err := open(t, d, nil).Publish(t.Context(), version(show, "first")); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := open(t, racing, nil).Publish(t.Context(), version(show, "second")); !errors.Is(err, cache.ErrConflict) {
		t.Errorf("Publish = %v, want ErrConflict", err)
	}
	if got := current(t, open(t, d, nil)); got != "first" {
		t.Errorf("title = %q, want first", got)
	}
}

// racer lets another publisher go first.
type racer struct {
	cache.Driver
	before func()
}

func (r *racer) SetIfAbsent(ctx context.Context, key string, value []byte, ttl time.Duration) (bool, error) {
	r.before()
	return r.Driver.SetIfAbsent(ctx, key, value, ttl)
}

func TestForeignVersions(t *testing.T) {
	d := memory(t)
	other, err := schema.Parse("o", `type Show @model { id: ID! title: String year: Int }`)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := open(t, d, nil).Publish(t.Context(), version(other, "x")); !errors.Is(err, catalog.ErrSchema) {
		t.Errorf("a version of another schema was published: %v", err)
	}
	foreign, err := cache.New(d, other, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := foreign.Publish(t.Context(), version(other, "x")); err != nil {
		t.Fatal(err)
	}
	if _, err := open(t, d, &cache.Options{Build: version(show, "x")}).Warm(t.Context(), nil); !errors.Is(err, catalog.ErrSchema) || !strings.Contains(err.Error(), "--new-schema") {
		t.Errorf("a version of another schema was followed without a word: %v", err)
	}
	if _, err := open(t, d, &cache.Options{Build: version(show, "x")}).Warm(t.Context(), &cache.WarmOptions{NewSchema: true}); err != nil {
		t.Errorf("a new schema: %v", err)
	}
	foreign, err = cache.New(d, other, &cache.Options{Build: version(other, "x")})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := foreign.Warm(t.Context(), &cache.WarmOptions{NewSchema: true}); err != nil {
		t.Errorf("and back: %v", err)
	}
	builds := 0
	o := &cache.Options{Build: func(ctx context.Context, emit func(chunker.Digest, []byte) error) (*chunker.Manifest, error) {
		builds++
		return version(show, "x")(ctx, emit)
	}}
	if _, err := open(t, d, o).Current(t.Context()); !errors.Is(err, catalog.ErrSchema) {
		t.Errorf("a version of another schema: %v, want ErrSchema", err)
	}
	remove(t, d, "current")
	pointer := `{"magic":"chunkaside pointer","format":2,"sequence":"later formats may differ"}`
	set(t, d, "current", pointer)
	if _, err := open(t, d, o).Current(t.Context()); !errors.Is(err, chunker.ErrFormat) {
		t.Errorf("a pointer of a later format: %v, want ErrFormat", err)
	}
	values, err := d.Get(t.Context(), []string{"chunkaside/catalog/current"})
	if err != nil || !bytes.Equal(values[0], []byte(pointer)) || builds != 0 {
		t.Errorf("the foreign version was replaced (%d builds): %s, %v", builds, values[0], err)
	}
}

func TestWaiterKeepsItsDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := memory(t)
		slow := &cache.Options{Build: func(ctx context.Context, emit func(chunker.Digest, []byte) error) (*chunker.Manifest, error) {
			time.Sleep(time.Minute)
			return version(show, "late")(ctx, emit)
		}}
		builder, waiter := open(t, d, slow), open(t, d, slow)
		go func() { _, _ = builder.Current(t.Context()) }()
		time.Sleep(time.Second)
		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
		defer cancel()
		start := time.Now()
		if _, err := waiter.Current(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Current = %v, want DeadlineExceeded", err)
		}
		if got := time.Since(start); got > 3*time.Second {
			t.Errorf("it waited %v", got)
		}
		time.Sleep(2 * time.Minute)
		if waiter.Stats().Builds+builder.Stats().Builds != 1 {
			t.Error("there was more than one build")
		}
	})
}

func TestWarm(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := memory(t)
		n := 0
		c := open(t, d, &cache.Options{Build: func(ctx context.Context, emit func(chunker.Digest, []byte) error) (*chunker.Manifest, error) {
			n++
			return version(show, fmt.Sprint(n))(ctx, emit)
		}})
		for i := 1; i <= 3; i++ {
			p, err := c.Warm(t.Context(), nil)
			if err != nil {
				t.Fatal(err)
			}
			if got := current(t, open(t, d, nil)); got != fmt.Sprint(i) || p.Manifest == "" {
				t.Errorf("after warm-up %d: title %q, %+v", i, got, p)
			}
			time.Sleep(time.Second)
		}
	})
}

func TestOptions(t *testing.T) {
	for want, o := range map[string]*cache.Options{
		"no name":                {Namespace: "a/b"},
		"too short":              {TTL: time.Minute},
		"out of bounds":          {Parallelism: 1000},
		"it is positive":         {BuildTimeout: -1},
		"no shorter than":        {SoftTimeout: 2 * time.Second, HardTimeout: time.Second},
		"give MaxStale more":     {MaxAge: time.Hour, MaxStale: time.Minute},
		"for 24h0m0s, less than": {MaxAge: 48 * time.Hour},
	} {
		if _, err := cache.New(nil, show, o); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("New(%+v) = %v, want %q", o, err, want)
		}
	}
}

func FuzzPointer(f *testing.F) {
	f.Add([]byte(`{"magic":"chunkaside pointer","format":1,"sequence":12,"manifest":"` + strings.Repeat("0a", 32) + `","published":"2026-01-02T03:04:05Z"}`))
	f.Add([]byte(`{"magic":"chunkaside pointer","format":2}`))
	f.Add([]byte(`null`))
	d, err := memcache.New(nil)
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if err := d.Set(t.Context(), "chunkaside/catalog/current", data, time.Hour); err != nil {
			t.Fatal(err)
		}
		_, _, err := open(t, d, nil).Inspect(t.Context())
		if err == nil {
			t.Error("a version was found where none was published")
		}
		for _, known := range []error{cache.ErrNoVersion, cache.ErrIncomplete, chunker.ErrDamaged, chunker.ErrFormat} {
			if errors.Is(err, known) {
				return
			}
		}
		t.Errorf("untyped error: %v", err)
	})
}

// TestDrifted: what a warm-up finds otherwise than the version before has drifted. The first version has nothing before it, and what an update was told of has not.
func TestDrifted(t *testing.T) {
	d := memory(t)
	if _, err := open(t, d, nil).Publish(t.Context(), version(show, "published")); err != nil {
		t.Fatal(err)
	}
	c := open(t, d, &cache.Options{Build: version(show, "edited")})
	for n, want := range []int64{1, 1} { // the second warm-up finds nothing new
		if _, err := c.Warm(t.Context(), nil); err != nil {
			t.Fatal(err)
		}
		if got := c.Stats().Drifted; got != want {
			t.Errorf("after warm-up %d %d entities have drifted, want %d", n, got, want)
		}
	}
	first := open(t, memory(t), &cache.Options{Build: version(show, "edited")})
	if _, err := first.Warm(t.Context(), nil); err != nil || first.Stats().Drifted != 0 {
		t.Errorf("the first version: %d drifted, %v", first.Stats().Drifted, err)
	}
}
