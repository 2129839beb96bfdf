package resolver_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
)

// TestBadInput has what an unlucky or a hostile sender may send, and the exact errors. What is refused elsewhere is in TestRefusals, TestFilterFaults and TestConditionFaults.
func TestBadInput(t *testing.T) {
	r := newResolver(t, sdl, records, nil)
	list := func(arguments string) string { return event("listShows", arguments, "{ items { id } }") }
	run := func(arguments string) string { return event("episodesByShow", arguments, "{ items { id } }") }
	get := func(set string) string { return event("getShow", `{"id":"s1"}`, set) }
	for _, test := range []struct{ name, event, want string }{
		{"cut off", `{"info":{"fieldName":"getShow","parentTypeName":"Query"},"arguments":{"id":"s1`, "BadEvent: the event is no AppSync context: unexpected EOF within \"/arguments/id\" after offset 78"},
		{"two events", `{} {}`, "BadEvent: the event is no AppSync context: invalid character '{' after top-level value after offset 3"},
		{"text", `"event"`, "BadEvent: the event is no AppSync context: it must be an object"},
		{"null", `null`, "BadEvent: the event names no field: it has neither info.fieldName and info.parentTypeName nor fieldName and typeName"},
		{"a list of paths that are numbers", `{"info":{"selectionSetList":[1]}}`, "BadEvent: the event is no AppSync context: info.selectionSetList must be a list of strings"},
		{"a batch that is cut off", `[{}`, "BadEvent: the event is no AppSync batch: unexpected EOF after offset 3"},

		{"limit 0", list(`{"limit":0}`), "BadArgument: listShows: the argument limit must be a whole number of at least 1, not 0"},
		{"limit below", list(`{"limit":-1}`), "BadArgument: listShows: the argument limit must be a whole number of at least 1, not -1"},
		{"limit beyond Int", list(`{"limit":2147483648}`), "BadArgument: listShows: the argument limit must be a whole number of at least 1, not 2147483648"},
		{"limit beyond int64", list(`{"limit":99999999999999999999}`), "BadArgument: listShows: the argument limit must be a whole number of at least 1, not 99999999999999999999"},
		{"limit with a fraction", list(`{"limit":1.5}`), "BadArgument: listShows: the argument limit must be a whole number of at least 1, not 1.5"},
		{"limit that is an object", list(`{"limit":{}}`), "BadArgument: listShows: the argument limit must be a whole number of at least 1, not {}"},
		{"nested limit 0", get("{ episodes(limit: 0) { items { id } } }"), "BadArgument: Show.episodes: the argument limit must be a whole number of at least 1, not 0"},
		{"a token that is a number", list(`{"nextToken":1}`), "BadNextToken: listShows: the nextToken must be a text that an earlier page gave"},
		{"a token of another kind", list(`{"nextToken":"eyJ2ZXJzaW9uIjozfQ=="}`), "BadNextToken: listShows: the nextToken is not one of this API's, or is damaged: start again without it"},
		{"a direction that is a number", run(`{"showId":"s1","sortDirection":1}`), "BadArgument: episodesByShow: the argument sortDirection must be ASC or DESC, not 1"},
		{"many unknown arguments", list(`{"h":1,"g":1,"f":1,"e":1,"d":1,"c":1,"b":1,"a":1}`), "BadArgument: listShows: the argument a is not served"},

		{"a key that is true", event("getShow", `{"id":true}`, "{ id }"), "BadArgument: getShow: field id wants a string, got a boolean"},
		{"a key that is a list", event("getShow", `{"id":["s1"]}`, "{ id }"), "BadArgument: getShow: field id wants a string, got a list"},
		{"a text key that is a number", event("getSetting", `{"scope":1,"name":"x"}`, "{ value }"), "BadArgument: getSetting: field scope wants a string, got a number"},

		{"two operators of a key", run(`{"showId":"s1","number":{"eq":1,"gt":5}}`), "BadArgument: episodesByShow: number has eq and gt: a key is compared with one operator"},
		{"an interval backwards", run(`{"showId":"s1","number":{"between":[5,1]}}`), "BadArgument: episodesByShow: number.between: the first of two values must not be above the second"},
		{"an interval of one", run(`{"showId":"s1","number":{"between":[5]}}`), "BadArgument: episodesByShow: number.between must be a list of two values, not [5]"},
		{"a condition that is a number", run(`{"showId":"s1","number":5}`), "BadArgument: episodesByShow: number must be an object, not 5"},
		{"a number's condition with a text", run(`{"showId":"s1","number":{"eq":"1"}}`), `BadArgument: episodesByShow: number.eq must be a whole number, not "1"`},
		{"a condition without its partition", run(`{"number":{"eq":1}}`), "BadArgument: episodesByShow: the argument showId is missing"},

		{"a filter that is a text", list(`{"filter":"id"}`), `BadArgument: listShows: filter must be an object, not "id"`},
		{"a filter's number that is a text", list(`{"filter":{"year":{"eq":"2001"}}}`), `BadArgument: listShows: filter.year.eq must be a whole number, not "2001"`},
		{"a filter's number with a fraction", list(`{"filter":{"year":{"eq":2001.5}}}`), "BadArgument: listShows: filter.year.eq must be a whole number, not 2001.5"},
		{"a filter's number without an end", list(`{"filter":{"score":{"lt":1e999999999}}}`), "BadArgument: listShows: filter.score.lt must be a number of at most 38 digits, not 1e999999999"},
		{"a filter's Boolean that is a text", list(`{"filter":{"live":{"eq":"true"}}}`), `BadArgument: listShows: filter.live.eq must be true or false, not "true"`},
		{"a filter's unknown field", list(`{"filter":{"not":{"colour":{"eq":"x"}}}}`), "BadArgument: listShows: filter.not.colour: the type Show has no field colour"},

		{"no selection set", get("id"), `BadEvent: the event's selectionSetGraphQL cannot be read: selectionSetGraphQL:1:1: Unexpected Name "id"`},
		{"an empty one", get("{ }"), "BadEvent: the event's selectionSetGraphQL cannot be read: selectionSetGraphQL:1:3: expected at least one definition, found }"},
		{"one that is not closed", get("{ id"), "BadEvent: the event's selectionSetGraphQL cannot be read: selectionSetGraphQL:1:5: Expected Name, found <EOF>"},
		{"one with a text that is not closed", get(`{ a(b: "`), "BadEvent: the event's selectionSetGraphQL cannot be read: selectionSetGraphQL:1:9: Unexpected <Invalid>"},
		{"two of them", get("{ id } { id }"), "BadEvent: the event's selectionSetGraphQL is not one selection set"},
		{"a mutation", get("mutation { id }"), `{"id":"s1"}`}, // what the field belongs to is said elsewhere
		{"fields of an unknown one", get("{ colour { red } }"), "UnknownField: the type Show has no field colour in the catalog's schema"},
		{"a field of a connection that it lacks", get("{ episodes { total } }"), "UnknownField: Show.episodes: a connection has no field total, only items and nextToken"},
		{"an argument twice", get("{ episodes(limit: 1, limit: 2) { items { id } } }"), `{"episodes":{"items":[{"id":"e1"},{"id":"e2"}]}}`}, // AppSync refuses it before
		{"a list that names nothing", `{"arguments":{"id":"s1"},"info":{"parentTypeName":"Query","fieldName":"getShow","selectionSetList":["id","/"]}}`,
			`BadEvent: the event's selectionSetList has a path with an empty name: "/"`},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := strings.TrimPrefix(invoke(t, r, test.event), "!"); got != test.want {
				t.Errorf("got  %s\nwant %s", got, test.want)
			}
		})
	}
}

