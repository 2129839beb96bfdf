package resolver_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chunkaside/chunkaside/cache"
	"github.com/chunkaside/chunkaside/catalog"
	"github.com/chunkaside/chunkaside/catalog/schema"
	"github.com/chunkaside/chunkaside/resolver"
	"github.com/chunkaside/chunkaside/store"
	"github.com/chunkaside/chunkaside/store/filestore"
	"github.com/chunkaside/chunkaside/store/storetest"
)

// files is a store of these tables.
func files(t *testing.T, s *schema.Schema, tables storetest.Tables) *store.Counting {
	t.Helper()
	dir := t.TempDir()
	for _, m := range s.Models {
		if err := os.WriteFile(filepath.Join(dir, m.Table+".ndjson"), []byte(strings.Join(tables[m.Name], "\n")), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	st, err := filestore.New(dir)
	if err != nil {
		t.Fatal(err)
	}
	return store.Count(st)
}

// narrowly is a resolver without a version, over a store of these tables.
func narrowly(t *testing.T, text string, tables storetest.Tables, o *catalog.NarrowOptions, cause error) (*resolver.Resolver, *store.Counting) {
	t.Helper()
	s, err := schema.Parse("test.graphql", text)
	if err != nil {
		t.Fatal(err)
	}
	counted := files(t, s, tables)
	narrow, err := catalog.NewNarrow(counted, o)
	if err != nil {
		t.Fatal(err)
	}
	r, err := resolver.New(s, fixed{err: cause}, &resolver.Options{Narrow: narrow})
	if err != nil {
		t.Fatal(err)
	}
	return r, counted
}

// TestNarrowAnswers: without a version the store's answers are those that a version of it would give.
func TestNarrowAnswers(t *testing.T) {
	many := storetest.Tables{"Show": records["Show"], "Setting": records["Setting"]}
	for i := range 40 {
		many["Episode"] = append(many["Episode"], fmt.Sprintf(`{"id":"e%02d","showId":"s%d","number":%d,"title":"t%d","scope":"a","name":"x"}`, i, i%2+1, i%7, i))
	}
	want := newResolver(t, sdl, many, nil)
	got, _ := narrowly(t, sdl, many, nil, cache.ErrNoVersion)
	for _, e := range []string{
		event("getShow", `{"id":"s1"}`, "{ id title host { name } extra episodes { items { id show { id episodes(limit: 2) { items { id } } } } } }"),
		event("getShow", `{"id":"none"}`, "{ id }"),
		event("getSetting", `{"scope":"a","name":"x"}`, "{ value }"),
		event("listShows", "", "{ items { id } nextToken }"),
		event("listEpisodes", `{"limit":7}`, "{ items { id } }"),
		event("episodesByShow", `{"showId":"s1"}`, "{ items { id number } nextToken }"),
		event("episodesByShow", `{"showId":"s2","sortDirection":"DESC","limit":3}`, "{ items { id } }"),
		event("episodesByShow", `{"showId":"s1","number":{"between":[2,4]},"filter":{"title":{"ne":"t2"}}}`, "{ items { id number setting { value } } nextToken }"),
		"[" + event("getShow", `{"id":"s1"}`, "{ id }") + "," + event("getEpisode", `{"id":"e07"}`, "{ show { title } }") + "]",
	} {
		if g, w := invoke(t, got, e), invoke(t, want, e); g != w {
			t.Errorf("%s:\n narrow  %s\n version %s", e, g, w)
		}
	}
	if n := got.Stats().Narrow; n != 9 {
		t.Errorf("%d narrow answers, want 9", n)
	}
}

// lateVersion is a source whose version comes while somebody waits for it.
type lateVersion struct {
	fixed
	late *catalog.Snapshot
}

func (l lateVersion) Current(context.Context) (*catalog.Snapshot, error) { return l.late, nil }

// TestWideQueriesWait: what is too wide for the store is answered by the version that comes; a batch from that alone.
func TestWideQueriesWait(t *testing.T) {
	shot := build(t, sdl, records)
	narrow, err := catalog.NewNarrow(store.Count(records), &catalog.NarrowOptions{MaxReads: 1})
	if err != nil {
		t.Fatal(err)
	}
	r, err := resolver.New(shot.Schema(), lateVersion{fixed{err: cache.ErrNoVersion}, shot}, &resolver.Options{Narrow: narrow})
	if err != nil {
		t.Fatal(err)
	}
	wide := event("listShows", "", "{ items { id episodes(limit: 1) { items { id } } } }")
	const want = `{"items":[{"id":"s1","episodes":{"items":[{"id":"e1"}]}},{"id":"s2","episodes":{"items":[]}}]}`
	if got := invoke(t, r, wide); got != want {
		t.Errorf("got %s", got)
	}
	if got := invoke(t, r, "["+wide+","+event("listShows", "", "{ items { id } }")+"]"); !strings.HasPrefix(got, `[{"data":`+want) || !strings.Contains(got, `{"data":{"items":[{"id":"s1"},{"id":"s2"}]}`) {
		t.Errorf("a batch: %s", got)
	}
}

// TestNarrowRefusals: what is too wide, or goes on, waits for a version.
func TestNarrowRefusals(t *testing.T) {
	r, counted := narrowly(t, sdl, records, &catalog.NarrowOptions{MaxEntities: 2, MaxReads: 2}, cache.ErrUnavailable)
	for _, test := range []struct{ name, event, want string }{
		{"a table", event("listEpisodes", "", "{ items { id } }"), "!CatalogUnavailable: there is no version of the catalog now, and the query is too wide"},
		{"a partition", event("episodesByShow", `{"showId":"s1"}`, "{ items { id } }"), "!CatalogUnavailable: there is no version of the catalog now, and the query is too wide"},
		{"many reads", event("listShows", "", "{ items { episodes { items { id } } } }"), "!CatalogUnavailable: there is no version of the catalog now, and the query is too wide"},
		{"a page that goes on", event("listShows", `{"limit":1}`, "{ items { id } nextToken }"), "!CatalogUnavailable: there is no version of the catalog now, so a page cannot be continued"},
		{"one that does not tell", event("listShows", `{"limit":1}`, "{ items { id } }"), `{"items":[{"id":"s1"}]}`},
		{"with a token", event("listShows", `{"nextToken":"abc"}`, "{ items { id } }"), "!CatalogUnavailable: the cache does not answer"},
		{"of a batch, for itself", "[" + event("listShows", "", "{ items { id } }") + "," + event("listEpisodes", "", "{ items { id } }") + "]",
			`[{"data":{"items":[{"id":"s1"},{"id":"s2"}]},"errorMessage":null,"errorType":null},{"data":null,"errorMessage":"there is no version of the catalog now, and the query is too wide`},
		{"a bad query", event("getShow", `{}`, "{ id }"), "!BadArgument"},
	} {
		if got := invoke(t, r, test.event); !strings.HasPrefix(got, test.want) {
			t.Errorf("%s: %s, want %s", test.name, got, test.want)
		}
	}
	before := counted.Stats()
	mismatch, counted := narrowly(t, sdl, records, nil, catalog.ErrSchema)
	if got := invoke(t, mismatch, event("getShow", `{"id":"s1"}`, "{ id }")); !strings.HasPrefix(got, "!CatalogMismatch") || counted.Stats().Gets != 0 {
		t.Errorf("a version of another schema: %s after %+v", got, before)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := r.Invoke(ctx, []byte(event("getShow", `{"id":"s1"}`, "{ id }"))); err == nil {
		t.Error("a query that was cancelled is answered")
	}
}

// TestWideIsRemembered: what is too wide is not read again at once to find that out.
func TestWideIsRemembered(t *testing.T) {
	r, counted := narrowly(t, sdl, records, &catalog.NarrowOptions{MaxEntities: 2}, cache.ErrUnavailable)
	for range 20 {
		invoke(t, r, event("listEpisodes", "", "{ items { id } }"))
		invoke(t, r, event("episodesByShow", `{"showId":"s1"}`, "{ items { id } }"))
	}
	if s := counted.Stats(); s.Scans > 1 || s.Queries > 1 {
		t.Errorf("40 wide queries: %+v", s)
	}
}
