package schema_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/chunkaside/chunkaside/catalog/schema"
)

// TestAccess: what the rules of @auth grant for reading.
func TestAccess(t *testing.T) {
	both := func(g schema.Grant) schema.Grant { g.Get, g.List = true, true; return g }
	key, pool := both(schema.Grant{Provider: schema.APIKey}), both(schema.Grant{Provider: schema.UserPools})
	admins := both(schema.Grant{Provider: schema.UserPools, Groups: []string{"Admin", "Staff"}, GroupClaim: "cognito:groups"})
	grants := func(g ...schema.Grant) schema.Access { return schema.Access{Grants: g} }
	everyone := schema.Access{Everyone: true}
	for _, test := range []struct {
		name, rules string
		want        schema.Access
	}{
		{"public", `{ allow: public }`, grants(key)},
		{"public by IAM", `{ allow: public, provider: iam }`, grants(both(schema.Grant{Provider: schema.IAM}))},
		{"private", `{ allow: private }`, grants(pool)},
		{"private by IAM", `{ allow: private, provider: identityPool }`, grants(both(schema.Grant{Provider: schema.IAM, SignedIn: true}))},
		{"private by OIDC", `{ allow: private, provider: oidc }`, grants(both(schema.Grant{Provider: schema.OIDC}))},
		{"groups", `{ allow: groups, groups: ["Admin", "Staff"] }`, grants(admins)},
		{"groups by another claim", `{ allow: groups, groups: "Admin", provider: oidc, groupClaim: "roles" }`,
			grants(both(schema.Grant{Provider: schema.OIDC, Groups: []string{"Admin"}, GroupClaim: "roles"}))},
		{"reading", `{ allow: public, operations: [create, read] }`, grants(key)},
		{"get alone", `{ allow: public, operations: [get, update] }`, grants(schema.Grant{Provider: schema.APIKey, Get: true})},
		{"list alone", `{ allow: public, operations: [list, sync, listen, search] }`, grants(schema.Grant{Provider: schema.APIKey, List: true})},
		{"the oldest form", `{ allow: public, queries: [list], mutations: [create] }`, grants(schema.Grant{Provider: schema.APIKey, List: true})},
		{"several", `{ allow: public, operations: [read] }, { allow: groups, groups: ["Admin", "Staff"] }`, grants(key, admins)},
		{"a rule for writing", `{ allow: private }, { allow: owner, operations: [create, update, delete] }`, grants(pool)},
		{"an owner among all", `{ allow: owner }, { allow: private }`, grants(pool)},
		{"groups of the record among all", `{ allow: private }, { allow: groups, groupsField: "teams" }`, grants(pool)},
		{"an owner among some", `{ allow: private, operations: [get] }, { allow: private, operations: [list] }, { allow: owner }`,
			grants(schema.Grant{Provider: schema.UserPools, Get: true}, schema.Grant{Provider: schema.UserPools, List: true})},
	} {
		s, err := schema.Parse("t", "type A @model @auth(rules: ["+test.rules+"]) { id: ID! }")
		if err != nil {
			t.Errorf("%s: %v", test.name, err)
			continue
		}
		if diff := cmp.Diff(test.want, s.Model("A").Access); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.name, diff)
		}
	}
	for _, test := range []struct {
		name, text string
		want       schema.Access
	}{
		{"no rules in the file", `type A @model { id: ID! }`, everyone},
		{"marked", `type A @model @auth(rules: [{ allow: owner }]) @serve(to: EVERYONE) { id: ID! }`, everyone},
		{"marked without rules", `type A @model @serve(to: EVERYONE) { id: ID! } type B @model @auth(rules: [{ allow: public }]) { id: ID! }`, everyone},
		{"the global rule", `type A @model { id: ID! } input AMPLIFY { globalAuthRule: AuthRule = { allow: public } }`, grants(key)},
		{"a rule beside the global one", `type A @model @auth(rules: [{ allow: private }]) { id: ID! } input AMPLIFY { globalAuthRule: AuthRule = { allow: public } }`, grants(pool)},
		{"the first transformer without rules", `type A @model { id: ID! } type B @model @versioned @auth(rules: [{ allow: public }]) { id: ID! }`, everyone},
		{"the first transformer with rules for writing", `type A @model @versioned @auth(rules: [{ allow: owner, operations: [create] }]) { id: ID! }`, everyone},
	} {
		s, err := schema.Parse("t", test.text)
		if err != nil {
			t.Errorf("%s: %v", test.name, err)
			continue
		}
		if diff := cmp.Diff(test.want, s.Model("A").Access); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.name, diff)
		}
	}
}

