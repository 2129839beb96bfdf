package samplestore

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/chunkaside/chunkaside/catalog/schema"
	"github.com/chunkaside/chunkaside/store"
)

func ids(t *testing.T, entities []store.Entity) []string {
	t.Helper()
	var list []string
	for _, l := range linked(t, entities) {
		list = append(list, l.ID)
	}
	return list
}

// wide is the program with the most episodes.
func wide(t *testing.T, m *schema.Model) string {
	t.Helper()
	counts, most := map[string]int{}, ""
	for _, e := range linked(t, scanned(t, m)) {
		if counts[e.ProgramID]++; counts[e.ProgramID] > counts[most] {
			most = e.ProgramID
		}
	}
	return most
}

func TestGet(t *testing.T) {
	m := models(t)[0]
	all := scanned(t, m)
	last := ids(t, all)[len(all)-1]
	got, err := New().Get(t.Context(), m, []store.Key{{last}, {"nothing"}, {last}})
	if err != nil {
		t.Fatal(err)
	}
	if want := []store.Entity{all[len(all)-1], nil, all[len(all)-1]}; !cmp.Equal(got, want) {
		t.Errorf("Get = %s, want %s", got, want)
	}
	if _, err := New().Get(t.Context(), m, []store.Key{{"two", "parts"}}); !errors.Is(err, store.ErrInvalid) {
		t.Errorf("Get of a key with two parts: %v, want ErrInvalid", err)
	}
}

func TestQueryInPages(t *testing.T) {
	m := models(t)[2]
	q := store.Query{Index: m.Index("byProgramAired"), Partition: wide(t, m), Limit: 7}
	ascending := readPages(t, m, q)
	sorted := slices.IsSortedFunc(linked(t, ascending), func(a, b links) int {
		return q.Compare(m, store.Cursor{Sort: a.AiredOn, Partition: a.ID}, store.Cursor{Sort: b.AiredOn, Partition: b.ID})
	})
	if !sorted {
		t.Error("the episodes do not come in the order of airedOn and ID")
	}
	want := 0
	for _, e := range linked(t, scanned(t, m)) {
		if e.ProgramID == q.Partition {
			want++
		}
	}
	if len(ascending) != want {
		t.Errorf("the pages have %d episodes, want %d", len(ascending), want)
	}

	q.Descending, q.Limit = true, 0
	descending := readPages(t, m, q)
	slices.Reverse(descending)
	if !slices.EqualFunc(ascending, descending, sameBytes) {
		t.Error("descending is not the reverse of ascending")
	}
}

// readPages reads a query page by page and checks their size.
func readPages(t *testing.T, m *schema.Model, q store.Query) []store.Entity {
	t.Helper()
	var all []store.Entity
	for {
		page, err := New().Query(t.Context(), m, q)
		if err != nil {
			t.Fatal(err)
		}
		if q.Limit > 0 && len(page.Entities) > q.Limit {
			t.Errorf("a page has %d entities, more than the limit of %d", len(page.Entities), q.Limit)
		}
		all = append(all, page.Entities...)
		if q.Start = page.Next; q.Start == "" {
			return all
		}
	}
}

func TestQueryOfPrimaryKey(t *testing.T) {
	m := models(t)[1]
	want := scanned(t, m)[0]
	page, err := New().Query(t.Context(), m, store.Query{Index: m.Key, Partition: ids(t, []store.Entity{want})[0]})
	if err != nil || !cmp.Equal(page, store.Page{Entities: []store.Entity{want}}) {
		t.Errorf("Query = %v, %v", page, err)
	}
}

func TestQueryOfNothing(t *testing.T) {
	m := models(t)[1]
	page, err := New().Query(t.Context(), m, store.Query{Index: m.Index("byProgram"), Partition: "nothing"})
	if err != nil || !cmp.Equal(page, store.Page{}) {
		t.Errorf("Query = %v, %v", page, err)
	}
}

// A program that is only announced has no date, so it is in no genre's index.
func TestAnnouncedProgramsAreInNoGenre(t *testing.T) {
	m := models(t)[0]
	released, genres := map[string]bool{}, map[string]bool{}
	for _, p := range linked(t, scanned(t, m)) {
		genres[p.Genre] = true
		if p.ReleasedOn != "" {
			released[p.ID] = true
		}
	}
	found := map[string]bool{}
	for genre := range genres {
		for _, id := range ids(t, readPages(t, m, store.Query{Index: m.Index("byGenre"), Partition: genre})) {
			found[id] = true
		}
	}
	if diff := cmp.Diff(released, found); diff != "" || len(released) == programs {
		t.Errorf("programs in genres (-want +got):\n%s", diff)
	}
}

