package schema

import (
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
)

// declare makes an empty entry of every type, so that fields can refer to types further down.
func (l *loader) declare(document *ast.SchemaDocument) {
	l.objects, l.schema.models = map[string]*Object{}, map[string]*Model{}
	for _, definition := range document.Definitions {
		object := Object{Name: definition.Name, Description: definition.Description, fields: map[string]*Field{}, directives: written(definition.Directives)}
		switch {
		case definition.Kind == ast.Enum: // declared already
		case definition.Directives.ForName("model") != nil:
			l.declareModel(definition, &Model{Object: object})
		default:
			o := &object
			l.objects[o.Name] = o
			l.schema.Objects = append(l.schema.Objects, o)
		}
	}
	if len(l.schema.Models) == 0 {
		l.report(nil, "mark each type that has a table of its own with @model", "the file declares no model")
	}
}

func (l *loader) declareModel(definition *ast.Definition, m *Model) {
	m.Table, m.mapped = definition.Name, definition.Directives.ForName("mapsTo") != nil
	for _, name := range []string{"mapsTo", "refersTo", "table"} {
		if d := definition.Directives.ForName(name); d != nil {
			m.Table = text(d, "name")
		}
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
}

// written are the directives that stand in the served API as they stand in the file.
func written(directives ast.DirectiveList) []string {
	var list []string
	for _, d := range directives {
		if !slices.Contains(passed, d.Name) {
			continue
		}
		text := d.Name
		if len(d.Arguments) > 0 {
			arguments := make([]string, len(d.Arguments))
			for i, argument := range d.Arguments {
				arguments[i] = argument.Name + ": " + argument.Value.String()
			}
			text += "(" + strings.Join(arguments, ", ") + ")"
		}
		list = append(list, text)
	}
	return list
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
			f := &Field{Name: field.Name, Description: field.Description, Type: l.fieldType(field.Type), directives: written(field.Directives)}
			object.add(f)
			l.checkReference(object, f, field)
		}
		l.checkRelationNames(definition)
	}
}

// add adds a field to an object.
func (o *Object) add(f *Field) {
	f.Ordinal = -1
	if f.Type.Kind != Reference {
		f.Ordinal = len(o.stored)
		o.stored = append(o.stored, f)
	}
	o.Fields = append(o.Fields, f)
	o.fields[f.Name] = f
}

// checkRelationNames refuses relations whose names differ in nothing but their capitals: the keys made of them would be the same.
func (l *loader) checkRelationNames(definition *ast.Definition) {
	seen := map[string]string{}
	for _, field := range definition.Fields {
		if !relates(field) {
			continue
		}
		if other := seen[strings.ToLower(field.Name)]; other != "" {
			l.report(field.Position, "rename one of them", "%s has the relations %s and %s", definition.Name, other, field.Name)
		}
		seen[strings.ToLower(field.Name)] = field.Name
	}
}

func relates(field *ast.FieldDefinition) bool {
	return slices.ContainsFunc(field.Directives, func(d *ast.Directive) bool { return slices.Contains(relationDirectives, d.Name) })
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
	for _, d := range field.Directives {
		if slices.Contains(relationDirectives, d.Name) {
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
		l.report(field.Position, "add @hasMany, @hasOne, @belongsTo or @manyToMany", "%s has the model %s as its type but no relation",
			where, f.Type.Name)
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
	if a := d.Arguments.ForName(name); a != nil {
		return valueTexts(a.Value)
	}
	return nil
}

// given says whether a directive has an argument, be it null.
func given(d *ast.Directive, name string) bool { return d.Arguments.ForName(name) != nil }
