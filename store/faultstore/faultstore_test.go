package faultstore_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/chunkaside/chunkaside/catalog"
	"github.com/chunkaside/chunkaside/catalog/schema"
	"github.com/chunkaside/chunkaside/chunker"
	"github.com/chunkaside/chunkaside/store"
	"github.com/chunkaside/chunkaside/store/faultstore"
	"github.com/chunkaside/chunkaside/store/filestore"
	"github.com/chunkaside/chunkaside/store/storetest"
)

// TestContract: without rules it is the store that it wraps.
func TestContract(t *testing.T) {
	storetest.Run(t, storetest.Harness{JSON: true, Open: func(t *testing.T, tables ...storetest.Table) store.Store {
		files := map[string][]any{}
		for _, table := range tables {
			files[table.Model.Table] = []any{}
			for _, record := range table.Records {
				files[table.Model.Table] = append(files[table.Model.Table], plain(&store.Value{Type: store.Map, Members: record}))
			}
		}
		return open(t, files, "")
	}})
}

// open wraps a store of files with these lines.
func open(t testing.TB, files map[string][]any, rules string) *faultstore.Store {
	t.Helper()
	folder := t.TempDir()
	for table, lines := range files {
		var text bytes.Buffer
		for _, line := range lines {
			if err := json.NewEncoder(&text).Encode(line); err != nil {
				t.Fatal(err)
			}
		}
		if err := os.WriteFile(filepath.Join(folder, table+".ndjson"), text.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	inner, err := filestore.New(folder)
	if err != nil {
		t.Fatal(err)
	}
	return wrap(t, inner, rules)
}

func wrap(t testing.TB, inner store.Store, rules string) *faultstore.Store {
	t.Helper()
	st, err := faultstore.New(inner, rules, 1)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := st.Close(); err != nil {
			t.Error(err)
		}
	})
	return st
}

// plain is a value as encoding/json writes it.
func plain(v *store.Value) any {
	switch v.Type {
	case store.Null:
		return nil
	case store.Bool:
		return v.Bool
	case store.Number:
		return json.Number(v.Text)
	case store.List:
		list := make([]any, len(v.Elems))
		for i := range v.Elems {
			list[i] = plain(&v.Elems[i])
		}
		return list
	case store.Map:
		members := map[string]any{}
		for i := range v.Members {
			members[v.Members[i].Name] = plain(&v.Members[i].Value)
		}
		return members
	}
	return string(v.Text)
}

// shows is the schema of the tests below, made once: a schema is immutable.
var shows = func() *schema.Schema {
	s, err := schema.Parse("test.graphql", `type Show @model @table(name: "shows") { id: ID! studio: ID @index(name: "byStudio", sortKeyFields: ["id"]) }`)
	if err != nil {
		panic(err)
	}
	return s
}()

var show = shows.Model("Show")

const entities = 100

// faulty is a store of some shows, all of one studio.
func faulty(t testing.TB, rules string) *faultstore.Store {
	t.Helper()
	var lines []any
	for i := range entities {
		lines = append(lines, map[string]string{"id": id(i), "studio": "a"})
	}
	return open(t, map[string][]any{"shows": lines}, rules)
}

func id(i int) string { return fmt.Sprintf("s%03d", i) }

// call answers the entities that come, and how many of them come at once at most.
type call func(t testing.TB, st *faultstore.Store) (all []store.Entity, most int, err error)

