package resolver_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/lambda/messages"

	"github.com/chunkaside/chunkaside/cache"
	"github.com/chunkaside/chunkaside/catalog"
	"github.com/chunkaside/chunkaside/catalog/schema"
	"github.com/chunkaside/chunkaside/chunker"
	"github.com/chunkaside/chunkaside/resolver"
	"github.com/chunkaside/chunkaside/store"
	"github.com/chunkaside/chunkaside/store/storetest"
)

const sdl = `
type Show @model(timestamps: null) {
  id: ID! title: String year: Int score: Float live: Boolean tags: [String] extra: AWSJSON
  host: Person
  guests: [Person]
  episodes: [Episode] @hasMany(indexName: "byShow", fields: ["id"])
}
type Person { name: String born: Place }
type Place { city: String country: String }
type Episode @model(timestamps: null) {
  id: ID!
  showId: ID @index(name: "byShow", sortKeyFields: ["number"], queryField: "episodesByShow")
  number: Int
  title: String
  show: Show @belongsTo(fields: ["showId"])
  setting: Setting @hasOne(fields: ["scope", "name"])
  scope: String
  name: String
}
type Setting @model { scope: String! @primaryKey(sortKeyFields: ["name"]) name: String! value: String }`

var records = storetest.Tables{
	"Show": {
		`{"id":"s1","title":"One","year":2001,"score":1.5,"live":true,"tags":["a",null],"extra":{"k":[1]},` +
			`"host":{"name":"H","born":{"city":"C","country":"K"}},"guests":[{"name":"G1"},null,{"name":"G2","born":null}]}`,
		`{"id":"s2","title":null}`,
	},
	"Episode": {
		`{"id":"e1","showId":"s1","number":1,"title":"first","scope":"a","name":"x"}`,
		`{"id":"e2","showId":"s1","number":2,"title":"second","scope":"a"}`,
		`{"id":"e3","showId":"s1","number":10,"title":"tenth \u2028 \"q\"","scope":"a","name":"none"}`,
		`{"id":"e4","number":1,"title":"alone"}`,
	},
	"Setting": {`{"scope":"a","name":"x","value":"v"}`},
}

// fixed is a source of one snapshot, or of an error.
type fixed struct {
	snapshot *catalog.Snapshot
	err      error
}

func (f fixed) Current(context.Context) (*catalog.Snapshot, error) { return f.snapshot, f.err }

func (f fixed) Within(context.Context, time.Duration) (*catalog.Snapshot, error) {
	return f.snapshot, f.err
}

func (f fixed) Recover(context.Context, *catalog.Snapshot, error) (*catalog.Snapshot, error) {
	return nil, cache.ErrIncomplete
}

func (f fixed) At(context.Context, chunker.Digest) (*catalog.Snapshot, error) {
	return nil, cache.ErrIncomplete
}

func (f fixed) TokenKey() string { return "secret" }

// build makes a snapshot of a catalog.
func build(t testing.TB, text string, data store.Store) *catalog.Snapshot {
	t.Helper()
	s, err := schema.Parse("test.graphql", text)
	if err != nil {
		t.Fatal(err)
	}
	return buildOf(t, s, data)
}

