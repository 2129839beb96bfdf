package filestore_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/chunkaside/chunkaside/catalog/schema"
	"github.com/chunkaside/chunkaside/internal/servertest"
	"github.com/chunkaside/chunkaside/store"
	"github.com/chunkaside/chunkaside/store/filestore"
)

func parse(t testing.TB, text string) *schema.Model {
	t.Helper()
	s, err := schema.Parse("catalog.graphql", text)
	if err != nil {
		t.Fatal(err)
	}
	return s.Models[0]
}

const shows = `type Show @model @table(name: "shows") { id: ID! tags: [String] Item: AWSJSON }`

// scan returns all entities as lines, in the file's order.
func scan(t testing.TB, s store.Store, m *schema.Model) (string, error) {
	t.Helper()
	var lines []byte
	err := s.Scan(t.Context(), m, nil, func(entities []store.Entity) error {
		for _, e := range entities {
			lines = append(append(lines, e...), '\n')
		}
		return nil
	})
	return string(lines), err
}

func TestLines(t *testing.T) {
	m := parse(t, shows)
	for name, test := range map[string]struct{ file, want string }{
		"none":         {"", ""},
		"blank":        {"\n \t\r\n\n", ""},
		"no last end":  {`{"id":"a"}`, `{"id":"a"}` + "\n"},
		"CRLF, blank":  {"{\"id\":\"a\"}\r\n\r\n{\"id\":\"b\"}\r\n", "{\"id\":\"a\"}\n{\"id\":\"b\"}\n"},
		"U+2028":       {"{\"id\":\"a\u2028b\u2029c\u0085d\"}\n", "{\"id\":\"a\u2028b\u2029c\u0085d\"}\n"},
		"both kinds":   {"{\"id\":\"a\"}\n{\"Item\":{\"id\":{\"S\":\"b\"}}}\n", "{\"id\":\"a\"}\n{\"id\":\"b\"}\n"},
		"spaces":       {"  { \"Item\" : { \"id\" : { \"S\" : \"b\" } } } \n", "{\"id\":\"b\"}\n"},
		"field Item":   {`{"Item":{"id":{"S":"b"}},"id":"a"}`, `{"id":"a","Item":{"id":{"S":"b"}}}` + "\n"},
		"Item in Item": {`{"Item":{"Item":{"M":{"S":{"N":"1"}}},"id":{"S":"b"}}}`, `{"id":"b","Item":{"S":1}}` + "\n"},
		"same key":     {"{\"id\":\"a\"}\n{\"id\":\"a\"}\n", "{\"id\":\"a\"}\n{\"id\":\"a\"}\n"},
		"undeclared":   {`{"Item":{"x":5,"y":{"N":"z"},"id":{"S":"b"}}}`, `{"id":"b"}` + "\n"},
	} {
		for _, packed := range []bool{false, true} {
			got, err := scan(t, open(t, map[string]string{"shows.ndjson": test.file}, packed), m)
			if diff := cmp.Diff(test.want, got); diff != "" || err != nil {
				t.Errorf("%s, packed %t: Scan = %v (-want +got):\n%s", name, packed, err, diff)
			}
		}
	}
}

func TestFaults(t *testing.T) {
	m := parse(t, shows)
	long := `{"id":"` + strings.Repeat("x", filestore.MaxLine) + `"}`
	for line, want := range map[string]string{
		`{"id":"b"`:                                `shows.ndjson:3: Show: not a JSON object: the text ends too early`,
		`{"id":"b","id":"c"}`:                      `shows.ndjson:3: Show: not a JSON object: duplicate object member name "id"`,
		`{"id":"b","tags":"x"}`:                    `shows.ndjson:3: Show "b": field tags: want a list of String, got a string`,
		`{"tags":[]}`:                              `shows.ndjson:3: Show: field id: is missing, but is part of the primary key`,
		`{"Item":{"tags":{"L":[]}}}`:               `shows.ndjson:3: Show: field id: is missing, but is part of the primary key`,
		`{"Item":{"id":"b"}}`:                      `shows.ndjson:3: Show: field id: not DynamoDB JSON: want an object with a type's code as its only name, got a string`,
		`{"Item":{"id":{"s":"b"}}}`:                `shows.ndjson:3: Show: field id: not DynamoDB JSON: "s" is no code of a type`,
		`{"Item":{"id":{"S":1}}}`:                  `shows.ndjson:3: Show: field id: not DynamoDB JSON: S: want a string, got a number`,
		`{"Item":{"tags":{"L":[{"SS":["a",1]}]}}}`: `shows.ndjson:3: Show: field tags: not DynamoDB JSON: [0]: [1]: want a string in a set, got a number`,
		`{"Item":{"Item":{"M":{"a":{"B":"?"}}}}}`:  `shows.ndjson:3: Show: field Item: not DynamoDB JSON: a: B: not base64`,
		`{"Item":{"Item":{"NULL":false}}}`:         `shows.ndjson:3: Show: field Item: not DynamoDB JSON: NULL: want true, got false`,
		`{"Item":{"id":{"S":"a"}}}{}`:              `shows.ndjson:3: Show: not one JSON object: there is more after it`,
		`{"Keys":{"id":{"S":"a"}}}`:                `shows.ndjson:3: Show: field id: is missing, but is part of the primary key`,
		long:                                       `shows.ndjson:3: Show: the line has more than 16777216 bytes`,
	} {
		_, err := scan(t, open(t, map[string]string{"shows.ndjson": "{\"id\":\"a\"}\n\n" + line + "\n{\"id\":\"z\"}\n"}, false), m)
		if err == nil || !strings.HasPrefix(err.Error(), want) || !errors.Is(err, store.ErrInvalid) {
			t.Errorf("Scan of %.60s\n = %v, want\n   %s", line, err, want)
		}
	}
}

