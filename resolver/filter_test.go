package resolver_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/chunkaside/chunkaside/catalog"
	"github.com/chunkaside/chunkaside/resolver"
	"github.com/chunkaside/chunkaside/store/storetest"
)

// thingSDL has a field of each kind that a filter looks into, and some that it does not.
const thingSDL = `
enum Color { RED GREEN BLUE }
type Part { name: String }
type Thing @model {
  id: ID! text: String day: AWSDate json: AWSJSON int: Int float: Float time: AWSTimestamp bool: Boolean color: Color
  texts: [String] ints: [Int] colors: [Color] bools: [Boolean] part: Part parts: [Part]
  parentId: ID parent: Thing @belongsTo(fields: ["parentId"])
}`

var things = storetest.Tables{"Thing": {
	`{"id":"full","text":"Träume \"x\"\n","day":"2024-02-29","json":{"a":1,"b":[2]},"int":5,"float":1.5,"time":1700000000,"bool":true,"color":"RED",` +
		`"texts":["a","b\\c",""],"ints":[1,20],"colors":["RED","BLUE"],"bools":[false]}`,
	`{"id":"missing"}`,
	`{"id":"null","text":null,"day":null,"json":null,"int":null,"float":null,"time":null,"bool":null,"color":null,"texts":null,"ints":null,"colors":null,"bools":null}`,
	`{"id":"other","text":"","json":"text","int":-7,"float":-0.0001,"bool":false,"color":"BLUE","texts":[],"ints":[],"colors":[]}`,
}}

func TestFilters(t *testing.T) {
	r := newResolver(t, thingSDL, things, nil)
	for _, test := range []struct{ filter, want string }{
		{`null`, "full missing null other"},
		{`{}`, "full missing null other"},
		{`{"text":{"eq":"Träume \"x\"\n"}}`, "full"},
		{`{"text":{"ne":"Träume \"x\"\n"}}`, "missing null other"},
		{`{"text":{"eq":null}}`, "null"},
		{`{"text":{"ne":null}}`, "full missing other"},
		{`{"text":{"eq":""}}`, "other"},
		{`{"text":{"lt":"Tr"}}`, "other"},
		{`{"text":{"ge":""}}`, "full other"},
		{`{"text":{"gt":null,"le":"Z"}}`, "full other"},
		{`{"text":{"contains":"\"x\"\n"}}`, "full"},
		{`{"text":{"contains":"n"}}`, ""}, // the \n is no n
		{`{"text":{"contains":"\\"}}`, ""},
		{`{"text":{"contains":""}}`, "full other"},
		{`{"text":{"notContains":"ume"}}`, "missing null other"},
		{`{"text":{"beginsWith":"Trä"}}`, "full"},
		{`{"text":{"beginsWith":""}}`, "full other"},
		{`{"text":{"between":["T","U"]}}`, "full"},
		{`{"text":{"size":{"eq":12}}}`, "full"}, // ä has two bytes
		{`{"text":{"size":{"ne":12}}}`, "missing null other"},
		{`{"text":{"size":{"between":[0,11]}}}`, "other"},
		{`{"text":{"size":{"ge":0,"lt":null}}}`, "full other"},
		{`{"text":{"size":{"lt":1e100}}}`, "full other"},
		{`{"text":{"size":{"gt":-1e100}}}`, "full other"},
		{`{"text":{"attributeExists":true}}`, "full null other"},
		{`{"text":{"attributeExists":false}}`, "missing"},
		{`{"text":{"attributeType":"_null"}}`, "null"},
		{`{"text":{"attributeType":"string"}}`, "full other"},
		{`{"id":{"eq":"full"}}`, "full"},
		{`{"id":{"eq":7}}`, ""},
		{`{"day":{"gt":"2024"}}`, "full"},
		{`{"json":{"attributeType":"map"}}`, "full"},
		{`{"json":{"size":{"eq":2}}}`, "full"},
		{`{"json":{"contains":"ex"}}`, "other"},
		{`{"int":{"gt":-7}}`, "full"},
		{`{"int":{"ge":-7}}`, "full other"},
		{`{"int":{"between":[-10,5.0]}}`, "full other"},
		{`{"int":{"eq":50e-1}}`, "full"},
		{`{"int":{"ne":5}}`, "missing null other"},
		{`{"float":{"lt":-0.00009}}`, "other"},
		{`{"float":{"eq":15e-1}}`, "full"},
		{`{"time":{"ge":1700000000}}`, "full"},
		{`{"bool":{"eq":false}}`, "other"},
		{`{"bool":{"ne":false}}`, "full missing null"},
		{`{"color":{"eq":"BLUE"}}`, "other"},
		{`{"color":{"ne":"BLUE"}}`, "full missing null"},
		{`{"texts":{"contains":"b\\c"}}`, "full"},
		{`{"texts":{"contains":"b"}}`, ""},
		{`{"texts":{"notContains":"a"}}`, "missing null other"},
		{`{"texts":{"size":{"eq":3}}}`, "full"},
		{`{"texts":{"size":{"eq":0}}}`, "other"},
		{`{"texts":{"attributeType":"list"}}`, "full other"},
		{`{"texts":{"eq":"a"}}`, ""},
		{`{"texts":{"ge":""}}`, ""},
		{`{"ints":{"contains":20}}`, "full"},
		{`{"ints":{"contains":2}}`, ""},
		{`{"bools":{"contains":false}}`, "full"},
		{`{"colors":{"eq":["RED","BLUE"]}}`, "full"},
		{`{"colors":{"eq":["BLUE","RED"]}}`, ""},
		{`{"colors":{"eq":[]}}`, "other"},
		{`{"colors":{"eq":"RED"}}`, ""},
		{`{"colors":{"ne":["RED","BLUE"]}}`, "missing null other"},
		{`{"colors":{"contains":"BLUE"}}`, "full"},
		{`{"int":{"gt":0},"bool":{"eq":true}}`, "full"},
		{`{"int":{"gt":0},"bool":{"eq":false}}`, ""},
		{`{"or":[{"int":{"gt":0}},{"bool":{"eq":false}}]}`, "full other"},
		{`{"or":{"int":{"gt":0}}}`, "full"},
		{`{"and":[{"int":{"lt":9}},{"not":{"bool":{"eq":false}}}]}`, "full"},
		{`{"not":{"int":{"gt":0}}}`, "missing null other"},
		{`{"not":{"not":{"or":[{"id":{"eq":"null"}},{"and":[{"id":{"eq":"other"}}]}]}}}`, "null other"},
		{`{"and":[],"or":[],"not":{},"text":{},"int":null}`, "full missing null other"},
		{`{"and":null,"or":null,"not":null}`, "full missing null other"},
		{`{"or":[null,{},{"and":[]},{"not":{"text":{"size":{}}}},{"id":{"eq":"full"}}]}`, "full"},
	} {
		if got := filtered(t, r, test.filter); got != test.want {
			t.Errorf("%s: %q, want %q", test.filter, got, test.want)
		}
	}
}

