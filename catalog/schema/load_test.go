package schema_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/chunkaside/chunkaside/catalog/schema"
)

const catalog = `
"A series."
type Program @model @table(name: "programs") {
  id: ID!
  title: String!
  rating: Rating
  groups: [Group] @hasMany(indexName: "byProgram", fields: ["id"])
}
type Group @model(timestamps: null) {
  id: ID!
  programId: ID! @index(name: "byProgram", sortKeyFields: ["year", "title"])
  program: Program @belongsTo(fields: ["programId"])
  title: String!
  year: Int
  images: [Image!]
  extra: AWSJSON
}
type Setting @model {
  scope: String! @primaryKey(sortKeyFields: ["name"])
  name: String!
  at: AWSTimestamp @index(name: "byTime", queryField: "settingsAt")
}
type Image { url: AWSURL! width: Int }
enum Rating { G PG }
`

func TestParse(t *testing.T) {
	s, err := schema.Parse("catalog.graphql", catalog)
	if err != nil {
		t.Fatal(err)
	}
	group := s.Model("Group")
	if got, want := group.Table, "Group"; got != want {
		t.Errorf("table of Group = %q, want %q", got, want)
	}
	if got, want := s.Model("Program").Table, "programs"; got != want {
		t.Errorf("table of Program = %q, want %q", got, want)
	}
	if group.Cluster != group.Index("byProgram") {
		t.Errorf("Group is not clustered by the index that Program.groups reads")
	}
	if got, want := group.Index("byProgram").SortAttribute(), "year#title"; got != want {
		t.Errorf("sort attribute = %q, want %q", got, want)
	}
	if r := s.Model("Program").Field("groups").Relation; r.Kind != schema.HasMany || r.Index != group.Index("byProgram") {
		t.Errorf("Program.groups = %+v", r)
	}
	if r := group.Field("program").Relation; r.Kind != schema.BelongsTo || r.Index != s.Model("Program").Key {
		t.Errorf("Group.program = %+v", r)
	}
	images := group.Field("images").Type
	if images.Kind != schema.Nested || images.Elem == nil || !images.Elem.NonNull || images.Elem.Object.Field("url").Type.Kind != schema.String {
		t.Errorf("Group.images = %+v", images)
	}
	var stored []string
	for _, f := range group.Stored() {
		stored = append(stored, f.Name)
	}
	if diff := cmp.Diff([]string{"id", "programId", "title", "year", "images", "extra"}, stored); diff != "" {
		t.Errorf("stored fields (-want +got):\n%s", diff)
	}
	if setting := s.Model("Setting"); setting.Key.Partition.Name != "scope" || setting.Key.SortAttribute() != "name" {
		t.Errorf("key of Setting = %+v", setting.Key)
	}
}

func TestQueries(t *testing.T) {
	s, err := schema.Parse("catalog.graphql", catalog)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, q := range s.Queries {
		got = append(got, q.Name)
	}
	want := []string{"getProgram", "listPrograms", "getGroup", "listGroups", "groupsByProgramIdAndYearAndTitle", "getSetting",
		"listSettings", "settingsAt"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("queries (-want +got):\n%s", diff)
	}
}

func TestDigest(t *testing.T) {
	base, err := schema.Parse("a", catalog)
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name, old, new string
		same           bool
	}{
		{"a description", "A series.", "A show.", true},
		{"a query's name", `queryField: "settingsAt"`, `queryField: "settingsSince"`, true},
		{"a new enum value", "G PG", "G PG R", true},
		{"a field's type", "extra: AWSJSON", "extra: String", false},
		{"a list", "extra: AWSJSON", "extra: [AWSJSON]", false},
		{"a key", `sortKeyFields: ["year", "title"]`, `sortKeyFields: ["title"]`, false},
		{"a table", `"programs"`, `"shows"`, false},
		{"a field of a nested type", "width: Int", "height: Int", false},
		{"the order of fields", "width: Int", "width: Int depth: Int", false},
	} {
		changed, err := schema.Parse("b", strings.Replace(catalog, test.old, test.new, 1))
		if err != nil {
			t.Fatalf("%s: %v", test.name, err)
		}
		if got := changed.Digest == base.Digest; got != test.same {
			t.Errorf("%s changed: digest equal = %v, want %v", test.name, got, test.same)
		}
	}
}

