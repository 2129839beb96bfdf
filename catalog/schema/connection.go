package schema

import "github.com/vektah/gqlparser/v2/ast"

// defineConnection resolves the first transformer's @connection: by fields that are named, or by a key that it makes and keeps to itself.
func (l *loader) defineConnection(m *Model, f *Field, d *ast.Directive) {
	target := l.schema.models[f.Type.Name]
	switch {
	case names(d, "fields") == nil:
		l.defineByHiddenKey(m, f, d)
	case f.Type.Elem == nil:
		fields := l.relationFields(m, f, target.Key, d)
		if len(fields) < len(target.Key.Fields()) {
			l.report(d.Position, "name a field for each part of the primary key of "+target.Name, "%s.%s does not give the whole key of %s", m.Name, f.Name, target.Name)
		}
		f.Relation = &Relation{Kind: BelongsTo, Target: target, Index: target.Key, Fields: fields}
	default:
		ix, name := target.Key, text(d, "keyName")
		if name != "" {
			ix = target.Index(name)
		}
		switch {
		case ix == nil:
			l.report(d.Position, "declare @key(name: \""+name+"\", fields: [...]) on "+target.Name, "%s.%s reads the key %q, which %s does not have", m.Name, f.Name, name, target.Name)
			return
		case name == "" && len(ix.Sort) == 0:
			l.report(d.Position, "add keyName, or write "+target.Name+" without brackets", "%s.%s reads %s by its primary key, which has one entity at most", m.Name, f.Name, target.Name)
			return
		}
		f.Relation = &Relation{Kind: HasMany, Target: target, Index: ix, Fields: l.relationFields(m, f, ix, d), Limit: l.limit(d)}
		if len(f.Relation.Fields) == 1 {
			f.Relation.Sort = sortArgument(target, ix)
		}
		cluster(target, ix)
	}
}

// half is the other end of a connection with a name.
type half struct {
	field     *ast.FieldDefinition
	directive *ast.Directive
}

// defineByHiddenKey is a @connection without fields. The key of one model is in records of the other, in an attribute that is no field of its type unless keyField names one that is.
func (l *loader) defineByHiddenKey(m *Model, f *Field, d *ast.Directive) {
	target := l.schema.models[f.Type.Name]
	name := text(d, "name")
	var other half
	for _, field := range l.document.Definitions.ForName(target.Name).Fields {
		c := field.Directives.ForName("connection")
		if c != nil && name != "" && text(c, "name") == name && target.Field(field.Name) != f {
			other = half{field, c}
		}
	}
	many := f.Type.Elem != nil
	switch {
	case name != "" && other.field == nil:
		l.report(d.Position, "name the same connection on a field of "+target.Name, "%s.%s is one half of the connection %q, and %s has no other", m.Name, f.Name, name, target.Name)
	case given(d, "keyName"):
		l.report(d.Position, "add fields: [...] with the key of "+m.Name, "%s.%s has a keyName but no fields", m.Name, f.Name)
	case many && other.field != nil && other.field.Type.Elem != nil:
		l.report(d.Position, "write a type between the two, with a @connection to each", "the connection %q is of many to many", name)
	case many:
		l.defineHiddenMany(m, f, d, other)
	default:
		l.defineHiddenOne(m, f, d, other)
	}
}

// either is an argument that may stand on both ends of a connection, or on one. That one is enough is inferred.
func either(d *ast.Directive, other half, name string) string {
	if value := text(d, name); value != "" || other.directive == nil {
		return value
	}
	return text(other.directive, name)
}

func (l *loader) defineHiddenMany(m *Model, f *Field, d *ast.Directive, other half) {
	target := l.schema.models[f.Type.Name]
	connection, key := text(d, "name"), either(d, other, "keyField")
	switch {
	case other.field != nil && key == "":
		key = camelCase(target.Name, other.field.Name, "id")
	case key == "":
		key = camelCase(m.Name, f.Name, "id")
	}
	if connection == "" {
		connection = m.Name + "." + f.Name
	}
	ix := &Index{Name: "gsi-" + connection, Partition: hiddenKey(target, key)}
	if sort := either(d, other, "sortField"); sort != "" {
		ix.Sort = []*Field{l.keyField(target, sort, d)}
	}
	l.addIndex(target, ix, d)
	f.Relation = &Relation{Kind: HasMany, Target: target, Index: ix, Fields: m.Key.Fields()[:1], Limit: l.limit(d), Sort: sortArgument(target, ix)}
	cluster(target, ix)
}

func (l *loader) defineHiddenOne(m *Model, f *Field, d *ast.Directive, other half) {
	target := l.schema.models[f.Type.Name]
	key := either(d, other, "keyField")
	if key == "" {
		key = camelCase(m.Name, f.Name, "id")
	}
	f.Relation = &Relation{Kind: HasOne, Target: target, Index: target.Key, Fields: []*Field{hiddenKey(m, key)}}
	if other.field != nil && other.field.Type.Elem != nil {
		f.Relation.Kind = BelongsTo
	} else if sort := text(d, "sortField"); sort != "" {
		f.Relation.Fields = append(f.Relation.Fields, l.keyField(m, sort, d))
	}
	if len(f.Relation.Fields) != len(target.Key.Fields()) {
		l.report(d.Position, "connect by fields: [...]", "%s.%s does not give the whole key of %s", m.Name, f.Name, target.Name)
	}
}

// hiddenKey is a declared field of that name, or else one that the API does not show.
func hiddenKey(m *Model, name string) *Field {
	f := m.Field(name)
	if f == nil {
		f = &Field{Name: name, Type: Type{Name: "ID", Kind: String}, Hidden: true}
		m.add(f)
	}
	return f
}