func TestBadQueries(t *testing.T) {
	m := models(t)[1]
	byProgram := m.Index("byProgram")
	ofX := store.Query{Index: byProgram, Partition: "x"}
	for name, c := range map[string]struct {
		q    store.Query
		want error
	}{
		"start":          {store.Query{Index: byProgram, Partition: "x", Start: "17"}, store.ErrStart},
		"another start":  {store.Query{Index: byProgram, Partition: "x", Start: store.Cursor{}.Token(store.Query{Index: byProgram})}, store.ErrStart},
		"forged start":   {store.Query{Index: byProgram, Partition: "x", Start: store.Cursor{Sort: "1", PrimarySort: "none"}.Token(ofX)}, store.ErrStart},
		"negative limit": {store.Query{Index: byProgram, Partition: "x", Limit: -1}, store.ErrInvalid},
		"another index":  {store.Query{Index: &schema.Index{Name: "byProgram", Partition: m.Field("title")}}, store.ErrNoTable},
	} {
		if _, err := New().Query(t.Context(), m, c.q); !errors.Is(err, c.want) {
			t.Errorf("%s: Query: %v, want %v", name, err, c.want)
		}
	}
}

func TestOtherSchemas(t *testing.T) {
	s, err := schema.Parse("other.graphql", `type Program @model { id: ID! title: Int } type Product @model { id: ID! }`)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range s.Models {
		err := New().Scan(t.Context(), m, nil, func([]store.Entity) error { return nil })
		if !errors.Is(err, store.ErrNoTable) {
			t.Errorf("Scan(%s): %v, want ErrNoTable", m.Name, err)
		}
	}
}

func TestScanReportsProgress(t *testing.T) {
	m := models(t)[2]
	var entities, bytes int64
	var last store.Progress
	o := &store.ScanOptions{Progress: func(p store.Progress) { last = p }}
	err := New().Scan(t.Context(), m, o, func(batch []store.Entity) error {
		for _, e := range batch {
			bytes += int64(len(e))
		}
		entities += int64(len(batch))
		clear(batch) // the slice is ours
		return nil
	})
	if want := (store.Progress{Entities: entities, Bytes: bytes}); err != nil || last != want {
		t.Errorf("Scan = %v, last progress %+v, want %+v", err, last, want)
	}
	if scanned(t, m)[0] == nil {
		t.Error("the next Scan finds the slice that the first emit cleared")
	}
}

func TestScanEndsEarly(t *testing.T) {
	m := models(t)[2]
	enough := errors.New("enough")
	if err := New().Scan(t.Context(), m, nil, func([]store.Entity) error { return enough }); !errors.Is(err, enough) {
		t.Errorf("Scan = %v, want emit's error", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	calls := 0
	err := New().Scan(ctx, m, nil, func([]store.Entity) error { cancel(); calls++; return nil })
	if !errors.Is(err, context.Canceled) || calls != 1 {
		t.Errorf("Scan = %v after %d calls, want context.Canceled after 1", err, calls)
	}
	if _, err := New().Get(ctx, m, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("Get = %v, want context.Canceled", err)
	}
	if _, err := New().Query(ctx, m, store.Query{Index: m.Key}); !errors.Is(err, context.Canceled) {
		t.Errorf("Query = %v, want context.Canceled", err)
	}
}

// An entity has no room behind it for an append to reach its neighbour.
func TestEntitiesDoNotTouch(t *testing.T) {
	for _, e := range scanned(t, models(t)[0]) {
		if cap(e) != len(e) {
			t.Fatalf("an entity of %d bytes has room for %d", len(e), cap(e))
		}
	}
}

func TestConcurrentCalls(t *testing.T) {
	var wait sync.WaitGroup
	for _, m := range append(models(t), models(t)...) {
		wait.Go(func() {
			if err := New().Scan(t.Context(), m, nil, func([]store.Entity) error { return nil }); err != nil {
				t.Error(err)
			}
		})
	}
	wait.Wait()
}