func TestParseFaults(t *testing.T) {
	for _, test := range []struct{ name, text, want string }{
		{"syntax", "type A @model {", "f:1:"},
		{"nothing", "", "f: the file declares no model; mark each type"},
		{"unknown type", "type A @model {\n  id: ID!\n  b: Bee\n}", "f:3:6: A.b has the unknown type Bee; declare it"},
		{"unknown directive", "type A @model @sharded { id: ID! }",
			"f:1:16: directive @sharded on type A is not served; remove it, or use one of those that are served here: @model, @table"},
		{"directive of a field on a type", "type A @model @index { id: ID! }", "f:1:16: directive @index on type A is not served"},
		{"unknown argument", "type A @model(x: 1) { id: ID! }", "x"},
		{"relation to nowhere", "type A @model { id: ID!\n b: [B] @hasMany(indexName: \"byA\") }\ntype B { x: Int }",
			"f:2:6: A.b is a relation to B, which is no model; mark B with @model"},
		{"missing index", "type A @model { id: ID!\n b: [B] @hasMany(indexName: \"byA\", fields: [\"id\"]) }\ntype B @model { id: ID! aId: ID }",
			`A.b reads the index "byA", which B does not have; declare @index(name: "byA")`},
		{"model without relation", "type A @model { id: ID!\n b: B }\ntype B @model { id: ID! }", "A.b has the model B as its type but no relation"},
		{"no key", "type A @model { id: ID }", `type A has no primary key; declare "id: ID!"`},
		{"nullable key", "type A @model { a: ID @primaryKey }", "A.a is part of the primary key but may be null"},
		{"unknown sort field", "type A @model { a: ID! @primaryKey(sortKeyFields: [\"z\"]) }", "there is no field z"},
		{"list key", "type A @model { id: ID! l: [String] @index(name: \"x\") }", "the field l cannot be part of a key"},
		{"two primary keys", "type A @model { a: ID! @primaryKey b: ID! @primaryKey }", "more than one @primaryKey"},
		{"same index twice", "type A @model { id: ID! a: ID @index(name: \"x\") b: ID @index(name: \"x\") }", `two indexes "x"`},
		{"hasMany no list", "type A @model { id: ID! a: A @hasMany(indexName: \"x\") }", "is no list"},
		{"belongsTo half a key", "type A @model { id: ID! x: ID b: B @belongsTo(fields: [\"x\"]) }\n" +
			"type B @model { p: ID! @primaryKey(sortKeyFields: [\"s\"]) s: ID! }", "does not give the whole key of B"},
		{"number against string", "type A @model { id: ID! n: Int b: A @belongsTo(fields: [\"n\"]) }", "one is a number, one is not"},
		{"model called Query", "type A @model { id: ID! }\ntype Query @model { a: Int }", "f:2:6: a model is called Query, which GraphQL reserves"},
		{"interface", "interface I { id: ID }\ntype A @model { id: ID! i: I }", "f:1:11: interface I is not served; a catalog is made of types and enums"},
		{"schema definition", "schema { query: A }\ntype A @model { id: ID! }", "f:1:8: the file has a schema definition"},
		{"same query twice", "type A @model { id: ID! x: ID @index(name: \"x\", queryField: \"getA\") }", "both make the query getA"},
		{"declared twice", "type A @model { id: ID! }\ntype A @model { id: ID! }", "Cannot redeclare type A"},
		{"field twice", "type A @model { id: ID! id: ID! }", "id"},
		{"extension", "type A @model { id: ID! }\nextend type A { b: Int }", "type A is extended"},
		{"arguments", "type A @model { id: ID! x(a: Int): Int }", "A.x has arguments"},
		{"number against string by default", "type A @model { n: Int! @primaryKey b: [B] @hasMany(indexName: \"x\") }\n" +
			"type B @model { id: ID! a: ID @index(name: \"x\") }", "one is a number, one is not"},
		{"query that is no name", "type A @model { id: ID! x: ID @index(name: \"x\", queryField: \"foo bar\") }", `makes the query "foo bar", which is no GraphQL name`},
		{"argument twice", "type A @model { id: ID! limit: ID @index(name: \"x\", queryField: \"q\") }", "q would have the argument limit twice"},
		{"argument of a list twice", "type A @model { filter: ID! @primaryKey }", "listAS would have the argument filter twice"},
		{"sort argument twice", "type A @model { id: ID! @primaryKey(sortKeyFields: [\"limit\"]) limit: ID! }", "listAS would have the argument limit twice"},
		{"sort argument of a relation twice", "type A @model { id: ID! bs: [B] @hasMany(indexName: \"x\", fields: [\"id\"]) }\n" +
			"type B @model { id: ID! a: ID @index(name: \"x\", queryField: null, sortKeyFields: [\"limit\"]) limit: Int }", "A.bs would have the argument limit twice"},
		{"name that is made", "type A @model { id: ID! c: ModelAConnection }\ntype ModelAConnection { x: Int }", "the API that the file makes is not valid: Cannot redeclare type ModelAConnection"},
		{"table twice", "type A @model @table(name: \"t\") { id: ID! }\ntype B @model @table(name: \"t\") { id: ID! }", "A and B have the same table t"},
		{"sort field twice", "type A @model { a: ID! @primaryKey(sortKeyFields: [\"b\", \"b\"]) b: ID! }", "names the field b twice"},
		{"reserved name", "type A @model { id: ID! __x: Int }", "__x"},
	} {
		_, err := schema.Parse("f", test.text)
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: Parse = %v, want %q in it", test.name, err, test.want)
		}
		var fault *schema.Error
		if err != nil && !errors.As(err, &fault) {
			t.Errorf("%s: %T is no *schema.Error", test.name, err)
		}
	}
}

func TestParseReportsAllFaults(t *testing.T) {
	_, err := schema.Parse("f", "type A @model { id: ID! a: Nix b: Nada u: U }\nunion U = A")
	if got := strings.Count(err.Error(), "\n") + 1; got != 3 {
		t.Errorf("got %d faults, want 3:\n%v", got, err)
	}
}

func TestLoad(t *testing.T) {
	path := filepath.Join(t.TempDir(), "c.graphql")
	if err := os.WriteFile(path, []byte(catalog), 0o600); err != nil {
		t.Fatal(err)
	}
	if s, err := schema.Load(path); err != nil || s.Name != "c.graphql" {
		t.Errorf("Load = %v, %v", s, err)
	}
	if _, err := schema.Load(path + "x"); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("Load of a missing file = %v", err)
	}
	if _, err := schema.Load(filepath.Dir(path)); err == nil || !strings.Contains(err.Error(), "is a folder") {
		t.Errorf("Load of a folder = %v", err)
	}
	if err := os.WriteFile(path, make([]byte, schema.MaxSize+1), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := schema.Load(path); err == nil || !strings.Contains(err.Error(), "more than") {
		t.Errorf("Load of a huge file = %v", err)
	}
}
