package main

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/chunkaside/chunkaside/catalog/schema"
)

// TestSchema prints the API of a file, and says what of the file is not in it.
func TestSchema(t *testing.T) {
	const text = `type Show @model { id: ID! name: String }
type Query { search(text: String): [Show] @function(name: "search") }
input Filter { text: String }`
	path := filepath.Join(write(t, map[string]string{"c.graphql": text}), "c.graphql")
	stdout, stderr, code := command(t, "schema", "--schema", path)
	s, err := schema.Load(path)
	if err != nil {
		t.Fatal(err)
	}
	if code != 0 || stdout != s.Served() || !strings.Contains(stdout, "listShows(filter: ModelShowFilterInput") {
		t.Errorf("code %d, printed\n%s", code, stdout)
	}
	want := "c.graphql:2:14: Query.search is left out: the catalog answers what its models make; this has a resolver of its own\n" +
		"c.graphql:3:7: input Filter is left out: only operations that are not served take it\n"
	if stderr != want {
		t.Errorf("error output:\n%s\nwant\n%s", stderr, want)
	}
	if stdout, _, code := command(t, "schema"); code != 0 || !strings.Contains(stdout, "getProgram(id: ID!): Program") {
		t.Errorf("of the sample: code %d, %s", code, stdout)
	}
	if stdout, _, code := command(t, "schema", "--mutations"); code != 0 || !strings.Contains(stdout, "  mutation: Mutation\n") || !strings.Contains(stdout, "onCatalogPublished(catalog: String): CatalogPublished") {
		t.Errorf("with mutations: code %d, %s", code, stdout)
	}
	path = filepath.Join(write(t, map[string]string{"c.graphql": "type Warmed @model { id: ID! }"}), "c.graphql")
	if _, stderr, code := command(t, "schema", "--mutations", "--schema", path); code != 2 || !strings.Contains(stderr, "the type Warmed has the name") {
		t.Errorf("a name of ours: code %d, %s", code, stderr)
	}
}
