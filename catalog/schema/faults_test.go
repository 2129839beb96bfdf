package schema_test

import (
	"strings"
	"testing"

	"github.com/chunkaside/chunkaside/catalog/schema"
)

// TestAmplifyFaults: what Amplify would not build either, or what one catalog for all cannot be, is refused at its place.
func TestAmplifyFaults(t *testing.T) {
	const a, b = "type A @model { id: ID!\n", "}\ntype B @model { id: ID! "
	ruled := func(rules string) string { return "type A @model\n@auth(rules: " + rules + ") { id: ID! }" }
	for _, test := range []struct{ name, text, want string }{
		{"no rules", ruled("[]"), "f:2:2: @auth has no rules; write at least one rule, or remove it"},
		{"owner", ruled("[{ allow: public }, { allow: owner }]"), "f:2:34: type A: a rule of @auth (allow: owner) lets each caller read other records, which one catalog for all cannot; " +
			"add @serve(to: EVERYONE) if all who can call the API may read it, or @serve(to: NOBODY) to leave it out"},
		{"groups of the record", ruled("[{ allow: groups, groupsField: \"teams\" }]"), "f:2:15: type A: a rule of @auth (allow: groups) lets each caller"},
		{"groups of both kinds", ruled("[{ allow: groups, groups: [\"x\"], groupsField: \"teams\" }]"), "(allow: groups) lets each caller"},
		{"custom", ruled("[{ allow: custom }]"), "(allow: custom) lets each caller"},
		{"an owner beside some", ruled("[{ allow: private, operations: [get] }, { allow: owner }]"), "(allow: owner) lets each caller"},
		{"an owner beside a group", ruled("[{ allow: groups, groups: [\"x\"] }, { allow: owner }]"), "(allow: owner) lets each caller"},
		{"an owner of another provider", ruled("[{ allow: private }, { allow: owner, provider: oidc }]"), "(allow: owner) lets each caller"},
		{"a field's owner", a + "x: Int @auth(rules: [{ allow: owner }]) }", "f:2:22: A.x: a rule of @auth (allow: owner) lets each caller"},
		{"nobody", ruled("[{ allow: private, operations: [create] }]"), "f:2:15: type A: no rule of @auth lets anybody read it; add @serve"},
		{"nobody a field", "type A @model @auth(rules: [{ allow: public }]) { id: ID!\nx: Int @auth(rules: [{ allow: private, operations: [create] }]) }", "f:2:22: A.x: no rule of @auth lets anybody read it"},
		{"a type without rules", ruled("[{ allow: public }]") + "\ntype B @model { id: ID! }", "f:3:6: type B has no @auth, and where other types have one Amplify lets nobody read it; add @serve"},
		{"a type without rules beside an operation with", "type A @model { id: ID! }\ntype Query { x: Int @auth(rules: [{ allow: public }]) }", "f:1:6: type A has no @auth"},
		{"a type without rules beside an operation added", "type A @model { id: ID! }\nextend type Query { x: Int @auth(rules: [{ allow: public }]) }", "f:1:6: type A has no @auth"},
		{"unknown strategy", ruled("[{ allow: friends }]"), `f:2:15: a rule of @auth allows "friends"; write owner, groups`},
		{"no strategy", ruled("[{ groups: [\"x\"] }]"), `a rule of @auth allows ""`},
		{"unknown provider", ruled("[{ allow: public, provider: ldap }]"), "a rule of @auth that allows public has the provider ldap"},
		{"impossible provider", ruled("[{ allow: public, provider: userPools }]"), "a rule of @auth that allows public has the provider userPools"},
		{"unknown member", ruled("[{ allow: public, when: \"x\" }]"), `f:2:32: a rule of @auth has the unknown member "when"; remove it`},
		{"member of the wrong kind", ruled("[{ allow: groups, groups: Admin }]"), "a rule of @auth has groups: Admin"},
		{"@serve to somebody", "type A @model @serve(to: ADMINS) { id: ID! }", `f:1:16: @serve on type A is to "ADMINS"; write EVERYONE or NOBODY`},

		{"@amplify of another transformer", a + "} extend schema @amplify(transformer: 3)", "@amplify(transformer:) is 3; write 1 or 2"},
		{"@amplify without a bool", a + "} extend schema @amplify(dataStore: 1)", "@amplify(dataStore:) is 1; write true or false"},
		{"@amplify by another provider", a + "} extend schema @amplify(defaultAuth: ldap)", "@amplify(defaultAuth:) is ldap; write apiKey"},
		{"@amplify of something else", a + "} extend schema @amplify(size: true)", "@amplify has no argument size"},
		{"another extension", a + "} extend schema @link", "the file extends the schema definition; remove it"},

		{"no queries", "type A @model(queries: null) { id: ID! }", "f: the models have no queries; leave a model its get or its list"},
		{"a limit", a + "bs: [B] @hasMany(limit: 0)" + b + "}", "f:2:18: the limit is 0; write a whole number of at least 1"},
		{"belongsTo nothing", a + "b: B @belongsTo" + b + "}", "f:2:7: A.b belongs to B, which has no relation to A; add @hasMany or @hasOne to a field of B, or fields"},
		{"belongsTo what makes no key", a + "b: B @belongsTo x: ID @index(name: \"x\")" + b + "as: [A] @hasMany(indexName: \"x\", fields: [\"id\"]) }", "f:2:7: A.b has no fields, and B.as makes none; add fields: [...]"},
		{"hasMany by a key of one", a + "bs: [B] @hasMany(fields: [\"id\"])" + b + "}", "A.bs reads B by its primary key, which has one entity at most; add indexName, or use @hasOne"},
		{"no fields", a + "b: B @hasOne(fields: [])" + b + "}", "A.b names 0 fields for a key"},
		{"a key of another type", a + "bs: [B] @hasMany" + b + "aBsId: Int }", "f:2:10: A.bs keeps its key in B.aBsId, which is of another type"},
		{"a key of an older name", "type A @model @mapsTo(name: \"Old\") { id: ID!\nbs: [B] @hasMany" + b + "}", "f:2:10: A.bs makes keys, but @mapsTo gives them another name in the table"},
		{"a field of another name", a + "x: Int @refersTo(name: \"y\") }", "f:2:9: A.x has another name in its table"},
		{"types that differ", a + "bId: String b: B @belongsTo(fields: [\"bId\"])" + b + "}", "A.b compares bId with B.id: one is of type String, one of type ID"},
		{"a model between, once", a + "bs: [B] @manyToMany(relationName: \"x\")" + b + "}", "f:2:10: the relation X of @manyToMany stands in 1 places"},
		{"a model between, unnamed", a + "bs: [B] @manyToMany" + b + "as: [A] @manyToMany }", "f:2:10: "},
		{"a model between, nameless", a + "bs: [B] @manyToMany(relationName: \"!\")" + b + "as: [A] @manyToMany(relationName: \"!\") }", "A.bs has @manyToMany without a relationName"},
		{"a model between, no list", a + "b: B @manyToMany(relationName: \"x\")" + b + "as: [A] @manyToMany(relationName: \"x\") }", "f:2:7: A.b has @manyToMany but is no list; write [B]"},

		{"references of another number", a + "b: B @hasOne(references: [\"x\", \"y\"])" + b + "}", "A.b has 2 references for a key of 1"},
		{"references and fields", a + "b: B @hasOne(references: \"x\", fields: [\"id\"])" + b + "x: ID }", "A.b has references, and fields or an indexName with them"},
		{"references to nothing", a + "b: B @hasOne(references: \"x\")" + b + "}", "@hasOne of B: there is no field x"},
		{"references of another type", a + "b: B @hasOne(references: \"x\")" + b + "x: AWSDate }", "A.b compares B.x with A.id: one is of type AWSDate, one of type ID"},

		{"a @key of nothing", "type A @model @key(fields: []) { id: ID! }", "f:1:16: a @key of A names no fields"},
		{"two @keys without a name", "type A @model @key(fields: [\"id\"]) @key(fields: [\"id\"]) { id: ID! }", "type A has more than one @key without a name"},
		{"half a connection", a + "b: B @connection(name: \"x\")" + b + "}", `A.b is one half of the connection "x", and B has no other`},
		{"many to many", a + "bs: [B] @connection(name: \"x\")" + b + "as: [A] @connection(name: \"x\") }", `the connection "x" is of many to many`},
		{"a keyName alone", a + "bs: [B] @connection(keyName: \"x\")" + b + "}", "A.bs has a keyName but no fields"},
		{"a key that is not there", a + "bs: [B] @connection(keyName: \"x\", fields: [\"id\"])" + b + "}", `A.bs reads the key "x", which B does not have; declare @key(name: "x"`},
		{"a connection by a key of one", a + "bs: [B] @connection(fields: [\"id\"])" + b + "}", "A.bs reads B by its primary key, which has one entity at most"},
		{"a connection by half a key", a + "b: B @connection }\ntype B @model @key(fields: [\"p\", \"s\"]) { p: ID! s: ID! }", "A.b does not give the whole key of B"},
		{"two relations on a field", a + "b: B @hasOne @belongsTo" + b + "}", "A.b has more than one relation directive"},
		{"relation of no model", a + "n: N }\ntype N { b: A @hasOne }", "f:3:16: N.b has @hasOne, but N is no model; mark N with @model"},
	} {
		_, err := schema.Parse("f", test.text)
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: Parse = %v, want %q in it", test.name, err, test.want)
			continue
		}
		faults(t, err)
	}
}
