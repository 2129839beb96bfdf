package schema

import (
	"regexp"
	"slices"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/parser"
	"github.com/vektah/gqlparser/v2/validator"
)

var graphQLName = regexp.MustCompile(`^[_A-Za-z][_0-9A-Za-z]*$`)

// pageNames are the arguments that every page has; a key field of the same name could not be asked for.
var pageNames = []string{"filter", "limit", "nextToken", "sortDirection"}

// checkServed refuses a schema whose API could not be: the names that it is made of clash.
func (l *loader) checkServed(document *ast.SchemaDocument) {
	l.models(document, func(m *Model, definition *ast.Definition) {
		for _, q := range l.schema.Queries {
			if q.Model == m {
				l.checkQuery(q, definition.Position)
			}
		}
		for _, f := range m.Fields {
			if f.Relation != nil {
				l.checkArguments(m.Name+"."+f.Name, f.Relation.Sort, definition.Position)
			}
		}
	})
	if len(l.faults) > 0 {
		return
	}
	whole, err := parser.ParseSchemas(validator.Prelude, &ast.Source{Input: ServedPrelude, BuiltIn: true}, &ast.Source{Input: l.schema.Served()})
	if err == nil {
		_, err = validator.ValidateSchemaDocument(whole)
	}
	if err != nil {
		// The place is one in a text that the user never saw.
		l.report(nil, "rename a type: names such as ModelXConnection and ModelSortDirection are made from the models", "the API that the file makes is not valid: %s", message(err))
	}
}

func (l *loader) checkQuery(q *Query, at *ast.Position) {
	if !graphQLName.MatchString(q.Name) {
		l.report(at, "give the @index another queryField", "type %s makes the query %q, which is no GraphQL name", q.Model.Name, q.Name)
	}
	l.checkArguments(q.Name, q.Sort, at)
	if f := q.Index.Partition.Name; (q.Kind == ByIndex || q.Keyed) && slices.Contains(pageNames, f) {
		l.report(at, "rename the field", "%s would have the argument %s twice", q.Name, f)
	}
}

func (l *loader) checkArguments(where string, sort *SortArgument, at *ast.Position) {
	if sort != nil && slices.Contains(pageNames, sort.Name) {
		l.report(at, "rename the field", "%s would have the argument %s twice", where, sort.Name)
	}
}
