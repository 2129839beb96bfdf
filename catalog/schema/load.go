package schema

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/gertd/go-pluralize"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/parser"
	"github.com/vektah/gqlparser/v2/validator"
)

// MaxSize is the largest SDL file that is read, in bytes: AppSync takes schemas of at most 1 MB.
const MaxSize = 1 << 20

// Load reads the SDL file at path. What is wrong with its text comes back as one or more *Error, joined.
func Load(path string) (*Schema, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("read schema: %w", err)
	}
	if info.IsDir() {
		return nil, fmt.Errorf("read schema: %s is a folder, not an SDL file", path)
	}
	if info.Size() > MaxSize {
		return nil, fmt.Errorf("read schema: %s has %d bytes, more than the %d that AppSync takes", path, info.Size(), MaxSize)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read schema: %w", err)
	}
	return Parse(filepath.Base(path), string(text))
}

// Parse reads SDL text; name stands for the file in messages.
func Parse(name, text string) (*Schema, error) {
	l := &loader{file: name, schema: &Schema{Name: name}, plurals: pluralize.NewClient()}
	document, err := parser.ParseSchema(&ast.Source{Name: name, Input: text})
	if err != nil {
		l.reportGraphQL(err)
		return nil, errors.Join(l.faults...)
	}
	l.document = document
	for _, step := range []func(*ast.SchemaDocument){
		l.readSettings, l.leaveOut, l.checkDefinitions, l.checkGraphQL, l.expand, l.declare, l.defineFields, l.defineKeys, l.defineRelations, l.defineQueries, l.defineAccess, l.checkServed,
	} {
		// Each step builds on a sound result of the one before.
		if step(document); len(l.faults) > 0 {
			return nil, errors.Join(l.faults...)
		}
	}
	l.schema.settings = l.settings
	l.schema.Digest = digest(l.schema)
	return l.schema, nil
}

// loader turns one SDL document into a Schema, step by step.
type loader struct {
	file     string
	document *ast.SchemaDocument
	schema   *Schema
	settings settings
	plurals  *pluralize.Client // the rules of the npm package "pluralize", which Amplify uses
	faults   []error

	declared map[string]bool // the names of all types, of those left out too
	withheld map[string]bool // the fields that are left out, by "Type.field": nothing may bring them back
	enums    map[string]*Enum
	objects  map[string]*Object
}

// models yields each model with its definition, in the file's order.
func (l *loader) models(document *ast.SchemaDocument, each func(*Model, *ast.Definition)) {
	for _, definition := range document.Definitions {
		if m := l.schema.models[definition.Name]; m != nil {
			each(m, definition)
		}
	}
}

// checkDefinitions refuses what is no part of a catalog, with a better reason than a GraphQL validator could give.
func (l *loader) checkDefinitions(document *ast.SchemaDocument) {
	known := map[string]bool{}
	for name := range scalars {
		known[name] = true
	}
	l.enums = map[string]*Enum{}
	for _, definition := range document.Definitions {
		known[definition.Name] = true
		if definition.Kind == ast.Enum {
			l.declareEnum(definition)
		}
	}
	for _, definition := range document.Definitions {
		l.checkDefinition(definition, known)
	}
	for _, extension := range document.Extensions {
		l.report(extension.Position, "write its fields into the type itself", "type %s is extended", extension.Name)
	}
	for _, directive := range document.Directives {
		l.report(directive.Position, "remove it: the directives of Amplify are known without a definition",
			"directive @%s is defined", directive.Name)
	}
	for _, entry := range document.Schema {
		l.report(entry.Position, "remove it: the root types are made from the models", "the file has a schema definition")
	}
}

func (l *loader) checkDefinition(definition *ast.Definition, known map[string]bool) {
	switch {
	case root(definition.Name):
		l.report(definition.Position, "choose another name", "a model is called %s, which GraphQL reserves", definition.Name)
	case definition.Kind != ast.Object && definition.Kind != ast.Enum:
		l.report(definition.Position, "a catalog is made of types and enums", "%s %s is not served", kindName(definition.Kind), definition.Name)
	case scalars[definition.Name] != 0:
		l.report(definition.Position, "choose another name", "%s is the name of a scalar", definition.Name)
	}
	l.checkDirectives(definition.Directives, "type "+definition.Name, typeDirectives)
	for _, field := range definition.Fields {
		where := definition.Name + "." + field.Name
		l.checkDirectives(field.Directives, where, fieldDirectives)
		if name := field.Type.Name(); !known[name] {
			l.report(field.Type.Position, "declare it, or correct the name", "%s has the unknown type %s", where, name)
		}
		if d := field.Directives.ForName("refersTo"); d != nil {
			l.report(d.Position, "name the field as the table does", "%s has another name in its table", where)
		}
		if d := field.Directives.ForName("default"); d != nil && scalars[field.Type.Name()] == 0 && l.enums[field.Type.Name()] == nil {
			l.report(d.Position, "remove it", "%s has a @default, but only scalars and enums can have one", where)
		}
		if len(field.Arguments) > 0 {
			l.report(field.Position, "remove them: the arguments of relations are made from the indexes",
				"%s has arguments", where)
		}
	}
}

func (l *loader) checkDirectives(directives ast.DirectiveList, where string, served []string) {
	for i, directive := range directives {
		if !slices.Contains(repeatable, directive.Name) && directives[:i].ForName(directive.Name) != nil {
			l.report(directive.Position, "keep one", "directive @%s stands twice on %s", directive.Name, where)
		}
		if !slices.Contains(served, directive.Name) {
			l.report(directive.Position, "remove it, or use one of those that are served here: @"+strings.Join(served, ", @"), "directive @%s on %s is not served", directive.Name, where)
		}
		if to := text(directive, "to"); directive.Name == "serve" && to != "EVERYONE" {
			l.report(directive.Position, "write EVERYONE or NOBODY", "@serve on %s is to %q", where, to)
		}
	}
}

// repeatable are the directives that may stand more than once in one place.
var repeatable = []string{"index", "key"}

// checkGraphQL holds the file against the rules of GraphQL, with the directives' arguments.
func (l *loader) checkGraphQL(document *ast.SchemaDocument) {
	whole, err := parser.ParseSchemas(validator.Prelude, &ast.Source{Name: "amplify.graphql", Input: prelude, BuiltIn: true})
	if err == nil {
		whole.Merge(document)
		_, err = validator.ValidateSchemaDocument(whole)
	}
	if err != nil {
		l.reportGraphQL(err)
	}
}