// filtered is the ids of a list that a filter lets pass, or the error.
func filtered(t testing.TB, r *resolver.Resolver, filter string) string {
	t.Helper()
	return idsOf(t, invoke(t, r, event("listThings", `{"filter":`+filter+`}`, "{ items { id } }")))
}

// idsOf is the ids of a page, with spaces between them.
func idsOf(t testing.TB, answer string) string {
	t.Helper()
	if strings.HasPrefix(answer, "!") {
		return answer
	}
	var page struct{ Items []struct{ ID string } }
	if err := json.Unmarshal([]byte(answer), &page); err != nil {
		t.Fatal(err)
	}
	var ids []string
	for _, item := range page.Items {
		ids = append(ids, item.ID)
	}
	return strings.Join(ids, " ")
}

func TestFilterFaults(t *testing.T) {
	r := newResolver(t, thingSDL, things, nil)
	nested := func(depth int) string {
		return strings.Repeat(`{"not":`, depth) + `{"int":{"gt":0}}` + strings.Repeat("}", depth)
	}
	conditions := func(n int) string {
		return `{"or":[` + strings.TrimSuffix(strings.Repeat(`{"int":{"eq":5}},`, n), ",") + `]}`
	}
	if got := filtered(t, r, nested(32)); got != "full" {
		t.Errorf("32 deep: %s", got)
	}
	if got := filtered(t, r, conditions(1000)); got != "full" {
		t.Errorf("1,000 conditions: %s", got)
	}
	for _, test := range []struct{ filter, want string }{
		{`5`, "filter must be an object, not 5"},
		{`[]`, "filter must be an object, not []"},
		{`{"and":5}`, "filter.and[0] must be an object, not 5"},
		{`{"not":[{"int":{"eq":5}}]}`, "filter.not must be an object"},
		{`{"and":[{},{"txt":{"eq":"a"}}]}`, "filter.and[1].txt: the type Thing has no field txt"},
		{`{"txt":null}`, "filter.txt: the type Thing has no field txt"},
		{`{"parent":{"eq":"a"}}`, "filter.parent: no filter looks into a Thing"},
		{`{"part":{"eq":"a"}}`, "filter.part: no filter looks into a Part"},
		{`{"parts":{"contains":"a"}}`, "filter.parts: no filter looks into a Part"},
		{`{"text":"a"}`, `filter.text must be an object, not "a"`},
		{`{"and":[{},{"text":{"beginsWth":"a"}}]}`, "filter.and[1].text.beginsWth is no operator of String: it has ne, eq, le, lt, ge, gt, contains"},
		{`{"text":{"beginsWth":null}}`, "filter.text.beginsWth is no operator of String"},
		{`{"int":{"beginsWith":"1"}}`, "filter.int.beginsWith is no operator of Int"},
		{`{"int":{"size":{"eq":1}}}`, "filter.int.size is no operator of Int"},
		{`{"bool":{"gt":true}}`, "filter.bool.gt is no operator of Boolean: it has ne, eq, attributeExists, attributeType"},
		{`{"color":{"contains":"RED"}}`, "filter.color.contains is no operator of Color: it has eq, ne"},
		{`{"ints":{"beginsWith":1}}`, "filter.ints.beginsWith is no operator of [Int]"},
		{`{"text":{"size":{"contains":1}}}`, "filter.text.size.contains is no operator of size"},
		{`{"text":{"eq":5}}`, "filter.text.eq must be a text, not 5"},
		{`{"text":{"eq":["a"]}}`, `filter.text.eq must be a text, not ["a"]`},
		{`{"id":{"eq":true}}`, "filter.id.eq must be a text, not true"},
		{`{"int":{"eq":"5"}}`, `filter.int.eq must be a whole number, not "5"`},
		{`{"int":{"eq":5.5}}`, "filter.int.eq must be a whole number, not 5.5"},
		{`{"int":{"eq":1e-7}}`, "filter.int.eq must be a whole number, not 1e-7"},
		{`{"float":{"lt":1e200}}`, "filter.float.lt must be a number of at most 38 digits"},
		{`{"bool":{"eq":"true"}}`, `filter.bool.eq must be true or false, not "true"`},
		{`{"color":{"eq":"PINK"}}`, `filter.color.eq must be one of RED, GREEN, BLUE, not "PINK"`},
		{`{"colors":{"eq":["PINK"]}}`, `filter.colors.eq must be one of RED, GREEN, BLUE, not "PINK"`},
		{`{"text":{"attributeExists":"yes"}}`, `filter.text.attributeExists must be true or false, not "yes"`},
		{`{"text":{"attributeType":"text"}}`, `filter.text.attributeType must be one of binary, binarySet, bool`},
		{`{"text":{"size":5}}`, "filter.text.size must be an object, not 5"},
		{`{"text":{"size":{"eq":"5"}}}`, `filter.text.size.eq must be a whole number, not "5"`},
		{`{"int":{"between":[1]}}`, "filter.int.between must be a list of two values, not [1]"},
		{`{"int":{"between":[1,2,3]}}`, "filter.int.between must be a list of two values"},
		{`{"int":{"between":1}}`, "filter.int.between must be a list of two values"},
		{`{"int":{"between":[1,null]}}`, "filter.int.between[1] must be a whole number, not null"},
		{`{"int":{"between":[10,9]}}`, "filter.int.between: the first value must not be above the second"},
		{`{"text":{"between":["b","a"]}}`, "filter.text.between: the first value must not be above the second"},
		{`{"text":{"size":{"between":[2,1]}}}`, "filter.text.size.between: the first value must not be above the second"},
		{nested(33), "filter: and, or and not stand within each other more than 32 deep"},
		{conditions(1001), "filter: it has more than 1000 conditions"},
	} {
		if got, want := filtered(t, r, test.filter), "!BadArgument: listThings: "+test.want; !strings.HasPrefix(got, want) {
			t.Errorf("%.100s:\n got %s\nwant %s", test.filter, got, want)
		}
	}
}

