package resolver_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/chunkaside/chunkaside/store/storetest"
)

// placeSDL has keys of every shape, each with what Amplify names the argument that limits it.
const placeSDL = `
enum Kind { CITY TOWN }
type Country @model {
  id: ID!
  places: [Place] @hasMany(indexName: "byCountry", fields: ["id"])
  cities: [Place] @hasMany(indexName: "byKind", fields: ["id", "capital"])
  capital: Kind
}
type Place @model {
  id: ID! @primaryKey
  country: ID @index(name: "byCountry", sortKeyFields: ["name"], queryField: "placesByCountry")
    @index(name: "byPeople", sortKeyFields: ["people"], queryField: "placesByPeople")
    @index(name: "byKind", sortKeyFields: ["kind", "name", "people"], queryField: "placesByKind")
    @index(name: "plain", queryField: "placesOf")
  name: String
  kind: Kind
  people: Int
}
type Street @model { place: ID! @primaryKey(sortKeyFields: ["Name", "number"]) Name: String! number: Int! v: String }`

var places = storetest.Tables{
	"Country": {`{"id":"c","capital":"CITY"}`},
	"Place": {
		`{"id":"1","country":"c","name":"Aa","kind":"CITY","people":100}`,
		`{"id":"2","country":"c","name":"Ab","kind":"TOWN","people":20}`,
		`{"id":"3","country":"c","name":"B","kind":"CITY","people":3}`,
		`{"id":"4","country":"c","name":"Ba","kind":"CITY"}`,
		`{"id":"5","country":"d","name":"Aa","kind":"CITY","people":100}`,
	},
	"Street": {
		`{"place":"1","Name":"Main","number":1}`, `{"place":"1","Name":"Main","number":10}`, `{"place":"1","Name":"Main","number":2}`, `{"place":"1","Name":"Side","number":1}`,
		`{"place":"2","Name":"Main","number":1}`,
	},
}

func TestConditions(t *testing.T) {
	r := newResolver(t, placeSDL, places, nil)
	for _, test := range []struct{ field, arguments, want string }{
		{"placesByCountry", `"country":"c","name":{"eq":"Ab"}`, "2"},
		{"placesByCountry", `"country":"c","name":{"beginsWith":"A"}`, "1 2"},
		{"placesByCountry", `"country":"c","name":{"beginsWith":"A"},"sortDirection":"DESC"`, "2 1"},
		{"placesByCountry", `"country":"c","name":{"gt":"Aa","le":null}`, "2 3 4"},
		{"placesByCountry", `"country":"c","name":{"between":["Ab","B"]}`, "2 3"},
		{"placesByCountry", `"country":"c","name":{"lt":"B"},"filter":{"people":{"gt":50}}`, "1"},
		{"placesByCountry", `"country":"c","name":{}`, "1 2 3 4"},
		{"placesByCountry", `"country":"c","name":null`, "1 2 3 4"},
		{"placesByPeople", `"country":"c","people":{"ge":20}`, "2 1"},
		{"placesByPeople", `"country":"c","people":{"lt":20.0}`, "3"},
		{"placesByPeople", `"country":"c","people":{"between":[3,2e1]}`, "3 2"},
		{"placesByKind", `"country":"c","kindNamePeople":{"beginsWith":{"kind":"CI"}}`, "1 3"}, // a part of an enum's value, as Amplify takes it
		{"placesByKind", `"country":"c","kindNamePeople":{"beginsWith":{"kind":"CITY","name":"A"}}`, "1"},
		{"placesByKind", `"country":"c","kindNamePeople":{"eq":{"kind":"CITY","name":"B","people":3}}`, "3"},
		{"placesByKind", `"country":"c","kindNamePeople":{"eq":{"kind":"CITY","name":"B"}}`, ""}, // the text of all parts is longer
		{"placesByKind", `"country":"c","kindNamePeople":{"ge":{"kind":"CITY","name":"B","people":null}}`, "3 2"},
		{"placesByKind", `"country":"c","kindNamePeople":{"between":[{"kind":"CITY"},{"kind":"CITY","name":"Aa","people":100}]}`, "1"},
		{"placesOf", `"country":"c"`, "1 2 3 4"},
		{"listPlaces", `"id":"3"`, "3"},
		{"listPlaces", `"id":"9"`, ""},
		{"listPlaces", `"id":"3","filter":{"name":{"eq":"x"}}`, ""},
	} {
		got := idsOf(t, invoke(t, r, event(test.field, "{"+test.arguments+"}", "{ items { id } }")))
		if got = sortedIDs(test.field, got); got != test.want {
			t.Errorf("%s(%s): %q, want %q", test.field, test.arguments, got, test.want)
		}
	}
	for _, test := range []struct{ event, want string }{
		{event("getCountry", `{"id":"c"}`, "{ places(name: {beginsWith: $a}) { items { id } } }", `{"a":"B"}`), `{"places":{"items":[{"id":"3"},{"id":"4"}]}}`},
		{event("getCountry", `{"id":"c"}`, "{ cities { items { id } } }"), `{"cities":{"items":[{"id":"1"},{"id":"3"}]}}`},
		{`{"typeName":"Country","fieldName":"places","arguments":{"name":{"lt":"Ab"}},"source":{"id":"c"},"selectionSetList":["items","items/id"]}`, `{"items":[{"id":"1"}]}`},
		{event("listStreets", `{"place":"1","nameNumber":{"beginsWith":{"Name":"Main","number":1}}}`, "{ items { number } }"), `{"items":[{"number":1},{"number":10}]}`},
		{event("listStreets", `{"place":"1","nameNumber":{"gt":{"Name":"Main","number":10}},"sortDirection":"DESC"}`, "{ items { Name number } }"),
			`{"items":[{"Name":"Side","number":1},{"Name":"Main","number":2}]}`},
		{event("listStreets", `{"place":"2"}`, "{ items { Name } }"), `{"items":[{"Name":"Main"}]}`},
	} {
		if got := invoke(t, r, test.event); got != test.want {
			t.Errorf("%s:\n got %s\nwant %s", test.event, got, test.want)
		}
	}
}