func TestDamagedGzip(t *testing.T) {
	m := parse(t, shows)
	good := gzipped(strings.Repeat(`{"id":"a"}`+"\n", 1000))
	for name, content := range map[string]string{
		"empty": "", "no gzip": `{"id":"a"}`, "cut": good[:len(good)-9], "changed": good[:len(good)-6] + "x" + good[len(good)-5:],
	} {
		_, err := scan(t, open(t, map[string]string{"shows.ndjson.gz": content}, false), m)
		if err == nil || !strings.Contains(err.Error(), "read shows.ndjson.gz") {
			t.Errorf("Scan of a gzip file that is %s = %v", name, err)
		}
	}
}

// TestInflatesWithoutEnd has a small file that inflates to more than is read.
func TestInflatesWithoutEnd(t *testing.T) {
	m, line := parse(t, shows), `{"id":"a"}`+"\n"
	s := open(t, map[string]string{"shows.ndjson": strings.Repeat(line, 1000)}, true)
	s.SetMaxInflated(int64(1000 * len(line)))
	if _, err := scan(t, s, m); err != nil {
		t.Errorf("Scan of the most that is read = %v", err)
	}
	s.SetMaxInflated(int64(1000*len(line)) - 1)
	if _, err := scan(t, s, m); err == nil || !strings.Contains(err.Error(), "inflates to more") {
		t.Errorf("Scan of one byte more = %v", err)
	}
}

// TestCancelledOnTheWay: a file is not read to its end for somebody who has left.
func TestCancelledOnTheWay(t *testing.T) {
	m := parse(t, shows)
	line := `{"id":"` + strings.Repeat("x", 4000) + `"}` + "\n"
	s := open(t, map[string]string{"shows.ndjson": strings.Repeat(line, 2000)}, false)
	ctx, cancel := context.WithCancel(t.Context())
	entities := 0
	err := s.Scan(ctx, m, nil, func(some []store.Entity) error {
		cancel()
		entities += len(some)
		return nil
	})
	if !errors.Is(err, context.Canceled) || entities > 500 {
		t.Errorf("Scan = %v after %d entities of 2,000", err, entities)
	}
}

func TestLastCounts(t *testing.T) {
	m := parse(t, `type Show @model @table(name: "shows") { id: ID! tag: String @index(name: "byTag") n: Int }`)
	s := open(t, map[string]string{"shows.ndjson": `{"id":"a","tag":"t","n":1}
{"id":"b","tag":"t","n":2}
{"id":"c","tag":"t","n":3}
{"id":"a","tag":"t","n":4}
{"id":"b","tag":"u","n":5}
{"id":"c","_deleted":true}
`}, false)
	got, err := s.Get(t.Context(), m, []store.Key{{"a"}, {"b"}, {"c"}})
	want := []store.Entity{store.Entity(`{"id":"a","tag":"t","n":4}`), store.Entity(`{"id":"b","tag":"u","n":5}`), nil}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("Get = %v (-want +got):\n%s", err, diff)
	}
	page, err := s.Query(t.Context(), m, store.Query{Index: m.Index("byTag"), Partition: "t"})
	if diff := cmp.Diff(want[:1], page.Entities); diff != "" || err != nil {
		t.Errorf("Query = %v (-want +got):\n%s", err, diff)
	}
}

func TestNoFile(t *testing.T) {
	s := open(t, nil, false)
	_, err := scan(t, s, parse(t, shows))
	for _, part := range []string{"shows.ndjson", "shows.ndjson.gz", "type Show"} {
		if err == nil || !strings.Contains(err.Error(), part) {
			t.Errorf("Scan without a file = %v, want it to name %s", err, part)
		}
	}
	if _, err := filestore.New(filepath.Join(t.TempDir(), "nothing")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("New of no folder = %v", err)
	}
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := filestore.New(file); err == nil {
		t.Error("New of a file is no error")
	}
}

