package schema_test

import (
	"testing"

	"github.com/chunkaside/chunkaside/catalog/schema"
)

// FuzzParse: any text is a schema or refused. Of a schema, every relation finds what it reads by.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		catalog, library,
		`type A @model @auth(rules: [{ allow: private }, { allow: groups, groups: ["x"] }]) { id: ID! bs: [B!]! @hasMany c: C @hasOne ds: [D] @manyToMany(relationName: "x") }
type B @model @serve(to: EVERYONE) { p: ID! @primaryKey(sortKeyFields: ["s"]) s: Int! a: A @belongsTo } type C @model { id: ID! a: A @belongsTo } type D @model { as: [A] @manyToMany(relationName: "x") }
type Query { x: Int @function(name: "f") } input AMPLIFY { globalAuthRule: AuthRule = { allow: public } } extend schema @amplify(dataStore: true, defaultAuth: iam)`,
		`type A @model @key(fields: ["x", "y"]) @key(name: "k", fields: ["y"], queryField: "q") { x: ID! y: Int! bs: [B] @connection(name: "n", sortField: "z") cs: [C] @connection(keyName: "k", fields: ["x"]) }
type B @model @versioned { id: ID! z: Int a: A @connection(name: "n") } type C @model @key(name: "k", fields: ["x"]) { id: ID! x: ID! b: B @connection }`,
		`type A @model { bs: [B] @hasMany(references: ["aId"]) b: B @hasOne(references: "aId") } type B @model { aId: ID a: A @belongsTo(references: "aId", overrideIndexName: "i") }`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		s, err := schema.Parse("f", text)
		if err != nil {
			return
		}
		for _, m := range s.Models {
			for _, field := range m.Fields {
				r := field.Relation
				switch {
				case (field.Type.Kind == schema.Reference) != (r != nil):
					t.Errorf("%s.%s: a relation without a model, or a model without a relation", m.Name, field.Name)
				case r != nil && (len(r.Fields) == 0 || len(r.Fields) > len(r.Index.Fields()) || r.Kind != schema.HasMany && len(r.Fields) != len(r.Index.Fields())):
					t.Errorf("%s.%s: %d fields for a key of %d", m.Name, field.Name, len(r.Fields), len(r.Index.Fields()))
				}
			}
		}
	})
}
