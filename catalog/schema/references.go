package schema

import "github.com/vektah/gqlparser/v2/ast"

// defineByReferences resolves a relation of Gen 2: references are the fields of the model that belongs to the other, and hold its primary key.
func (l *loader) defineByReferences(m *Model, f *Field, d *ast.Directive) {
	owner, child := m, l.schema.models[f.Type.Name]
	if d.Name == "belongsTo" {
		owner, child = child, m
	}
	listed, key := names(d, "references"), owner.Key.Fields()
	switch {
	case given(d, "fields"), given(d, "indexName"):
		l.report(d.Position, "keep references alone", "%s.%s has references, and fields or an indexName with them", m.Name, f.Name)
		return
	case len(listed) != len(key):
		l.report(d.Position, "name a field of "+child.Name+" for each part of the primary key of "+owner.Name, "%s.%s has %d references for a key of %d", m.Name, f.Name, len(listed), len(key))
		return
	}
	fields := make([]*Field, len(listed))
	for i, name := range listed {
		fields[i] = l.keyField(child, name, d)
		if !interchangeable(fields[i].Type, key[i].Type) {
			l.report(d.Position, "give both the same type", "%s.%s compares %s.%s with %s.%s: one is of type %s, one of type %s", m.Name, f.Name, child.Name, name, owner.Name, key[i].Name,
				fields[i].Type.Name, key[i].Type.Name)
		}
	}
	if d.Name == "belongsTo" {
		f.Relation = &Relation{Kind: BelongsTo, Target: owner, Index: owner.Key, Fields: fields}
		return
	}
	ix := &Index{Name: l.referencesIndex(m, f, child), Partition: fields[0], Sort: fields[1:]}
	l.addIndex(child, ix, d)
	f.Relation = &Relation{Kind: HasOne, Target: child, Index: ix, Fields: key}
	if d.Name == "hasMany" {
		f.Relation.Kind, f.Relation.Limit = HasMany, l.limit(d)
		cluster(child, ix)
	}
}

// interchangeable says whether one field may hold the value of the other: those of one type, and String and ID. A stand-in has been reported.
func interchangeable(a, b Type) bool {
	texts := func(t Type) bool { return t.Name == "ID" || t.Name == "String" }
	return a.Kind == 0 || b.Kind == 0 || a.Name == b.Name || texts(a) && texts(b)
}

// referencesIndex is the name of the index by which the children of m.f are found.
func (l *loader) referencesIndex(m *Model, f *Field, child *Model) string {
	for _, field := range l.document.Definitions.ForName(child.Name).Fields {
		if d := field.Directives.ForName("belongsTo"); d != nil && field.Type.Name() == m.Name && text(d, "overrideIndexName") != "" {
			return text(d, "overrideIndexName")
		}
	}
	return "gsi-" + m.Name + "." + f.Name
}