// TestRealItems reads items as DynamoDB's own tools write them.
func TestRealItems(t *testing.T) {
	var all json.RawMessage
	readJSON(t, &all, "events", "dynamodb-items", "all-attribute-types.json")
	m := parse(t, `type A @model { key: String! @primaryKey val: String asdf1: String b2: String asdf2: [String] Binary: String
		Boolean: Boolean BinarySet: [String] List: AWSJSON Map: Joe FloatNumber: Float IntegerNumber: Int NumberSet: [Float]
		Null: String String: String StringSet: [String] EmptyStringSet: [String] }
		type Joe { Age: Int Name: String }`)
	got, err := scan(t, open(t, map[string]string{"A.ndjson": exportLine(t, all)}, false), m)
	want := `{"key":"binary","val":"data","asdf1":"AAEqQQ==","b2":"test","asdf2":["AAEqQQ==","QSoBAA=="],"Binary":"AAEqQQ==",` +
		`"Boolean":true,"BinarySet":["AAEqQQ=="],"List":["Cookies","Coffee",3.14159],"Map":{"Age":35,"Name":"Joe"},` +
		`"FloatNumber":123.45,"IntegerNumber":123,"NumberSet":[567.8,1234],"Null":null,"String":"Hello",` +
		`"StringSet":["Giraffe","Zebra"],"EmptyStringSet":[]}` + "\n"
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("Scan = %v (-want +got):\n%s", err, diff)
	}

	var persons []json.RawMessage
	readJSON(t, &persons, "events", "dynamodb-items", "persons-first-100.json")
	var lines string
	for _, person := range persons {
		lines += exportLine(t, person)
	}
	m = parse(t, `type P @model { id: ID! age: Int hobby: String first_name: String }`)
	got, err = scan(t, open(t, map[string]string{"P.ndjson": lines}, true), m)
	first := `{"id":"550e8400-e29b-41d4-a716-446655440000","age":34,"hobby":null,"first_name":"John"}` + "\n"
	if !strings.HasPrefix(got, first) || strings.Count(got, "\n") != 100 || err != nil {
		t.Errorf("Scan of 100 persons = %v, %.300s", err, got)
	}
}

func readJSON(t testing.TB, into any, elem ...string) {
	t.Helper()
	text, err := os.ReadFile(servertest.SharedData(t, elem...))
	if err == nil {
		err = json.Unmarshal(text, into)
	}
	if err != nil {
		t.Fatal(err)
	}
}

func exportLine(t testing.TB, item json.RawMessage) string {
	t.Helper()
	var line bytes.Buffer
	if err := json.Compact(&line, item); err != nil {
		t.Fatal(err)
	}
	return `{"Item":` + line.String() + "}\n"
}

// TestRealExport reads an export's data file: its four items have three different keys, so three types stand for its table.
func TestRealExport(t *testing.T) {
	data, err := os.ReadFile(servertest.SharedData(t, "events", "dynamodb-export", "full", "data.json"))
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.SplitAfter(string(data), "\n")
	for _, test := range []struct{ sdl, line, want string }{
		{`type T @model { name: ID! @primaryKey age: Int activities: [Activity] } type Activity { timestamp: String }`, lines[0] + lines[1],
			`{"name":"John","age":30}` + "\n" + `{"name":"Argyros1003","activities":[{"timestamp":"Sat, 04 May 2024 04:49:44 GMT"}]}` + "\n"},
		{`type T @model { id: ID! data: String }`, lines[2], `{"id":"test","data":"SGVsbG8gV29ybGQ="}` + "\n"},
		{`type T @model { integer: Int! @primaryKey decimal: Float }`, lines[3], `{"integer":42,"decimal":123.456789}` + "\n"},
	} {
		got, err := scan(t, open(t, map[string]string{"T.ndjson": test.line}, true), parse(t, test.sdl))
		if diff := cmp.Diff(test.want, got); diff != "" || err != nil {
			t.Errorf("Scan = %v (-want +got):\n%s", err, diff)
		}
	}
}

func BenchmarkScan(b *testing.B) {
	catalog, err := schema.Load(servertest.SharedData(b, "pyvideo-10mb", "catalog.graphql"))
	if err != nil {
		b.Fatal(err)
	}
	file := servertest.SharedData(b, "pyvideo-10mb", "episodes.ndjson")
	s, err := filestore.New(filepath.Dir(file))
	if err != nil {
		b.Fatal(err)
	}
	info, err := os.Stat(file)
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(info.Size())
	b.ReportAllocs()
	for b.Loop() {
		if err := s.Scan(b.Context(), catalog.Model("Episode"), nil, func([]store.Entity) error { return nil }); err != nil {
			b.Fatal(err)
		}
	}
}
