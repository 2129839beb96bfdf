package appsync_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambda/messages"

	"github.com/chunkaside/chunkaside/catalog/schema"
	"github.com/chunkaside/chunkaside/internal/appsync"
)

var _ appsync.Handler = lambda.Handler(nil)

// TestRefused sends requests that must not reach the handler.
func TestRefused(t *testing.T) {
	for _, test := range []struct{ name, query, variables, want string }{
		{"an unknown field", "{\n  listPrograms { items { nope } }\n}", ``, `{"data":null,"errors":[{"path":null,` +
			`"locations":[{"line":2,"column":26,"sourceName":null}],` +
			`"message":"Validation error of type FieldUndefined: Cannot query field \"nope\" on type \"Program\"."}]}`},
		{"columns count characters", "{ a: getProgram(id: \"日本\") { nope } }", ``, `"line":1,"column":29,`},
		{"U+2028 is no line break", "{ a: getProgram(id: \"\u2028\") { nope } }", ``, `"line":1,"column":28,`},
		{"an unknown argument", `{ getProgram(id: 1, x: 2) { id } }`, ``, `of type UnknownArgument: `},
		{"a missing argument", `{ getProgram { id } }`, ``, `of type MissingFieldArgument: `},
		{"no selection", `{ getProgram(id: 1) }`, ``, `of type SubSelectionRequired: `},
		{"an unknown fragment", `{ getProgram(id: 1) { ...x } }`, ``, `of type UndefinedFragment: `},
		{"a fragment in a circle", `{ getProgram(id: 1) { ...x } } fragment x on Program { id ...x }`, ``, `of type FragmentCycle: `},
		{"two fields, one key", `{ getProgram(id: 1) { a: id a: title } }`, ``, `of type FieldsConflict: `},
		{"a mutation", `mutation { getProgram(id: 1) { id } }`, ``, `does not support operation type \"mutation\"`},
		{"a subscription", `subscription { getProgram(id: 1) { id } }`, ``, `does not support operation type \"subscription\"`},
		{"only a fragment", `fragment x on Program { id }`, ``, `"errors":[`},
		{"a missing variable", "query q(\n  $id: ID!) { getProgram(id: $id) { id } }", `{}`, `{"data":null,"errors":[{"path":null,` +
			`"locations":[{"line":2,"column":3,"sourceName":null}],` +
			`"message":"Variable 'id' has coerced Null value for NonNull type 'ID!'"}]}`},
		{"a null variable", `query($id: ID!) { getProgram(id: $id) { id } }`, `{"id":null}`, `coerced Null value for NonNull type 'ID!'`},
		{"a variable of the wrong type", `query($n: Int) { listPrograms(limit: $n) { nextToken } }`, `{"n":"1"}`,
			`Variable 'n' has an invalid value: expected type 'Int' but was 'String'`},
		{"a variable that is too large", `query($n: Int) { listPrograms(limit: $n) { nextToken } }`, `{"n":2147483648}`, `Variable 'n' has an invalid value`},
		{"a literal that is too large", `{ getProgram(id: 1) { groups(limit: 2147483648) { nextToken } } }`, ``, `of type WrongType: argument 'limit' of 'groups'`},
		{"no value of the enum", `query($r: Rating!) { getSetting(scope: "s", level: 1, rating: $r) { scope } }`, `{"r":"g"}`, `Variable 'r' has an invalid value`},
		{"null by variable", `query($l: Int = 1) { getSetting(scope: "s", level: $l, rating: G) { scope } }`, `{"l":null}`, `argument 'level' of 'getSetting'`},
		{"a name for a string", `{ groupsByProgram(programId: NAME) { nextToken } }`, ``, `of type WrongType: `},
		{"too many fields", fragments(11), ``, `selects more than 10000 fields`},
		{"too deep", `{ getProgram(id: 1) { ` + strings.Repeat("groups { items { program { ", 30) + "id" + strings.Repeat("}", 90) + "} }", ``,
			`nested deeper than 75 levels`},
		{"deep introspection", `{ __schema { types { fields { type { fields { type { fields { name } } } } } } } }`, ``, `introspection depth`},
	} {
		t.Run(test.name, func(t *testing.T) {
			f := &fake{}
			got := run(t, newServer(t, f, nil), test.query, test.variables)
			if !strings.HasPrefix(got, `{"data":null,"errors":[{"path":null,"locations":`) || !strings.Contains(got, test.want) {
				t.Errorf("answer:\n got %s\nwant %s", got, test.want)
			}
			if len(f.events) > 0 {
				t.Errorf("the handler was called: %s", f.events[0].raw)
			}
		})
	}
}

