package schema

import "github.com/vektah/gqlparser/v2/ast"

// defineRelations resolves the relations, and so the order of the sections.
func (l *loader) defineRelations(document *ast.SchemaDocument) {
	l.models(document, func(m *Model, definition *ast.Definition) {
		for _, field := range definition.Fields {
			f := m.Field(field.Name)
			if d := field.Directives.ForName("hasMany"); d != nil {
				l.defineHasMany(m, f, d)
			}
			if d := field.Directives.ForName("hasOne"); d != nil {
				l.defineToOne(m, f, HasOne, d)
			}
			if d := field.Directives.ForName("belongsTo"); d != nil {
				l.defineToOne(m, f, BelongsTo, d)
			}
		}
	})
}

func (l *loader) defineHasMany(m *Model, f *Field, d *ast.Directive) {
	target := l.schema.models[f.Type.Name]
	name := text(d, "indexName")
	ix := target.Index(name)
	switch {
	case f.Type.Elem == nil:
		l.report(d.Position, "write ["+target.Name+"], or use @hasOne", "%s.%s has @hasMany but is no list", m.Name, f.Name)
		return
	case name == "":
		l.report(d.Position, "implicit keys are not served yet: add indexName and fields", "%s.%s has @hasMany without indexName", m.Name, f.Name)
		return
	case ix == nil:
		l.report(d.Position, "declare @index(name: \""+name+"\") on the field of "+target.Name+" that holds the key of "+m.Name,
			"%s.%s reads the index %q, which %s does not have", m.Name, f.Name, name, target.Name)
		return
	}
	f.Relation = &Relation{Kind: HasMany, Target: target, Index: ix, Fields: l.relationFields(m, f, ix, d)}
	if target.Cluster == target.Key {
		target.Cluster = ix
	}
}

func (l *loader) defineToOne(m *Model, f *Field, kind RelationKind, d *ast.Directive) {
	target := l.schema.models[f.Type.Name]
	if f.Type.Elem != nil {
		l.report(d.Position, "write "+target.Name+" without brackets, or use @hasMany", "%s.%s is a list", m.Name, f.Name)
		return
	}
	if names(d, "fields") == nil {
		l.report(d.Position, "implicit keys are not served yet: add fields", "%s.%s has @%s without fields", m.Name, f.Name, d.Name)
		return
	}
	fields := l.relationFields(m, f, target.Key, d)
	if len(fields) < len(target.Key.Fields()) {
		l.report(d.Position, "name a field for each part of the primary key of "+target.Name,
			"%s.%s does not give the whole key of %s", m.Name, f.Name, target.Name)
	}
	f.Relation = &Relation{Kind: kind, Target: target, Index: target.Key, Fields: fields}
}

// relationFields are the fields that hold the key: those the directive names, else the model's own primary key.
func (l *loader) relationFields(m *Model, f *Field, ix *Index, d *ast.Directive) []*Field {
	listed := names(d, "fields")
	if listed == nil {
		listed = []string{m.Key.Partition.Name}
	}
	parts := ix.Fields()
	if len(listed) == 0 || len(listed) > len(parts) {
		l.report(d.Position, "name the partition field first, then sort fields", "%s.%s names %d fields for a key of %d",
			m.Name, f.Name, len(listed), len(parts))
		return nil
	}
	fields := make([]*Field, len(listed))
	for i, name := range listed {
		fields[i] = l.keyField(m, name, d)
		if have, want := fields[i].Type.Kind, parts[i].Type.Kind; have != 0 && number(have) != number(want) {
			l.report(d.Position, "give both the same type", "%s.%s compares %s with %s.%s: one is a number, one is not", m.Name, f.Name,
				name, f.Type.Name, parts[i].Name)
		}
	}
	return fields
}

func number(k Kind) bool { return k == Int || k == Long || k == Float }