// TestFilterOfFields: the fields of an index query and of a nested connection are filtered too, with variables in any place.
func TestFilterOfFields(t *testing.T) {
	r := newResolver(t, sdl, records, nil)
	for _, test := range []struct{ event, want string }{
		{event("episodesByShow", `{"showId":"s1","filter":{"title":{"contains":"t"},"number":{"ne":2}},"sortDirection":"DESC"}`, "{ items { id } }"),
			`{"items":[{"id":"e3"},{"id":"e1"}]}`},
		{event("getShow", `{"id":"s1"}`, "{ episodes(filter: {or: {number: {between: [2, $most]}, title: {ne: $none}}}) { items { id } } }", `{"most":5}`),
			`{"episodes":{"items":[{"id":"e2"}]}}`},
		{event("getShow", `{"id":"s1"}`, "{ episodes(filter: $filter) { items { id } } }", `{"filter":{"number":{"ge":2}}}`), `{"episodes":{"items":[{"id":"e2"},{"id":"e3"}]}}`},
		{event("getShow", `{"id":"s1"}`, "{ episodes(filter: $filter) { items { id } } }"), `{"episodes":{"items":[{"id":"e1"},{"id":"e2"},{"id":"e3"}]}}`},
		{event("getShow", `{"id":"s1"}`, "{ episodes(filter: {nope: {eq: 1}}) { items { id } } }"), `!BadArgument: Show.episodes: filter.nope: the type Episode has no field nope`},
		{`{"typeName":"Show","fieldName":"episodes","arguments":{"filter":{"number":{"lt":2}}},"source":{"id":"s1"},"selectionSetList":["items","items/id"]}`,
			`{"items":[{"id":"e1"}]}`},
	} {
		if got := invoke(t, r, test.event); got != test.want {
			t.Errorf("%s:\n got %s\nwant %s", test.event, got, test.want)
		}
	}
}

