package schema

import (
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
)

// defineQueries names the root fields as Amplify does: getEpisode, listEpisodes, and of each index its queryField or
// episodesByProgramIdAndRecorded.
func (l *loader) defineQueries(document *ast.SchemaDocument) {
	l.schema.queries = map[string]*Query{}
	l.models(document, func(m *Model, definition *ast.Definition) {
		at := definition.Position
		if name := l.queryName(definition, "get", upperFirst(m.Name)); name != "" {
			l.addQuery(at, &Query{Name: name, Kind: Get, Model: m, Index: m.Key})
		}
		if name := l.queryName(definition, "list", l.plural(upperFirst(m.Name))); name != "" {
			q := &Query{Name: name, Kind: List, Model: m, Index: m.Key, Keyed: m.keyed}
			if q.Keyed {
				q.Sort = sortArgument(m, m.Key)
			}
			l.addQuery(at, q)
		}
		for _, ix := range m.Indexes {
			if ix.query != "" {
				l.addQuery(at, &Query{Name: ix.query, Kind: ByIndex, Model: m, Index: ix, Sort: sortArgument(m, ix)})
			}
		}
	})
	l.checkBulkNames(document)
	l.schema.guarded = guarded(document)
	if len(l.schema.Queries) == 0 {
		l.report(nil, "leave a model its get or its list, or give an index a queryField", "the models have no queries")
	}
}

// queryName is the name of a model's get or list: the usual one, or that of @model(queries: {get: ..., list: ...}), which may be null. In the first transformer's schemas, a query that
// is not named there is not made.
func (l *loader) queryName(definition *ast.Definition, operation, usual string) string {
	argument := definition.Directives.ForName("model").Arguments.ForName("queries")
	if argument == nil {
		return operation + usual
	}
	name := member(argument.Value, operation)
	switch {
	case argument.Value.Kind == ast.NullValue, name == nil && l.settings.first:
		return ""
	case name == nil:
		return operation + usual
	}
	return valueText(name)
}

func (l *loader) addQuery(at *ast.Position, q *Query) {
	if other := l.schema.queries[q.Name]; other != nil {
		l.report(at, "rename the type, or set another queryField", "%s and %s both make the query %s", other.Model.Name, q.Model.Name, q.Name)
		return
	}
	l.schema.queries[q.Name] = q
	l.schema.Queries = append(l.schema.Queries, q)
}

func keyName(ix *Index) string {
	parts := make([]string, 0, 1+len(ix.Sort))
	for _, f := range ix.Fields() {
		parts = append(parts, upperFirst(f.Name))
	}
	return strings.Join(parts, "And")
}

// sortArgument is the argument for an index's sort key, nil without one.
func sortArgument(m *Model, ix *Index) *SortArgument {
	switch len(ix.Sort) {
	case 0:
		return nil
	case 1:
		f := ix.Sort[0]
		return &SortArgument{Name: f.Name, Type: "Model" + conditionScalar(f.Type) + "KeyConditionInput", Index: ix}
	}
	words := make([]string, len(ix.Sort))
	for i, f := range ix.Sort {
		words[i] = f.Name
	}
	return &SortArgument{Name: camelCase(words...), Type: compositeInput(m, ix) + "ConditionInput", Index: ix}
}

// compositeInput begins the names of the input types for a sort key of several fields.
func compositeInput(m *Model, ix *Index) string {
	name := ix.Name
	if name == "" {
		name = "primary"
	}
	return "Model" + m.Name + upperFirst(name) + "CompositeKey"
}
