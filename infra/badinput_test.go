package infra_test

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/parser"

	"github.com/chunkaside/chunkaside/catalog/schema"
	"github.com/chunkaside/chunkaside/infra"
)

// TestRefused: what AppSync, DynamoDB or CloudFormation would refuse is refused before anything is written, and the message says what to change.
func TestRefused(t *testing.T) {
	many := func(n int, of string) string {
		var out strings.Builder
		for i := range n {
			fmt.Fprintf(&out, of, i)
		}
		return out.String()
	}
	for name, c := range map[string]struct{ sdl, says string }{
		"a type of the backend's": {"type CatalogPublished @model { id: ID! }", "CatalogPublished"},
		"an enum of that name":    {"type Show @model { id: ID! kind: Warmed } enum Warmed { A }", "Warmed"},
		"AppSync's own name":      {"type AWSShow @model { id: ID! }", "AWSShow"},
		"a table's name":          {`type Show @model @table(name: "shows of today") { id: ID! }`, "shows of today"},
		"a table that is YAML":    {`type Show @model @table(name: "a\n    Properties: {}") { id: ID! }`, "DynamoDB"},
		"a table that is Sub":     {`type Show @model @table(name: "${AWS::StackName}") { id: ID! }`, "DynamoDB"},
		"an index's name":         {`type Show @model { id: ID! kind: String @index(name: "by kind", queryField: "showsByKind") }`, "by kind"},
		"a secret's name":         {`"{{resolve:ssm:x}}" type Show @model { id: ID! }`, "{{resolve:"},
		"too many types":          {many(61, "type Show%d @model { id: ID! }\n"), "61 types"},
		"too many indexes":        {"type Show @model { id: ID!\n" + many(21, `kind%[1]d: String @index(name: "byKind%[1]d", queryField: "showsBy%[1]d")`+"\n") + "}", "21 indexes"},
		"too much schema":         {"type Show @model { id: ID!\n" + many(9000, "\"An explanation that is as long as an explanation of a field can be, for nobody reads it.\"\nfield%d: String\n") + "}", "bytes of schema"},
	} {
		t.Run(name, func(t *testing.T) {
			s, err := schema.Parse("c.graphql", c.sdl)
			if err != nil {
				t.Fatal(err)
			}
			var out bytes.Buffer
			if err = infra.Render(&out, s, nil); !errors.Is(err, infra.ErrSchema) || !strings.Contains(err.Error(), c.says) || out.Len() > 0 {
				t.Errorf("error %v, want one that says %s; %d bytes are written", err, c.says, out.Len())
			}
		})
	}
}

// TestOptions: shapes that are none are refused.
func TestOptions(t *testing.T) {
	s, err := schema.Parse("c.graphql", "type Show @model { id: ID! }")
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range []infra.Options{{API: "half"}, {Package: "tar"}, {Cache: "disk"}} {
		if err := infra.Render(&bytes.Buffer{}, s, &o); !errors.Is(err, infra.ErrOptions) {
			t.Errorf("%+v: %v", o, err)
		}
	}
}

// TestOddTexts: whatever stands in a description reaches AppSync as it is, and names that differ in their underscores alone stay apart.
func TestOddTexts(t *testing.T) {
	const odd = `"""
${AWS::AccountId} and ${!this}, {{ this }}, << .SDL >>, # no comment, 'quotes', \t: - [ 漢字` + "\u2028and\u0085more" + `
  - indented
"""
type Show @model { id: ID! "${Callers}" a_b: String @index(name: "byA", queryField: "by_Z") ab: String @index(name: "byB", queryField: "byZ") }
type Sho_w @model { id: ID! }`
	s, err := schema.Parse("c.graphql", odd)
	if err != nil {
		t.Fatal(err)
	}
	d := parse(t, render(t, odd, &infra.Options{Tables: true}))
	pair := list(d.Resources["ApiSchema"], "Properties", "Definition", "Fn::Sub")
	got := strings.ReplaceAll(strings.ReplaceAll(pair[0].(string), "${Callers}", "@aws_iam"), "${!", "${") // as CloudFormation does
	for _, text := range []string{got, s.Served()} {
		if _, err := parser.ParseSchema(&ast.Source{Input: text}); err != nil {
			t.Fatal(err)
		}
	}
	_, served, _ := strings.Cut(strings.NewReplacer("\u2028", " ", "\u0085", " ").Replace(s.Served()), "}\n")
	if !strings.Contains(got, strings.TrimRight(served, "\n")) {
		t.Errorf("AppSync gets\n%s\nwhich does not have\n%s", got, served)
	}
	if n := len(d.ofType("AWS::AppSync::Resolver")); n != len(s.Queries)+4 {
		t.Errorf("%d resolvers for %d queries, two of the whole catalog and two mutations", n, len(s.Queries))
	}
	if n := len(d.ofType("AWS::DynamoDB::Table")); n != 2 {
		t.Errorf("%d tables", n)
	}
}
