package appsync_test

import (
	"strings"
	"testing"
)

func TestComplete(t *testing.T) {
	const id = `"id":"p1","title":"T"`
	for _, test := range []struct{ name, query, answer, want string }{
		{"aliases at every depth", `{ p: getProgram(id: 1) { t: title k: groups { all: items { n: title n2: title } } } }`, program,
			`{"data":{"p":{"t":"T","k":{"all":[{"n":"One","n2":"One"},{"n":null,"n2":null}]}}}}`},
		{"an alias that is another field's name", `{ getProgram(id: 1) { title: id id: title } }`, program,
			`{"data":{"getProgram":{"title":"p1","id":"T"}}}`},
		{"merged selections", `{ getProgram(id: 1) { groups { items { id } } ...g } } fragment g on Program { groups { items { year } } }`, program,
			`{"data":{"getProgram":{"groups":{"items":[{"id":"g1","year":2001},{"id":"g2","year":null}]}}}}`},
		{"inline fragments", `{ getProgram(id: 1) { ... on Program { id ... @include(if: true) { title } } ... @skip(if: true) { rating } } }`, program,
			`{"data":{"getProgram":{"id":"p1","title":"T"}}}`},
		{"__typename", `{ getProgram(id: 1) { __typename groups { kind: __typename items { __typename } } } }`, program,
			`{"data":{"getProgram":{"__typename":"Program","groups":{"kind":"ModelGroupConnection","items":[{"__typename":"Group"},{"__typename":"Group"}]}}}}`},
		{"everything skipped", `{ getProgram(id: 1) { id @skip(if: true) } }`, program, `{"data":{"getProgram":{}}}`},
		{"null", `{ getProgram(id: 1) { id } }`, ` null `, `{"data":{"getProgram":null}}`},
		{"escapes and U+2028", `{ getProgram(id: 1) { title } }`, "{\"ti\\u0074le\":\"a\u2028b\\u2029\\\"\"}",
			"{\"data\":{\"getProgram\":{\"title\":\"a\u2028b\\u2029\\\"\"}}}"},
		{"the last of two members", `{ getProgram(id: 1) { title } }`, `{"title":"a","title":"b"}`, `{"data":{"getProgram":{"title":"b"}}}`},
		{"white space", `{ getProgram(id: 1) { id groups { items { id } } } }`, " {\n \"id\" : \"p1\" , \"groups\":{ \"items\" : [ { \"id\" : \"g\" } ] } }\n",
			`{"data":{"getProgram":{"id":"p1","groups":{"items":[{"id":"g"}]}}}}`},
		{"AWSJSON: an object", `{ getProgram(id: 1) { extra } }`, `{"extra":{"b": [1.50, "é\""], "a": null}}`,
			`{"data":{"getProgram":{"extra":"{\"b\":[1.50,\"é\\\"\"],\"a\":null}"}}}`},
		{"AWSJSON: a number", `{ getProgram(id: 1) { extra } }`, `{"extra":1e400}`, `{"data":{"getProgram":{"extra":"1e400"}}}`},
		{"AWSJSON: a string", `{ getProgram(id: 1) { extra } }`, `{"extra":"x"}`, `{"data":{"getProgram":{"extra":"\"x\""}}}`},
		{"an enum's value", `{ getProgram(id: 1) { rating } }`, `{"rating":"PG"}`, `{"data":{"getProgram":{"rating":"PG"}}}`},
		{"no value of the enum", `{ getProgram(id: 1) { rating } }`, `{"rating":"X"}`, `{"data":{"getProgram":{"rating":null}},"errors":[` +
			`{"path":["getProgram","rating"],"locations":null,"message":"Can't serialize value (/getProgram/rating) : Expected type 'Rating' but was 'String'."}]}`},
		{"null for a non-null field", `{ p: getProgram(id: 1) { t: title id } }`, `{"id":"p1"}`, `{"data":{"p":null},"errors":[` +
			`{"path":["p","t"],"locations":null,"message":"Cannot return null for non-nullable type: 'String' within parent 'Program' (/p/t)"}]}`},
		{"null bubbles to a list's element", `{ getProgram(id: 1) { id groups { items { id title } } } }`,
			`{` + id + `,"groups":{"items":[{"title":"a"},{"id":"g2","title":"b"}]}}`,
			`{"data":{"getProgram":{"id":"p1","groups":{"items":[null,{"id":"g2","title":"b"}]}}},"errors":[` +
				`{"path":["getProgram","groups","items",0,"id"],"locations":null,` +
				`"message":"Cannot return null for non-nullable type: 'ID' within parent 'Group' (/getProgram/groups/items[0]/id)"}]}`},
		{"null for a non-null list", `{ getProgram(id: 1) { id groups { items { id } nextToken } } }`, `{` + id + `,"groups":{"nextToken":"n"}}`,
			`{"data":{"getProgram":{"id":"p1","groups":null}},"errors":[{"path":["getProgram","groups","items"],"locations":null,` +
				`"message":"Cannot return null for non-nullable type: '[Group]' within parent 'ModelGroupConnection' (/getProgram/groups/items)"}]}`},
		{"a string for an object", `{ getProgram(id: 1) { groups { items { id } } } }`, `{"groups":"x"}`,
			`{"data":{"getProgram":{"groups":null}},"errors":[{"path":["getProgram","groups"],"locations":null,` +
				`"message":"Can't resolve value (/getProgram/groups) : type mismatch error, expected type OBJECT"}]}`},
		{"an object for a list", `{ getProgram(id: 1) { groups { items { id } } } }`, `{"groups":{"items":{}}}`,
			`{"data":{"getProgram":{"groups":null}},"errors":[{"path":["getProgram","groups","items"],"locations":null,` +
				`"message":"Can't resolve value (/getProgram/groups/items) : type mismatch error, expected type LIST"}]}`},
		{"a list for the root", `{ getProgram(id: 1) { id } }`, `[{"id":1}]`,
			`{"data":{"getProgram":null},"errors":[{"path":["getProgram"],"locations":null,` +
				`"message":"Can't resolve value (/getProgram) : type mismatch error, expected type OBJECT"}]}`},
		{"no JSON", `{ getProgram(id: 1) { id } }`, `{"id":`, `{"data":{"getProgram":null},"errors":[{"path":["getProgram"],"data":null,` +
			`"errorType":"Lambda:Unhandled","errorInfo":null,"locations":[{"line":1,"column":3,"sourceName":null}],` +
			`"message":"the function's answer is no JSON: unexpected EOF within \"/id\" after offset 6"}]}`},
		{"two values", `{ getProgram(id: 1) { id } }`, `{"id":"a"} {}`, `{"data":{"getProgram":null},"errors":[{"path":["getProgram"],"data":null,` +
			`"errorType":"Lambda:Unhandled","errorInfo":null,"locations":[{"line":1,"column":3,"sourceName":null}],` +
			`"message":"the function's answer is no JSON: text after the value"}]}`},
	} {
		t.Run(test.name, func(t *testing.T) {
			f := &fake{answers: map[string]string{"getProgram": test.answer}}
			if got := run(t, newServer(t, f, nil), test.query, ""); got != test.want {
				t.Errorf("answer:\n got %s\nwant %s", got, test.want)
			}
		})
	}
}

