package resolver_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/chunkaside/chunkaside/cache"
	"github.com/chunkaside/chunkaside/cache/memcache"
	"github.com/chunkaside/chunkaside/catalog"
	"github.com/chunkaside/chunkaside/catalog/schema"
	"github.com/chunkaside/chunkaside/chunker"
	"github.com/chunkaside/chunkaside/resolver"
	"github.com/chunkaside/chunkaside/store/storetest"
)

// shared is a cache that several processes of a test share.
type shared struct {
	driver cache.Driver
	schema *schema.Schema
}

func newShared(t *testing.T) *shared {
	t.Helper()
	driver, err := memcache.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	s, err := schema.Parse("test.graphql", sdl)
	if err != nil {
		t.Fatal(err)
	}
	return &shared{driver, s}
}

// process is a new process that reads the cache.
func (s *shared) process(t *testing.T) (*cache.Cache, *resolver.Resolver) {
	t.Helper()
	c, err := cache.New(s.driver, s.schema, &cache.Options{MaxAge: -1})
	if err != nil {
		t.Fatal(err)
	}
	r, err := resolver.New(s.schema, c, nil)
	if err != nil {
		t.Fatal(err)
	}
	return c, r
}

// publish publishes episodes of one show, by their numbers, and returns the version.
func (s *shared) publish(t *testing.T, numbers ...int) chunker.Digest {
	t.Helper()
	tables := storetest.Tables{"Show": {`{"id":"s1"}`}}
	for _, n := range numbers {
		tables["Episode"] = append(tables["Episode"], fmt.Sprintf(`{"id":"e%02d","showId":"s1","number":%d}`, n, n))
	}
	c, _ := s.process(t)
	p, err := c.Publish(t.Context(), func(ctx context.Context, emit func(chunker.Digest, []byte) error) (*chunker.Manifest, error) {
		return catalog.Build(ctx, tables, s.schema, nil, emit)
	})
	if err != nil {
		t.Fatal(err)
	}
	return p.Pointer.Manifest
}

// page reads one page: the ids, and the token as an argument.
func page(t *testing.T, r *resolver.Resolver, field, arguments, token string) (ids, next string) {
	t.Helper()
	var p struct {
		Items     []struct{ ID string }
		NextToken *string
	}
	answer := invoke(t, r, event(field, `{`+arguments+`"limit":2,"nextToken":`+token+`}`, "{ items { id } nextToken }"))
	if err := json.Unmarshal([]byte(answer), &p); err != nil {
		t.Fatalf("%s: %s", field, answer)
	}
	for _, item := range p.Items {
		ids += item.ID + " "
	}
	raw, _ := json.Marshal(p.NextToken)
	return ids, string(raw)
}

// TestPagesStayInTheirVersion: who pages through a list sees its first version to the end, in whatever process, while others see the current one.
func TestPagesStayInTheirVersion(t *testing.T) {
	for _, list := range []struct{ field, arguments string }{{"listEpisodes", ""}, {"episodesByShow", `"showId":"s1",`}, {"episodesByShow", `"showId":"s1","sortDirection":"DESC",`}} {
		s := newShared(t)
		s.publish(t, 1, 2, 3, 4, 5)
		_, first := s.process(t)
		seen, token := page(t, first, list.field, list.arguments, "null")
		for turn := range 2 {
			s.publish(t, 2, 4, 6+turn)
			r := first
			if turn == 1 {
				_, r = s.process(t) // it has not seen the version
			}
			var ids string
			ids, token = page(t, r, list.field, list.arguments, token)
			seen += ids
		}
		ids := strings.Fields(seen)
		if slices.Sort(ids); strings.Join(ids, " ") != "e01 e02 e03 e04 e05" || token != "null" {
			t.Errorf("%s(%s): %s, then %s; want the five of the first version", list.field, list.arguments, seen, token)
		}
	}
}

// TestPagesGoOnWithoutTheirVersion: a version that is gone is followed by the current one, behind the last key.
func TestPagesGoOnWithoutTheirVersion(t *testing.T) {
	s := newShared(t)
	gone := s.publish(t, 1, 2, 3, 4, 5)
	_, r := s.process(t)
	seen, token := page(t, r, "listEpisodes", "", "null")
	s.publish(t, 1, 3, 4, 6)
	if err := s.driver.Delete(t.Context(), "chunkaside/catalog/m/"+string(gone)); err != nil {
		t.Fatal(err)
	}
	_, r = s.process(t)
	for token != "null" {
		var ids string
		ids, token = page(t, r, "listEpisodes", "", token)
		seen += ids
	}
	if seen != "e01 e02 e03 e04 e06 " {
		t.Errorf("%s, want the first two of the old version and those behind them of the new", seen)
	}
}