// TestFieldAccess: a field may have rules of its own, and whoever may read one may ask for the model.
func TestFieldAccess(t *testing.T) {
	s := parse(t, `type A @model @auth(rules: [{ allow: private }]) {
  id: ID!
  name: String @auth(rules: [{ allow: public, operations: [read] }])
  mail: String @auth(rules: [{ allow: owner }]) @serve(to: EVERYONE)
  nested: N
}
type N { secret: String @auth(rules: [{ allow: groups, groups: ["G"] }]) shown: String }`)
	a := s.Model("A")
	if f := a.Field("id"); f.Access != nil {
		t.Errorf("id = %+v", f.Access)
	}
	key := schema.Grant{Provider: schema.APIKey, Get: true, List: true}
	if diff := cmp.Diff(&schema.Access{Grants: []schema.Grant{key}}, a.Field("name").Access); diff != "" {
		t.Errorf("name (-want +got):\n%s", diff)
	}
	if f := a.Field("mail"); f.Access == nil || !f.Access.Everyone {
		t.Errorf("mail = %+v", f.Access)
	}
	if secret := a.Field("nested").Type.Object.Field("secret"); len(secret.Access.Grants) != 1 || secret.Access.Grants[0].Groups[0] != "G" {
		t.Errorf("secret = %+v", secret.Access)
	}
	if a.Access.Everyone || !a.Callers.Everyone {
		t.Errorf("access %+v, callers %+v", a.Access, a.Callers)
	}
	some := parse(t, `type A @model @auth(rules: [{ allow: private }]) { id: ID! name: String @auth(rules: [{ allow: public }]) }`).Model("A")
	if diff := cmp.Diff([]schema.Provider{schema.UserPools, schema.APIKey}, []schema.Provider{some.Callers.Grants[0].Provider, some.Callers.Grants[1].Provider}); diff != "" {
		t.Errorf("callers (-want +got):\n%s", diff)
	}
	// The first transformer's field is as its model where no rule is about reading it.
	if f := parse(t, `type A @model @versioned @auth(rules: [{ allow: private }]) { id: ID! n: Int @auth(rules: [{ allow: owner, operations: [update] }]) }`).Model("A").Field("n"); f.Access != nil {
		t.Errorf("n = %+v", f.Access)
	}
}

// TestJoinAccess: the model between two has the rules of both, but for those that are settled.
func TestJoinAccess(t *testing.T) {
	for _, test := range []struct{ a, b, want string }{
		{"@auth(rules: [{ allow: public }])", "@auth(rules: { allow: private })", "1 3"},
		{"@auth(rules: [{ allow: owner }]) @serve(to: EVERYONE)", "@auth(rules: [{ allow: private }])", "3"},
		{"@auth(rules: [{ allow: owner }]) @serve(to: EVERYONE)", "@serve(to: EVERYONE)", "everyone"},
		{"", "", "everyone"},
	} {
		access := parse(t, `type A @model `+test.a+` { id: ID! bs: [B] @manyToMany(relationName: "AB") } type B @model `+test.b+` { id: ID! as: [A] @manyToMany(relationName: "AB") }`).Model("AB").Access
		got := map[bool]string{true: "everyone"}[access.Everyone]
		for _, g := range access.Grants {
			got = strings.TrimSpace(got + " " + string('0'+rune(g.Provider)))
		}
		if got != test.want {
			t.Errorf("%q and %q: %s, want %s", test.a, test.b, got, test.want)
		}
	}
}

