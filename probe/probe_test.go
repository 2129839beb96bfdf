package probe_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/chunkaside/chunkaside/cache"
	"github.com/chunkaside/chunkaside/cache/memcache"
	"github.com/chunkaside/chunkaside/catalog"
	"github.com/chunkaside/chunkaside/catalog/schema"
	"github.com/chunkaside/chunkaside/chunker"
	"github.com/chunkaside/chunkaside/probe"
	"github.com/chunkaside/chunkaside/store"
	"github.com/chunkaside/chunkaside/store/filestore"
)

const sdl = `type Show @model @table(name: "Show") { id: ID! title: String year: Int groups: [Group] @hasMany(indexName: "byShow", fields: ["id"]) }
type Group @model @table(name: "Group") { shop: ID! @primaryKey(sortKeyFields: ["number"]) number: Int! showId: ID @index(name: "byShow") tags: [String] }`

// shop is a catalog in files, published in a cache in memory.
type shop struct {
	*testing.T
	schema *schema.Schema
	dir    string
	store  store.Store
	driver cache.Driver
	cache  *cache.Cache
}

const shows, groups = 60, 40

func newShop(t *testing.T) *shop {
	t.Helper()
	s := &shop{T: t, dir: t.TempDir()}
	var showLines, groupLines strings.Builder
	for i := range shows {
		fmt.Fprintf(&showLines, `{"id":"s%02d","title":"Show %d","year":%d}`+"\n", i, i, 1990+i%30)
	}
	for i := range groups {
		fmt.Fprintf(&groupLines, `{"shop":"a/b","number":%d,"showId":"s%02d"}`+"\n", i, i%7)
	}
	s.write("Show", showLines.String())
	s.write("Group", groupLines.String())
	s.schema = parse(t, sdl)
	var err error
	if s.store, err = filestore.New(s.dir); err != nil {
		t.Fatal(err)
	}
	if s.driver, err = memcache.New(nil); err != nil {
		t.Fatal(err)
	}
	s.cache = s.open()
	s.warm()
	return s
}

