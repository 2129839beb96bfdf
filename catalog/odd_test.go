package catalog_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/chunkaside/chunkaside/catalog"
	"github.com/chunkaside/chunkaside/chunker"
	"github.com/chunkaside/chunkaside/store/storetest"
)

// TestEqualLinesOfTwoModels: two types whose rows are the same share a chunk, not what their fields are.
func TestEqualLinesOfTwoModels(t *testing.T) {
	rows := []string{`{"id":"1","b":"x","owner":"o"}`}
	v := build(t, `
type A @model { id: ID! extra: String b: String owner: String @index(name: "byOwner", queryField: "as") }
type B @model { id: ID! b: String owner: String @index(name: "byOwner", queryField: "bs") }`, storetest.Tables{"A": rows, "B": rows}, nil)
	if len(v.chunks) != 3 { // one of entities, and one for each index
		t.Errorf("%d chunks, want that of the entities shared", len(v.chunks))
	}
	shot := v.snapshot(t)
	for range 2 {
		for _, name := range []string{"A", "B"} {
			m := v.schema.Model(name)
			e := page(t, shot, m, catalog.Range{Limit: 1}).Entities[0]
			if got := string(e.Field(m.Field("b"))); got != `"x"` {
				t.Errorf("%s.b = %s", name, got)
			}
			prefix, _, _ := catalog.Prefix(m.Index("byOwner"), []byte(`"o"`))
			if got := len(page(t, shot, m, catalog.Range{Index: m.Index("byOwner"), Prefix: prefix, Limit: 5}).Entities); got != 1 {
				t.Errorf("%s by owner: %d", name, got)
			}
		}
	}
}

// TestAbsentPartsOfAJoinedKey: an entity that lacks one of several sort fields is in the section, not in the index that orders it.
func TestAbsentPartsOfAJoinedKey(t *testing.T) {
	v := build(t, `
type P @model { id: ID! cs: [C] @hasMany(indexName: "byP", fields: ["id"]) }
type C @model { id: ID! p: ID @index(name: "byP", sortKeyFields: ["a", "b"]) a: String b: String }`,
		storetest.Tables{"C": {`{"id":"1","p":"p","a":"a","b":"x"}`, `{"id":"2","p":"p","a":"m"}`, `{"id":"3","p":"p","a":"z","b":"y"}`}}, tiny)
	m := v.schema.Model("C")
	shot := v.snapshot(t)
	prefix, _, _ := catalog.Prefix(m.Index("byP"), []byte(`"p"`))
	for _, limit := range []int{1, 5} {
		r := catalog.Range{Index: m.Index("byP"), Prefix: prefix, Limit: limit}
		var got []string
		for {
			p := page(t, shot, m, r)
			got = append(got, ids(p, m))
			if r.After = p.Next; p.Next == "" {
				break
			}
		}
		if all := strings.Join(got, " "); all != "1 3" {
			t.Errorf("limit %d: %q, want 1 3", limit, all)
		}
	}
	if got := ids(page(t, shot, m, catalog.Range{Limit: 9}), m); got != "2 1 3" {
		t.Errorf("all: %q, want 2 1 3", got)
	}
}

// TestReadAheadIsOptional: a chunk that nobody asked for fails nothing.
func TestReadAheadIsOptional(t *testing.T) {
	var rows []string
	for i := range 40 {
		rows = append(rows, fmt.Sprintf(`{"id":"e%02d","number":1}`, i))
	}
	v := build(t, sdl, storetest.Tables{"Episode": rows}, tiny)
	m := v.schema.Model("Episode")
	section := v.manifest.Section("Episode")
	delete(v.chunks, section.Chunks[6].Digest)
	shot := v.snapshot(t)
	r := catalog.Range{Limit: 1}
	for i := range 3 {
		p := page(t, shot, m, r)
		if got, want := ids(p, m), fmt.Sprintf("e%02d", i); got != want {
			t.Errorf("page %d: %s, want %s", i, got, want)
		}
		r.After = p.Next
	}
}

// TestHungFetch: a query ends at its time though the cache does not answer.
func TestHungFetch(t *testing.T) {
	v := build(t, sdl, records, nil)
	hung := make(chan struct{})
	defer close(hung)
	memory, err := catalog.NewMemory(func(context.Context, []chunker.Digest) ([][]byte, error) {
		<-hung
		return nil, errors.New("late")
	}, nil)
	if err != nil {
		t.Fatal(err)
	}
	shot, err := catalog.NewSnapshot(v.schema, v.manifest, memory)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if _, err := shot.Page(ctx, v.schema.Model("Episode"), catalog.Range{Limit: 1}); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Page = %v, want DeadlineExceeded", err)
	}
}

// TestManyEmptyLines: a block that claims more lines than its bytes can hold is refused before memory is taken for them.
func TestManyEmptyLines(t *testing.T) {
	v := build(t, sdl, storetest.Tables{}, nil)
	chunks := map[chunker.Digest][]byte{}
	w, err := chunker.NewWriter(chunker.Header{Schema: v.schema.Digest}, &chunker.Options{BlockTarget: 900 << 10, BlockMin: 900 << 10, BlockMax: 960 << 10}, func(d chunker.Digest, data []byte) error {
		chunks[d] = data
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"Episode", "Show"} {
		if err := w.Section(name); err != nil {
			t.Fatal(err)
		}
		for i := range 900_000 {
			if _, err := w.Add(fmt.Sprintf("%06d\x00", i), nil); err != nil {
				t.Fatal(err)
			}
		}
		if name == "Episode" {
			for _, index := range []string{"", "bySeason"} {
				if err := w.Index("Episode."+index, "Episode", index); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	m, err := w.Close()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := (version{v.schema, m, chunks}).snapshot(t).Page(t.Context(), v.schema.Model("Show"), catalog.Range{Limit: 1}); !errors.Is(err, chunker.ErrDamaged) {
		t.Errorf("Page = %v, want ErrDamaged", err)
	}
}

// TestWaitersOfOneFetch: of two queries that wait for one chunk, each keeps its own time, whichever began the fetch.
func TestWaitersOfOneFetch(t *testing.T) {
	v := build(t, sdl, records, nil)
	for _, test := range []struct {
		name          string
		first, second time.Duration
	}{{"the first gives up", 30 * time.Millisecond, 10 * time.Second}, {"the second gives up", 10 * time.Second, 30 * time.Millisecond}} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				memory, err := catalog.NewMemory(func(ctx context.Context, digests []chunker.Digest) ([][]byte, error) {
					time.Sleep(time.Second)
					return v.fetch(ctx, digests)
				}, nil)
				if err != nil {
					t.Fatal(err)
				}
				shot, err := catalog.NewSnapshot(v.schema, v.manifest, memory)
				if err != nil {
					t.Fatal(err)
				}
				var group sync.WaitGroup
				for _, timeout := range []time.Duration{test.first, test.second} {
					group.Go(func() {
						ctx, cancel := context.WithTimeout(t.Context(), timeout)
						defer cancel()
						start := time.Now()
						_, err := shot.Page(ctx, v.schema.Model("Show"), catalog.Range{Limit: 1})
						if short := timeout < time.Second; short != (err != nil) || short && time.Since(start) > 100*time.Millisecond || time.Since(start) > 5*time.Second {
							t.Errorf("timeout %v: %v after %v", timeout, err, time.Since(start))
						}
					})
					time.Sleep(time.Millisecond)
				}
				group.Wait()
				time.Sleep(time.Minute)
			})
		})
	}
}