// fragments is a short query that selects 2^n fields.
func fragments(n int) string {
	text := `{ getProgram(id: 1) { ...f0 } }`
	for i := range n {
		below := string(rune('a' + i + 1))
		text += ` fragment f` + name(i) + ` on Program { a: groups { items { program { ...f` + name(i+1) + ` } } } ` + below + `: groups { items { program { ...f` + name(i+1) + ` } } } }`
	}
	return text + ` fragment f` + name(n) + ` on Program { id }`
}

func name(i int) string {
	if i == 0 {
		return "0"
	}
	return strings.Repeat("x", i)
}

// TestMalformed sends bodies that are no GraphQL requests.
func TestMalformed(t *testing.T) {
	server := newServer(t, &fake{}, nil)
	for _, test := range []struct {
		body, want string
		status     int
	}{
		{``, `{"errors":[{"message":"Request body is empty.","errorType":"MalformedHttpRequestException"}]}`, 400},
		{`meow`, `"errorType":"MalformedHttpRequestException"`, 400},
		{`{}`, `Unable to parse GraphQL query: the request has no \"query\".`, 400},
		{`[]`, `GraphQL request in JSON: it is no object.`, 400},
		{`{"query":"{"}`, `Unable to parse GraphQL query: `, 400},
		{`{"query":"{ a\n b( }"}`, `(line 2, column 5)`, 400},
		{`{"query":1}`, `/query is no string.`, 400},
		{"{\"query\":\"\xff\"}", `Unable to parse`, 400},
		{`{"query":"{__typename}","variables":[]}`, `they are no JSON object`, 400},
		{`{"query":"{__typename}"} x`, `Unable to parse`, 400},
		{`{"query":"{__typename}","variables":null,"operationName":null,"extensions":{"a":1}}`, `{"data":{"__typename":"Query"}}`, 200},
		{`{"query":"` + strings.Repeat(" ", 1<<20) + `"}`, `larger than 1048576 bytes`, 413},
	} {
		w := send(t, server, "/graphql", test.body)
		if w.Code != test.status || !strings.Contains(w.Body.String(), test.want) {
			t.Errorf("%.100s: status %d, %s; want %d, %s", test.body, w.Code, w.Body, test.status, test.want)
		}
		if got := w.Header().Get("Access-Control-Allow-Origin"); got != "*" {
			t.Errorf("%.100s: allowed origin = %q, want *", test.body, got)
		}
	}
	tokens := `{"query":"{` + strings.Repeat(" a", 15_001) + ` }"}`
	if w := send(t, newServer(t, &fake{}, nil), "/graphql", tokens); w.Code != 400 || !strings.Contains(w.Body.String(), "token limit") {
		t.Errorf("15,001 tokens: status %d, %s", w.Code, w.Body)
	}
}

func TestOperationName(t *testing.T) {
	server := newServer(t, &fake{}, nil)
	const query = `query one { a: __typename } query two { b: __typename }`
	for _, test := range []struct{ name, want string }{
		{`"one"`, `{"data":{"a":"Query"}}`},
		{`"two"`, `{"data":{"b":"Query"}}`},
		{`"three"`, `Unknown operation named 'three'.`},
		{`null`, `Must provide operation name`},
	} {
		w := send(t, server, "/graphql", `{"query":"`+query+`","operationName":`+test.name+`}`)
		if got := w.Body.String(); w.Code != 200 || !strings.Contains(got, test.want) {
			t.Errorf("operationName %s: %d %s, want %s", test.name, w.Code, got, test.want)
		}
	}
}

