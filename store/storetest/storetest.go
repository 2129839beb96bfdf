// Package storetest holds the contract of package store as tests. Every driver runs it whole:
//
//	func TestStore(t *testing.T) {
//		storetest.Run(t, storetest.Harness{Open: open})
//	}
package storetest

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/chunkaside/chunkaside/catalog/schema"
	"github.com/chunkaside/chunkaside/store"
)

// Harness makes stores of one driver for the suite.
type Harness struct {
	// Open returns a store that holds just these tables, and closes it with the test. It may be called often.
	Open func(t *testing.T, tables ...Table) store.Store
	// JSON says that the driver's records are JSON: they hold no sets and no binaries.
	JSON bool
}

// Table is a model's records, as its table or file has them before the driver reads them.
type Table struct {
	Model   *schema.Model
	Records []store.Item
}

// Run runs the suite.
func Run(t *testing.T, h Harness) {
	s := suite{Harness: h}
	tests := []struct {
		name string
		test func(*testing.T, suite)
	}{
		{"Scan", testScan},
		{"ScanLarge", testScanLarge},
		{"ScanEmpty", testScanEmpty},
		{"ScanStopped", testScanStopped},
		{"ScanCancelled", testScanCancelled},
		{"Get", testGet},
		{"GetMany", testGetMany},
		{"GetByJoinedKey", testGetByJoinedKey},
		{"GetByNumbers", testGetByNumbers},
		{"GetWrongKey", testGetWrongKey},
		{"Query", testQuery},
		{"QueryPages", testQueryPages},
		{"QueryLarge", testQueryLarge},
		{"QuerySparse", testQuerySparse},
		{"QueryJoined", testQueryJoined},
		{"QueryPrimaryKey", testQueryPrimaryKey},
		{"QueryWrong", testQueryWrong},
		{"Values", testValues},
		{"Undeclared", testUndeclared},
		{"Tombstones", testTombstones},
		{"Misfits", testMisfits},
		{"NoTable", testNoTable},
		{"Concurrent", testConcurrent},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) { test.test(t, s) })
	}
}

type suite struct{ Harness }

// catalog has a model for each kind of key. Its tables' names are not those of the types.
const catalog = `
type Show @model @table(name: "shows") {
  id: ID!
  studio: ID @index(name: "byStudio", sortKeyFields: ["rating"]) @index(name: "byStudioTitle", sortKeyFields: ["title"])
  title: String
  rating: Float
  year: Int @index(name: "byYear")
  aired: AWSTimestamp
  live: Boolean
  genre: Genre
  tags: [String]
  scores: [Float]
  grid: [[Int]]
  cover: Image
  images: [Image]
  extra: AWSJSON
  extras: [AWSJSON]
  note: String
}
type Episode @model @table(name: "episodes") {
  show: ID! @primaryKey(sortKeyFields: ["season", "code"])
  season: Int!
  code: String!
  language: String @index(name: "byLanguage", sortKeyFields: ["season", "code"])
  title: String
}
type Reading @model @table(name: "readings") {
  sensor: Int! @primaryKey(sortKeyFields: ["at"])
  at: Float!
  Item: AWSJSON
}
type Image { url: AWSURL width: Int of: Image }
enum Genre { DRAMA COMEDY }
`

func model(t testing.TB, name string) *schema.Model {
	t.Helper()
	s, err := schema.Parse("storetest.graphql", catalog)
	if err != nil {
		t.Fatal(err)
	}
	return s.Model(name)
}

// Short ways to write records.
func text(s string) store.Value         { return store.Value{Type: store.String, Text: []byte(s)} }
func number(s string) store.Value       { return store.Value{Type: store.Number, Text: []byte(s)} }
func binary(s string) store.Value       { return store.Value{Type: store.Binary, Text: []byte(s)} }
func boolean(b bool) store.Value        { return store.Value{Type: store.Bool, Bool: b} }
func null() store.Value                 { return store.Value{Type: store.Null} }
func list(e ...store.Value) store.Value { return store.Value{Type: store.List, Elems: e} }
func object(pairs ...any) store.Value   { return store.Value{Type: store.Map, Members: item(pairs...)} }

func set(t store.ValueType, elems ...store.Value) store.Value {
	return store.Value{Type: t, Elems: elems}
}

// item takes names and values in turn.
func item(pairs ...any) store.Item {
	var list store.Item
	for pair := range slices.Chunk(pairs, 2) {
		list = append(list, store.Member{Name: pair[0].(string), Value: pair[1].(store.Value)})
	}
	return list
}

// entity is what a driver must make of a record.
func entity(t testing.TB, m *schema.Model, record store.Item) store.Entity {
	t.Helper()
	e, live, err := store.Encode(nil, m, record)
	if err != nil || !live {
		t.Fatalf("Encode(%v) = live %t, %v", record, live, err)
	}
	return e
}

// scan returns all entities, in the order of their bytes.
func scan(t testing.TB, s store.Store, m *schema.Model, o *store.ScanOptions) []store.Entity {
	t.Helper()
	var all []store.Entity
	err := s.Scan(t.Context(), m, o, func(entities []store.Entity) error {
		all = append(all, entities...)
		return nil
	})
	if err != nil {
		t.Fatalf("Scan: %v", err)
	}
	sorted(all)
	return all
}

func sorted(entities []store.Entity) {
	slices.SortFunc(entities, func(a, b store.Entity) int { return bytes.Compare(a, b) })
}

// same compares entities as text.
func same(t testing.TB, what string, got, want []store.Entity) {
	t.Helper()
	if diff := cmp.Diff(texts(want), texts(got)); diff != "" {
		t.Errorf("%s (-want +got):\n%.4000s", what, diff)
	}
}

func texts(entities []store.Entity) []string {
	list := make([]string, len(entities))
	for i, e := range entities {
		list[i] = string(e)
	}
	return list
}

// shows makes n records with IDs from show-000 on.
func shows(n int) []store.Item {
	list := make([]store.Item, n)
	for i := range list {
		list[i] = item("id", text(showID(i)), "title", text(fmt.Sprintf("Title %d", i)), "rating", number(fmt.Sprint(i)))
	}
	return list
}

func showID(i int) string { return fmt.Sprintf("show-%03d", i) }

// large makes n records of almost 400 KB, the most that DynamoDB holds: two and a half fill a page.
func large(n int, members ...any) []store.Item {
	list := make([]store.Item, n)
	for i := range list {
		body := text(string(bytes.Repeat([]byte{'a' + byte(i%26)}, 390_000)))
		list[i] = append(item("id", text(showID(i)), "rating", number(fmt.Sprint(i)), "extra", body), item(members...)...)
	}
	return list
}

// cancelled is a context that has ended.
func cancelled(t testing.TB) context.Context {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	return ctx
}
