package catalog_test

import (
	"context"
	"errors"
	"maps"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/chunkaside/chunkaside/catalog"
	"github.com/chunkaside/chunkaside/catalog/schema"
	"github.com/chunkaside/chunkaside/chunker"
	"github.com/chunkaside/chunkaside/store"
	"github.com/chunkaside/chunkaside/store/storetest"
)

const threeSDL = `
type Alpha @model { id: ID! parentId: ID @index(name: "alphas", sortKeyFields: ["number"]) group: String @index(name: "byGroup") number: Int }
type Beta @model { id: ID! parentId: ID @index(name: "betas", sortKeyFields: ["number"]) group: String @index(name: "byGroup") number: Int }
type Gamma @model { id: ID! parentId: ID @index(name: "gammas", sortKeyFields: ["number"]) group: String @index(name: "byGroup") number: Int }`

var three = []string{"Alpha", "Beta", "Gamma"}

// slowTables is a store whose tables take a time each.
type slowTables struct {
	storetest.Tables
	takes   map[string]time.Duration
	scanned []string
}

func (s *slowTables) Scan(ctx context.Context, m *schema.Model, o *store.ScanOptions, emit func([]store.Entity) error) error {
	s.scanned = append(s.scanned, m.Name)
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(s.takes[m.Name]):
		return s.Tables.Scan(ctx, m, o, emit)
	}
}

// TestRenewIsBuild: a version of which some tables are read anew is byte for byte the one that is built where the others have not changed. Those are neither scanned nor read in the last version.
func TestRenewIsBuild(t *testing.T) {
	s := threeTables(t)
	rapid.Check(t, func(t *rapid.T) {
		cut := drawCut(t)
		cut.ChunkTarget = 1
		o := &catalog.BuildOptions{Chunker: cut, Memory: rapid.SampledFrom([]int{1, 500, 1 << 20}).Draw(t, "sort")}
		before, now := drawTables(t, "before"), drawTables(t, "now")
		names := rapid.SliceOfDistinct(rapid.SampledFrom(three), rapid.ID[string]).Draw(t, "renewed")
		read, mixed := storetest.Tables{}, maps.Clone(before)
		for _, name := range names {
			read[name], mixed[name] = now[name], now[name]
		}
		st := &slowTables{Tables: read}
		got, left := renew(t, buildTables(t, s, before, o), st, catalog.Renewal{Models: models(s, names...)}, o)
		if len(left) > 0 || len(st.scanned) != len(names) {
			t.Fatalf("left %v, scanned %v of %v", left, st.scanned, names)
		}
		if want := buildTables(t, s, mixed, o).manifest; got.manifest.Digest != want.Digest {
			t.Fatalf("renewed %v\n%s\nbuilt\n%s", names, sections(got.manifest), sections(want))
		}
	})
}

