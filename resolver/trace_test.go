package resolver_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/chunkaside/chunkaside/cache"
	"github.com/chunkaside/chunkaside/catalog"
	"github.com/chunkaside/chunkaside/catalog/schema"
	"github.com/chunkaside/chunkaside/resolver"
)

// TestTrace: what is answered, and what is read from the store for it, and what becomes of it. Of an event the field's name is told, and nothing else.
func TestTrace(t *testing.T) {
	var told []string
	trace := func(ctx context.Context, work, about string) (context.Context, func(error)) {
		told = append(told, work+" "+about)
		return ctx, func(err error) {
			if err != nil {
				work += " in vain: " + resolver.TypeOf(err)
			}
			told = append(told, work+" ended")
		}
	}
	s, err := schema.Parse("test.graphql", sdl)
	if err != nil {
		t.Fatal(err)
	}
	narrow, err := catalog.NewNarrow(files(t, s, records), nil)
	if err != nil {
		t.Fatal(err)
	}
	shot := build(t, sdl, records)
	version, err := resolver.New(shot.Schema(), fixed{snapshot: shot}, &resolver.Options{Trace: trace})
	if err != nil {
		t.Fatal(err)
	}
	without, err := resolver.New(s, fixed{err: cache.ErrUnavailable}, &resolver.Options{Trace: trace, Narrow: narrow})
	if err != nil {
		t.Fatal(err)
	}
	get := event("getShow", `{"id":"s1"}`, "{ id }")
	for _, c := range []struct {
		r     *resolver.Resolver
		event string
		want  []string
	}{
		{version, get, []string{"answer getShow", "answer ended"}},
		{version, "[" + get + "," + get + "]", []string{"answer ", "answer ended"}},
		{version, event("getShow", `{}`, "{ id }"), nil},
		{without, get, []string{"answer getShow", "narrow ", "narrow ended", "answer ended"}},
		{without, event("listShows", `{"nextToken":"x"}`, "{ items { id } }"), []string{"answer listShows", "answer in vain: CatalogUnavailable ended"}},
	} {
		told = nil
		invoke(t, c.r, c.event)
		if diff := cmp.Diff(c.want, told); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.event, diff)
		}
	}
}

// TestTypeOf: what users see of any error, and whose it is.
func TestTypeOf(t *testing.T) {
	_, bad := newResolver(t, sdl, records, nil).Invoke(t.Context(), []byte(event("getShow", `{}`, "{ id }")))
	for _, c := range []struct {
		err      error
		kind     string
		ofCaller bool
	}{
		{bad, resolver.BadArgument, true},
		{fmt.Errorf("around: %w", cache.ErrUnavailable), resolver.CatalogUnavailable, false},
		{cache.ErrRefused, resolver.InternalFailure, false},
		{errors.New("canary"), resolver.InternalFailure, false},
	} {
		if kind := resolver.TypeOf(c.err); kind != c.kind || resolver.OfCaller(kind) != c.ofCaller {
			t.Errorf("%v is %s, the caller's: %v", c.err, kind, resolver.OfCaller(kind))
		}
	}
}