// TestScalars reads one field of every kind. A value that does not fit is null, and an error.
func TestScalars(t *testing.T) {
	for _, test := range []struct{ field, value, want string }{
		{"year", "2001", "2001"}, {"year", "-2147483648", "-2147483648"}, {"year", "2147483648", "null"}, {"year", "1.5", "null"},
		{"year", "2.0", "2"}, {"year", `"3"`, "null"}, {"year", "true", "null"},
		{"at", "9007199254740993", "9007199254740993"}, {"at", "1e3", "1000"}, {"at", "1e300", "null"},
		{"score", "1.10", "1.10"}, {"score", "12345678901234567890.123", "12345678901234567890.123"}, {"score", "1e999", "null"},
		{"score", `"1"`, "null"}, {"live", "true", "true"}, {"live", "0", "null"}, {"title", "1.50", `"1.50"`}, {"title", "false", `"false"`},
		{"title", "{}", "null"}, {"title", "[]", "null"}, {"tags", `["a","b"]`, `["a","b"]`}, {"tags", `["a",null]`, "null"}, {"tags", `[]`, `[]`},
		{"tags", `"a"`, "null"}, {"grid", `[[1,null],[]]`, `[[1,null],[]]`}, {"grid", `[[1],null]`, "null"}, {"grid", `[[1],["x"]]`, "[[1],[null]]"},
		{"images{url}", `[{"url":"u"},{}]`, "null"}, {"images{width}", `[{"url":"u"}]`, `[{"width":null}]`}, {"cover{url}", `{"url":null}`, "null"},
	} {
		t.Run(test.field+"="+test.value, func(t *testing.T) {
			name, _, _ := strings.Cut(test.field, "{")
			f := &fake{answers: map[string]string{"getGroup": `{"` + name + `":` + test.value + `}`}}
			got := run(t, newServer(t, f, nil), `{ g: getGroup(id: 1) { `+test.field+` } }`, "")
			if want := `{"data":{"g":{"` + name + `":` + test.want + `}}`; !strings.HasPrefix(got, want) {
				t.Errorf("answer = %s, want %s", got, want)
			}
			fits := test.want != "null" && !strings.Contains(test.want, "[null]")
			if strings.Contains(got, `"errors"`) == fits {
				t.Errorf("errors only where the value does not fit: %s", got)
			}
		})
	}
}

// TestDeepAnswer sends an answer that is nested far deeper than the query.
func TestDeepAnswer(t *testing.T) {
	for _, depth := range []int{5000, 200_000} {
		deep := strings.Repeat("[", depth) + strings.Repeat("]", depth)
		f := &fake{answers: map[string]string{"getProgram": `{"id":"p1","title":"T","groups":` + deep + `}`}}
		got := run(t, newServer(t, f, nil), `{ getProgram(id: 1) { groups { nextToken } } }`, "")
		if !strings.Contains(got, `"errors"`) {
			t.Errorf("%d levels: no error: %s", depth, got)
		}
	}
}