// entitiesOf are all of a model.
func entitiesOf(t testing.TB, shot *catalog.Snapshot, model string) []catalog.Entity {
	t.Helper()
	page, err := shot.Page(t.Context(), shot.Schema().Model(model), catalog.Range{Limit: 1 << 20})
	if err != nil {
		t.Fatal(err)
	}
	return page.Entities
}

// FuzzFilter: whatever the argument, it is refused as such or compiled, and what is compiled can be asked about any entity.
func FuzzFilter(f *testing.F) {
	shot := build(f, thingSDL, things)
	m, entities := shot.Schema().Model("Thing"), entitiesOf(f, shot, "Thing")
	for _, seed := range []string{
		`{"text":{"eq":"a","size":{"between":[1,2]},"beginsWith":"\u0000","attributeType":"_null"}}`,
		`{"and":[{"int":{"between":[-1e3,2]}},{"or":[{"colors":{"eq":["RED"]}},{"not":{"float":{"lt":1e-7}}}]}],"json":{"contains":"\ud83d\ude00"}}`,
		`{"bools":{"contains":true},"ints":{"notContains":5,"size":{"gt":1}},"id":{"ne":5},"time":{"attributeExists":false}}`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		holds, err := resolver.CompileFilter(m, text)
		if fault, ok := errors.AsType[*resolver.Error](err); err != nil && (!ok || fault.Type != resolver.BadArgument) {
			t.Fatalf("%s: %v is no BadArgument", text, err)
		}
		if holds == nil {
			return
		}
		inverse, err := resolver.CompileFilter(m, fmt.Sprintf(`{"not":%s}`, text))
		for _, e := range entities {
			passes := holds(e)
			if err == nil && inverse(e) == passes { // one that is as deep as may be has no inverse
				t.Fatalf("%s: %s passes it and its inverse", text, e.JSON())
			}
		}
	})
}

// TestHiddenFieldsAreUnknown: the first transformer keeps the keys of its relations to itself, so nothing answers or filters by them, whatever an event names.
func TestHiddenFieldsAreUnknown(t *testing.T) {
	const sdl = `type Post @model @versioned { id: ID! comments: [Comment] @connection(name: "PostComments") }
type Comment @model @versioned { id: ID! text: String post: Post @connection(name: "PostComments") }`
	r := newResolver(t, sdl, storetest.Tables{"Comment": {`{"id":"c","text":"t","commentPostId":"p"}`}, "Post": {`{"id":"p"}`}}, nil)
	for _, e := range []string{
		`{"arguments":{"id":"c"},"info":{"parentTypeName":"Query","fieldName":"getComment","selectionSetGraphQL":"{ id commentPostId }"}}`,
		`{"arguments":{"filter":{"commentPostId":{"eq":"p"}}},"info":{"parentTypeName":"Query","fieldName":"listComments","selectionSetGraphQL":"{ items { id } }"}}`,
		`{"source":{"id":"c","commentPostId":"p"},"info":{"parentTypeName":"Comment","fieldName":"commentPostId"}}`,
	} {
		if got := invoke(t, r, e); !strings.HasPrefix(got, "!") || strings.Contains(got, `"p"`) {
			t.Errorf("%s: %s", e, got)
		}
	}
	// The relation itself reads by it.
	got := invoke(t, r, `{"arguments":{"id":"c"},"info":{"parentTypeName":"Query","fieldName":"getComment","selectionSetGraphQL":"{ id post { id } }"}}`)
	if got != `{"id":"c","post":{"id":"p"}}` {
		t.Errorf("the relation: %s", got)
	}
	if got := invoke(t, r, `{"arguments":{"id":"c"},"info":{"parentTypeName":"Query","fieldName":"getComment"}}`); strings.Contains(got, "commentPostId") {
		t.Errorf("without a selection: %s", got)
	}
}