// TestServedDirectives: AppSync's directives, of the rules and of the file.
func TestServedDirectives(t *testing.T) {
	text := `type A @model @auth(rules: [{ allow: private, operations: [get] }, { allow: public, operations: [list, update] }, { allow: private, provider: oidc, operations: [delete] }]) {
  id: ID! old: Int @deprecated(reason: "say \"new\"") n: N grouped: G i: Int @index(name: "i", queryField: "q") }
type G @aws_cognito_user_pools(cognito_groups: ["g"]) { z: Int }
type N @aws_api_key { x: Int @aws_cognito_user_pools(cognito_groups: ["a", "b"]) y: Int @auth(rules: [{ allow: public }]) }`
	for _, test := range []struct{ settings, where, want string }{
		{"", "type A", "@aws_api_key @aws_cognito_user_pools @aws_oidc"},
		{"", "getA(id: ID!): A", "@aws_cognito_user_pools"},
		{"", "listAS(filter: ModelAFilterInput, limit: Int, nextToken: String): ModelAConnection", "@aws_api_key"},
		{"", "q(i: Int!, sortDirection: ModelSortDirection, filter: ModelAFilterInput, limit: Int, nextToken: String): ModelAConnection", "@aws_api_key @aws_cognito_user_pools"},
		{"", "type ModelAConnection", "@aws_api_key @aws_cognito_user_pools"},
		{"", "old: Int", `@deprecated(reason: "say \"new\"")`},
		{"", "type N", "@aws_cognito_user_pools @aws_oidc @aws_api_key"},
		{"", "type G", `@aws_api_key @aws_oidc @aws_cognito_user_pools(cognito_groups: ["g"])`},
		{"", "x: Int", `@aws_cognito_user_pools(cognito_groups: ["a","b"])`},
		{"", "y: Int", `@aws_api_key`},
		{"extend schema @amplify(defaultAuth: userPools)", "getA(id: ID!): A", ""},
		{"extend schema @amplify(defaultAuth: userPools)", "type ModelAConnection", "@aws_api_key @aws_cognito_user_pools"},
	} {
		s := parse(t, text+test.settings)
		loadServed(t, s)
		_, rest, found := strings.Cut(s.Served(), test.where)
		line, _, _ := strings.Cut(rest, "\n")
		if got := strings.Trim(line, " {"); !found || got != test.want {
			t.Errorf("%s %s %s, want %s", test.settings, test.where, got, test.want)
		}
	}
}

// TestNestedDirectives: a type that models of different rules lead to takes the callers of all, unless one of them is left to the API.
func TestNestedDirectives(t *testing.T) {
	const models = `type A @model @auth(rules: [{ allow: public }]) { id: ID! n: N } type N { x: Int } `
	for b, want := range map[string]string{
		`type B @model @auth(rules: [{ allow: private }]) { id: ID! n: N }`:                                        "type N @aws_api_key @aws_cognito_user_pools {",
		`type B @model @serve(to: EVERYONE) { id: ID! n: N }`:                                                      "type N {",
		`type B @model @serve(to: EVERYONE) { id: ID! n: N } extend schema @amplify(defaultAuth: oidc)`:            "type N @aws_api_key @aws_oidc {",
		`type B @model @auth(rules: [{ allow: private }]) { id: ID! } extend schema @amplify(defaultAuth: apiKey)`: "type N {",
	} {
		if got := parse(t, models+b).Served(); !strings.Contains(got, want) {
			t.Errorf("%s: no %q in\n%s", b, want, got)
		}
	}
}

// TestLeftOut: what does not concern reading, and what @serve says, is accepted and named.
func TestLeftOut(t *testing.T) {
	s := parse(t, `type Query { search(x: In): [Found] @function(name: "f") @auth(rules: [{ allow: public }]) }
extend type Query { more: Int }
type Mutation { put(x: Nowhere): A }
type A @model @searchable @auth(rules: [{ allow: public }]) { id: ID! b: B @hasOne c: Int @serve(to: NOBODY) d(x: Int): Int @http(url: "u") n: N @default(value: "x") @aws_iam }
type B @model @serve(to: NOBODY) @auth(rules: [{ allow: owner }]) { id: ID! a: A @belongsTo }
type Found { e: E } union U = A | Found
enum E { X } enum N { Y }
input In { a: Int }
input In { a: Int }`)
	var got []string
	for _, l := range s.LeftOut {
		got = append(got, l.What)
	}
	want := []string{"Query.search", "Query.more", "Mutation.put", "the search of A", "A.b", "A.c", "A.d", "type B", "type Found", "union U", "enum E", "input In", "input In"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("left out (-want +got):\n%s", diff)
	}
	if got := fields(&s.Model("A").Object); got != "id:ID! n:N createdAt:AWSDateTime! updatedAt:AWSDateTime!" || len(s.Models) != 1 || len(s.Enums) != 1 {
		t.Errorf("A has %s, %d models, %d enums", got, len(s.Models), len(s.Enums))
	}
}
