package appsync_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
)

// TestQueriesAreParsedOnce: what is remembered of a query saves most of the memory that a new one takes.
func TestQueriesAreParsedOnce(t *testing.T) {
	server := newServer(t, handler(func(context.Context, []byte) ([]byte, error) { return []byte(program), nil }), nil)
	const body = `{"query":"%s{ getProgram(id: 1) { id title a: title b: title c: title d: title e: title f: title g: title groups { items { id title } } } }"}`
	ask := func(body string) {
		if w := send(t, server, "/graphql", body); w.Code != http.StatusOK || strings.Contains(w.Body.String(), `"errors"`) {
			t.Fatal(w.Body)
		}
	}
	n := 0
	anew := testing.AllocsPerRun(20, func() { n++; ask(fmt.Sprintf(body, strings.Repeat(" ", n))) })
	again := testing.AllocsPerRun(20, func() { ask(fmt.Sprintf(body, "")) })
	if again > anew/2 {
		t.Errorf("a query takes %v allocations when it is known, %v when it is new", again, anew)
	}
}

// TestKnownQueries asks with one text at once: each answer follows its own variables. What is invalid stays so.
func TestKnownQueries(t *testing.T) {
	server := newServer(t, &fake{answers: map[string]string{"getProgram": program}}, nil)
	var group sync.WaitGroup
	for i := range 50 {
		group.Go(func() {
			long := i%2 == 0
			variables := fmt.Sprintf(`{"long":%t}`, long)
			got := run(t, server, `query($long: Boolean!) { getProgram(id: 1) { id title @include(if: $long) } }`, variables)
			if want := map[bool]string{true: `{"data":{"getProgram":{"id":"p1","title":"T"}}}`, false: `{"data":{"getProgram":{"id":"p1"}}}`}[long]; got != want {
				t.Errorf("%s: got %s, want %s", variables, got, want)
			}
			if got := run(t, server, `{ getProgram(id: 1) { nothing } }`, ""); !strings.Contains(got, "FieldUndefined") {
				t.Errorf("an unknown field: %s", got)
			}
		})
	}
	group.Wait()
}
