package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/formatter"
	"github.com/vektah/gqlparser/v2/parser"

	"github.com/chunkaside/chunkaside/catalog/schema"
	"github.com/chunkaside/chunkaside/cmd/internal/wiring"
	"github.com/chunkaside/chunkaside/internal/appsync"
	"github.com/chunkaside/chunkaside/internal/servertest"
)

// TestAmplifySchemas serves every real schema, and every one of Amplify's own tests, with records: from files, through a build and a cache. Each record comes back by each query with all of its
// values, and each relation leads where it should.
func TestAmplifySchemas(t *testing.T) {
	dir := servertest.SharedData(t, "amplify-schemas")
	paths, _ := filepath.Glob(filepath.Join(dir, "*.graphql"))
	more, _ := filepath.Glob(filepath.Join(dir, "validator", "valid-*.graphql"))
	for _, path := range append(paths, more...) {
		name := strings.TrimSuffix(filepath.Base(path), ".graphql")
		if strings.HasSuffix(name, "-built") { // what Amplify makes of another one
			continue
		}
		t.Run(name, func(t *testing.T) {
			text, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if served := served(t, string(text)); served != "" {
				checkCatalog(t, served)
			}
		})
	}
}

// served is what can be served of a schema: as it is, or open to all if each caller may read other records; "" if it is none.
func served(t *testing.T, text string) string {
	t.Helper()
	_, err := openCatalog(t, text, t.TempDir())
	switch {
	case err == nil:
		return text
	case strings.Contains(err.Error(), "lets each caller read other records"):
		return open(t, text)
	case strings.Contains(err.Error(), "declares no model"), strings.Contains(err.Error(), "names 2 fields for a key of 1"):
		return ""
	}
	t.Fatal(err)
	return ""
}

// open marks all models, and all fields with an @auth of their own, as open to all.
func open(t *testing.T, text string) string {
	t.Helper()
	document, err := parser.ParseSchema(&ast.Source{Input: text})
	if err != nil {
		t.Fatal(err)
	}
	everyone := &ast.Value{Kind: ast.EnumValue, Raw: "EVERYONE"}
	serve := &ast.Directive{Name: "serve", Arguments: ast.ArgumentList{{Name: "to", Value: everyone}}}
	for _, definition := range document.Definitions {
		if definition.Directives.ForName("model") != nil {
			definition.Directives = append(definition.Directives, serve)
		}
		for _, f := range definition.Fields {
			if f.Directives.ForName("auth") != nil {
				f.Directives = append(f.Directives, serve)
			}
		}
	}
	var opened strings.Builder
	formatter.NewFormatter(&opened).FormatSchemaDocument(document)
	return opened.String()
}

// openCatalog opens a schema with the files of a folder.
func openCatalog(t *testing.T, text, dir string) (*wiring.App, error) {
	path := filepath.Join(t.TempDir(), "c.graphql")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	app, err := wiring.Open(t.Context(), wiring.Config{Schema: path, Store: "file:" + dir, Cache: "memory:"})
	if err == nil {
		t.Cleanup(func() { _ = app.Close() })
	}
	return app, err
}

// api is a catalog that is served, and its records.
type api struct {
	handler http.Handler
	tables  map[*schema.Model][]record
	led     map[*schema.Field]bool // relations that have led to a record
}

func checkCatalog(t *testing.T, text string) {
	t.Helper()
	dir := t.TempDir()
	app, err := openCatalog(t, text, dir)
	if err != nil {
		t.Fatal(err)
	}
	a := api{tables: plausible(app.Schema), led: map[*schema.Field]bool{}}
	for m, records := range a.tables {
		writeTable(t, filepath.Join(dir, m.Table+".ndjson"), records)
	}
	if a.handler, err = appsync.New(app.Schema, app.Resolver, nil); err != nil {
		t.Fatal(err)
	}
	for _, q := range app.Schema.Queries {
		a.check(t, q)
	}
	for _, m := range app.Schema.Models {
		for _, f := range m.Fields {
			if f.Relation != nil && !a.led[f] {
				t.Errorf("%s.%s has led to no record", m.Name, f.Name)
			}
		}
	}
}

func writeTable(t *testing.T, path string, records []record) {
	t.Helper()
	var lines bytes.Buffer
	for _, r := range records {
		if err := json.NewEncoder(&lines).Encode(r); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(path, lines.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
}

// check asks a query for every record, with all fields of it and of what it leads to in two steps.
func (a *api) check(t *testing.T, q *schema.Query) {
	t.Helper()
	const depth = 2
	if q.Kind == schema.List {
		a.ask(t, q.Name+"(limit: 100) "+many(q.Model, depth), a.page(q.Model, a.tables[q.Model], depth))
	}
	partition := q.Index.Fields()[:1]
	for _, r := range a.tables[q.Model] {
		switch {
		case q.Kind == schema.Get:
			a.ask(t, q.Name+arguments(q.Index.Fields(), r)+fields(&q.Model.Object, depth), a.entity(q.Model, r, depth))
		case q.Kind == schema.ByIndex || q.Keyed:
			a.ask(t, q.Name+arguments(partition, r)+many(q.Model, depth), a.page(q.Model, a.find(q.Model, partition, r, partition), depth))
		}
	}
}

// ask compares the answer of a query with what is wanted. The order of pages does not count.
func (a *api) ask(t *testing.T, query string, want any) {
	t.Helper()
	body, err := json.Marshal(map[string]string{"query": "{ answer: " + query + " }"})
	if err != nil {
		t.Fatal(err)
	}
	w := httptest.NewRecorder()
	a.handler.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/graphql", bytes.NewReader(body)))
	wanted, err := json.Marshal(map[string]any{"data": map[string]any{"answer": want}})
	if err != nil {
		t.Fatal(err)
	}
	if want, got := decoded(t, wanted), decoded(t, w.Body.Bytes()); !reflect.DeepEqual(want, got) { // ten times as fast as a diff of such answers
		t.Errorf("%.200s: (-want +got)\n%s", query, cmp.Diff(want, got))
	}
}

// decoded is JSON with its numbers as they are written, and pages in one order.
func decoded(t *testing.T, text []byte) (value any) {
	t.Helper()
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	if err := d.Decode(&value); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	arrange(value)
	return value
}

func arrange(value any) {
	switch v := value.(type) {
	case map[string]any:
		for name, member := range v {
			arrange(member)
			if items, ok := member.([]any); ok && name == "items" && v["__typename"] != nil {
				slices.SortFunc(items, func(a, b any) int { return strings.Compare(fmt.Sprint(a), fmt.Sprint(b)) })
			}
		}
	case []any:
		for _, element := range v {
			arrange(element)
		}
	}
}
