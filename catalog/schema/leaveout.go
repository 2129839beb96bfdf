package schema

import (
	"cmp"
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
)

// LeftOut is something that the file declares and the catalog does not serve.
type LeftOut struct {
	Line, Column int
	// What it is, such as "Query.search", and Why it is left out.
	What, Why string
}

func (l *loader) leftOut(at *ast.Position, what, why string) {
	l.schema.LeftOut = append(l.schema.LeftOut, LeftOut{at.Line, at.Column, what, why})
}

// leaveOut takes out of the document what does not concern reading: operations with resolvers of their own, inputs, and what @serve(to: NOBODY) says. Then what nothing refers to any more.
func (l *loader) leaveOut(document *ast.SchemaDocument) {
	hidden := map[string]bool{}
	l.declared, l.withheld = map[string]bool{}, map[string]bool{}
	for _, definition := range document.Definitions {
		l.declared[definition.Name] = true
	}
	keep := document.Definitions[:0:0]
	for _, definition := range document.Definitions {
		switch {
		case root(definition.Name) && definition.Directives.ForName("model") == nil:
			l.leaveOutOperations(definition)
		case definition.Kind == ast.InputObject:
			if definition.Name != "AMPLIFY" {
				l.leftOut(definition.Position, "input "+definition.Name, "only operations that are not served take it")
			}
		case servedTo(definition.Directives) == "NOBODY":
			l.leftOut(definition.Position, "type "+definition.Name, "@serve says so")
			hidden[definition.Name] = true
		default:
			keep = append(keep, definition)
		}
	}
	document.Definitions = keep
	document.Extensions = slices.DeleteFunc(document.Extensions, func(extension *ast.Definition) bool {
		if root(extension.Name) {
			l.leaveOutOperations(extension)
		}
		return root(extension.Name)
	})
	for _, definition := range document.Definitions {
		l.leaveOutFields(definition, hidden)
	}
	l.checkModelDirectives(document)
	l.leaveOutUnused(document)
	slices.SortStableFunc(l.schema.LeftOut, func(a, b LeftOut) int { return cmp.Or(a.Line-b.Line, a.Column-b.Column) })
}

func root(name string) bool { return name == "Query" || name == "Mutation" || name == "Subscription" }

func (l *loader) leaveOutOperations(definition *ast.Definition) {
	for _, field := range definition.Fields {
		l.leftOut(field.Position, definition.Name+"."+field.Name, "the catalog answers what its models make; this has a resolver of its own")
	}
}

func (l *loader) leaveOutFields(definition *ast.Definition, hidden map[string]bool) {
	definition.Fields = slices.DeleteFunc(definition.Fields, func(field *ast.FieldDefinition) bool {
		why := ""
		for _, d := range field.Directives {
			if slices.Contains(computed, d.Name) {
				why = "its value is in no table: it comes from @" + d.Name
			}
		}
		switch {
		case servedTo(field.Directives) == "NOBODY":
			why = "@serve says so"
		case hidden[field.Type.Name()]:
			why = "its type is left out"
		}
		if why != "" {
			l.leftOut(field.Position, definition.Name+"."+field.Name, why)
			l.withheld[definition.Name+"."+field.Name] = true
			l.checkKeyStays(definition, field)
		}
		return why != ""
	})
	if d := definition.Directives.ForName("searchable"); d != nil {
		l.leftOut(d.Position, "the search of "+definition.Name, "a search engine answers it")
	}
}

// checkKeyStays refuses to leave out what the primary key is made of: records could not be told apart.
func (l *loader) checkKeyStays(definition *ast.Definition, field *ast.FieldDefinition) {
	if definition.Directives.ForName("model") == nil {
		return
	}
	if partition, sort := primaryKey(definition); field.Name == partition || slices.Contains(sort, field.Name) {
		l.report(field.Position, "serve it, or make another field the key", "%s.%s is part of the primary key, and cannot be left out", definition.Name, field.Name)
	}
}

// leaveOutUnused takes out the types that no model's field leads to. They may be anything: only operations that are not served use them.
func (l *loader) leaveOutUnused(document *ast.SchemaDocument) {
	used := map[string]bool{}
	var use func(name string)
	use = func(name string) {
		if used[name] {
			return
		}
		used[name] = true
		for _, definition := range document.Definitions {
			if definition.Name != name {
				continue
			}
			for _, field := range definition.Fields {
				use(field.Type.Name())
			}
			for _, member := range definition.Types {
				use(member)
			}
		}
	}
	for _, definition := range document.Definitions {
		if definition.Directives.ForName("model") != nil {
			use(definition.Name)
		}
	}
	document.Definitions = slices.DeleteFunc(document.Definitions, func(definition *ast.Definition) bool {
		if !used[definition.Name] {
			l.leftOut(definition.Position, kindName(definition.Kind)+" "+definition.Name, "no model uses it")
		}
		return !used[definition.Name]
	})
}

// kindName is a kind of definition as a schema writes it.
func kindName(kind ast.DefinitionKind) string {
	switch kind {
	case ast.Object:
		return "type"
	case ast.InputObject:
		return "input"
	}
	return strings.ToLower(string(kind))
}

// checkModelDirectives refuses what says something of a table on a type that has none.
func (l *loader) checkModelDirectives(document *ast.SchemaDocument) {
	for _, definition := range document.Definitions {
		if definition.Directives.ForName("model") != nil {
			continue
		}
		for _, d := range definition.Directives {
			if slices.Contains(modelDirectives, d.Name) {
				l.report(d.Position, "mark "+definition.Name+" with @model, or remove @"+d.Name, "type %s has @%s but is no model", definition.Name, d.Name)
			}
		}
		for _, field := range definition.Fields {
			for _, d := range field.Directives {
				if slices.Contains(keyDirectives, d.Name) {
					l.report(d.Position, "mark "+definition.Name+" with @model, or remove @"+d.Name, "%s.%s has @%s, but %s is no model", definition.Name, field.Name, d.Name,
						definition.Name)
				}
			}
		}
	}
}
