package store_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/chunkaside/chunkaside/catalog/schema"
	"github.com/chunkaside/chunkaside/store"
)

const catalog = `
type Episode @model @table(name: "episodes") {
  id: ID!
  group: ID @index(name: "byGroup", sortKeyFields: ["season", "code"])
  groupOf: Group @belongsTo(fields: ["group"])
  season: Int
  code: String
  speakers: [String]
  notes: [[String]]
  rating: Float
  extra: AWSJSON
}
type Group @model { id: ID! episodes: [Episode] @hasMany(indexName: "byGroup", fields: ["id"]) }
type Slot @model { day: Int! @primaryKey(sortKeyFields: ["room"]) room: String! }
`

func model(t testing.TB, name string) *schema.Model {
	t.Helper()
	s, err := schema.Parse("catalog.graphql", catalog)
	if err != nil {
		t.Fatal(err)
	}
	return s.Model(name)
}

// encode decodes a line as a file has it and encodes it again.
func encode(t testing.TB, m *schema.Model, line string) (string, error) {
	t.Helper()
	var d store.Decoder
	item, err := d.Decode([]byte(line), m.Fields)
	if err != nil {
		t.Fatalf("Decode(%s): %v", line, err)
	}
	out, live, err := store.Encode([]byte("before"), m, item)
	if !live && string(out) != "before" {
		t.Errorf("Encode(%s) appends %s to what is no entity", line, out)
	}
	return strings.TrimPrefix(string(out), "before"), err
}

func TestEncode(t *testing.T) {
	m := model(t, "Episode")
	for line, want := range map[string]string{
		`{"id":"a"}`: `{"id":"a"}`,
		`{ "rating" : 2034.0 , "id" : "\u0061\/" }`:          `{"id":"a/","rating":2034}`,
		`{"groupOf":{"id":"x"},"group":"g","id":"a"}`:        `{"id":"a","group":"g"}`,
		`{"id":"\u2028<>&\u00e9\ud83d\ude00\u001f\b\f\r"}`:   "{\"id\":\"\u2028<>&é\U0001F600\\u001f\\b\\f\\r\"}",
		`{"id":"a","extra":{"b":1.0,"a":{"d":[],"c":"{}"}}}`: `{"id":"a","extra":{"a":{"c":"{}","d":[]},"b":1}}`,
		`{"id":"a","_deleted":true}`:                         ``,
		`{"_deleted":true}`:                                  ``,
		`{"id":"a","_deleted":"true"}`:                       `{"id":"a"}`,
	} {
		if got, err := encode(t, m, line); got != want || err != nil {
			t.Errorf("Encode(%s) = %s, %v, want %s", line, got, err, want)
		}
	}
}

func TestEncodeRefuses(t *testing.T) {
	episode, slot := model(t, "Episode"), model(t, "Slot")
	for _, test := range []struct {
		m          *schema.Model
		line, want string
	}{
		{episode, `{"id":"pycon-2019/x","speakers":1}`, `episodes: Episode "pycon-2019/x": field speakers: want a list of String, got a number`},
		{episode, `{"id":"a","notes":[["x"],[1]]}`, `episodes: Episode "a": field notes[1][0]: want a String, got a number`},
		{episode, `{"id":"a","notes":[["x"],"y"]}`, `episodes: Episode "a": field notes[1]: want a list of String, got a string`},
		{episode, `{"id":"a","notes":"y"}`, `episodes: Episode "a": field notes: want a list of lists of String, got a string`},
		{episode, `{"id":"a","season":3000000000}`, `episodes: Episode "a": field season: 3000000000 does not fit 32 bits`},
		{episode, `{"id":"a","season":1e60}`, `episodes: Episode "a": field season: 1e60 does not fit 32 bits`},
		{episode, `{"id":"a","season":1.5}`, `episodes: Episode "a": field season: want a whole number, got 1.5`},
		{episode, `{"id":"a","rating":1e200}`, `episodes: Episode "a": field rating: number "1e200": not below 1e126`},
		{episode, `{"id":"a","extra":{"x":{"y z":[0,1e-200]}}}`, `episodes: Episode "a": field extra["x"]["y z"][1]: number "1e-200": nearer to zero than 1e-130`},
		{episode, `{"rating":1}`, `episodes: Episode: field id: is missing, but is part of the primary key`},
		{episode, `{"id":null}`, `episodes: Episode: field id: is null, but is part of the primary key`},
		{episode, `{"id":""}`, `episodes: Episode: field id: is empty, but is part of the primary key`},
		{episode, `{"id":7}`, `episodes: Episode: field id: want an ID, got a number`},
		{slot, `{"day":"1","room":"a"}`, `Slot: Slot: field day: want an Int, got a string`},
		{slot, `{"day":1}`, `Slot: Slot: field room: is missing, but is part of the primary key`},
	} {
		_, err := encode(t, test.m, test.line)
		if err == nil || err.Error() != test.want || !errors.Is(err, store.ErrInvalid) {
			t.Errorf("Encode(%s)\n = %v, want\n   %s", test.line, err, test.want)
		}
	}
}

func TestEncodeRefusesInvalidUTF8(t *testing.T) {
	bad := store.Value{Type: store.String, Text: []byte("a\xff")}
	id := store.Member{Name: "id", Value: store.Value{Type: store.String, Text: []byte("x")}}
	for field, item := range map[string]store.Item{
		"id":             {{Name: "id", Value: bad}},
		"code":           {id, {Name: "code", Value: bad}},
		`extra["a\xff"]`: {id, {Name: "extra", Value: store.Value{Type: store.Map, Members: store.Item{{Name: "a\xff"}}}}},
	} {
		_, _, err := store.Encode(nil, model(t, "Episode"), item)
		var record *store.RecordError
		if !errors.As(err, &record) || record.Field != field {
			t.Errorf("Encode with invalid UTF-8 in %s = %v", field, err)
		}
	}
}

func TestDecodeRefuses(t *testing.T) {
	var d store.Decoder
	fields := model(t, "Episode").Fields
	for text, want := range map[string]string{
		``:                         "not a JSON object: the text ends too early",
		`{"id":"a"`:                "not a JSON object: the text ends too early",
		`[1]`:                      "not a JSON object but an array",
		`"a"`:                      "not a JSON object but a string",
		`nonsense`:                 "not a JSON object: invalid character",
		`{"id":"a"} {"id":"b"}`:    "not one JSON object: there is more after it",
		`{"id":"a"},`:              "not one JSON object: there is more after it",
		`{"id":"a","id":"b"}`:      `duplicate object member name "id"`,
		`{"x":{"y":1,"y":1}}`:      `duplicate object member name "y"`,
		`{"id":"a","\u0069d":"b"}`: `duplicate object member name "id"`,
		"{\"id\":\"a\xff\"}":       "invalid UTF-8",
		`{"id":"\ud800"}`:          "invalid",
		"{\"id\":\"a\nb\"}":        "invalid character",
		`{"id":01}`:                "invalid character",
		`{'id':1}`:                 "invalid character",
	} {
		_, err := d.Decode([]byte(text), fields)
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "jsontext") {
			t.Errorf("Decode(%q) = %v, want %q", text, err, want)
		}
	}
	// A decoder goes on working after an error.
	if item, err := d.Decode([]byte(`{"id":"a"}`), fields); err != nil || string(item.Get("id").Text) != "a" {
		t.Errorf("Decode after errors = %v, %v", item, err)
	}
}
