package appsync_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/lambda/messages"
)

// odd is an error with a Go type of its own.
type odd struct{}

func (*odd) Error() string { return "<odd>" }

func TestInvocation(t *testing.T) {
	const path = "/2015-03-31/functions/any-name/invocations"
	for _, test := range []struct {
		name, want string
		err        error
	}{
		{"an answer", `{ "not": touched }`, nil},
		{"a typed error", `{"errorMessage":"m","errorType":"T"}`, messages.InvokeResponse_Error{Message: "m", Type: "T"}},
		{"any other", `{"errorMessage":"\u003codd\u003e","errorType":"odd"}`, &odd{}},
		{"a wrapped one", `{"errorMessage":"x: \u003codd\u003e","errorType":"wrapError"}`, fmt.Errorf("x: %w", &odd{})},
		{"a simple one", `{"errorMessage":"e","errorType":"errorString"}`, errors.New("e")},
	} {
		server := newServer(t, handler(func(_ context.Context, event []byte) ([]byte, error) {
			if got, want := string(event), " any bytes\n"; got != want {
				t.Errorf("event = %q, want %q", got, want)
			}
			return []byte(`{ "not": touched }`), test.err
		}), nil)
		w := send(t, server, path, " any bytes\n")
		if w.Code != http.StatusOK || w.Body.String() != test.want {
			t.Errorf("%s: %d %s, want %s", test.name, w.Code, w.Body, test.want)
		}
		if got := w.Header().Get("X-Amz-Function-Error"); (got == "Unhandled") != (test.err != nil) {
			t.Errorf("%s: X-Amz-Function-Error = %q", test.name, got)
		}
	}
}

func TestInvocationPanic(t *testing.T) {
	server := newServer(t, handler(func(context.Context, []byte) ([]byte, error) { panic(errors.New("lost")) }), nil)
	w := send(t, server, "/2015-03-31/functions/f/invocations", "{}")
	var got messages.InvokeResponse_Error
	if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	if got.Message != "lost" || got.Type != "errorString" || len(got.StackTrace) == 0 {
		t.Fatalf("error = %s", w.Body)
	}
	if top := got.StackTrace[0]; !strings.HasSuffix(top.Path, "appsync_test/invocation_test.go") || !strings.HasPrefix(top.Label, "TestInvocationPanic.") {
		t.Errorf("top of the stack = %+v", top)
	}
}

func TestInvocationType(t *testing.T) {
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/2015-03-31/functions/f/invocations", strings.NewReader("{}"))
	r.Header.Set("X-Amz-Invocation-Type", "Event")
	w := httptest.NewRecorder()
	newServer(t, &fake{}, nil).ServeHTTP(w, r)
	if w.Code != http.StatusBadRequest || w.Header().Get("X-Amzn-ErrorType") != "InvalidParameterValueException" {
		t.Errorf("an asynchronous call: %d %s", w.Code, w.Body)
	}
}
