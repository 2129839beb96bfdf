package appsync_test

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/chunkaside/chunkaside/catalog/schema"
	"github.com/chunkaside/chunkaside/internal/appsync"
)

var update = flag.Bool("update", false, "write the golden files anew")

const catalog = `
type Program @model {
  id: ID!
  title: String!
  rating: Rating
  extra: AWSJSON
  groups: [Group] @hasMany(indexName: "byProgram", fields: ["id"])
}
type Group @model {
  id: ID!
  programId: ID! @index(name: "byProgram", queryField: "groupsByProgram")
  program: Program @belongsTo(fields: ["programId"])
  title: String
  year: Int
  score: Float
  live: Boolean
  at: AWSTimestamp
  tags: [String!]
  grid: [[Int]!]
  images: [Image!]
  cover: Image
}
type Setting @model {
  scope: String! @primaryKey(sortKeyFields: ["level", "rating"])
  level: Int!
  rating: Rating!
}
type Image { url: AWSURL! width: Int }
enum Rating { G PG }
`

// fake is a handler that answers each root field with a fixed text or error, and keeps the events.
type fake struct {
	answers map[string]string
	errors  map[string]error

	mu     sync.Mutex
	events []event
}

// event is the part of an event that tests look at.
type event struct {
	Arguments json.RawMessage
	Info      struct {
		SelectionSetList    []string
		SelectionSetGraphQL string
		FieldName           string
		Variables           json.RawMessage
	}
	raw string
}

func (f *fake) Invoke(_ context.Context, text []byte) ([]byte, error) {
	var e event
	if err := json.Unmarshal(text, &e); err != nil {
		return nil, fmt.Errorf("the event is no JSON: %w", err)
	}
	e.raw = string(text)
	f.mu.Lock()
	defer f.mu.Unlock()
	f.events = append(f.events, e)
	slices.SortFunc(f.events, func(a, b event) int { return strings.Compare(a.raw, b.raw) })
	if err := f.errors[e.Info.FieldName]; err != nil {
		return nil, err
	}
	answer, ok := f.answers[e.Info.FieldName]
	if !ok {
		return []byte("null"), nil
	}
	return []byte(answer), nil
}

func newServer(t testing.TB, h appsync.Handler, o *appsync.Options) http.Handler {
	t.Helper()
	s, err := schema.Parse("catalog.graphql", catalog)
	if err != nil {
		t.Fatal(err)
	}
	server, err := appsync.New(s, h, o)
	if err != nil {
		t.Fatal(err)
	}
	return server
}

// send posts a body and returns the response.
func send(t testing.TB, server http.Handler, path, body string) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, path, strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	w := httptest.NewRecorder()
	server.ServeHTTP(w, r)
	return w
}

// run sends a query and returns the answer, which must have status 200.
func run(t testing.TB, server http.Handler, query, variables string) string {
	t.Helper()
	if variables == "" {
		variables = "null"
	}
	text, err := json.Marshal(query)
	if err != nil {
		t.Fatal(err)
	}
	w := send(t, server, "/graphql", `{"query":`+string(text)+`,"variables":`+variables+`}`)
	if w.Code != http.StatusOK {
		t.Fatalf("%s: status %d: %s", query, w.Code, w.Body)
	}
	return w.Body.String()
}

// golden compares text with a file of testdata.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", name, diff)
	}
}