func parse(t *testing.T, text string) *schema.Schema {
	t.Helper()
	s, err := schema.Parse("shop.graphql", text)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func (s *shop) path(table string) string { return filepath.Join(s.dir, table+".ndjson") }

func (s *shop) write(table, lines string) {
	s.Helper()
	// A file may be replaced at any time, but not rewritten.
	if err := os.WriteFile(s.path(table)+".new", []byte(lines), 0o600); err != nil {
		s.Fatal(err)
	}
	if err := os.Rename(s.path(table)+".new", s.path(table)); err != nil {
		s.Fatal(err)
	}
}

// edit replaces a text in a table, once, and says whether it was there.
func (s *shop) edit(table, old, now string) bool {
	s.Helper()
	data, err := os.ReadFile(s.path(table))
	if err != nil {
		s.Fatal(err)
	}
	if !strings.Contains(string(data), old) {
		return false
	}
	s.write(table, strings.Replace(string(data), old, now, 1))
	return true
}

// open is another process.
func (s *shop) open() *cache.Cache {
	s.Helper()
	o := &catalog.BuildOptions{Chunker: &chunker.Options{BlockTarget: 256, BlockMin: 64}}
	c, err := cache.New(s.driver, s.schema, &cache.Options{Build: func(ctx context.Context, emit func(chunker.Digest, []byte) error) (*chunker.Manifest, error) {
		return catalog.Build(ctx, s.store, s.schema, o, emit)
	}})
	if err != nil {
		s.Fatal(err)
	}
	return c
}

func (s *shop) warm() {
	s.Helper()
	if _, err := s.cache.Warm(s.Context(), nil); err != nil {
		s.Fatal(err)
	}
}

// manifests are those of the history, the newest first.
func (s *shop) manifests() (all []*chunker.Manifest) {
	s.Helper()
	h, err := s.cache.Versions(s.Context())
	if err != nil {
		s.Fatal(err)
	}
	for _, v := range h.Versions {
		m, err := s.cache.Manifest(s.Context(), v)
		if err != nil {
			s.Fatal(err)
		}
		all = append(all, m)
	}
	return all
}

func (s *shop) set(key string, value []byte) {
	s.Helper()
	if err := s.driver.Set(s.Context(), "chunkaside/catalog/"+key, value, time.Hour); err != nil {
		s.Fatal(err)
	}
}

// title sets the title of show 7, as a database would.
func (s *shop) title(_ context.Context, was, is string) (bool, error) {
	return s.edit("Show", `"id":"s07","title":"`+was+`"`, `"id":"s07","title":"`+is+`"`) || s.edit("Show", `"id":"s07","title":"`+is+`"`, `"id":"s07","title":"`+is+`"`), nil
}

// marker is the title of show 7, read by another process.
func (s *shop) marker() *probe.Marker {
	reader, m := s.open(), s.schema.Model("Show")
	return &probe.Marker{Model: m, Key: store.Key{"s07"}, Field: m.Field("title"), Write: s.title, Read: func(ctx context.Context) (string, error) {
		shot, err := reader.Current(ctx)
		if err != nil {
			return "", err
		}
		e, _, err := shot.Get(ctx, m, "s07\x00")
		return strings.Trim(string(e.Field(m.Field("title"))), `"`), err
	}}
}

func (s *shop) run(ctx context.Context, o probe.Options) (probe.Report, error) {
	s.Helper()
	s.Logf("seed %d", o.Seed)
	p, err := probe.New(s.schema, s.open(), s.store, &o)
	if err != nil {
		s.Fatal(err)
	}
	return p.Run(ctx)
}

// all compares every entity, from either side.
func all() probe.Options {
	return probe.Options{Entities: 4 * (shows + groups), Patience: time.Second, Seed: uint64(time.Now().UnixNano())}
}

func TestSound(t *testing.T) {
	s := newShop(t)
	s.edit("Show", "Show 1", "Show One")
	s.warm()
	o := all()
	o.Rounds = 2
	r, err := s.run(t.Context(), o)
	if err != nil || !r.Sound() || r.Rounds != 2 || r.Visibility != nil {
		t.Fatalf("report: %+v, %v", r, err)
	}
	if a := r.Answers; a.Compared != 2*(shows+groups) || a.Right != a.Compared || a.Share != 1 || a.Nines != 0 || a.AtLeast < 0.98 || a.AtLeast > 0.99 || a.AtLeastNines > 2 {
		t.Errorf("answers: %+v", a)
	}
	chunks := 0
	for range s.manifests()[0].Chunks {
		chunks++
	}
	if got := r.Stored; got.Manifests != 4 || got.Chunks != 2*chunks || got.Version != s.manifests()[0].Digest {
		t.Errorf("stored: %+v, want %d chunks", got, 2*chunks)
	}
	o = probe.Options{Entities: 20, Chunks: 3, Seed: all().Seed}
	if r, err = s.run(t.Context(), o); err != nil || r.Stored.Chunks != 3 || r.Answers.Compared < 10 || r.Answers.Compared > 22 {
		t.Errorf("a sample: %+v, %v", r, err)
	}
	o = probe.Options{Entities: -1}
	if r, err = s.run(t.Context(), o); err != nil || r.Answers.Compared != 0 || !r.Sound() {
		t.Errorf("without entities: %+v, %v", r, err)
	}
}

// TestFaults are told apart, named, and counted.
func TestFaults(t *testing.T) {
	for name, test := range map[string]struct {
		harm        func(*shop)
		stored      string
		differences []probe.Difference
	}{
		"an entity is stale": {
			harm:        func(s *shop) { s.edit("Show", `"Show 3","year":1993`, `"Show Three","year":1994`) },
			differences: []probe.Difference{{Record: "Show/s03", Kind: probe.Differs, Fields: []string{"title", "year"}}},
		},
		"a field came": {
			harm:        func(s *shop) { s.edit("Group", `"number":5,`, `"number":5,"tags":["x"],`) },
			differences: []probe.Difference{{Record: `Group/["a/b","5"]`, Kind: probe.Differs, Fields: []string{"tags"}}},
		},
		"an entity is not in the version": {
			harm:        func(s *shop) { s.edit("Show", "", `{"id":"new","title":"New"}`+"\n") },
			differences: []probe.Difference{{Record: "Show/new", Kind: probe.NotInVersion}},
		},
		"an entity is not in the store": {
			harm:        func(s *shop) { s.edit("Show", `"id":"s03"`, `"_deleted":true,"id":"s03"`) },
			differences: []probe.Difference{{Record: "Show/s03", Kind: probe.NotInStore}},
		},
		"an older manifest is lost": {
			harm: func(s *shop) {
				old := s.manifests()[0].Digest
				s.edit("Show", "Show 1", "Show One")
				s.warm()
				if err := s.driver.Delete(s.Context(), "chunkaside/catalog/m/"+string(old)); err != nil {
					s.Fatal(err)
				}
			},
			stored: "is missing",
		},
		"the current manifest is damaged": {
			harm:   func(s *shop) { s.set("m/"+string(s.manifests()[0].Digest), []byte("hello")) },
			stored: "manifest",
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := newShop(t)
			test.harm(s)
			r, err := s.run(t.Context(), func() probe.Options {
				o := all()
				o.Patience, o.Poll = time.Millisecond, time.Millisecond
				return o
			}())
			if err != nil || r.Sound() {
				t.Fatalf("report: %+v, %v", r, err)
			}
			if diff := cmp.Diff(append([]probe.Difference{}, test.differences...), r.Answers.Differences); diff != "" {
				t.Errorf("differences (-want +got):\n%s", diff)
			}
			if got := r.Answers; got.Compared > 0 && (got.Compared-got.Right != len(test.differences) || got.Share == 1 && len(test.differences) > 0) {
				t.Errorf("answers: %+v", got)
			}
			if found := strings.Join(r.Stored.Faults, "; "); (test.stored == "") != (found == "") || !strings.Contains(found, test.stored) || r.Stored.Wrong != len(r.Stored.Faults) {
				t.Errorf("%d faults: %s", r.Stored.Wrong, found)
			}
		})
	}
}

