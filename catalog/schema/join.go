package schema

import (
	"slices"

	"github.com/vektah/gqlparser/v2/ast"
)

// side is one of the two fields with the same @manyToMany.
type side struct {
	definition *ast.Definition
	field      *ast.FieldDefinition
	directive  *ast.Directive
}

// addJoins turns each @manyToMany, as Amplify does, into a model between the two others, with two indexes, and both fields into @hasMany on it.
func (l *loader) addJoins(document *ast.SchemaDocument) {
	sides := map[string][]side{}
	var order []string
	for _, definition := range document.Definitions {
		for _, field := range definition.Fields {
			if d := field.Directives.ForName("manyToMany"); d != nil {
				name := graphQLNameOf(upperFirst(text(d, "relationName")))
				if sides[name] == nil {
					order = append(order, name)
				}
				sides[name] = append(sides[name], side{definition, field, d})
			}
		}
	}
	for _, name := range order {
		if l.checkJoin(name, sides[name]) {
			l.addJoin(document, name, sides[name])
		}
	}
}

func (l *loader) checkJoin(name string, sides []side) bool {
	first := sides[0]
	switch {
	case name == "":
		l.report(first.directive.Position, "give both sides the same relationName", "%s.%s has @manyToMany without a relationName", first.definition.Name, first.field.Name)
		return false
	case len(sides) != 2:
		l.report(first.directive.Position, "write it on one field of each of two types", "the relation %s of @manyToMany stands in %d places", name, len(sides))
		return false
	case l.declared[name]:
		l.report(first.directive.Position, "choose another relationName", "@manyToMany makes a type %s, which is there already", name)
		return false
	}
	for i, s := range sides {
		other := sides[1-i]
		if s.field.Type.Elem == nil {
			l.report(s.directive.Position, "write ["+s.field.Type.Name()+"]", "%s.%s has @manyToMany but is no list", s.definition.Name, s.field.Name)
			return false
		}
		if s.field.Type.Name() != other.definition.Name {
			l.report(s.field.Type.Position, "write ["+other.definition.Name+"], or correct the relationName", "%s.%s is a list of %s, but the other side of the relation %s is on %s",
				s.definition.Name, s.field.Name, s.field.Type.Name(), name, other.definition.Name)
			return false
		}
	}
	return true
}

func (l *loader) addJoin(document *ast.SchemaDocument, name string, sides []side) {
	at := sides[0].directive.Position
	join := &ast.Definition{Kind: ast.Object, Name: name, Position: at, Directives: append(ast.DirectiveList{newDirective(at, "model")}, joinAccess(sides)...)}
	l.addField(join, "id", "ID", true)
	var relations ast.FieldList
	for _, s := range sides {
		keys := l.joinKeys(s.definition)
		index := "by" + s.definition.Name
		partition, sort := primaryKey(s.definition)
		for i, key := range append([]string{partition}, sort...) {
			declared := s.definition.Fields.ForName(key)
			t := &ast.Type{NamedType: "ID", NonNull: true, Position: at} // of an implicit id
			if declared != nil {
				t.NamedType = declared.Type.Name()
			}
			field := newField(at, keys[i], t)
			if i == 0 {
				field.Directives = ast.DirectiveList{newDirective(at, "index", newArgument(at, "name", index), newArgument(at, "sortKeyFields", keys[1:]...))}
			}
			join.Fields = append(join.Fields, field)
		}
		t := &ast.Type{NamedType: s.definition.Name, NonNull: true, Position: at}
		relations = append(relations, newField(at, lowerFirst(s.definition.Name), t, newDirective(at, "hasOne", newArgument(at, "fields", keys...))))
		s.become(name, index, append([]string{partition}, sort...))
	}
	join.Fields = append(join.Fields, relations...)
	document.Definitions = append(document.Definitions, join)
}

// become turns the field into a list of the joining model.
func (s side) become(join, index string, fields []string) {
	at := s.directive.Position
	many := newDirective(at, "hasMany", newArgument(at, "indexName", index), newArgument(at, "fields", fields...))
	if limit := s.directive.Arguments.ForName("limit"); limit != nil {
		many.Arguments = append(many.Arguments, limit)
	}
	s.field.Type = &ast.Type{Elem: &ast.Type{NamedType: join, Position: s.field.Type.Position}, Position: s.field.Type.Position}
	s.field.Directives = append(slices.DeleteFunc(s.field.Directives, func(d *ast.Directive) bool { return d == s.directive }), many)
}

// joinKeys are the names that a model's primary key has in the joining model: postID, or postCustomId for the key customId; sort fields follow the model's name as they are.
func (l *loader) joinKeys(definition *ast.Definition) []string {
	prefix := lowerFirst(definition.Name)
	partition, sort := primaryKey(definition)
	keys := []string{prefix + upperFirst(partition)}
	if l.settings.plainForeignKeys {
		keys[0] = prefix + "ID"
	}
	for _, name := range sort {
		keys = append(keys, prefix+name)
	}
	return keys
}

// joinAccess is who may read the joining model: by the rules of both sides together. Where @serve opens both sides, it opens the model between them.
func joinAccess(sides []side) ast.DirectiveList {
	at := sides[0].directive.Position
	if everyone(sides[0].definition.Directives) && everyone(sides[1].definition.Directives) {
		return ast.DirectiveList{newDirective(at, "serve", newArgument(at, "to", "EVERYONE"))}
	}
	rules := &ast.Value{Kind: ast.ListValue, Position: at}
	for _, s := range sides {
		d := s.definition.Directives.ForName("auth")
		if d == nil || everyone(s.definition.Directives) {
			continue
		}
		switch own := d.Arguments.ForName("rules").Value; own.Kind {
		case ast.ListValue:
			rules.Children = append(rules.Children, own.Children...)
		default:
			rules.Children = append(rules.Children, &ast.ChildValue{Value: own})
		}
	}
	if len(rules.Children) == 0 {
		return nil
	}
	return ast.DirectiveList{newDirective(at, "auth", &ast.Argument{Name: "rules", Value: rules, Position: at})}
}

func newDirective(at *ast.Position, name string, arguments ...*ast.Argument) *ast.Directive {
	return &ast.Directive{Name: name, Arguments: arguments, Position: at}
}

// newArgument is an argument that lists texts; without any it is null.
func newArgument(at *ast.Position, name string, texts ...string) *ast.Argument {
	value := &ast.Value{Kind: ast.ListValue, Position: at}
	for _, text := range texts {
		value.Children = append(value.Children, &ast.ChildValue{Value: &ast.Value{Kind: ast.StringValue, Raw: text, Position: at}})
	}
	if len(texts) == 1 {
		value = value.Children[0].Value
	}
	if len(texts) == 0 {
		value = &ast.Value{Kind: ast.NullValue, Raw: "null", Position: at}
	}
	return &ast.Argument{Name: name, Value: value, Position: at}
}
