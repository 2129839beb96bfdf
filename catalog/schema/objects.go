package schema

import "github.com/vektah/gqlparser/v2/ast"

// declare makes an empty entry of every type, so that fields can refer to types further down.
func (l *loader) declare(document *ast.SchemaDocument) {
	l.enums, l.objects = map[string]*Enum{}, map[string]*Object{}
	l.schema.models = map[string]*Model{}
	for _, definition := range document.Definitions {
		object := Object{Name: definition.Name, Description: definition.Description, fields: map[string]*Field{}}
		switch {
		case definition.Kind == ast.Enum:
			l.declareEnum(definition)
		case definition.Directives.ForName("model") != nil:
			m := &Model{Object: object, Table: definition.Name}
			if table := definition.Directives.ForName("table"); table != nil {
				m.Table = text(table, "name")
			}
			if m.Table == "" {
				l.report(definition.Position, "name the table", "type %s: @table has an empty name", m.Name)
			}
			for _, other := range l.schema.Models {
				if other.Table == m.Table {
					l.report(definition.Position, "give each a table of its own", "%s and %s have the same table %s", other.Name, m.Name, m.Table)
				}
			}
			l.schema.models[m.Name] = m
			l.schema.Models = append(l.schema.Models, m)
		default:
			if table := definition.Directives.ForName("table"); table != nil {
				l.report(table.Position, "add @model, or remove @table", "type %s has a table but is no model", object.Name)
			}
			o := &object
			l.objects[o.Name] = o
			l.schema.Objects = append(l.schema.Objects, o)
		}
	}
	if len(l.schema.Models) == 0 {
		l.report(nil, "mark each type that has a table of its own with @model", "the file declares no model")
	}
}

func (l *loader) declareEnum(definition *ast.Definition) {
	e := &Enum{Name: definition.Name, Description: definition.Description}
	for _, value := range definition.EnumValues {
		e.Values = append(e.Values, value.Name)
	}
	l.enums[e.Name] = e
	l.schema.Enums = append(l.schema.Enums, e)
}

// defineFields gives every object its fields, with their types.
func (l *loader) defineFields(document *ast.SchemaDocument) {
	for _, definition := range document.Definitions {
		object := l.objects[definition.Name]
		if m := l.schema.models[definition.Name]; m != nil {
			object = &m.Object
		}
		if object == nil {
			continue
		}
		for _, field := range definition.Fields {
			f := &Field{Name: field.Name, Description: field.Description, Type: l.fieldType(field.Type), Ordinal: -1}
			if f.Type.Kind != Reference {
				f.Ordinal = len(object.stored)
				object.stored = append(object.stored, f)
			}
			object.Fields = append(object.Fields, f)
			object.fields[f.Name] = f
			l.checkReference(object, f, field)
		}
	}
}

func (l *loader) fieldType(t *ast.Type) Type {
	if t.Elem != nil {
		elem := l.fieldType(t.Elem)
		return Type{Name: elem.Name, Kind: elem.Kind, NonNull: t.NonNull, Elem: &elem, Object: elem.Object, Enum: elem.Enum}
	}
	result := Type{Name: t.NamedType, NonNull: t.NonNull, Enum: l.enums[t.NamedType], Object: l.objects[t.NamedType]}
	switch {
	case result.Enum != nil:
		result.Kind = Enumeration
	case result.Object != nil:
		result.Kind = Nested
	case l.schema.models[t.NamedType] != nil:
		result.Kind = Reference
	default:
		result.Kind = scalars[t.NamedType]
	}
	return result
}

// checkReference holds a field's type against its directives: relations are to models, and models only in relations.
func (l *loader) checkReference(o *Object, f *Field, field *ast.FieldDefinition) {
	relations := 0
	for _, name := range []string{"hasMany", "hasOne", "belongsTo"} {
		if field.Directives.ForName(name) != nil {
			relations++
		}
	}
	where := o.Name + "." + f.Name
	switch {
	case relations > 1:
		l.report(field.Position, "keep one of them", "%s has more than one relation directive", where)
	case relations == 1 && f.Type.Kind != Reference:
		l.report(field.Type.Position, "mark "+f.Type.Name+" with @model, or remove the relation",
			"%s is a relation to %s, which is no model", where, f.Type.Name)
	case relations == 0 && f.Type.Kind == Reference:
		l.report(field.Position, "add @hasMany, @hasOne or @belongsTo", "%s has the model %s as its type but no relation",
			where, f.Type.Name)
	case relations == 1 && l.schema.models[o.Name] == nil:
		l.report(field.Position, "relations start from models: mark "+o.Name+" with @model", "%s is a relation of a type that is no model", where)
	}
}

// text is a directive's string argument, "" if it is not given.
func text(d *ast.Directive, name string) string {
	if a := d.Arguments.ForName(name); a != nil && a.Value.Kind != ast.NullValue {
		return a.Value.Raw
	}
	return ""
}

// names is a directive's argument that lists names; a single name stands for a list of one, as in GraphQL.
func names(d *ast.Directive, name string) []string {
	a := d.Arguments.ForName(name)
	if a == nil || a.Value.Kind == ast.NullValue {
		return nil
	}
	if a.Value.Kind != ast.ListValue {
		return []string{a.Value.Raw}
	}
	list := make([]string, len(a.Value.Children))
	for i, child := range a.Value.Children {
		list[i] = child.Value.Raw
	}
	return list
}