var calls = map[string]call{
	"scan": func(t testing.TB, st *faultstore.Store) (all []store.Entity, most int, err error) {
		err = st.Scan(t.Context(), show, nil, func(some []store.Entity) error {
			if len(some) == 0 {
				t.Error("emit is called with nothing")
			}
			all, most = append(all, some...), max(most, len(some))
			return nil
		})
		return all, most, err
	},
	"get": func(t testing.TB, st *faultstore.Store) (all []store.Entity, most int, err error) {
		keys := []store.Key{{"nobody"}}
		for i := range entities {
			keys = append(keys, store.Key{id(i)})
		}
		found, err := st.Get(t.Context(), show, keys)
		if err == nil && len(found) != entities+1 {
			t.Errorf("Get = %d entities, want one for each key, missing ones too", len(found))
		}
		found = slices.DeleteFunc(found, func(e store.Entity) bool { return e == nil })
		return found, len(found), err
	},
	"query": func(t testing.TB, st *faultstore.Store) (all []store.Entity, most int, err error) {
		q := store.Query{Index: show.Index("byStudio"), Partition: "a", Limit: 60}
		for more := true; more; more = q.Start != "" {
			page, err := st.Query(t.Context(), show, q)
			if err != nil {
				return all, most, err
			}
			all, most = append(all, page.Entities...), max(most, len(page.Entities))
			q.Start, q.Limit = page.Next, 0
		}
		return all, most, nil
	},
}

// TestCalls has what each action does to each call that it can befall: how many entities come, how many of them at once, and with which error.
func TestCalls(t *testing.T) {
	for _, test := range []struct {
		rules     string
		all, most int
		away      bool
	}{
		{"scan fail", 0, 0, true}, {"get fail", 0, 0, true}, {"query fail", 0, 0, true},
		{"scan throttle", 0, 0, true}, {"get throttle", 0, 0, true}, {"query throttle after 1", 60, 60, true},
		{"scan shows stop", 0, 0, true}, {"get sh* stop", 0, 0, true}, {"query stop", 0, 0, true},
		{"scan drop", 0, 0, false}, {"get drop", 0, 0, false}, {"query drop", 0, 0, false},
		{"scan drop times 3", 97, 97, false}, {"get drop times 3", 97, 97, false}, {"query drop times 3", 97, 57, false},
		{"scan cut 0", 0, 0, true}, {"scan cut 42", 42, 42, true}, {"scan cut 99", 99, 99, true}, {"scan cut 100", 100, 100, false},
		{"scan page 1", 100, 1, false}, {"scan page 7", 100, 7, false}, {"scan page 1000", 100, 100, false}, {"scan page 7; scan cut 42; scan drop times 2", 40, 7, true},
		{"query page 1", 100, 1, false}, {"query page 7", 100, 7, false}, {"query page 1000", 100, 60, false},
		{"scan films fail", 100, 100, false},
	} {
		t.Run(test.rules, func(t *testing.T) {
			st := faulty(t, test.rules)
			operation, _, _ := strings.Cut(test.rules, " ")
			all, most, err := calls[operation](t, st)
			if errors.Is(err, store.ErrUnavailable) != test.away || err != nil && !test.away || len(all) != test.all || most != test.most {
				t.Errorf("%d entities, at most %d at once, %v; want %d, %d, away: %v", len(all), most, err, test.all, test.most, test.away)
			}
			if err != nil && !strings.Contains(err.Error(), operation+` "shows": store unavailable: by the fault rule "`+operation) {
				t.Errorf("the error does not name its rule: %v", err)
			}
			if none := len(st.Counts()) == 0; none != (test.rules == "scan films fail") {
				t.Errorf("Counts = %v", st.Counts())
			}
		})
	}
}

func TestCorrupt(t *testing.T) {
	for operation, do := range calls {
		st := faulty(t, "")
		whole, _, err := do(t, st)
		if err != nil {
			t.Fatal(err)
		}
		if err := st.Use(operation + " corrupt"); err != nil {
			t.Fatal(err)
		}
		got, _, err := do(t, st)
		if err != nil || len(got) != len(whole) {
			t.Fatalf("%s: %d entities, %v", operation, len(got), err)
		}
		for i := range got {
			if bytes.Equal(got[i], whole[i]) || len(got[i]) != len(whole[i]) {
				t.Errorf("%s: %s is corrupted to %s", operation, whole[i], got[i])
			}
		}
	}
}