// TestBatchesStayInTheirVersion: a batch is answered from the version of its first token, also what has none.
func TestBatchesStayInTheirVersion(t *testing.T) {
	s := newShared(t)
	s.publish(t, 1, 2, 3)
	_, r := s.process(t)
	list := func(token string) string {
		return event("listEpisodes", `{"limit":2,"nextToken":`+token+`}`, "{ items { id } }")
	}
	_, token := page(t, r, "listEpisodes", "", "null")
	s.publish(t, 7)
	want := `[{"data":{"items":[{"id":"e01"},{"id":"e02"}]},"errorMessage":null,"errorType":null},{"data":{"items":[{"id":"e03"}]},"errorMessage":null,"errorType":null}]`
	if got := invoke(t, r, "["+list("null")+","+list(token)+"]"); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// TestTokensAreSealed: no other token is taken than those that were given, and none by a catalog with another secret.
func TestTokensAreSealed(t *testing.T) {
	s := newShared(t)
	s.publish(t, 1, 2, 3)
	_, r := s.process(t)
	_, token := page(t, r, "listEpisodes", "", "null")
	sealed, err := base64.RawURLEncoding.DecodeString(strings.Trim(token, `"`))
	if err != nil {
		t.Fatal(err)
	}
	refused := func(token []byte) {
		t.Helper()
		e := event("listEpisodes", `{"nextToken":"`+base64.RawURLEncoding.EncodeToString(token)+`"}`, "{ items { id } }")
		if got := invoke(t, r, e); !strings.HasPrefix(got, "!BadNextToken") {
			t.Errorf("the token %x is taken: %s", token, got)
		}
	}
	for i := range sealed {
		changed := slices.Clone(sealed)
		changed[i] ^= 1
		refused(changed)
		refused(sealed[:i])
	}
	refused(append(sealed, 0))
	other := newShared(t)
	other.publish(t, 1, 2, 3)
	if _, r = other.process(t); true {
		refused(sealed)
	}
}

// TestTokensOfOneFilter: a filter that is written otherwise and means the same goes on with the same token; another one does not.
func TestTokensOfOneFilter(t *testing.T) {
	s := newShared(t)
	s.publish(t, 1, 2, 3, 4, 5)
	_, r := s.process(t)
	_, token := page(t, r, "listEpisodes", `"filter":{"and":[{"number":{"ge":0}}],"title":{"ne":"x"}},`, "null")
	for filter, taken := range map[string]bool{
		`{"title":{"ne":"x","eq":"y"},"and":[{"number":{"ge":0}}]}`:                                                false,
		`{"title":{"ne":null},"and":[{"number":{"ge":0}}]}`:                                                        false,
		`{"title":{"ne":"x"},"and":{"number":{"ge":0,"le":null}},"or":[],"not":{},"id":null,"number":{"gt":null}}`: true,
	} {
		got := invoke(t, r, event("listEpisodes", `{"filter":`+filter+`,"nextToken":`+token+`}`, "{ items { id } }"))
		if refused := strings.HasPrefix(got, "!BadNextToken"); refused == taken {
			t.Errorf("%s: %s", filter, got)
		}
	}
}

// TestTokensOfAnotherOrder: a schema that orders a list in another way refuses the tokens of the old order.
func TestTokensOfAnotherOrder(t *testing.T) {
	data := storetest.Tables{"S": {`{"id":"a"}`}, "E": {`{"id":"e1","sId":"z"}`, `{"id":"e2","sId":"y"}`, `{"id":"e3","sId":"c"}`, `{"id":"e4","sId":"b"}`, `{"id":"e5","sId":"a"}`}}
	const e = ` type E @model(timestamps: null) { id: ID! sId: ID @index(name: "byS") }`
	_, token := page(t, newResolver(t, "type S @model(timestamps: null) { id: ID! }"+e, data, nil), "listES", "", "null")
	after := newResolver(t, `type S @model(timestamps: null) { id: ID! es: [E] @hasMany(indexName: "byS", fields: ["id"]) }`+e, data, nil)
	if got := invoke(t, after, event("listES", `{"limit":2,"nextToken":`+token+`}`, "{ items { id } }")); !strings.HasPrefix(got, "!BadNextToken") {
		t.Errorf("the token is taken: %s", got)
	}
}

// hanging is a driver whose reads hang, as long as it is on.
type hanging struct {
	cache.Driver
	on bool
}

func (h *hanging) Get(ctx context.Context, keys []string) ([][]byte, error) {
	if h.on {
		<-ctx.Done()
		return nil, ctx.Err()
	}
	return h.Driver.Get(ctx, keys)
}

// TestTokensWhileTheCacheHangs: the current version is in memory, so a page goes on in it.
func TestTokensWhileTheCacheHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newShared(t)
		s.publish(t, 1, 2, 3, 4, 5)
		_, old := s.process(t)
		_, token := page(t, old, "listEpisodes", "", "null")
		time.Sleep(time.Minute)
		s.publish(t, 2, 3, 4, 6)
		hung := &hanging{Driver: s.driver}
		c, err := cache.New(hung, s.schema, nil)
		if err != nil {
			t.Fatal(err)
		}
		r, err := resolver.New(s.schema, c, nil)
		if err != nil {
			t.Fatal(err)
		}
		page(t, r, "listEpisodes", "", "null")
		hung.on = true
		time.Sleep(time.Minute)
		start := time.Now()
		if ids, _ := page(t, r, "listEpisodes", "", token); ids != "e03 e04 " || time.Since(start) > time.Second {
			t.Errorf("%s after %v", ids, time.Since(start))
		}
	})
}

// TestBuildLongerThanAQuery: the one query that builds, where there is something to answer, is answered in its time.
func TestBuildLongerThanAQuery(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newShared(t)
		s.publish(t, 1, 2, 3)
		c, err := cache.New(s.driver, s.schema, &cache.Options{Build: func(ctx context.Context, _ func(chunker.Digest, []byte) error) (*chunker.Manifest, error) {
			<-ctx.Done()
			return nil, ctx.Err()
		}})
		if err != nil {
			t.Fatal(err)
		}
		r, err := resolver.New(s.schema, c, nil)
		if err != nil {
			t.Fatal(err)
		}
		want, _ := page(t, r, "listEpisodes", "", "null")
		if err := s.driver.Delete(t.Context(), "chunkaside/catalog/current"); err != nil {
			t.Fatal(err)
		}
		time.Sleep(6 * time.Second)
		if got, _ := page(t, r, "listEpisodes", "", "null"); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	})
}
