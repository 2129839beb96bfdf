package schema_test

import (
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/validator/rules"

	"github.com/chunkaside/chunkaside/announce"
	"github.com/chunkaside/chunkaside/catalog/schema"
)

// published parses the API with its mutations.
func published(t *testing.T, text string) (*schema.Schema, *ast.Schema, string) {
	t.Helper()
	s, err := schema.Parse("catalog.graphql", text)
	if err != nil {
		t.Fatal(err)
	}
	sdl, err := s.ServedWithMutations()
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := gqlparser.LoadSchema(&ast.Source{Name: "prelude", Input: schema.MutationsPrelude}, &ast.Source{Name: "served", Input: sdl})
	if err != nil {
		t.Fatal(err)
	}
	return s, parsed, sdl
}

// TestServedWithMutations: what is announced fits the API, and asks for every field that subscribers may.
func TestServedWithMutations(t *testing.T) {
	s, parsed, _ := published(t, library)
	if parsed.Mutation.Fields.ForName(schema.WarmMutation) == nil || parsed.Subscription.Fields.ForName(schema.PublishedSubscription) == nil {
		t.Error("an operation is missing")
	}
	document, err := gqlparser.LoadQueryWithRules(parsed, announce.Mutation, rules.NewDefaultRules())
	if err != nil {
		t.Fatal(err)
	}
	root := document.Operations[0].SelectionSet[0].(*ast.Field)
	fields := parsed.Types["CatalogPublished"].Fields
	if root.Name != schema.PublishMutation || len(root.Arguments) != len(root.Definition.Arguments) || len(root.SelectionSet) != len(fields) {
		t.Errorf("%s is given %d of %d arguments, and asked for %d of %d fields", root.Name, len(root.Arguments), len(root.Definition.Arguments), len(root.SelectionSet), len(fields))
	}
	for _, a := range root.Definition.Arguments {
		if f := fields.ForName(a.Name); f == nil || f.Type.String() != a.Type.String() {
			t.Errorf("the argument %s of type %s is no field of that type", a.Name, a.Type)
		}
	}
	if strings.Contains(s.Served(), "mutation") {
		t.Error("Served has mutations")
	}
}

// TestSubscribers: only roles publish, and those who read subscribe.
func TestSubscribers(t *testing.T) {
	for _, test := range []struct{ name, sdl, subscribe, message string }{
		{"nothing is said", `type A @model { id: ID! }`, "@aws_api_key", "@aws_api_key @aws_iam"},
		{"a default", "extend schema @amplify(defaultAuth: userPools)\ntype A @model { id: ID! }", "@aws_cognito_user_pools", "@aws_iam @aws_cognito_user_pools"},
		{"rules", `type A @model @auth(rules: [{ allow: public }, { allow: private, provider: iam }]) { id: ID! } type B @model @auth(rules: [{ allow: private, provider: oidc }]) { id: ID! }`,
			"@aws_api_key @aws_iam @aws_oidc", "@aws_api_key @aws_iam @aws_oidc"},
		{"directives of AppSync", `type A @model @aws_lambda { id: ID! }`, "@aws_lambda", "@aws_iam @aws_lambda"},
	} {
		_, _, sdl := published(t, test.sdl)
		for _, want := range []string{`@aws_subscribe(mutations: ["publishCatalog"]) ` + test.subscribe + "\n", "type CatalogPublished " + test.message + " {", "): CatalogPublished @aws_iam\n", "): Warmed @aws_iam\n"} {
			if !strings.Contains(sdl, want) {
				t.Errorf("%s: no %q in\n%s", test.name, want, sdl)
			}
		}
	}
}

// TestClash: a type of the file that has a name of ours is named.
func TestClash(t *testing.T) {
	for _, text := range []string{"type A @model { id: ID! x: CatalogPublished } type CatalogPublished { x: Int }", "type A @model { id: ID! x: Warmed } enum Warmed { X }"} {
		s, err := schema.Parse("catalog.graphql", text)
		if err != nil {
			t.Fatal(err)
		}
		if sdl, err := s.ServedWithMutations(); err == nil || !strings.Contains(err.Error(), "catalog.graphql: the type ") || !strings.Contains(err.Error(), "rename it") {
			t.Errorf("%s: %v\n%s", text, err, sdl)
		}
	}
}
