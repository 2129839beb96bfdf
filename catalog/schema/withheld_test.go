package schema_test

import (
	"strings"
	"testing"

	"github.com/chunkaside/chunkaside/catalog/schema"
)

// TestWithheldFieldsStayAway: what @serve(to: NOBODY) leaves out is not brought back by what Amplify adds.
func TestWithheldFieldsStayAway(t *testing.T) {
	s := parse(t, `type Post @model @auth(rules: [{ allow: owner }]) @serve(to: EVERYONE) {
  id: ID!
  title: String
  owner: String @serve(to: NOBODY)
  createdAt: AWSDateTime! @serve(to: NOBODY)
}`)
	m := s.Model("Post")
	if m.Field("owner") != nil || m.Field("createdAt") != nil || m.Field("updatedAt") == nil {
		t.Errorf("fields: %s", fields(&m.Object))
	}
	if served := s.Served(); strings.Contains(served, "owner") || strings.Contains(served, "createdAt") {
		t.Errorf("served:\n%s", served)
	}
}

func TestWithheldKeysAreRefused(t *testing.T) {
	for text, want := range map[string]string{
		`type A @model { id: ID! @serve(to: NOBODY) n: Int }`:                                                                            "A.id is part of the primary key",
		`type A @model { code: ID! @primaryKey(sortKeyFields: ["n"]) n: Int! @serve(to: NOBODY) }`:                                       "A.n is part of the primary key",
		`type P @model { id: ID! comments: [C] @hasMany } type C @model { id: ID! text: String pCommentsId: ID @serve(to: NOBODY) }`:     "keeps its key in C.pCommentsId, which is left out",
		`type A @model @auth(rules: [{ allow: public }]) @auth(rules: [{ allow: private }]) { id: ID! }`:                                 "@auth stands twice on type A",
		`type A @model @versioned @auth(rules: [{ allow: groups, groups: ["G"], operations: [create, read], queries: [] }]) { id: ID! }`: "",
	} {
		s, err := schema.Parse("a.graphql", text)
		switch {
		case want == "" && (err != nil || s.Model("A").Access.Everyone):
			t.Errorf("%s: everyone may read it, or %v", text, err)
		case want != "" && (err == nil || !strings.Contains(err.Error(), want)):
			t.Errorf("%s: %v, want %q", text, err, want)
		}
	}
}

// TestGuardedCatalogsAreNotReadAsAWhole: a directive of AppSync guards a type or field, which bulk reading would go around.
func TestGuardedCatalogsAreNotReadAsAWhole(t *testing.T) {
	for text, public := range map[string]bool{
		`type A @model { id: ID! n: Int }`:                                                                      true,
		`type A @model @aws_cognito_user_pools(cognito_groups: ["Admin"]) { id: ID! n: Int }`:                   false,
		`type A @model { id: ID! n: Int @aws_iam }`:                                                             false,
		`type A @model { id: ID! part: B } type B @aws_api_key { n: Int }`:                                      false,
		`type A @model { id: ID! n: Int @aws_iam @serve(to: EVERYONE) }`:                                        true,
		`type A @model @auth(rules: [{ allow: public }]) { id: ID! }`:                                           false,
		`type A @model @auth(rules: [{ allow: public }]) @serve(to: EVERYONE) { id: ID! }`:                      true,
		`type A @model { id: ID! n: Int } type S @model @serve(to: NOBODY) @aws_iam { id: ID! secret: String }`: true,
	} {
		s := parse(t, text)
		if got := strings.Contains(s.Served(), schema.ChunksQuery); s.Public() != public || got != public {
			t.Errorf("%s: public %v, bulk reading %v, want %v", text, s.Public(), got, public)
		}
	}
}