func threeTables(t *testing.T) *schema.Schema {
	t.Helper()
	s, err := schema.Parse("three.graphql", threeSDL)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func drawTables(t *rapid.T, label string) storetest.Tables {
	tables := storetest.Tables{}
	for _, name := range three {
		for _, i := range rapid.SliceOfNDistinct(drawItem([]string{"x"}), 0, 25, func(i item) string { return i.id }).Draw(t, label+name) {
			tables[name] = append(tables[name], i.json())
		}
	}
	return tables
}

func models(s *schema.Schema, names ...string) (list []*schema.Model) {
	for _, name := range names {
		list = append(list, s.Model(name))
	}
	return list
}

// renew renews a version whose chunks cannot be read: all that is not emitted must be named.
func renew(t rapid.TB, last version, st store.Store, r catalog.Renewal, o *catalog.BuildOptions) (version, []string) {
	t.Helper()
	memory, err := catalog.NewMemory(version{}.fetch, nil)
	if err != nil {
		t.Fatal(err)
	}
	shot, err := catalog.NewSnapshot(last.schema, last.manifest, memory)
	if err != nil {
		t.Fatal(err)
	}
	next := version{schema: last.schema, chunks: map[chunker.Digest][]byte{}}
	m, left, err := catalog.Renew(context.Background(), st, shot, r, o, func(d chunker.Digest, data []byte) error {
		next.chunks[d] = data
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for chunk := range m.Chunks {
		if next.chunks[chunk.Digest] == nil {
			if next.chunks[chunk.Digest] = last.chunks[chunk.Digest]; next.chunks[chunk.Digest] == nil {
				t.Errorf("chunk %s was neither there nor emitted", chunk.Digest.Short())
			}
		}
	}
	next.manifest = m
	names := []string{}
	for _, model := range left {
		names = append(names, model.Name)
	}
	return next, names
}

// TestRenewInTime: what time is left for decides how many tables are read, and never whether the version is whole. One table is read each time, so that an end is reached.
func TestRenewInTime(t *testing.T) {
	s := threeTables(t)
	rows := func(text string) storetest.Tables {
		row := []string{`{"id":"a","group":"` + text + `"}`}
		return storetest.Tables{"Alpha": row, "Beta": row, "Gamma": row}
	}
	for _, test := range []struct {
		name         string
		alpha, gamma time.Duration // that a scan takes; one of Beta takes a minute
		until        time.Duration
		want         [][]string // what is left after each renewal
	}{
		{"enough", time.Minute, time.Minute, 4 * time.Minute, [][]string{{}}},
		{"for two", time.Minute, time.Minute, 150 * time.Second, [][]string{{"Gamma"}, {}}},
		{"for one", time.Minute, time.Minute, 90 * time.Second, [][]string{{"Beta", "Gamma"}, {"Gamma"}, {}}},
		{"for less than one", time.Hour, time.Hour, time.Second, [][]string{{"Beta", "Gamma"}, {"Gamma"}, {}}},
		{"of none", 0, 0, 0, [][]string{{}}},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				last, now := buildTables(t, s, rows("before"), nil), rows("now")
				st := &slowTables{Tables: now, takes: map[string]time.Duration{"Alpha": test.alpha, "Beta": time.Minute, "Gamma": test.gamma}}
				left, mixed := three, rows("before")
				for _, want := range test.want {
					r := catalog.Renewal{Models: models(s, left...)}
					if test.until > 0 {
						r.Until = time.Now().Add(test.until)
					}
					var done []string
					last, done = renew(t, last, st, r, nil)
					for _, name := range left[:len(left)-len(done)] {
						mixed[name] = now[name]
					}
					if diff := cmp.Diff(want, done); diff != "" {
						t.Fatalf("left (-want +got):\n%s", diff)
					}
					if built := buildTables(t, s, mixed, nil).manifest; last.manifest.Digest != built.Digest {
						t.Fatalf("with %v left\n%s\nbuilt\n%s", done, sections(last.manifest), sections(built))
					}
					left = done
				}
			})
		})
	}
}

// TestRenewFails: what is not a matter of the time for reading is an error, and says which table it is of.
func TestRenewFails(t *testing.T) {
	s := threeTables(t)
	o := &catalog.BuildOptions{Chunker: &chunker.Options{ChunkTarget: 1}}
	last := buildTables(t, s, storetest.Tables{}, o)
	for name, test := range map[string]struct {
		until time.Duration
		st    slowTables
		o     *catalog.BuildOptions
		want  string
		match error
	}{
		"the first table has no end": {time.Minute, slowTables{takes: map[string]time.Duration{"Alpha": time.Hour}}, o, "read the table of Alpha", context.DeadlineExceeded},
		"ctx ends during another":    {time.Hour, slowTables{takes: map[string]time.Duration{"Beta": time.Hour}}, o, "read the table of Beta", context.DeadlineExceeded},
		"a record that is none":      {time.Hour, slowTables{Tables: storetest.Tables{"Beta": {`{"id":`}}}, o, "read the table of Beta", nil},
		"two with one key":           {time.Hour, slowTables{Tables: storetest.Tables{"Beta": {`{"id":"x"}`, `{"id":"x"}`}}}, o, "two records of Beta", nil},
		"other options":              {time.Hour, slowTables{}, &catalog.BuildOptions{Chunker: &chunker.Options{Level: 1}}, "other options", catalog.ErrOptions},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
				defer cancel()
				r := catalog.Renewal{Models: s.Models, Until: time.Now().Add(test.until)}
				m, left, err := catalog.Renew(ctx, &test.st, last.snapshot(t), r, test.o, func(chunker.Digest, []byte) error { return nil })
				if err == nil || !strings.Contains(err.Error(), test.want) || test.match != nil && !errors.Is(err, test.match) || m != nil || left != nil {
					t.Errorf("Renew = %v, %v, %v; want %q", m, left, err, test.want)
				}
			})
		})
	}
}