// whole is an event with all that events have.
var whole = event("episodesByShow", `{"showId":"s1","number":{"between":[1,9]},"filter":{"or":[{"title":{"size":{"gt":1}}},{"not":{"number":{"eq":2}}}]},"limit":2,"sortDirection":"DESC"}`,
	"{ items { id show { episodes(limit: $n) { items { title } } } } nextToken }", `{"n":1}`)

// TestCutOffEvents: of an event that is cut off, wherever, nothing is answered; in a batch nothing at all.
func TestCutOffEvents(t *testing.T) {
	r := newResolver(t, sdl, records, nil)
	if got := invoke(t, r, whole); !strings.HasPrefix(got, `{"items":[{"id":"e2","show":`) {
		t.Fatal(got)
	}
	for i := range whole {
		for _, text := range []string{whole[:i], "[" + whole + "," + whole[:i]} {
			if got := invoke(t, r, text); !strings.HasPrefix(got, "!BadEvent: ") {
				t.Errorf("after %d bytes: %s", i, got)
			}
		}
	}
}

// TestWrongTypesEverywhere puts values of every type into every place of an event.
func TestWrongTypesEverywhere(t *testing.T) {
	r := newResolver(t, sdl, records, nil)
	values := []any{nil, true, 0, -1, 1.5, 1e300, "", "x", "$n", []any{}, []any{nil}, []any{[]any{}}, map[string]any{}, map[string]any{"x": nil}, map[string]any{"eq": map[string]any{}}}
	for _, text := range []string{whole, event("getShow", `{"id":"s1"}`, "{ ...F }"), event("listSettings", `{"scope":"a","name":{"eq":"x"}}`, "{ items { value } }"), event("catalogChunks", `{"ids":["a"]}`, ""),
		`{"typeName":"Show","fieldName":"episodes","arguments":{"number":{"eq":1}},"source":{"id":"s1","title":{}},"selectionSetList":["items","items/id","x","x/y"]}`} {
		var e any
		if err := json.Unmarshal([]byte(text), &e); err != nil {
			t.Fatal(err)
		}
		n := 0
		replaceEverywhere(e, values, func() {
			changed := jsonOf(t, e)
			got := invoke(t, r, changed)
			if checkTyped(t, got); t.Failed() {
				t.Fatal(changed)
			}
			n++
		})
		if n < 100 {
			t.Errorf("%d changes of %s", n, text)
		}
	}
}

