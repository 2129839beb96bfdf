package dynamostore

import (
	"errors"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/google/go-cmp/cmp"

	"github.com/chunkaside/chunkaside/catalog/schema"
	"github.com/chunkaside/chunkaside/store"
)

func TestCreateTablesCompares(t *testing.T) {
	const was = `type T @model { id: ID! a: String @index(name: "byA", sortKeyFields: ["n"]) n: Int }`
	s := open(t, server(t))
	if err := s.CreateTables(t.Context(), parse(t, was)); err != nil {
		t.Fatal(err)
	}
	for sdl, want := range map[string]string{
		was: "",
		`type T @model { id: ID! a: String b: String }`:                                                    "",
		`type T @model { id: ID! @primaryKey(sortKeyFields: ["n"]) n: Int! }`:                              "the table is there with the key id (S), but the schema wants id (S), n (N)",
		`type T @model { id: Int! @primaryKey }`:                                                           "the table is there with the key id (S), but the schema wants id (N)",
		`type T @model { id: ID! a: String @index(name: "byB") }`:                                          "the table is there, but without the index byB",
		`type T @model { id: ID! a: String @index(name: "byA", sortKeyFields: ["n", "m"]) n: Int m: Int }`: "its index byA has the key a (S), n (N) where the schema wants a (S), n#m (S)",
	} {
		err := s.CreateTables(t.Context(), parse(t, sdl))
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("CreateTables(%s) = %v, want %q", sdl, err, want)
		}
	}
}

// TestMissingIndex queries by an index that the schema has and the table has not.
func TestMissingIndex(t *testing.T) {
	s := open(t, server(t))
	if err := s.CreateTables(t.Context(), parse(t, `type T @model { id: ID! a: String }`)); err != nil {
		t.Fatal(err)
	}
	m := parse(t, `type T @model { id: ID! a: String @index(name: "byA") }`).Models[0]
	_, err := s.Query(t.Context(), m, store.Query{Index: m.Index("byA"), Partition: "x"})
	if !errors.Is(err, store.ErrNoTable) || !strings.Contains(err.Error(), "no index byA") {
		t.Errorf("Query = %v, want store.ErrNoTable", err)
	}
}

// TestPartialIndex queries an index that holds the keys only, of a table whose sort key is joined.
func TestPartialIndex(t *testing.T) {
	s := open(t, server(t))
	m := parse(t, `type T @model { id: ID! @primaryKey(sortKeyFields: ["n", "c"]) n: Int! c: String! a: String @index(name: "byA") text: String }`).Models[0]
	createPartial(t, s, m)
	want := []store.Entity{
		store.Entity(`{"id":"x","n":1,"c":"p#q","a":"g","text":"one"}`), store.Entity(`{"id":"x","n":2,"c":"p","a":"g","text":"two"}`),
	}
	if err := s.Write(t.Context(), m, append(want, store.Entity(`{"id":"x","n":3,"c":"p","a":"h"}`)), nil); err != nil {
		t.Fatal(err)
	}
	got, charged := map[string]bool{}, 0.0
	q := store.Query{Index: m.Index("byA"), Partition: "g", Limit: 1}
	for {
		page, err := s.Query(t.Context(), m, q)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range page.Entities {
			got[string(e)] = true
		}
		charged += page.ReadUnits
		if q.Start = page.Next; q.Start == "" {
			break
		}
	}
	if charged < 3 { // two reads of the index, two of the table: 0.5 and 1 each
		t.Errorf("the query was charged %g read units, want 3 and more", charged)
	}
	if diff := cmp.Diff(map[string]bool{string(want[0]): true, string(want[1]): true}, got); diff != "" {
		t.Errorf("Query (-want +got):\n%s", diff)
	}
}

func createPartial(t *testing.T, s *Store, m *schema.Model) {
	t.Helper()
	_, err := s.client.CreateTable(t.Context(), &dynamodb.CreateTableInput{
		TableName: aws.String(s.table(m)), BillingMode: types.BillingModePayPerRequest,
		KeySchema: keySchema(m.Key), AttributeDefinitions: definitions(m),
		GlobalSecondaryIndexes: []types.GlobalSecondaryIndex{{
			IndexName: aws.String("byA"), KeySchema: keySchema(m.Index("byA")),
			Projection: &types.Projection{ProjectionType: types.ProjectionTypeKeysOnly},
		}},
	})
	if err == nil {
		err = s.awaitTable(t.Context(), m)
	}
	if err != nil {
		t.Fatal(err)
	}
}
