package resolver_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/chunkaside/chunkaside/catalog"
	"github.com/chunkaside/chunkaside/resolver"
)

func setOptions(t *testing.T, r *resolver.Resolver, o *resolver.Options) {
	t.Helper()
	if err := r.SetOptions(o); err != nil {
		t.Fatal(err)
	}
}

// refuse wants an event answered with an error of this type.
func refuse(t *testing.T, r *resolver.Resolver, e, kind string) {
	t.Helper()
	if got := invoke(t, r, e); !strings.HasPrefix(got, "!"+kind+":") {
		t.Errorf("%s is answered by %s, want %s", e, got, kind)
	}
}

// TestSetOptions: the next event is answered by the new ones, and bad ones change nothing.
func TestSetOptions(t *testing.T) {
	r := newResolver(t, sdl, records, nil)
	list, nested := event("listShows", "", "{ items { id title } }"), event("getShow", `{"id":"s1"}`, "{ host { name } }")
	before := invoke(t, r, list)
	for _, c := range []struct {
		options     resolver.Options
		event, kind string
	}{
		{resolver.Options{MaxAnswer: 10}, list, resolver.ResponseTooLarge},
		{resolver.Options{MaxEntities: 1}, list, resolver.QueryTooLarge},
		{resolver.Options{MaxDepth: 1}, nested, resolver.QueryTooLarge},
	} {
		setOptions(t, r, &c.options)
		refuse(t, r, c.event, c.kind)
		for _, bad := range []resolver.Options{{MaxAnswer: 7_000_000}, {MaxAnswer: -1}, {MaxEntities: -1}, {MaxDepth: -1}, {PageBudget: 6_000_000}, {StoreOnly: true}} {
			if err := r.SetOptions(&bad); err == nil {
				t.Errorf("SetOptions(%+v) = nil", bad)
			}
		}
		refuse(t, r, c.event, c.kind)
		setOptions(t, r, nil)
		if after := invoke(t, r, list); after != before {
			t.Errorf("%s, before %s", after, before)
		}
	}
}

// untouched is a source that nobody may ask.
type untouched struct {
	fixed
	t *testing.T
}

func (u untouched) Current(context.Context) (*catalog.Snapshot, error) {
	u.t.Error("the source was asked for its version")
	return u.snapshot, u.err
}

func (u untouched) Within(ctx context.Context, _ time.Duration) (*catalog.Snapshot, error) {
	return u.Current(ctx)
}

// TestStoreOnly: what is published plays no part, not even where the store is asked for too much.
func TestStoreOnly(t *testing.T) {
	shot := build(t, sdl, records)
	counted := files(t, shot.Schema(), records)
	narrow, err := catalog.NewNarrow(counted, &catalog.NarrowOptions{MaxReads: 1})
	if err != nil {
		t.Fatal(err)
	}
	r, err := resolver.New(shot.Schema(), untouched{fixed{snapshot: shot}, t}, &resolver.Options{Narrow: narrow, StoreOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	get, wide := event("getShow", `{"id":"s1"}`, "{ id title }"), event("getShow", `{"id":"s1"}`, "{ id episodes { items { id } } }")
	if got, want := invoke(t, r, get), invoke(t, newResolver(t, sdl, records, nil), get); got != want {
		t.Errorf("the store says %s, the version %s", got, want)
	}
	for _, e := range []string{wide, event("listShows", `{"nextToken":"x"}`, "{ items { id } }"), event("catalogManifest", "", "{ id }")} {
		refuse(t, r, e, resolver.CatalogUnavailable)
	}
	if got := invoke(t, r, "["+get+","+wide+"]"); !strings.Contains(got, resolver.CatalogUnavailable) || !strings.Contains(got, `"errorType":null`) {
		t.Errorf("the batch is answered by %s", got)
	}
	if s := r.Stats(); s.Narrow != 3 || counted.Stats().Gets == 0 {
		t.Errorf("Stats = %+v, of the store %+v", s, counted.Stats())
	}
}