// replaceEverywhere calls each with every member and element replaced by every value in turn.
func replaceEverywhere(value any, values []any, each func()) {
	switch v := value.(type) {
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(v)) {
			old := v[name]
			for _, other := range values {
				v[name] = other
				each()
			}
			v[name] = old
			replaceEverywhere(old, values, each)
		}
	case []any:
		for i, old := range v {
			for _, other := range values {
				v[i] = other
				each()
			}
			v[i] = old
			replaceEverywhere(old, values, each)
		}
	}
}

// TestDeepNesting: what nests without end is refused, or answered. A stack that overflows would end the process: no recover helps.
func TestDeepNesting(t *testing.T) {
	r := newResolver(t, sdl, records, nil)
	const megabytes = 10 << 20
	deep := func(open, shut string, n int) string { return strings.Repeat(open, n) + strings.Repeat(shut, n) }
	paths := []string{"episodes"}
	for range 1000 {
		paths = append(paths, paths[len(paths)-1]+"/items", paths[len(paths)-1]+"/items/show", paths[len(paths)-1]+"/items/show/episodes")
	}
	listed := func(paths ...string) string {
		return fmt.Sprintf(`{"arguments":{"id":"s1"},"info":{"parentTypeName":"Query","fieldName":"getShow","selectionSetList":%s}}`, jsonOf(t, paths))
	}
	for _, test := range []struct{ name, event, want string }{
		{"lists", strings.Repeat("[", megabytes), "!BadEvent: the event is no AppSync batch: "},
		{"objects", strings.Repeat(`{"a":`, megabytes/5), "!BadEvent: the event is no AppSync context: "},
		{"lists in arguments", event("getShow", `{"id":`+deep("[", "]", megabytes/2)+"}", "{ id }"), "!BadEvent: the event is no AppSync context: "},
		{"lists in arguments that JSON takes", event("getShow", `{"id":`+deep("[", "]", 9000)+"}", "{ id }"), "!BadArgument: getShow: field id wants a string, got a list"},
		{"not in a filter", event("listShows", `{"filter":`+strings.Repeat(`{"not":`, 9000)+"{}"+strings.Repeat("}", 9000)+"}", "{ items { id } }"), "!BadArgument: listShows: filter: and, or and not stand"},
		{"and in a filter", event("listShows", `{"filter":`+strings.Repeat(`{"and":[`, 4900)+strings.Repeat("]}", 4900)+"}", "{ items { id } }"), "!BadArgument: listShows: filter: and, or and not stand"},
		{"selection sets", event("getShow", `{"id":"s1"}`, strings.Repeat("{a", megabytes/2)), "!BadEvent: the event's selectionSetGraphQL cannot be read: "},
		{"inline fragments", event("getShow", `{"id":"s1"}`, strings.Repeat("{...", megabytes/4)), "!BadEvent: the event's selectionSetGraphQL cannot be read: "},
		{"literals", event("getShow", `{"id":"s1"}`, "{ episodes(filter: "+strings.Repeat("[", megabytes)), "!BadEvent: the event's selectionSetGraphQL cannot be read: "},
		{"literals of objects", event("getShow", `{"id":"s1"}`, "{ episodes(filter: "+deep("{not:", "}", megabytes/6)), "!BadEvent: the event's selectionSetGraphQL cannot be read: "},
		{"variables", event("getShow", `{"id":"s1"}`, "{ episodes(filter: $f) { nextToken } }", `{"f":`+deep("[", "]", 9000)+"}"), "!BadArgument: Show.episodes: filter must be an object, not [[["},
		{"a path of 100,000 names", listed("id", strings.Repeat("episodes/", 100_000)+"id"), `{"id":"s1"`},
		{"paths 3,000 deep", listed(paths...), "!QueryTooLarge: the query is nested more than 75 levels deep"},
		{"a source", `{"source":{"extra":` + deep("[", "]", 9000) + `},"info":{"parentTypeName":"Show","fieldName":"extra"}}`, "[[["},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := invoke(t, r, test.event); !strings.HasPrefix(got, test.want) {
				t.Errorf("got %.300s, want %s", got, test.want)
			}
		})
	}
}
