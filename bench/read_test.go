package bench

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/chunkaside/chunkaside/cache"
	"github.com/chunkaside/chunkaside/catalog"
	"github.com/chunkaside/chunkaside/catalog/schema"
	"github.com/chunkaside/chunkaside/internal/servertest"
)

// BenchmarkRead is what a fresh client does with a version in a Redis server on loopback: one get by key, or all entities fetched and inflated, on all cores. Both connect; the schema
// is at hand.
func BenchmarkRead(b *testing.B) {
	address, s := servertest.Valkey(b), sampleSchema(b)
	publisher, driver := openCache(b, address, s)
	defer driver.Close()
	publish(b, publisher, s, sampleOf(1))
	keys := episodeKeys(b, 1)
	dice := rand.New(rand.NewPCG(1, 1))
	r := race{}
	fresh := func(name string, read func(*catalog.Snapshot)) {
		forget()
		var driver cache.Driver
		r.run(name, func() {
			var c *cache.Cache
			c, driver = openCache(b, address, s)
			read(current(b, c))
		})
		_ = driver.Close()
	}
	for b.Loop() {
		fresh("first-get", func(s *catalog.Snapshot) { get(b, s, keys[dice.IntN(len(keys))]) })
		fresh("everything", func(s *catalog.Snapshot) { readAll(b, s) })
	}
	r.report(b)
	b.ReportMetric(r.seconds("everything")/r.seconds("first-get"), "x-faster")
}

// BenchmarkGet is a get by key with all of a version in memory, inflated. A Go map of the same records shows what of it is the machine's memory: the more there is, the less of it is
// in the processor's caches.
func BenchmarkGet(b *testing.B) {
	for _, scale := range scales() {
		snapshot := build(b, sampleSchema(b), sampleOf(scale.copies)).snapshot(b)
		keys := episodeKeys(b, scale.copies)
		b.Run(scale.name+"/chunkaside", func(b *testing.B) {
			for _, key := range keys {
				get(b, snapshot, key) // so that all is in memory
			}
			dice := rand.New(rand.NewPCG(1, 1))
			b.ReportAllocs()
			for b.Loop() {
				get(b, snapshot, keys[dice.IntN(len(keys))])
			}
		})
		b.Run(scale.name+"/map", func(b *testing.B) {
			records := episodesByKey(b, snapshot)
			dice := rand.New(rand.NewPCG(1, 1))
			b.ReportAllocs()
			for b.Loop() {
				if e := records[keys[dice.IntN(len(keys))]]; e[0] != '{' {
					b.Fatalf("%q is no record", e)
				}
			}
		})
	}
}

func current(t testing.TB, c *cache.Cache) *catalog.Snapshot {
	t.Helper()
	s, err := c.Current(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func get(t testing.TB, s *catalog.Snapshot, key string) {
	if _, ok, err := s.Get(t.Context(), s.Schema().Model("Episode"), key); !ok || err != nil {
		t.Fatalf("get %q: %t, %v", key, ok, err)
	}
}

// readAll reads all entities, of each model as many blocks at once as there are.
func readAll(t testing.TB, s *catalog.Snapshot) []catalog.Page {
	t.Helper()
	var pages []catalog.Page
	for _, m := range s.Schema().Models {
		page, err := s.Page(t.Context(), m, catalog.Range{Limit: s.Count(m)})
		if err != nil {
			t.Fatal(err)
		}
		pages = append(pages, page)
	}
	return pages
}

// episodeKeys are the primary keys of all episodes of a repeated sample.
func episodeKeys(t testing.TB, copies int) []string {
	t.Helper()
	index, episodes := sampleSchema(t).Model("Episode").Key, sampleLines(t, "Episode")
	keys := make([]string, 0, copies*len(episodes))
	for n := range copies {
		for _, line := range episodes {
			id := line.ID
			if n > 0 {
				id = copyPrefix(n) + id
			}
			keys = append(keys, keyOf(t, index, fmt.Appendf(nil, "%q", id)))
		}
	}
	return keys
}

func episodesByKey(t testing.TB, s *catalog.Snapshot) map[string][]byte {
	t.Helper()
	m := s.Schema().Model("Episode")
	records := make(map[string][]byte, s.Count(m))
	if err := s.Walk(t.Context(), m, func(e catalog.Entity) error {
		records[keyOf(t, m.Key, e.Field(m.Field("id")))] = e.JSON()
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return records
}

func keyOf(t testing.TB, index *schema.Index, value []byte) string {
	key, _, err := catalog.Prefix(index, value)
	if err != nil {
		t.Fatal(err)
	}
	return key
}