// sortedIDs puts the ids of an index without sort fields in order: there they have none.
func sortedIDs(field, ids string) string {
	if field != "placesOf" {
		return ids
	}
	parts := strings.Fields(ids)
	slices.Sort(parts)
	return strings.Join(parts, " ")
}

func TestConditionFaults(t *testing.T) {
	r := newResolver(t, placeSDL, places, nil)
	for _, test := range []struct{ field, arguments, want string }{
		{"placesByCountry", `"country":"c","name":"Ab"`, `name must be an object, not "Ab"`},
		{"placesByCountry", `"country":"c","name":{"ne":"Ab"}`, "name.ne is no operator of a key: it has beginsWith, between, eq"},
		{"placesByCountry", `"country":"c","name":{"eq":"Ab","gt":"A"}`, "name has eq and gt: a key is compared with one operator"},
		{"placesByCountry", `"country":"c","name":{"eq":5}`, "name.eq must be a text, not 5"},
		{"placesByCountry", `"country":"c","name":{"eq":""}`, "name.eq: an empty text is no sort value"},
		{"placesByCountry", `"country":"c","name":{"beginsWith":""}`, "name.beginsWith: an empty text is no sort value"},
		{"placesByCountry", `"country":"c","name":{"between":["b","a"]}`, "name.between: the first of two values must not be above the second"},
		{"placesByCountry", `"country":"c","name":{"between":["b"]}`, "name.between must be a list of two values"},
		{"placesByCountry", `"country":"c","name":{"between":["b",null]}`, "name.between[1] must be a text, not null"},
		{"placesByCountry", `"name":{"eq":"Ab"}`, "the argument country is missing"},
		{"placesByCountry", `"country":"c","people":{"eq":1}`, "the argument people is not served"},
		{"placesByPeople", `"country":"c","people":{"beginsWith":1}`, "people.beginsWith: numbers have no beginning"},
		{"placesByPeople", `"country":"c","people":{"between":[2,1]}`, "people.between: the first of two values must not be above the second"},
		{"placesByKind", `"country":"c","kindNamePeople":{"eq":"CITY"}`, `kindNamePeople.eq must be an object, not "CITY"`},
		{"placesByKind", `"country":"c","kindNamePeople":{"eq":{"kind":"CITY","people":1}}`, "kindNamePeople.eq.people needs name before it"},
		{"placesByKind", `"country":"c","kindNamePeople":{"eq":{"sort":"CITY"}}`, "kindNamePeople.eq has no part sort: it has those of kind#name#people"},
		{"placesByKind", `"country":"c","kindNamePeople":{"eq":{}}`, "kindNamePeople.eq has no value of kind"},
		{"placesByKind", `"country":"c","kindNamePeople":{"eq":{"kind":""}}`, "kindNamePeople.eq: an empty text is no sort value"},
		{"placesByKind", `"country":"c","kindNamePeople":{"between":[{"kind":"CITY"},{"people":1}]}`, "kindNamePeople.between[1].people needs name before it"},
		{"placesByKind", `"country":"c","kind":{"eq":"CITY"}`, "the argument kind is not served"},
		{"listStreets", `"nameNumber":{"eq":{"Name":"Main"}}`, "the argument nameNumber needs the argument place"},
		{"listStreets", `"sortDirection":"DESC"`, "the argument sortDirection needs the argument place"},
		{"listPlaces", `"sortDirection":"ASC"`, "the argument sortDirection needs the argument id"},
		{"listStreets", `"place":""`, "an empty text is no key"},
		{"listStreets", `"place":"1","Name":{"eq":"Main"}`, "the argument Name is not served"},
	} {
		got := invoke(t, r, event(test.field, "{"+test.arguments+"}", "{ items { v: __typename } }"))
		if want := "!BadArgument: " + test.field + ": " + test.want; !strings.HasPrefix(got, want) {
			t.Errorf("%s(%s):\n got %s\nwant %s", test.field, test.arguments, got, want)
		}
	}
	got := invoke(t, r, event("getCountry", `{"id":"c"}`, `{ cities(kindNamePeople: {eq: {kind: "CITY"}}) { items { id } } }`))
	if want := "!BadArgument: Country.cities: the argument kindNamePeople is not served"; got != want { // its parent gives a part
		t.Errorf("got %s, want %s", got, want)
	}
}
