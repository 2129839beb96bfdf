package appsync_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/99designs/gqlgen/graphql/introspection"
	"github.com/google/go-cmp/cmp"
	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"

	"github.com/chunkaside/chunkaside/catalog/schema"
)

// introspected is the answer to the query that tools send.
type introspected struct {
	Data struct {
		Schema struct {
			QueryType    struct{ Name string }
			MutationType *struct{ Name string }
			Types        []introspectedType
			Directives   []struct {
				Name      string
				Locations []string
				Args      []introspectedValue
			}
		} `json:"__schema"`
	}
	Errors json.RawMessage
}

type introspectedType struct {
	Kind, Name  string
	Description string
	Fields      []struct {
		introspectedValue
		Args []introspectedValue
	}
	InputFields []introspectedValue
	EnumValues  []introspectedValue
}

type introspectedValue struct {
	Name         string
	Type         typeRef
	DefaultValue *string
}

type typeRef struct {
	Kind, Name string
	OfType     *typeRef
}

func (r typeRef) String() string {
	switch r.Kind {
	case "NON_NULL":
		return r.OfType.String() + "!"
	case "LIST":
		return "[" + r.OfType.String() + "]"
	}
	return r.Name
}

// TestIntrospection writes the schema anew from what the standard query says, and compares it with the one that is served.
func TestIntrospection(t *testing.T) {
	text := run(t, newServer(t, &fake{}, nil), introspection.Query, "")
	var got introspected
	if err := json.Unmarshal([]byte(text), &got); err != nil {
		t.Fatal(err)
	}
	if got.Errors != nil || got.Data.Schema.QueryType.Name != "Query" || got.Data.Schema.MutationType != nil {
		t.Fatalf("answer = %.300s", text)
	}
	if strings.Contains(text, `"args":null`) {
		t.Error("an empty list of arguments is null")
	}
	s, err := schema.Parse("catalog.graphql", catalog)
	if err != nil {
		t.Fatal(err)
	}
	served, err := gqlparser.LoadSchema(&ast.Source{Input: schema.ServedPrelude}, &ast.Source{Input: s.Served()})
	if err != nil {
		t.Fatal(err)
	}
	want := map[string][]string{}
	for name, definition := range served.Types {
		want[name] = describeDefinition(definition)
	}
	have := map[string][]string{}
	for _, definition := range got.Data.Schema.Types {
		have[definition.Name] = describeIntrospected(definition)
	}
	if diff := cmp.Diff(want, have); diff != "" {
		t.Errorf("types (-want +got):\n%s", diff)
	}
}

func describeDefinition(d *ast.Definition) []string {
	lines := []string{string(d.Kind), d.Description}
	for _, f := range d.Fields {
		if strings.HasPrefix(f.Name, "__") {
			continue
		}
		line := f.Name + "("
		for _, a := range f.Arguments {
			line += a.Name + ": " + a.Type.String() + " "
		}
		lines = append(lines, line+"): "+f.Type.String())
	}
	for _, v := range d.EnumValues {
		lines = append(lines, v.Name)
	}
	return lines
}

func describeIntrospected(d introspectedType) []string {
	lines := []string{d.Kind, d.Description}
	for _, f := range d.Fields {
		line := f.Name + "("
		for _, a := range f.Args {
			line += a.Name + ": " + a.Type.String() + " "
		}
		lines = append(lines, line+"): "+f.Type.String())
	}
	for _, f := range d.InputFields {
		lines = append(lines, f.Name+"(): "+f.Type.String())
	}
	for _, v := range d.EnumValues {
		lines = append(lines, v.Name)
	}
	return lines
}

func TestIntrospectOneType(t *testing.T) {
	got := run(t, newServer(t, &fake{}, nil), `query($n: String!) {
  none: __type(name: "Nothing") { name }
  rating: __type(name: $n) { k: kind name __typename fields { name } interfaces { name } inputFields { name } possibleTypes { name }
    enumValues(includeDeprecated: true) { name description isDeprecated deprecationReason } ofType { name } isOneOf specifiedByURL }
  query: __schema { __typename subscriptionType { name } directives @skip(if: true) { name isRepeatable args { defaultValue isDeprecated } } }
}`, `{"n":"Rating"}`)
	want := `{"data":{"none":null,"rating":{"k":"ENUM","name":"Rating","__typename":"__Type","fields":null,"interfaces":null,` +
		`"inputFields":null,"possibleTypes":null,"enumValues":[{"name":"G","description":null,"isDeprecated":false,"deprecationReason":null},` +
		`{"name":"PG","description":null,"isDeprecated":false,"deprecationReason":null}],"ofType":null,"isOneOf":false,"specifiedByURL":null},` +
		`"query":{"__typename":"__Schema","subscriptionType":null}}}`
	if got != want {
		t.Errorf("answer:\n got %s\nwant %s", got, want)
	}
}