func buildOf(t testing.TB, s *schema.Schema, data store.Store) *catalog.Snapshot {
	t.Helper()
	chunks := map[chunker.Digest][]byte{}
	m, err := catalog.Build(t.Context(), data, s, nil, func(d chunker.Digest, chunk []byte) error {
		chunks[d] = chunk
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	memory, err := catalog.NewMemory(func(_ context.Context, digests []chunker.Digest) ([][]byte, error) {
		data := make([][]byte, len(digests))
		for i, d := range digests {
			data[i] = chunks[d]
		}
		return data, nil
	}, nil)
	if err != nil {
		t.Fatal(err)
	}
	shot, err := catalog.NewSnapshot(s, m, memory)
	if err != nil {
		t.Fatal(err)
	}
	return shot
}

func newResolver(t testing.TB, text string, data store.Store, o *resolver.Options) *resolver.Resolver {
	t.Helper()
	shot := build(t, text, data)
	r, err := resolver.New(shot.Schema(), fixed{snapshot: shot}, o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// event makes one of AppSync's events for a field of Query.
func event(field, arguments, set string, variables ...string) string {
	if arguments == "" {
		arguments = "{}"
	}
	vars := "{}"
	if len(variables) > 0 {
		vars = variables[0]
	}
	quoted, _ := json.Marshal(set)
	return fmt.Sprintf(`{"arguments":%s,"identity":null,"source":null,"request":{"headers":{"x-api-key":"k","accept":["a","b"]},"domainName":null},"prev":null,`+
		`"info":{"selectionSetList":[],"selectionSetGraphQL":%s,"parentTypeName":"Query","fieldName":"%s","variables":%s},"stash":{}}`, arguments, quoted, field, vars)
}

// invoke is the answer, or "!Type: message" of the error.
func invoke(t testing.TB, r *resolver.Resolver, e string) string {
	t.Helper()
	answer, err := r.Invoke(t.Context(), []byte(e))
	if err == nil {
		if !json.Valid(answer) {
			t.Errorf("the answer is no JSON: %s", answer)
		}
		return string(answer)
	}
	response, ok := err.(messages.InvokeResponse_Error) //nolint:errorlint // aws-lambda-go does not unwrap
	if !ok {
		t.Errorf("%T is not what the Lambda runtime passes on", err)
	}
	return "!" + response.Type + ": " + response.Message
}

func TestAnswers(t *testing.T) {
	r := newResolver(t, sdl, records, nil)
	for _, test := range []struct{ name, event, want string }{
		{"get", event("getShow", `{"id":"s1"}`, "{ id title }"), `{"id":"s1","title":"One"}`},
		{"in the selection's order, nulls for what is missing", event("getShow", `{"id":"s2"}`, "{ year title id tags host { name } }"),
			`{"year":null,"title":null,"id":"s2","tags":null,"host":null}`},
		{"missing key", event("getShow", `{"id":"s9"}`, "{ id }"), `null`},
		{"an ID as a number", event("getShow", `{"id":7}`, "{ id }"), `null`},
		{"nested objects", event("getShow", `{"id":"s1"}`, "{ host { born { city } } guests { born { country } name } extra score live tags }"),
			`{"host":{"born":{"city":"C"}},"guests":[{"born":null,"name":"G1"},null,{"born":null,"name":"G2"}],"extra":{"k":[1]},"score":1.5,"live":true,"tags":["a",null]}`},
		{"list", event("listShows", "", "{ items { id } nextToken }"), `{"items":[{"id":"s1"},{"id":"s2"}],"nextToken":null}`},
		{"list, only the token", event("listShows", "", "{ nextToken }"), `{"nextToken":null}`},
		{"index, numbers in order", event("episodesByShow", `{"showId":"s1"}`, "{ items { id number } }"),
			`{"items":[{"id":"e1","number":1},{"id":"e2","number":2},{"id":"e3","number":10}]}`},
		{"descending, null arguments", event("episodesByShow", `{"showId":"s1","sortDirection":"DESC","limit":null,"filter":null}`, "{ items { id } }"),
			`{"items":[{"id":"e3"},{"id":"e2"},{"id":"e1"}]}`},
		{"nested has many", event("listShows", "", "{ items { id episodes(limit: 2, sortDirection: DESC) { items { id } } } }"),
			`{"items":[{"id":"s1","episodes":{"items":[{"id":"e3"},{"id":"e2"}]}},{"id":"s2","episodes":{"items":[]}}]}`},
		{"variables", event("getShow", `{"id":"s1"}`, "{ episodes(limit: $n, sortDirection: $d) { items { number } } }", `{"n":1,"d":"DESC"}`),
			`{"episodes":{"items":[{"number":10}]}}`},
		{"a variable that is not given", event("getShow", `{"id":"s1"}`, "{ episodes(limit: $n) { items { number } } }"),
			`{"episodes":{"items":[{"number":1},{"number":2},{"number":10}]}}`},
		{"belongs to and back", event("getEpisode", `{"id":"e1"}`, "{ show { id episodes { items { show { title } } } } }"),
			`{"show":{"id":"s1","episodes":{"items":[{"show":{"title":"One"}},{"show":{"title":"One"}},{"show":{"title":"One"}}]}}}`},
		{"belongs to nothing", event("getEpisode", `{"id":"e4"}`, "{ id show { id } }"), `{"id":"e4","show":null}`},
		{"has one by a composite key", event("listEpisodes", "", "{ items { id setting { value } } }"),
			`{"items":[{"id":"e4","setting":null},{"id":"e1","setting":{"value":"v"}},{"id":"e2","setting":null},{"id":"e3","setting":null}]}`},
		{"composite primary key", event("getSetting", `{"scope":"a","name":"x"}`, "{ value }"), `{"value":"v"}`},
		{"aliases are by the schema's name", event("getShow", `{"id":"s1"}`, "{ a: id b: id t: title eps: episodes(limit: 1) { list: items { x: id } } }"),
			`{"id":"s1","title":"One","episodes":{"items":[{"id":"e1"}]}}`},
		{"inline fragment, typename", event("getShow", `{"id":"s1"}`, "{ __typename ... on Show { id ... { year } } }"), `{"id":"s1","year":2001}`},
		{"@skip and @include", event("getShow", `{"id":"s1"}`, "{ a: episodes(limit: 1) @skip(if: true) { items { id } } b: episodes(limit: 2) @include(if: $yes) { items { id } } "+
			"title @include(if: $no) year @skip(if: $no) ... @include(if: false) { live } ... on Show @skip(if: false) { id } score @include(if: $unknown) }", `{"yes":true,"no":false}`),
			`{"episodes":{"items":[{"id":"e1"},{"id":"e2"}]},"year":2001,"id":"s1","score":1.5}`},
		{"one field twice", event("getShow", `{"id":"s1"}`, "{ host { name } host { born { city } } }"), `{"host":{"name":"H","born":{"city":"C"}}}`},
		{"the set within the field itself", event("getShow", `{"id":"s1"}`, "{ getShow(id: \"s1\") { id } }"), `{"id":"s1"}`},
		{"no selection: every scalar", event("getEpisode", `{"id":"e2"}`, ""), `{"id":"e2","showId":"s1","number":2,"title":"second","scope":"a","name":null}`},
		{"text as it is stored", event("getEpisode", `{"id":"e3"}`, "{title}"), `{"title":"tenth \u2028 \"q\""}`},
	} {
		if got := invoke(t, r, test.event); got != test.want {
			t.Errorf("%s:\n got %s\nwant %s", test.name, got, test.want)
		}
	}
}

func TestSelectionList(t *testing.T) {
	r := newResolver(t, sdl, records, nil)
	e := func(set, list string) string {
		quoted, _ := json.Marshal(set)
		return fmt.Sprintf(`{"arguments":{"id":"s1"},"info":{"fieldName":"getShow","parentTypeName":"Query","selectionSetGraphQL":%s,"selectionSetList":%s}}`, quoted, list)
	}
	for _, test := range []struct{ name, event, want string }{
		{"list alone", e("", `["id","host","host/name","episodes","episodes/items","episodes/items/id","__typename"]`),
			`{"id":"s1","host":{"name":"H"},"episodes":{"items":[{"id":"e1"},{"id":"e2"},{"id":"e3"}]}}`},
		{"a named fragment", e("{ id ...F }", `["id","year","host","host/born","host/born/city"]`), `{"id":"s1","year":2001,"host":{"born":{"city":"C"}}}`},
		{"a fragment below, shown fields keep their arguments", e("{ e: episodes(limit: 1) { items { ...F } } ...G }", `["e","e/items","e/items/number","title"]`),
			`{"episodes":{"items":[{"number":1}]},"title":"One"}`},
	} {
		// Where a fragment hides fields, more may be written than was asked for; what was asked for must be there.
		if got := invoke(t, r, test.event); !covers(t, got, test.want) {
			t.Errorf("%s:\n got %s\nwant %s", test.name, got, test.want)
		}
	}
}

// TestHiddenAliases: what stands in a named fragment under an alias is never missing.
func TestHiddenAliases(t *testing.T) {
	r := newResolver(t, sdl, records, nil)
	for _, test := range []struct{ field, set, list, want string }{
		{"getShow", "{ ...F }", `["name"]`, `{"id":"s1","title":"One","year":2001,"score":1.5,"live":true}`},
		{"getShow", "{ ...F }", `["title"]`, `{"id":"s1","title":"One","year":2001}`}, // title may stand for any scalar
		{"getShow", "{ ...F }", `["h","h/born","h/born/city"]`, `{"host":{"born":{"city":"C"}}}`},
		{"getShow", "{ h: host { name } ...F }", `["h","h/name","g","g/born"]`, `{"host":{"name":"H","born":{"city":"C"}}}`},
		{"getShow", "{ ...F }", `["e","e/items","e/items/t"]`, `{"episodes":{"items":[{"title":"first"}]}}`},
		{"getShow", "{ e: episodes { a: items { id } ...F } }", `["e","e/a","e/a/id","e/b","e/b/number","e/n"]`, `{"episodes":{"items":[{"id":"e1","number":1}],"nextToken":null}}`},
		{"getEpisode", "{ ...F }", `["s","s/title"]`, `{"show":{"title":"One"}}`},
		{"getEpisode", "{ h: show { id } ...F }", `["h","h/id","g","g/year"]`, `{"show":{"id":"s1","year":2001}}`},
		{"getShow", "{ episodes { items { id } } ...F }", `["episodes","episodes/items","episodes/items/id","episodes/items/title"]`,
			`{"episodes":{"items":[{"id":"e1","title":"first"}]}}`},
		{"getShow", "{ t: episodes(limit: 1) { items { id } } ...F }", `["t","t/items","t/items/id","episodes","episodes/items","episodes/items/id"]`, "!AliasConflict"},
		{"getSetting", "{ ...F }", `["h","h/x"]`, "!UnknownField"},
		{"getEpisode", "{ ...F }", `["show","show/city"]`, `{"show":{"id":"s1"}}`}, // whatever show and city stand for
		{"getShow", "{ ...F }", `["host","host/b","host/b/name"]`, `{"host":{"born":{"city":"C"}}}`},
		{"getShow", "{ e: episodes(limit: 1) { items { id } } ...F }", `["e","e/items","e/items/id","y","y/items","y/items/id"]`, "!AliasConflict"},
		{"getEpisode", "{ ...F }", `["p","p/es","p/es/items","p/es/items/id","q","q/id","q/host","q/host/name"]`,
			`{"show":{"id":"s1","host":{"name":"H"},"episodes":{"items":[{"id":"e1"}]}}}`},
		// What a fragment hides of a field that stands twice is what neither shows.
		{"getEpisode", "{ show { ...F } show { episodes(limit: 1) { items { id } } } }", `["show","show/id","show/episodes","show/episodes/items","show/episodes/items/id"]`,
			`{"show":{"id":"s1","episodes":{"items":[{"id":"e1"}]}}}`},
		// Aliases that are names of other fields: of a scalar, of what is asked for by another alias, and in plain sight below what a fragment adds to.
		{"getEpisode", "{ ...F }", `["show","show/host"]`, `{"show":{"title":"One"}}`},
		{"getEpisode", "{ x: setting { value } ...F }", `["x","x/value","setting","setting/host","setting/host/name"]`, `{"setting":{"value":"v"},"show":{"host":{"name":"H"}}}`},
		{"getShow", "{ episodes { items { setting: show { host { name } } x: setting { value } } } ...F }",
			`["episodes","episodes/items","episodes/items/setting","episodes/items/setting/host","episodes/items/setting/host/name","episodes/items/x","episodes/items/x/value","episodes/items/id"]`,
			`{"episodes":{"items":[{"id":"e1","show":{"host":{"name":"H"}},"setting":{"value":"v"}}]}}`},
		{"getShow", "{ ...F }", `[""]`, "!BadEvent"},
		{"getShow", "", `["id/"]`, "!BadEvent"},
		{"getShow", "", `["id//x"]`, "!BadEvent"},
		{"getShow", "{ id } fragment F on Show { id }", `["id"]`, "!BadEvent"},
	} {
		id := "s1"
		if test.field == "getEpisode" {
			id = "e1"
		}
		arguments := fmt.Sprintf(`{"id":"%s"}`, id)
		if test.field == "getSetting" {
			arguments = `{"scope":"a","name":"x"}`
		}
		quoted, _ := json.Marshal(test.set)
		got := invoke(t, r, fmt.Sprintf(`{"arguments":%s,"info":{"fieldName":"%s","parentTypeName":"Query","selectionSetGraphQL":%s,"selectionSetList":%s}}`,
			arguments, test.field, quoted, test.list))
		if strings.HasPrefix(test.want, "!") && strings.HasPrefix(got, test.want) || !strings.HasPrefix(test.want, "!") && covers(t, got, test.want) {
			continue
		}
		t.Errorf("%s with %s:\n got %s\nwant at least %s", test.set, test.list, got, test.want)
	}
}

// TestHiddenAliasOfOneOfTwo: an alias in a named fragment that may be of a field with arguments, or of another, is refused; a field's own name is taken for it.
func TestHiddenAliasOfOneOfTwo(t *testing.T) {
	r := newResolver(t, `
type A @model { id: ID! bs: [B] @hasMany cs: [B] @hasMany }
type B @model { id: ID! }`, storetest.Tables{"A": {`{"id":"a"}`}, "B": {`{"id":"b","aCsId":"a"}`}}, nil)
	for _, hidden := range []string{"x", "cs"} {
		list, _ := json.Marshal([]string{"bs", "bs/items", "bs/items/id", hidden, hidden + "/items", hidden + "/items/id"})
		got := invoke(t, r, fmt.Sprintf(`{"arguments":{"id":"a"},"info":{"fieldName":"getA","parentTypeName":"Query","selectionSetGraphQL":"{ bs(limit: 1) { items { id } } ...F }",`+
			`"selectionSetList":%s}}`, list))
		if refused := strings.HasPrefix(got, "!AliasConflict"); refused != (hidden == "x") || !refused && !covers(t, got, `{"bs":{"items":[]},"cs":{"items":[{"id":"b"}]}}`) {
			t.Errorf("%s: got %s", hidden, got)
		}
	}
}

// TestSkippedFieldsHideNothing: a field that @include takes out does not stand for the one in a named fragment.
func TestSkippedFieldsHideNothing(t *testing.T) {
	r := newResolver(t, sdl, records, nil)
	for _, set := range []string{"{ host @include(if: false) { born { city } } ...F }", "{ ... @skip(if: $yes) { host { born { city } } } ...F }"} {
		got := invoke(t, r, `{"arguments":{"id":"s1"},"info":{"fieldName":"getShow","parentTypeName":"Query","variables":{"yes":true},"selectionSetGraphQL":"`+set+`","selectionSetList":["host","host/name"]}}`)
		if !strings.Contains(got, `"host":{"name":"H"`) {
			t.Errorf("%s: got %s", set, got)
		}
	}
}

// TestHiddenPagesConflict: a page in a named fragment is not answered by one with arguments, however deep both stand.
func TestHiddenPagesConflict(t *testing.T) {
	r := newResolver(t, `
type A @model { id: ID! one: B @hasOne }
type B @model { id: ID! cs: [C] @hasMany }
type C @model { id: ID! }`, storetest.Tables{"A": {`{"id":"a","aOneId":"b"}`}, "B": {`{"id":"b"}`}, "C": {`{"id":"1","bCsId":"b"}`, `{"id":"2","bCsId":"b"}`}}, nil)
	for _, test := range []struct{ name, event string }{
		{"of another alias", `"arguments":{"id":"a"},"info":{"fieldName":"getA","selectionSetGraphQL":"{ x: one { cs(limit: 1) { items { id } } } ...F }",` +
			`"selectionSetList":["x","x/cs","x/cs/items","x/cs/items/id","one","one/cs","one/cs/items","one/cs/items/id"]`},
		{"of a page's entities", `"info":{"fieldName":"listBS","selectionSetGraphQL":"{ x: items { cs(limit: 1) { items { id } } } ...F }",` +
			`"selectionSetList":["x","x/cs","x/cs/items","x/cs/items/id","items","items/cs","items/cs/items","items/cs/items/id"]`},
	} {
		if got := invoke(t, r, "{"+test.event+`,"parentTypeName":"Query"}}`); !strings.HasPrefix(got, "!AliasConflict") {
			t.Errorf("%s: got %s", test.name, got)
		}
	}
}

// TestHiddenFieldsKeepArguments: what a named fragment may stand for takes no arguments from what stands beside it.
func TestHiddenFieldsKeepArguments(t *testing.T) {
	r := newResolver(t, `
type A @model { id: ID! one: B @hasOne bs: [B] @hasMany }
type B @model { id: ID! }`, storetest.Tables{"A": {`{"id":"a","aOneId":"1"}`}, "B": {`{"id":"1","aBsId":"a"}`, `{"id":"2","aBsId":"a"}`}}, nil)
	got := invoke(t, r, `{"arguments":{"id":"a"},"info":{"fieldName":"getA","parentTypeName":"Query","selectionSetGraphQL":"{ x: one { id } bs(limit: 1, sortDirection: DESC) { items { id } } ...F }",`+
		`"selectionSetList":["x","x/id","bs","bs/items","bs/items/id","one","one/id"]}}`)
	if !strings.Contains(got, `"bs":{"items":[{"id":"2"`) || strings.Count(got, `{"id":"1"`) != 1 {
		t.Errorf("got %s", got)
	}
}

// covers says whether an answer has at least what is wanted; of lists, as many elements as are wanted.
func covers(t testing.TB, got, want string) bool {
	t.Helper()
	var g, w any
	if json.Unmarshal([]byte(got), &g) != nil || json.Unmarshal([]byte(want), &w) != nil {
		return false
	}
	return coversValue(g, w)
}

func coversValue(got, want any) bool {
	switch want := want.(type) {
	case map[string]any:
		object, ok := got.(map[string]any)
		for name, value := range want {
			field, there := object[name]
			ok = ok && there && coversValue(field, value)
		}
		return ok
	case []any:
		list, ok := got.([]any)
		ok = ok && len(list) >= len(want)
		for i := range want {
			ok = ok && coversValue(list[i], want[i])
		}
		return ok
	}
	return got == want
}

// TestPlansAreBounded: a short event whose fragments hide much is refused before it costs much.
func TestPlansAreBounded(t *testing.T) {
	var text strings.Builder
	text.WriteString("type N @model { id: ID!")
	for i := range 6 {
		fmt.Fprintf(&text, " k%d: ID r%d: N @belongsTo(fields: [\"k%d\"])", i, i, i)
	}
	text.WriteString(" }")
	r := newResolver(t, text.String(), storetest.Tables{"N": {`{"id":"1","k0":"1","k1":"1","k2":"1","k3":"1","k4":"1","k5":"1"}`}}, nil)
	path, list := "", []string{}
	for range 30 {
		path = strings.TrimPrefix(path+"/a", "/")
		list = append(list, path)
	}
	list = append(list, path+"/id")
	raw, _ := json.Marshal(list)
	got := invoke(t, r, fmt.Sprintf(`{"arguments":{"id":"1"},"info":{"fieldName":"getN","parentTypeName":"Query","selectionSetGraphQL":"{ ...F }","selectionSetList":%s}}`, raw))
	if !strings.HasPrefix(got, "!QueryTooLarge") {
		t.Errorf("got %.300s", got)
	}
}

// TestAnswersAreBounded: a short query that stands for a huge answer ends at the limit, and one that takes long at its time.
func TestAnswersAreBounded(t *testing.T) {
	many := storetest.Tables{"Show": {`{"id":"s1"}`}}
	for i := range 100 {
		many["Episode"] = append(many["Episode"], fmt.Sprintf(`{"id":"e%03d","showId":"s1","number":%d}`, i, i))
	}
	bomb := "{ id }"
	for range 6 {
		bomb = "{ episodes { items { show " + bomb + " } } }"
	}
	r := newResolver(t, sdl, many, &resolver.Options{MaxAnswer: 100_000})
	if got := invoke(t, r, event("getShow", `{"id":"s1"}`, bomb)); !strings.HasPrefix(got, "!ResponseTooLarge") {
		t.Errorf("a bomb: %.200s", got)
	}
	r = newResolver(t, sdl, many, &resolver.Options{MaxEntities: 100})
	for query, want := range map[string]string{
		event("listEpisodes", `{"limit":100}`, "{ items { id } }"):                               `{"items":[{"id":"e000"}`,
		event("listEpisodes", `{"limit":100}`, "{ nextToken }"):                                  `{"nextToken":null}`,
		event("listEpisodes", `{"limit":51}`, "{ items { show { id } } }"):                       "!QueryTooLarge: the query looks at more than 100 entities",
		event("getShow", `{"id":"s1"}`, "{ episodes { items { id } } }"):                         "!QueryTooLarge",
		event("getShow", `{"id":"s1"}`, "{ episodes { nextToken } }"):                            "!QueryTooLarge",
		event("getShow", `{"id":"s1"}`, `{ episodes(filter: {id: {eq: ""}}) { items { id } } }`): "!QueryTooLarge",
	} {
		if got := invoke(t, r, query); !strings.HasPrefix(got, want) {
			t.Errorf("%s: %.200s, want %s", query, got, want)
		}
	}
	r = newResolver(t, sdl, many, &resolver.Options{MaxDepth: 5})
	for query, want := range map[string]string{
		event("getShow", `{"id":"s1"}`, "{ episodes(limit: 1) { items { show { title } } } }"):                     "{",
		event("getShow", `{"id":"s1"}`, "{ episodes(limit: 1) { items { show { episodes { nextToken } } } } }"):    "{",
		event("getShow", `{"id":"s1"}`, "{ episodes(limit: 1) { items { show { episodes { items { id } } } } } }"): "!QueryTooLarge: the query is nested more than 5 levels deep",
	} {
		if got := invoke(t, r, query); !strings.HasPrefix(got, want) {
			t.Errorf("%s: %.200s, want %s", query, got, want)
		}
	}
	r = newResolver(t, sdl, many, &resolver.Options{Timeout: time.Nanosecond})
	if got := invoke(t, r, event("getShow", `{"id":"s1"}`, bomb)); !strings.HasPrefix(got, "!CatalogUnavailable") {
		t.Errorf("no time: %.200s", got)
	}
	one := `{"arguments":{"id":"s1"},"info":{"fieldName":"getShow","parentTypeName":"Query","selectionSetList":["id"]}}`
	large := event("listEpisodes", "", "{ items { id showId number } }")
	r = newResolver(t, sdl, many, &resolver.Options{MaxAnswer: 1000})
	got := invoke(t, r, "["+one+","+large+","+one+"]")
	if strings.Count(got, `{"data":{"id":"s1"},`) != 2 || strings.Count(got, `"errorType":"ResponseTooLarge"`) != 1 {
		t.Errorf("a batch with one large answer: %s", got)
	}
}

func TestNumbersFromOutside(t *testing.T) {
	r := newResolver(t, `type P @model { f: Float! @primaryKey(sortKeyFields: ["g", "h"]) g: Float! h: String! v: String }`,
		storetest.Tables{"P": {`{"f":100,"g":100,"h":"x","v":"found"}`}}, nil)
	for _, n := range []string{"100", "100.0", "1e2", "1.0E2"} {
		if got, want := invoke(t, r, event("getP", `{"f":`+n+`,"g":`+n+`,"h":"x"}`, "{ v }")), `{"v":"found"}`; got != want {
			t.Errorf("getP(%s) = %s, want %s", n, got, want)
		}
	}
}

// recovering is a source whose first snapshot cannot be read.
type recovering struct {
	fixed
	broken, sound *catalog.Snapshot
}

func (r recovering) Current(context.Context) (*catalog.Snapshot, error) { return r.broken, nil }

func (r recovering) Recover(_ context.Context, s *catalog.Snapshot, _ error) (*catalog.Snapshot, error) {
	if s != r.broken {
		return nil, errors.New("another snapshot was to be replaced")
	}
	return r.sound, nil
}

func TestUnreadableSnapshotIsReplaced(t *testing.T) {
	sound := build(t, sdl, records)
	memory, err := catalog.NewMemory(func(context.Context, []chunker.Digest) ([][]byte, error) { return nil, cache.ErrIncomplete }, nil)
	if err != nil {
		t.Fatal(err)
	}
	broken, err := catalog.NewSnapshot(sound.Schema(), sound.Manifest(), memory)
	if err != nil {
		t.Fatal(err)
	}
	r, err := resolver.New(sound.Schema(), recovering{broken: broken, sound: sound}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := invoke(t, r, event("getShow", `{"id":"s1"}`, "{ id }")), `{"id":"s1"}`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// TestUnreadableBatch: where nothing better is found, each context has its own error, and what can be read its answer.
func TestUnreadableBatch(t *testing.T) {
	sound := build(t, sdl, records)
	memory, err := catalog.NewMemory(func(context.Context, []chunker.Digest) ([][]byte, error) { return nil, cache.ErrIncomplete }, nil)
	if err != nil {
		t.Fatal(err)
	}
	broken, err := catalog.NewSnapshot(sound.Schema(), sound.Manifest(), memory)
	if err != nil {
		t.Fatal(err)
	}
	r, err := resolver.New(sound.Schema(), fixed{snapshot: broken}, nil)
	if err != nil {
		t.Fatal(err)
	}
	got := invoke(t, r, "["+event("getShow", `{"id":"s1"}`, "{ id }")+","+event("catalogManifest", `{}`, "{ id }")+"]")
	if !strings.HasPrefix(got, `[{"data":null,"errorMessage":"the catalog's version is incomplete`) || !strings.Contains(got, `{"data":{"id":"`) {
		t.Errorf("got %s", got)
	}
}

// TestSenders: what senders other than AppSync write is taken as encoding/json takes it: names in any case, names that come twice, of which the last counts, and bytes that are no UTF-8.
func TestSenders(t *testing.T) {
	r := newResolver(t, sdl, records, nil)
	const odd = `{"INFO":{"ParentTypeName":"Query","fieldname":"getShow","fieldName":"getShow","selectionSetList":["title"]},"Arguments":{"id":"s2","id":"s1"},"stash":{"a":"` + "\xff" + `"}}`
	for _, test := range []struct{ event, want string }{
		{odd, `{"title":"One"}`},
		{"[" + odd + "]", `[{"data":{"title":"One"},"errorMessage":null,"errorType":null}]`},
	} {
		if got := invoke(t, r, test.event); got != test.want {
			t.Errorf("%s:\n got %s\nwant %s", test.event, got, test.want)
		}
	}
}

func TestRefusals(t *testing.T) {
	r := newResolver(t, sdl, records, nil)
	for _, test := range []struct{ name, event, want string }{
		{"no JSON", `{`, "!BadEvent: the event is no AppSync context"},
		{"a number", `1`, "!BadEvent: the event is no AppSync context: it must be an object"},
		{"a request that is text", `{"request":"r"}`, "!BadEvent: the event is no AppSync context: request must be an object"},
		{"headers that are a list", `{"Request":{"headers":[1]}}`, "!BadEvent: the event is no AppSync context: request.headers must be an object"},
		{"arguments that are a list", `{"arguments":[]}`, "!BadEvent: the event is no AppSync context: arguments must be an object"},
		{"info that is a number", `{"info":1}`, "!BadEvent: the event is no AppSync context: info must be an object"},
		{"a field name that is a number", `{"info":{"fieldName":1}}`, "!BadEvent: the event is no AppSync context: info.fieldName must be a string"},
		{"a field name that is an object", `{"fieldName":{}}`, "!BadEvent: the event is no AppSync context: fieldName must be a string"},
		{"variables that are text", `{"info":{"variables":"{}"}}`, "!BadEvent: the event is no AppSync context: info.variables must be an object"},
		{"a selection list of numbers", `{"info":{"selectionSetList":["a",1]}}`,
			"!BadEvent: the event is no AppSync context: info.selectionSetList must be a list of strings"},
		{"a selection list that is text", `{"selectionSetList":"id"}`, "!BadEvent: the event is no AppSync context: selectionSetList must be a list of strings"},
		{"nothing", ``, "!BadEvent"},
		{"no field", `{}`, "!BadEvent: the event names no field"},
		{"an envelope", `{"operation":"Invoke","payload":{}}`, "!BadEvent: the event is a mapping template's Invoke envelope"},
		{"unknown query", event("getNothing", "", "{ id }"), "!UnknownField: Query.getNothing is not served"},
		{"mutation", strings.Replace(event("createShow", "", "{ id }"), `"Query"`, `"Mutation"`, 1), "!UnknownField: Mutation.createShow is not served"},
		{"unknown field", event("getShow", `{"id":"s1"}`, "{ nope }"), "!UnknownField: the type Show has no field nope"},
		{"unknown field below", event("listShows", "", "{ items { episodes { items { nope } } } }"), "!UnknownField: the type Episode has no field nope"},
		{"unknown field of a connection", event("listShows", "", "{ total }"), "!UnknownField: listShows: a connection has no field total"},
		{"key missing", event("getShow", "", "{ id }"), "!BadArgument: getShow: the argument id is missing"},
		{"key empty", event("getShow", `{"id":""}`, "{ id }"), "!BadArgument: getShow: an empty text is no key"},
		{"key of a wrong type", event("getShow", `{"id":{}}`, "{ id }"), "!BadArgument: getShow: field id wants a string, got an object"},
		{"half a key", event("getSetting", `{"scope":"a"}`, "{ value }"), "!BadArgument: getSetting: the argument name is missing"},
		{"unknown argument", event("listShows", `{"search":"a"}`, "{ items { id } }"), "!BadArgument: listShows: the argument search is not served"},
		{"limit 0", event("listShows", `{"limit":0}`, "{ items { id } }"), "!BadArgument: listShows: the argument limit must be a whole number of at least 1, not 0"},
		{"negative limit", event("listShows", `{"limit":-5}`, "{ items { id } }"), "!BadArgument: listShows: the argument limit"},
		{"limit as text", event("listShows", `{"limit":"5"}`, "{ items { id } }"), "!BadArgument: listShows: the argument limit"},
		{"nested limit", event("listShows", "", "{ items { episodes(limit: -1) { items { id } } } }"), "!BadArgument: Show.episodes: the argument limit"},
		{"direction", event("episodesByShow", `{"showId":"s1","sortDirection":"UP"}`, "{ items { id } }"), "!BadArgument: episodesByShow: the argument sortDirection"},
		{"aliases with different arguments", event("getShow", `{"id":"s1"}`, "{ a: episodes(limit: 1) { items { id } } b: episodes(limit: 2) { items { id } } }"),
			"!AliasConflict: a and b ask for the field episodes with different arguments"},
		{"selection that does not parse", event("getShow", `{"id":"s1"}`, "{ id"), "!BadEvent: the event's selectionSetGraphQL cannot be read"},
		{"token of another API", event("listShows", `{"nextToken":"eyJ2ZXJzaW9uIjoz"}`, "{ items { id } }"), "!BadNextToken: listShows: the nextToken is not one of this API's"},
		{"token that is no base64", event("listShows", `{"nextToken":"%%%"}`, "{ items { id } }"), "!BadNextToken"},
		{"empty token", event("listShows", `{"nextToken":""}`, "{ items { id } }"), "!BadNextToken"},
		{"token of a wrong type", event("listShows", `{"nextToken":5}`, "{ items { id } }"), "!BadNextToken"},
		{"deep nesting", strings.Repeat("[", 100_000), "!BadEvent"},
		{"deep selection", event("getShow", `{"id":"s1"}`, strings.Repeat("{a", 100_000)), "!BadEvent"},
	} {
		if got := invoke(t, r, test.event); !strings.HasPrefix(got, test.want) || strings.Contains(got, "Go ") {
			t.Errorf("%s:\n got %.300s\nwant %s", test.name, got, test.want)
		}
	}
	if s := r.Stats(); s.Answers != 0 || s.Failures == 0 {
		t.Errorf("stats = %+v", s)
	}
}

func TestPaging(t *testing.T) {
	many := storetest.Tables{}
	for i := range 57 {
		many["Episode"] = append(many["Episode"], fmt.Sprintf(`{"id":"e%02d","showId":"s1","number":%d}`, i, i%10))
	}
	many["Show"] = []string{`{"id":"s1"}`}
	r := newResolver(t, sdl, many, nil)
	var foreign string
	for _, test := range []struct{ field, arguments string }{
		{"listEpisodes", ``}, {"episodesByShow", `,"showId":"s1"`}, {"episodesByShow", `,"showId":"s1","sortDirection":"DESC"`},
	} {
		seen, token := map[string]bool{}, "null"
		for pages := 1; ; pages++ {
			var page struct {
				Items     []struct{ ID string }
				NextToken *string
			}
			answer := invoke(t, r, event(test.field, `{"limit":10,"nextToken":`+token+test.arguments+`}`, "{ items { id } nextToken }"))
			if err := json.Unmarshal([]byte(answer), &page); err != nil {
				t.Fatalf("%s: %s", test.field, answer)
			}
			for _, item := range page.Items {
				if seen[item.ID] {
					t.Errorf("%s: %s twice", test.field, item.ID)
				}
				seen[item.ID] = true
			}
			if page.NextToken == nil {
				if pages != 6 || len(seen) != 57 {
					t.Errorf("%s%s: %d entities in %d pages, want 57 in 6", test.field, test.arguments, len(seen), pages)
				}
				break
			}
			raw, _ := json.Marshal(page.NextToken)
			token = string(raw)
			if foreign != "" {
				got := invoke(t, r, event(test.field, `{"nextToken":`+foreign+test.arguments+`}`, "{ items { id } }"))
				if !strings.HasPrefix(got, "!BadNextToken") {
					t.Errorf("%s took the token of another list: %s", test.field, got)
				}
			}
		}
		// The last token of this list is foreign to the next one.
		answer := invoke(t, r, event(test.field, `{"limit":10`+test.arguments+`}`, "{ nextToken }"))
		foreign = strings.TrimSuffix(strings.TrimPrefix(answer, `{"nextToken":`), "}")
	}
}

func TestBatch(t *testing.T) {
	r := newResolver(t, sdl, records, nil)
	field := func(source, arguments string) string {
		return fmt.Sprintf(`{"arguments":%s,"source":%s,"info":{"fieldName":"episodes","parentTypeName":"Show","selectionSetList":["items","items/id"]}}`, arguments, source)
	}
	got := invoke(t, r, "[\n"+field(`{"id":"s1"}`, `{"limit":1}`)+","+field(`{"id":"s2"}`, `{}`)+","+field(`{"id":null}`, `null`)+","+
		field(`{}`, `{}`)+`,5,`+field(`{"id":"s1"}`, `{"limit":-1}`)+"]")
	want := `[{"data":{"items":[{"id":"e1"}]},"errorMessage":null,"errorType":null},` +
		`{"data":{"items":[]},"errorMessage":null,"errorType":null},` +
		`{"data":{"items":[],"nextToken":null},"errorMessage":null,"errorType":null},` +
		`{"data":null,"errorMessage":"Show.episodes: the event's source lacks the field id: let the parent's resolver return it","errorType":"BadEvent"},` +
		`{"data":null,"errorMessage":"the event is no AppSync context: it must be an object","errorType":"BadEvent"},` +
		`{"data":null,"errorMessage":"Show.episodes: the argument limit must be a whole number of at least 1, not -1","errorType":"BadArgument"}]`
	if got != want {
		t.Errorf("batch:\n got %s\nwant %s", got, want)
	}
	if got := invoke(t, r, "["+strings.Repeat("{},", resolver.MaxBatch)+"{}]"); !strings.HasPrefix(got, "!BadEvent: the batch has 2001 contexts") {
		t.Errorf("2,001 contexts: %s", got)
	}
	if got := invoke(t, r, "[]"); got != "[]" {
		t.Errorf("an empty batch: %s", got)
	}
}

// TestBatchesShareWork: contexts that ask the same, or the same of other parents, have the answers that each would have by itself.
func TestBatchesShareWork(t *testing.T) {
	r := newResolver(t, sdl, records, nil)
	var contexts []string
	for i := range 200 {
		set := []string{"{ items { id title } nextToken }", "{ items { show { id } } }"}[i%2]
		contexts = append(contexts,
			field("Show", "episodes", fmt.Sprintf(`{"id":"s%d"}`, i%3), fmt.Sprintf(`{"limit":%d}`, i%2+1), set),
			field("Episode", "show", fmt.Sprintf(`{"showId":"s%d"}`, i%4), `{}`, "{ id year }"),
			field("Episode", "title", fmt.Sprintf(`{"title":"t%d"}`, i), `{}`, ""),
			field("Show", "episodes", `{}`, `{}`, "{ items { id } }"),
			event("getShow", fmt.Sprintf(`{"id":"s%d"}`, i%3), "{ id }"),
			event("getShow", `{"id":"s1"}`, "{ nope }"))
	}
	var got []struct {
		Data                    json.RawMessage
		ErrorMessage, ErrorType string
	}
	if err := json.Unmarshal([]byte(invoke(t, r, "["+strings.Join(contexts, ",")+"]")), &got); err != nil || len(got) != len(contexts) {
		t.Fatalf("%d answers for %d contexts, %v", len(got), len(contexts), err)
	}
	for i, context := range contexts {
		together := string(got[i].Data)
		if got[i].ErrorType != "" {
			together = "!" + got[i].ErrorType + ": " + got[i].ErrorMessage
		}
		if alone := invoke(t, r, context); together != alone {
			t.Fatalf("%s:\n in a batch %s\n by itself  %s", context, together, alone)
		}
	}
}

// field is an event for a field that has a resolver of its own.
func field(parent, name, source, arguments, set string) string {
	quoted, _ := json.Marshal(set)
	return fmt.Sprintf(`{"arguments":%s,"identity":null,"source":%s,"info":{"selectionSetList":[],"selectionSetGraphQL":%s,"parentTypeName":"%s","fieldName":"%s","variables":{}}}`,
		arguments, source, quoted, parent, name)
}

func TestFieldsOfASource(t *testing.T) {
	r := newResolver(t, sdl, records, nil)
	e := func(parent, field, source string) string {
		return fmt.Sprintf(`{"typeName":"%s","fieldName":"%s","arguments":{},"source":%s}`, parent, field, source)
	}
	for _, test := range []struct{ event, want string }{
		{e("Episode", "show", `{"showId":"s2"}`), `{"id":"s2","title":null,"year":null,"score":null,"live":null,"tags":null,"extra":null,"host":null,"guests":null}`},
		{e("Episode", "show", `{"showId":null}`), `null`},
		{e("Episode", "title", `{"title":"t"}`), `"t"`},
		{e("Episode", "title", `{}`), `null`},
		{e("Episode", "nope", `{}`), `!UnknownField`},
		{e("Episode", "title", `"None"`), `!BadEvent: Episode.title: the event has no source object`},
		{e("Episode", "show", `{"showId":{}}`), `!BadEvent: Episode.show: the event's source: field id wants a string, got an object`},
	} {
		if got := invoke(t, r, test.event); !strings.HasPrefix(got, test.want) {
			t.Errorf("%s:\n got %s\nwant %s", test.event, got, test.want)
		}
	}
}

func TestErrorsAreTypedAndSafe(t *testing.T) {
	s, err := schema.Parse("test.graphql", sdl)
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		err  error
		want string
	}{
		{fmt.Errorf("dial 10.1.2.3: %w", cache.ErrUnavailable), "!CatalogUnavailable"},
		{fmt.Errorf("build: %w", store.ErrUnavailable), "!CatalogUnavailable"},
		{cache.ErrNoVersion, "!CatalogUnavailable"},
		{context.DeadlineExceeded, "!CatalogUnavailable"},
		{fmt.Errorf("version x: %w", catalog.ErrSchema), "!CatalogMismatch"},
		{fmt.Errorf("x: %w", chunker.ErrFormat), "!CatalogMismatch"},
		{fmt.Errorf("x: %w", store.ErrInvalid), "!CatalogInvalid"},
		{&catalog.DuplicateError{Model: "Show", Key: "10.1.2.3"}, "!CatalogInvalid"},
		{errors.New("secret 10.1.2.3"), "!InternalFailure"},
	} {
		r, err := resolver.New(s, fixed{err: test.err}, nil)
		if err != nil {
			t.Fatal(err)
		}
		got := invoke(t, r, event("getShow", `{"id":"a"}`, "{ id }"))
		if !strings.HasPrefix(got, test.want) || strings.Contains(got, "10.1.2.3") {
			t.Errorf("%v: %s, want %s and no details", test.err, got, test.want)
		}
	}
}

type panicking struct{ fixed }

func (panicking) Current(context.Context) (*catalog.Snapshot, error) { panic("boom") }

func (panicking) Recover(context.Context, *catalog.Snapshot, error) (*catalog.Snapshot, error) {
	panic("boom")
}

func TestPanicIsRecovered(t *testing.T) {
	s, err := schema.Parse("test.graphql", sdl)
	if err != nil {
		t.Fatal(err)
	}
	r, err := resolver.New(s, panicking{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if got := invoke(t, r, event("getShow", `{"id":"a"}`, "{ id }")); !strings.HasPrefix(got, "!InternalFailure") || strings.Contains(got, "boom") {
		t.Errorf("a panic gives %s", got)
	}
}

func TestTooLarge(t *testing.T) {
	r := newResolver(t, sdl, records, &resolver.Options{MaxAnswer: 100})
	if got := invoke(t, r, event("listShows", "", "")); !strings.HasPrefix(got, "!ResponseTooLarge: the answer has ") {
		t.Errorf("got %s", got)
	}
	if got := invoke(t, r, event("getShow", `{"id":"s1"}`, "{ id }")); got != `{"id":"s1"}` {
		t.Errorf("a small answer: %s", got)
	}
}

func FuzzInvoke(f *testing.F) {
	r := newResolver(f, sdl, records, nil)
	f.Add([]byte(event("getShow", `{"id":"s1"}`, "{ id ...F host { name } episodes(limit: $n) { items { id } } }", `{"n":1}`)))
	f.Add([]byte("[" + event("listShows", `{"limit":1}`, "{ items { id } nextToken }") + "]"))
	f.Add([]byte(`{"info":{"fieldName":"getShow","parentTypeName":"Query","selectionSetList":["a","a/b","a/b/c","id"]},"arguments":{"id":"s1"}}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		got := invoke(t, r, string(data))
		if strings.HasPrefix(got, "!InternalFailure") {
			t.Errorf("%s gives %s", data, got)
		}
	})
}
