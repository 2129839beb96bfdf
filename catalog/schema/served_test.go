package schema_test

import (
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"

	"github.com/chunkaside/chunkaside/catalog/schema"
)

var update = flag.Bool("update", false, "write the golden files anew")

// library has every kind of field, key, relation and query that a catalog can have.
const library = `
"""
A series of books.
With a second line, and \""" quotes.
"""
type Series @model {
  id: ID!
  title: String!
  rating: Rating
  books: [Book!]! @hasMany(indexName: "bySeries", fields: ["id"])
}
type Book @model {
  isbn: String! @primaryKey(sortKeyFields: ["edition", "binding"])
  edition: Int!
  binding: Binding!
  seriesId: ID! @index(name: "bySeries", sortKeyFields: ["printed"], queryField: "booksOfSeries")
  series: Series @belongsTo(fields: ["seriesId"])
  "When it was printed."
  printed: AWSDate
  at: [AWSDateTime!]
  time: AWSTime
  seen: AWSTimestamp @index(name: "bySeen")
  mail: AWSEmail
  extra: [[AWSJSON]!]!
  phone: AWSPhone
  address: AWSIPAddress
  price: Float
  sold: Boolean
  cover: Image
}
type Image { url: AWSURL! width: Int }
"How suitable it is."
enum Rating { G PG }
enum Binding { HARD SOFT }
`

func TestServed(t *testing.T) {
	s, err := schema.Parse("library.graphql", library)
	if err != nil {
		t.Fatal(err)
	}
	got := s.Served()
	golden := filepath.Join("testdata", "served.graphql")
	if *update {
		if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("Served() (-want +got):\n%s", diff)
	}
}

// TestServedIsValid holds the text against a GraphQL validator, and looks whether descriptions come back as they were.
func TestServedIsValid(t *testing.T) {
	s, err := schema.Parse("library.graphql", library)
	if err != nil {
		t.Fatal(err)
	}
	served, err := gqlparser.LoadSchema(&ast.Source{Name: "prelude", Input: schema.ServedPrelude}, &ast.Source{Name: "served", Input: s.Served()})
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range s.Models {
		if got, want := served.Types[m.Name].Description, m.Description; got != want {
			t.Errorf("description of %s = %q, want %q", m.Name, got, want)
		}
	}
	if got := served.Query.Fields.ForName("getBook").Arguments; len(got) != 3 {
		t.Errorf("getBook takes %d arguments, want the 3 fields of its key", len(got))
	}
}
