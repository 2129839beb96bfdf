package schema_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/chunkaside/chunkaside/catalog/schema"
)

func parse(t *testing.T, text string) *schema.Schema {
	t.Helper()
	s, err := schema.Parse("t.graphql", text)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// fields writes the stored fields of an object, those that the API does not have in brackets.
func fields(o *schema.Object) string {
	var list []string
	for _, f := range o.Stored() {
		text := f.Name + ":" + f.Type.String()
		if f.Hidden {
			text = "(" + text + ")"
		}
		list = append(list, text)
	}
	return strings.Join(list, " ")
}

// indexes writes the indexes of a model, with the fields of their keys.
func indexes(m *schema.Model) string {
	var list []string
	for _, ix := range m.Indexes {
		list = append(list, ix.Name+"("+strings.TrimSuffix(ix.Partition.Name+" "+ix.SortAttribute(), " ")+")")
	}
	return strings.Join(list, " ")
}

// TestImplicitFields: what Amplify adds to a model, and what to the names of a key.
func TestImplicitFields(t *testing.T) {
	const timestamps = " createdAt:AWSDateTime! updatedAt:AWSDateTime!"
	composite := `type A @model { code: String! @primaryKey(sortKeyFields: ["year", "part"]) year: Int! part: ID! bs: [B!]! @hasMany }
type B @model(timestamps: null) { id: ID! a: A @belongsTo }`
	joined := `type A @model { id: ID! bs: [B] @manyToMany(relationName: "a b") }
type B @model { code: String! @primaryKey(sortKeyFields: ["year", "Part"]) year: Int! Part: ID! as: [A] @manyToMany(relationName: "a b", limit: 7) }`
	for _, test := range []struct{ name, text, model, fields, indexes string }{
		{"an id and two times", `type A @model { x: Int }`, "A", "x:Int id:ID!" + timestamps, ""},
		{"no id beside another key", `type A @model { x: Int! @primaryKey }`, "A", "x:Int!" + timestamps, ""},
		{"times that are there", `type A @model { id: ID! createdAt: String }`, "A", "id:ID! createdAt:String updatedAt:AWSDateTime!", ""},
		{"times of other names", `type A @model(timestamps: { createdAt: "made", updatedAt: null }) { id: ID! }`, "A", "id:ID! made:AWSDateTime!", ""},
		{"no times", `type A @model(timestamps: null) { id: ID! }`, "A", "id:ID!", ""},
		{"records that are not Amplify's", `type A @model @table(name: "as") { id: ID! }`, "A", "id:ID!", ""},
		{"but say so", `type A @model(timestamps: {}) @table(name: "as") { id: ID! }`, "A", "id:ID!" + timestamps, ""},
		{"DataStore", `type A @model(timestamps: null) { id: ID! } extend schema @amplify(dataStore: true)`, "A", "id:ID! _version:Int! _deleted:Boolean _lastChangedAt:AWSTimestamp!", ""},
		{"owners", `type A @model(timestamps: null) @serve(to: EVERYONE) @auth(rules: [{ allow: owner }]) { id: ID! b: Int @serve(to: EVERYONE) @auth(rules: [{ allow: owner, ownerField: "by" }]) }`,
			"A", "id:ID! b:Int owner:String by:String", ""},
		{"a version", `type A @model(timestamps: null) @versioned { id: ID! }`, "A", "id:ID! version:Int!", ""},
		{"a version by another name", `type A @model(timestamps: null) @versioned(versionField: "v") { id: ID! }`, "A", "id:ID! v:Int!", ""},

		{"hasMany", `type A @model { id: ID! bs: [B] @hasMany } type B @model(timestamps: null) { id: ID! }`, "B", "id:ID! aBsId:ID", "gsi-A.bs(aBsId)"},
		{"hasMany, the key declared", `type A @model { id: ID! bs: [B] @hasMany } type B @model(timestamps: null) { aBsId: ID! id: ID! }`, "B", "aBsId:ID! id:ID!", "gsi-A.bs(aBsId)"},
		{"hasMany, not null, of a composite key", composite, "B", "id:ID! aBsCode:String! aBsYear:Int! aBsPart:ID!", "gsi-A.bs(aBsCode aBsYear#aBsPart)"},
		{"the same by an older project's names", composite + " extend schema @amplify(respectPrimaryKeyAttributesOnConnectionField: false)", "B",
			"id:ID! aBsId:ID! aBsYear:Int! aBsPart:ID!", "gsi-A.bs(aBsId)"},
		{"hasMany with an index but no fields", `type A @model { id: ID! bs: [B] @hasMany(indexName: "byA") } type B @model(timestamps: null) { id: ID! a: ID @index(name: "byA") }`, "B",
			"id:ID! a:ID aBsId:ID", "byA(a)"},
		{"hasOne", `type A @model(timestamps: null) { id: ID! b: B! @hasOne } type B @model { p: ID! @primaryKey(sortKeyFields: "s") s: Float! }`, "A", "id:ID! aBP:ID! aBS:Float!", ""},
		{"belongsTo a hasOne", `type A @model { id: ID! b: B @hasOne } type B @model(timestamps: null) { id: ID! a: A! @belongsTo }`, "B", "id:ID! bAId:ID!", ""},
		{"references", `type A @model { bs: [B] @hasMany(references: ["aId"]) } type B @model(timestamps: null) { aId: String a: A @belongsTo(references: ["aId"]) }`, "B", "aId:String id:ID!",
			"gsi-A.bs(aId)"},
		{"references with an index of another name", `type A @model { b: B @hasOne(references: "aId") } type B @model(timestamps: null) { aId: ID a: A @belongsTo(references: "aId", overrideIndexName: "x") }`,
			"B", "aId:ID id:ID!", "x(aId)"},
		{"references to a composite key", `type A @model { p: ID! @primaryKey(sortKeyFields: ["s"]) s: Int! bs: [B] @hasMany(references: ["ap", "as"]) } type B @model(timestamps: null) { id: ID! ap: ID as: Int }`,
			"B", "id:ID! ap:ID as:Int", "gsi-A.bs(ap as)"},

		{"a join", joined, "Ab", "id:ID! aId:ID! bCode:String! byear:Int! bPart:ID!" + timestamps, "byA(aId) byB(bCode byear#bPart)"},
		{"a join by an older project's names", joined + " extend schema @amplify(respectPrimaryKeyAttributesOnConnectionField: false)", "Ab",
			"id:ID! aID:ID! bID:String! byear:Int! bPart:ID!" + timestamps, "byA(aID) byB(bID byear#bPart)"},

		{"index without a name", `type A @model(timestamps: null) { id: ID! x: Int @index(sortKeyFields: ["y"]) @index(queryField: "q") y: Int }`, "A", "id:ID! x:Int y:Int",
			"aSByXAndY(x y) aSByX(x)"},
		{"keys of the first transformer", `type A @model(timestamps: null) @key(fields: ["x", "y"]) @key(name: "byY", fields: ["y", "x"], queryField: "q") { x: ID! y: Int! }`, "A", "x:ID! y:Int!", "byY(y x)"},
		{"connection to many", `type A @model { id: ID! bs: [B] @connection } type B @model(timestamps: null) { id: ID! }`, "B", "id:ID! (aBsId:ID)", "gsi-A.bs(aBsId)"},
		{"connection by a key that is declared", `type A @model { id: ID! bs: [B] @connection(keyField: "k") } type B @model(timestamps: null) { k: ID id: ID! }`, "B", "k:ID id:ID!", "gsi-A.bs(k)"},
		{"connection with a name", `type A @model { id: ID! bs: [B] @connection(name: "x", sortField: "n") } type B @model(timestamps: null) { id: ID! a: A @connection(name: "x", keyField: "k") n: Int }`,
			"B", "id:ID! n:Int (k:ID)", "gsi-x(k n)"},
		{"connection to one", `type A @model(timestamps: null) { id: ID! b: B @connection } type B @model { id: ID! }`, "A", "id:ID! (aBId:ID)", ""},
	} {
		m := parse(t, test.text).Model(test.model)
		if got := fields(&m.Object); got != test.fields {
			t.Errorf("%s: fields\n got %s\nwant %s", test.name, got, test.fields)
		}
		if got := indexes(m); got != test.indexes {
			t.Errorf("%s: indexes\n got %s\nwant %s", test.name, got, test.indexes)
		}
	}
}

// TestTables: what names a table.
func TestTables(t *testing.T) {
	for text, want := range map[string]string{
		`type A @model { id: ID! }`: "A", `type A @model @table(name: "as") { id: ID! }`: "as", `type A @model @mapsTo(name: "Old") { id: ID! }`: "Old",
		`type A @model @refersTo(name: "old") { id: ID! }`: "old",
	} {
		if got := parse(t, text).Model("A").Table; got != want {
			t.Errorf("table of %s = %q, want %q", text, got, want)
		}
	}
}

// TestQueryNames: which queries there are, and by which names.
func TestQueryNames(t *testing.T) {
	const indexed = `type Box @model { id: ID! a: Int @index(name: "x") b: Int @index(name: "y", queryField: "q") c: Int @index(name: "z", queryField: null) }`
	for _, test := range []struct{ name, text, want string }{
		{"usual", `type Box @model { id: ID! }`, "getBox listBoxes"},
		{"the first transformer", `type Box @model @versioned { id: ID! }`, "getBox listBoxs"},
		{"the first transformer, said", `type Box @model { id: ID! } extend schema @amplify(transformer: 1)`, "getBox listBoxs"},
		{"the first transformer with better plurals", `type Box @model { id: ID! } extend schema @amplify(transformer: 1, improvePluralization: true)`, "getBox listBoxes"},
		{"a small letter", `type box @model { id: ID! }`, "getBox listBoxes"},
		{"names", `type Box @model(queries: { get: "box", list: "boxes" }) { id: ID! }`, "box boxes"},
		{"one name", `type Box @model(queries: { get: "box" }) { id: ID! }`, "box listBoxes"},
		{"one name, the first transformer", `type Box @model(queries: { get: "box" }) @versioned { id: ID! }`, "box"},
		{"none of one", `type Box @model(queries: null) { id: ID! } type A @model { id: ID! }`, "getA listAS"},
		{"one of none", `type Box @model(queries: { list: null }) { id: ID! }`, "getBox"},
		{"indexes", indexed, "getBox listBoxes boxesByA q"},
		{"indexes of an older project", indexed + ` extend schema @amplify(enableAutoIndexQueryNames: false)`, "getBox listBoxes q"},
		{"a key of the first transformer", `type Box @model @key(name: "x", fields: ["id"]) @key(name: "y", fields: ["id"], queryField: "q") { id: ID! }`, "getBox listBoxs q"},
		{"a join", `type A @model(queries: null) { id: ID! bs: [Box] @manyToMany(relationName: "ABox") } type Box @model(queries: null) { id: ID! as: [A] @manyToMany(relationName: "ABox") }`,
			"getABox listABoxes aBoxesByAId aBoxesByBoxId"},
	} {
		var got []string
		for _, q := range parse(t, test.text).Queries {
			got = append(got, q.Name)
		}
		if got := strings.Join(got, " "); got != test.want {
			t.Errorf("%s: queries = %s, want %s", test.name, got, test.want)
		}
	}
}

// TestArguments: the arguments that limit a sort key, the limits, and the inputs of both.
func TestArguments(t *testing.T) {
	s := parse(t, `
type A @model {
  id: ID!
  one: [B] @hasMany(indexName: "byOne", fields: ["id"], limit: 7)
  two: [B] @hasMany(indexName: "byTwo", fields: ["id"])
  both: [B] @hasMany(indexName: "byOne", fields: ["id", "n"])
  n: Int
  own: [C] @hasMany(fields: ["id"])
  implicit: [C] @hasMany
}
type B @model { id: ID! a: ID @index(name: "byOne", sortKeyFields: ["n"]) @index(name: "byTwo", sortKeyFields: ["kind", "at", "n"]) n: Int kind: Kind at: AWSTimestamp kinds: [Kind] }
type C @model { p: ID! @primaryKey(sortKeyFields: ["n"]) n: Int! bs: [B] @hasMany(indexName: "byOne") }
enum Kind { X Y }`)
	served := loadServed(t, s)
	for _, test := range []struct{ kind, field, want string }{
		{"A", "one", "n:ModelIntKeyConditionInput filter:ModelBFilterInput"},
		{"A", "two", "kindAtN:ModelBByTwoCompositeKeyConditionInput filter:ModelBFilterInput"},
		{"A", "both", "filter:ModelBFilterInput"},
		{"A", "own", "n:ModelIntKeyConditionInput filter:ModelCFilterInput"},
		{"A", "implicit", "n:ModelIntKeyConditionInput filter:ModelCFilterInput"},
		{"C", "bs", "n:ModelIntKeyConditionInput filter:ModelBFilterInput"},
		{"Query", "bSByAAndN", "a:ID! n:ModelIntKeyConditionInput sortDirection:ModelSortDirection"},
		{"Query", "listCS", "p:ID n:ModelIntKeyConditionInput filter:ModelCFilterInput"},
		{"Query", "listAS", "filter:ModelAFilterInput"},
	} {
		var got []string
		for _, a := range served.Types[test.kind].Fields.ForName(test.field).Arguments {
			got = append(got, a.Name+":"+a.Type.String())
		}
		got = got[:strings.Count(" "+test.want, ":")]
		if got := strings.Join(got, " "); got != test.want {
			t.Errorf("%s.%s begins with the arguments %q, want %q", test.kind, test.field, got, test.want)
		}
	}
	a, c := s.Model("A"), s.Model("C")
	if r := a.Field("one").Relation; r.Limit != 7 || r.Sort.Ignored || r.Sort.Index != s.Model("B").Index("byOne") {
		t.Errorf("A.one = %+v, %+v", r, r.Sort)
	}
	if r := a.Field("own").Relation; r.Limit != 100 || r.Index != c.Key || r.Sort.Ignored {
		t.Errorf("A.own = %+v, %+v", r, r.Sort)
	}
	if r := a.Field("implicit").Relation; r.Index != c.Index("gsi-A.implicit") || !r.Sort.Ignored || r.Sort.Index != c.Key {
		t.Errorf("A.implicit = %+v, %+v", r, r.Sort)
	}
	if r := c.Field("bs").Relation; len(r.Fields) != 2 || !r.Sort.Ignored {
		t.Errorf("C.bs = %+v, %+v", r, r.Sort)
	}
	if q := s.Query("listCS"); !q.Keyed || q.Sort.Name != "n" || s.Query("listAS").Keyed {
		t.Errorf("listCS = %+v, listAS = %+v", q, s.Query("listAS"))
	}
	want := map[string]string{
		"ModelBByTwoCompositeKeyInput": "kind:Kind at:AWSTimestamp n:Int", "ModelKindListInput": "eq:[Kind] ne:[Kind] contains:Kind notContains:Kind", "ModelKindInput": "eq:Kind ne:Kind",
		"ModelIntKeyConditionInput": "eq:Int le:Int lt:Int ge:Int gt:Int between:[Int]",
	}
	got := map[string]string{}
	for name := range want {
		for _, f := range served.Types[name].Fields {
			got[name] = strings.TrimSpace(got[name] + " " + f.Name + ":" + f.Type.String())
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("inputs (-want +got):\n%s", diff)
	}
}

// TestEnumKey: an enum is compared as the text that it is.
func TestEnumKey(t *testing.T) {
	s := parse(t, `type A @model { id: ID! x: ID @index(name: "x", sortKeyFields: ["kind"]) kind: Kind } enum Kind { X }`)
	if got := s.Query("aSByXAndKind").Sort.Type; got != "ModelStringKeyConditionInput" {
		t.Errorf("type of the argument = %s", got)
	}
}

// TestClusters: siblings stand together, whatever makes them siblings.
func TestClusters(t *testing.T) {
	for name, text := range map[string]string{
		"gsi-A.bs": `type A @model { bs: [B] @hasMany } type B @model { id: ID! }`,
		"gsi-A.cs": `type A @model { cs: [B] @hasMany(references: "aId") } type B @model { aId: ID }`,
		"k":        `type A @model { id: ID! bs: [B] @connection(keyName: "k", fields: ["id"]) } type B @model @key(name: "k", fields: ["x"]) { id: ID! x: ID! }`,
		"gsi-A.ds": `type A @model { id: ID! ds: [B] @connection } type B @model { id: ID! }`,
		"":         `type A @model { b: B @hasOne(references: "aId") } type B @model { aId: ID }`,
	} {
		if got := parse(t, text).Model("B").Cluster.Name; got != name {
			t.Errorf("%s: B is clustered by %q, want %q", text, got, name)
		}
	}
}

// TestFirstServed: how the first transformer's API differs.
func TestFirstServed(t *testing.T) {
	served := loadServed(t, parse(t, `type A @model @key(name: "x", fields: ["n"], queryField: "q") { id: ID! n: Int bs: [B] @connection
  cs: [C] @connection(keyName: "k", fields: ["id"]) ds: [C] @connection(keyName: "k", fields: ["id", "id"]) } type B @model { id: ID! } type C @model @key(name: "k", fields: ["x", "y"]) { id: ID! x: ID! y: ID! }`))
	for field, want := range map[string]string{"bs": "filter", "cs": "y", "ds": "filter"} {
		if got := served.Types["A"].Fields.ForName(field).Arguments[0].Name; got != want {
			t.Errorf("A.%s begins with the argument %s, want %s", field, got, want)
		}
	}
	if got := served.Types["ModelAConnection"].Fields.ForName("items").Type.String(); got != "[A]" {
		t.Errorf("items = %s", got)
	}
	if got := served.Query.Fields.ForName("q").Arguments.ForName("n").Type.String(); got != "Int" {
		t.Errorf("q(n:) = %s", got)
	}
	if served.Types["B"].Fields.ForName("aBsId") != nil || served.Types["ModelBFilterInput"].Fields.ForName("aBsId") != nil {
		t.Error("a hidden key is served")
	}
}

// TestDataStoreServed: what DataStore adds to the API.
func TestDataStoreServed(t *testing.T) {
	served := loadServed(t, parse(t, `type A @model { id: ID! } extend schema @amplify(dataStore: true)`))
	filter := served.Types["ModelAFilterInput"].Fields
	if served.Types["ModelAConnection"].Fields.ForName("startedAt") == nil || filter.ForName("_deleted") == nil || filter.ForName("_version") != nil {
		t.Errorf("connection %+v, filter %+v", served.Types["ModelAConnection"].Fields, filter)
	}
}