// TestCorruptInAnyOrder: which entities a seed corrupts does not depend on the order in which they come. The wrapped store's own bytes stay as they are.
func TestCorruptInAnyOrder(t *testing.T) {
	inner, sound := fixed{}, map[string]bool{}
	for i := range entities {
		text := fmt.Sprintf(`{"id":"%s"}`, id(i))
		inner, sound[text] = append(inner, store.Entity(text)), true
	}
	corrupted := func() (wrong []string) {
		got, _, err := calls["scan"](t, wrap(t, inner, "scan corrupt 20%"))
		if err != nil || len(got) != entities {
			t.Fatalf("%d entities, %v", len(got), err)
		}
		for i, e := range got {
			if !sound[string(inner[i])] {
				t.Fatalf("the store itself holds %s", inner[i])
			}
			if !sound[string(e)] {
				wrong = append(wrong, string(inner[i])+" is "+string(e))
			}
		}
		slices.Sort(wrong)
		return wrong
	}
	first := corrupted()
	if len(first) < 5 || len(first) > 40 {
		t.Errorf("%d of %d are corrupted, want about 20", len(first), entities)
	}
	slices.Reverse(inner)
	if diff := cmp.Diff(first, corrupted()); diff != "" {
		t.Errorf("in another order others are corrupted:\n%s", diff)
	}
}

// fixed is a store that hands out its own memory.
type fixed []store.Entity

func (f fixed) Scan(_ context.Context, _ *schema.Model, _ *store.ScanOptions, emit func([]store.Entity) error) error {
	return emit(f)
}

func (fixed) Get(context.Context, *schema.Model, []store.Key) ([]store.Entity, error) {
	return nil, errors.ErrUnsupported
}

func (fixed) Query(context.Context, *schema.Model, store.Query) (store.Page, error) {
	return store.Page{}, errors.ErrUnsupported
}

func (fixed) Close() error { return nil }

func TestDelay(t *testing.T) {
	st := faulty(t, "* delay 3s")
	synctest.Test(t, func(t *testing.T) {
		for operation, do := range calls {
			if operation == "query" {
				continue // of two pages
			}
			start := time.Now()
			if all, _, err := do(t, st); err != nil || len(all) != entities || time.Since(start) != 3*time.Second {
				t.Errorf("%s: %d entities, %v after %v, want all after 3s", operation, len(all), err, time.Since(start))
			}
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		start := time.Now()
		if _, err := st.Query(ctx, show, store.Query{Index: show.Key, Partition: id(1)}); !errors.Is(err, context.DeadlineExceeded) || time.Since(start) != time.Second {
			t.Errorf("Query = %v after %v, want the deadline's error after 1s", err, time.Since(start))
		}
	})
}

// TestBuild: a version is not built from a part of the store.
func TestBuild(t *testing.T) {
	for rules, want := range map[string]error{
		"scan cut 50": store.ErrUnavailable,
		"scan fail":   store.ErrUnavailable,
		"scan page 1": nil,
	} {
		var built []chunker.Digest
		m, err := catalog.Build(t.Context(), faulty(t, rules), shows, nil, func(d chunker.Digest, _ []byte) error {
			built = append(built, d)
			return nil
		})
		if !errors.Is(err, want) || (m == nil) != (want != nil) {
			t.Errorf("%s: Build = %v, %v, want %v", rules, m, err, want)
		}
	}
}

func TestLanguage(t *testing.T) {
	_, err := faultstore.New(nil, "set fail", 1)
	if want := `rule "set fail", column 1: "set" is no operation of a store: use scan, get, query, or *`; err == nil || err.Error() != want {
		t.Errorf("New = %v, want %s", err, want)
	}
	st := faulty(t, "scan cut 7")
	for _, rules := range []string{"scan lose", "get evict", "get page 1", "query cut 5"} {
		if err := st.Use(rules); err == nil {
			t.Errorf("Use(%q) succeeded", rules)
		}
	}
	if got, want := st.String(), `store faults "scan cut 7", seed 1`; got != want {
		t.Errorf("String = %s, want %s", got, want)
	}
	if err := st.Use(""); err != nil {
		t.Fatal(err)
	}
	if all, _, err := calls["scan"](t, st); err != nil || len(all) != entities || !cmp.Equal(st.Counts(), map[string]int64{}) {
		t.Errorf("without rules: %d entities, %v, %v", len(all), err, st.Counts())
	}
}
