package schema

import (
	"slices"

	"github.com/vektah/gqlparser/v2/ast"
)

// defineKeys gives every model its primary key and the indexes that it declares.
func (l *loader) defineKeys(document *ast.SchemaDocument) {
	l.models(document, func(m *Model, definition *ast.Definition) {
		for _, directive := range definition.Directives.ForNames("key") {
			l.defineFirstKey(m, directive)
		}
		for _, field := range definition.Fields {
			for _, directive := range field.Directives {
				switch directive.Name {
				case "primaryKey":
					l.definePrimaryKey(m, field.Name, names(directive, "sortKeyFields"), directive)
				case "index":
					l.defineIndex(m, field.Name, directive)
				}
			}
		}
		l.defaultKey(m, definition)
		m.Cluster = m.Key
	})
}

func (l *loader) definePrimaryKey(m *Model, partition string, sort []string, directive *ast.Directive) {
	if m.Key != nil {
		l.report(directive.Position, "keep one", "type %s has more than one @%s", m.Name, primaryName(directive))
		return
	}
	m.Key = l.index(m, "", partition, sort, directive)
	m.keyed = true
	for _, f := range m.Key.Fields() {
		if !f.Type.NonNull {
			l.report(directive.Position, "add the \"!\"", "%s.%s is part of the primary key but may be null", m.Name, f.Name)
		}
	}
}

func primaryName(directive *ast.Directive) string {
	if directive.Name == "key" {
		return "key without a name"
	}
	return directive.Name
}

// defaultKey is the field id, where no @primaryKey says otherwise.
func (l *loader) defaultKey(m *Model, definition *ast.Definition) {
	if m.Key != nil {
		return
	}
	id := m.Field("id")
	if id == nil || !id.Type.NonNull || !keyKind(id.Type) {
		l.report(definition.Position, "declare \"id: ID!\", or mark another field with @primaryKey",
			"type %s has no primary key", m.Name)
		id = &Field{Name: "id"}
	}
	m.Key = &Index{Partition: id}
}

func (l *loader) defineIndex(m *Model, partition string, directive *ast.Directive) {
	ix := l.index(m, text(directive, "name"), partition, names(directive, "sortKeyFields"), directive)
	usual := lowerFirst(l.plural(m.Name)) + "By" + keyName(ix)
	if ix.Name == "" {
		ix.Name = usual
	}
	ix.query = text(directive, "queryField")
	if !given(directive, "queryField") && !l.settings.noIndexQueries {
		ix.query = usual
	}
	l.addIndex(m, ix, directive)
}

// defineFirstKey reads the first transformer's @key: a primary key without a name, an index with one. Only a queryField makes a query of it.
func (l *loader) defineFirstKey(m *Model, directive *ast.Directive) {
	name, fields := text(directive, "name"), names(directive, "fields")
	switch {
	case len(fields) == 0:
		l.report(directive.Position, "name the partition field first, then sort fields", "a @key of %s names no fields", m.Name)
	case name == "":
		l.definePrimaryKey(m, fields[0], fields[1:], directive)
	default:
		ix := l.index(m, name, fields[0], fields[1:], directive)
		ix.query = text(directive, "queryField")
		l.addIndex(m, ix, directive)
	}
}

func (l *loader) addIndex(m *Model, ix *Index, directive *ast.Directive) {
	if m.Index(ix.Name) != nil {
		l.report(directive.Position, "give each index a name of its own", "type %s has two indexes %q", m.Name, ix.Name)
	}
	m.Indexes = append(m.Indexes, ix)
}

func (l *loader) index(m *Model, name, partition string, sort []string, directive *ast.Directive) *Index {
	ix := &Index{Name: name, Partition: l.keyField(m, partition, directive)}
	for _, sort := range sort {
		if slices.ContainsFunc(ix.Fields(), func(f *Field) bool { return f.Name == sort }) {
			l.report(directive.Position, "name each field once", "@%s of %s names the field %s twice", directive.Name, m.Name, sort)
		}
		ix.Sort = append(ix.Sort, l.keyField(m, sort, directive))
	}
	return ix
}

// keyField is a field that a key is made of. A fault gives a stand-in, so that the rest can be looked at.
func (l *loader) keyField(m *Model, name string, directive *ast.Directive) *Field {
	f := m.Field(name)
	switch {
	case f == nil:
		l.report(directive.Position, "name a field of "+m.Name, "@%s of %s: there is no field %s", directive.Name, m.Name, name)
	case !keyKind(f.Type):
		l.report(directive.Position, "a key is made of strings, numbers and enums", "@%s of %s: the field %s cannot be part of a key",
			directive.Name, m.Name, name)
	default:
		return f
	}
	return &Field{Name: name, Type: Type{NonNull: true}}
}

// keyKind says whether DynamoDB can take a value of this type as a key attribute: a string or a number.
func keyKind(t Type) bool {
	return t.Elem == nil && (t.Kind == String || t.Kind == Int || t.Kind == Long || t.Kind == Float || t.Kind == Enumeration)
}
