package appsync_test

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
)

// FuzzRequest sends any body: the answer is JSON and tells what went wrong, and what the handler gets are events.
func FuzzRequest(f *testing.F) {
	for _, query := range []string{
		`{ getProgram(id: 1) { id title groups(limit: 2, sortDirection: DESC) { items { id ...g } nextToken } } } fragment g on Group { t: title }`,
		`query q($id: ID!, $n: Int = 3) { a: getProgram(id: $id) { __typename extra } listPrograms(limit: $n) { items { ... on Program { rating } } } }`,
		`{ __schema { types { name fields { args { name defaultValue } type { ofType { name } } } } directives { locations } } }`,
		`{ __type(name: "Rating") { enumValues { name } } a: __typename @skip(if: false) }`,
		`query($r: Rating! = PG) { getSetting(scope: """block""", level: -0, rating: $r) { scope @include(if: true) } }`,
		`mutation { x }`, `{ a { b`, `fragment a on Query { ...b } fragment b on Query { ...a } { ...a }`,
	} {
		text, err := json.Marshal(map[string]any{"query": query, "variables": map[string]any{"id": "p1", "n": 5, "r": "G"}})
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(text))
	}
	f.Add(`{"query":"query($s: String, $i: Int) { listPrograms(nextToken: $s, limit: $i) { nextToken } }","variables":{"s":"\u2028","i":1e3},"operationName":""}`)
	f.Add(`[{"query":"{ __typename }"}]`)
	answers := map[string]string{"getProgram": program, "listPrograms": `{"items":[` + program + `,null,{"id":1}],"nextToken":"n"}`}
	server := newServer(f, handler(func(_ context.Context, text []byte) ([]byte, error) {
		var e event
		if err := json.Unmarshal(text, &e); err != nil {
			f.Errorf("the event is no JSON: %v: %s", err, text)
		}
		if !strings.HasPrefix(e.Info.SelectionSetGraphQL, "{\n") {
			f.Errorf("event without selection set: %s", text)
		}
		return []byte(answers[e.Info.FieldName]), nil
	}), nil)
	f.Fuzz(func(t *testing.T, body string) {
		w := send(t, server, "/graphql", body)
		var answer struct {
			Data   json.RawMessage
			Errors []struct{ Message string }
		}
		if err := json.Unmarshal(w.Body.Bytes(), &answer); err != nil {
			t.Fatalf("the answer is no JSON: %v: %s", err, w.Body)
		}
		if w.Code != http.StatusOK && len(answer.Errors) == 0 {
			t.Fatalf("status %d without an error: %s", w.Code, w.Body)
		}
	})
}
