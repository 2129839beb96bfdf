package schema

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/gertd/go-pluralize"
	"github.com/vektah/gqlparser/v2/ast"
)

// defineQueries names the root fields as Amplify does: getEpisode, listEpisodes, and of each index its queryField or
// episodesByProgramIdAndRecorded.
func (l *loader) defineQueries(document *ast.SchemaDocument) {
	l.schema.queries = map[string]*Query{}
	plurals := pluralize.NewClient() // the rules of the npm package "pluralize", which Amplify uses
	l.models(document, func(m *Model, definition *ast.Definition) {
		name := upperFirst(m.Name)
		l.addQuery(definition.Position, &Query{Name: "get" + name, Kind: Get, Model: m, Index: m.Key})
		l.addQuery(definition.Position, &Query{Name: "list" + plurals.Plural(name), Kind: List, Model: m, Index: m.Key})
		for _, field := range definition.Fields {
			for _, directive := range field.Directives.ForNames("index") {
				ix := m.Index(text(directive, "name"))
				query := text(directive, "queryField")
				if query == "" {
					query = lowerFirst(plurals.Plural(m.Name)) + "By" + keyName(ix)
				}
				l.addQuery(directive.Position, &Query{Name: query, Kind: ByIndex, Model: m, Index: ix})
			}
		}
	})
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

func upperFirst(s string) string {
	first, size := utf8.DecodeRuneInString(s)
	return string(unicode.ToUpper(first)) + s[size:]
}

func lowerFirst(s string) string {
	first, size := utf8.DecodeRuneInString(s)
	return string(unicode.ToLower(first)) + s[size:]
}