// TestDamagedChunk: what is in it cannot be read, and all else is right.
func TestDamagedChunk(t *testing.T) {
	s := newShop(t)
	chunk := s.manifests()[0].Section("Show").Chunks[0]
	s.set("c/"+string(chunk.Digest), []byte("hello"))
	o := all()
	o.Poll = time.Millisecond
	o.Patience = time.Millisecond
	r, err := s.run(t.Context(), o)
	if err != nil || r.Stored.Wrong != 1 || !strings.Contains(r.Stored.Faults[0], chunk.Digest.Short()) {
		t.Fatalf("report: %+v, %v", r, err)
	}
	lines := 0
	for _, b := range chunk.Blocks {
		lines += b.Count
	}
	// Each is met from the version, without its key, and from the store.
	if a := r.Answers; a.Compared-a.Right != 2*lines || a.Right != shows+groups-lines || a.Differences[0].Kind != probe.Unreadable {
		t.Errorf("%d entities in the chunk; answers: %+v", lines, a)
	}
}

// TestLate: what an edit changed that is being published is right in the end.
func TestLate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newShop(t)
		s.edit("Show", "Show 3", "Show Three")
		go func() {
			time.Sleep(10 * time.Second)
			s.warm()
		}()
		o := all()
		o.Patience = time.Minute
		start := time.Now()
		if r, err := s.run(t.Context(), o); err != nil || !r.Sound() || r.Answers.Late != 1 || time.Since(start) > 12*time.Second {
			t.Errorf("report after %v: %+v, %v", time.Since(start), r, err)
		}
	})
}

// TestWarmsForDifferences: a probe that may warm up does so before it calls anything wrong, and what differs then is not waited for.
func TestWarmsForDifferences(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newShop(t)
		s.edit("Show", "Show 3", "Show Three")
		o, warmups := all(), 0
		o.Warm = func(_ context.Context, whole bool) error {
			if warmups++; whole {
				s.warm()
			}
			return nil
		}
		if r, err := s.run(t.Context(), o); err != nil || !r.Sound() || r.Answers.Late != 1 || warmups != 1 {
			t.Errorf("report: %+v, %v after %d warm-ups", r, err, warmups)
		}
		s.edit("Show", "Show 3", "Show 3")
		s.edit("Show", "Show 4", "Show Four")
		o.Warm = func(context.Context, bool) error { return nil }
		start := time.Now()
		if r, err := s.run(t.Context(), o); err != nil || r.Sound() || time.Since(start) != 0 {
			t.Errorf("report after %v: %+v, %v", time.Since(start), r, err)
		}
		o.Warm = func(context.Context, bool) error { return errWarm }
		if _, err := s.run(t.Context(), o); !errors.Is(err, errWarm) {
			t.Errorf("a warm-up that fails: %v", err)
		}
	})
}

var errWarm = errors.New("no warm-up today")