func TestHandlerErrors(t *testing.T) {
	typed := messages.InvokeResponse_Error{Type: "Throttled", Message: "try \"later\""}
	for _, test := range []struct {
		name          string
		err           error
		kind, message string
	}{
		{"a value", typed, "Throttled", `try \"later\"`},
		{"a pointer", &typed, "Throttled", `try \"later\"`},
		{"any other", errors.New("broken\xff"), "Lambda:Unhandled", "broken\uFFFD"},
	} {
		f := &fake{errors: map[string]error{"getProgram": test.err}, answers: map[string]string{"getGroup": `{"id":"g"}`}}
		got := run(t, newServer(t, f, nil), "{\n a: getProgram(id: 1) { id }\n b: getGroup(id: 1) { id } }", "")
		want := `{"data":{"a":null,"b":{"id":"g"}},"errors":[{"path":["a"],"data":null,"errorType":"` + test.kind +
			`","errorInfo":null,"locations":[{"line":2,"column":2,"sourceName":null}],"message":"` + test.message + `"}]}`
		if got != want {
			t.Errorf("%s:\n got %s\nwant %s", test.name, got, want)
		}
	}
}

// handler is a Handler made of a function.
type handler func(ctx context.Context, event []byte) ([]byte, error)

func (h handler) Invoke(ctx context.Context, event []byte) ([]byte, error) { return h(ctx, event) }

func TestPanic(t *testing.T) {
	server := newServer(t, handler(func(context.Context, []byte) ([]byte, error) { panic("lost") }), nil)
	if got := run(t, server, `{ getProgram(id: 1) { id } }`, ""); !strings.Contains(got, `"errorType":"string"`) || !strings.Contains(got, `"message":"lost"`) {
		t.Errorf("answer = %s", got)
	}
}

// TestParallel looks whether root fields run beside each other, but not more than allowed, and in time.
func TestParallel(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slow := handler(func(ctx context.Context, _ []byte) ([]byte, error) {
			if _, ok := ctx.Deadline(); !ok {
				t.Error("the handler has no deadline")
			}
			select {
			case <-time.After(time.Second):
				return []byte("null"), nil
			case <-ctx.Done():
				return nil, ctx.Err()
			}
		})
		query := "{"
		for i := range 9 {
			query += fmt.Sprintf(" a%d: getProgram(id: 1) { id }", i)
		}
		query += " }"
		started := time.Now()
		run(t, newServer(t, slow, nil), query, "")
		if took := time.Since(started); took != 2*time.Second {
			t.Errorf("9 fields of 1 s, 8 at a time: %v, want 2s", took)
		}
		got := run(t, newServer(t, slow, &appsync.Options{Timeout: time.Millisecond}), query, "")
		if !strings.Contains(got, context.DeadlineExceeded.Error()) {
			t.Errorf("after the timeout: %s", got)
		}
	})
}

func TestNew(t *testing.T) {
	s, err := schema.Parse("catalog.graphql", `type A @model { id: ID! }`)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := appsync.New(s, &fake{}, &appsync.Options{Timeout: -1}); err == nil {
		t.Error("a negative timeout is no error")
	}
}

func TestPageAndPreflight(t *testing.T) {
	server := newServer(t, &fake{}, nil)
	w := httptest.NewRecorder()
	server.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil))
	if w.Code != 200 || !strings.Contains(w.Body.String(), "<textarea") || strings.Contains(w.Body.String(), "://") {
		t.Errorf("GET /: %d %s", w.Code, w.Body)
	}
	r := httptest.NewRequestWithContext(t.Context(), http.MethodOptions, "/graphql", nil)
	r.Header.Set("Access-Control-Request-Headers", "content-type,x-api-key")
	w = httptest.NewRecorder()
	server.ServeHTTP(w, r)
	if w.Code != http.StatusNoContent || w.Header().Get("Access-Control-Allow-Origin") != "*" ||
		w.Header().Get("Access-Control-Allow-Headers") != "content-type,x-api-key" {
		t.Errorf("OPTIONS /graphql: %d %v", w.Code, w.Header())
	}
	w = httptest.NewRecorder()
	server.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/graphql", nil))
	if w.Code != http.StatusMethodNotAllowed {
		t.Errorf("GET /graphql: %d, want 405", w.Code)
	}
}
