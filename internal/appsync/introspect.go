package appsync

import (
	"github.com/99designs/gqlgen/graphql/introspection"
)

// introspect answers __schema or __type from the served schema.
func (s *server) introspect(root *selection) []byte {
	if root.field.Name == "__schema" {
		return appendIntrospected(nil, root, introspection.WrapSchema(s.schema))
	}
	// The name is there and a string: the planner has coerced it.
	definition := s.schema.Types[unquote(root.arguments[0].value)]
	return appendIntrospected(nil, root, introspection.WrapTypeFromDef(s.schema, definition))
}

// appendIntrospected appends a value of the introspection schema: null, a string, a boolean, a list, or an object, which is a
// pointer to a type of the introspection package.
func appendIntrospected(dst []byte, s *selection, value any) []byte {
	switch value := value.(type) {
	case nil:
		return append(dst, "null"...)
	case *string:
		if value == nil {
			return append(dst, "null"...)
		}
		return appendQuoted(dst, *value)
	case *introspection.Type:
		if value == nil {
			return append(dst, "null"...)
		}
	case string:
		return appendQuoted(dst, value)
	case bool:
		if value {
			return append(dst, "true"...)
		}
		return append(dst, "false"...)
	case []any:
		dst = append(dst, '[')
		for _, element := range value {
			dst = appendIntrospected(separate(dst), s, element)
		}
		return append(dst, ']')
	}
	dst = append(dst, '{')
	for _, field := range s.fields {
		dst = appendIntrospected(appendName(dst, field.key), field, introspected(value, field))
	}
	return append(dst, '}')
}

// introspected is a field of an object of the introspection schema.
func introspected(of any, s *selection) any {
	if s.field.Name == "__typename" {
		return s.field.ObjectDefinition.Name
	}
	switch of := of.(type) {
	case *introspection.Schema:
		return schemaField(of, s.field.Name)
	case *introspection.Type:
		return typeField(of, s)
	case *introspection.Field:
		return fieldField(of, s.field.Name)
	case *introspection.InputValue:
		return inputValueField(of, s.field.Name)
	case *introspection.EnumValue:
		return enumValueField(of, s.field.Name)
	case *introspection.Directive:
		return directiveField(of, s.field.Name)
	}
	return nil
}

// includeDeprecated is the one argument that fields of the introspection schema have.
func (s *selection) includeDeprecated() bool {
	return len(s.arguments) > 0 && s.arguments[0].value.Kind() == 't'
}

// pointers makes a list, of pointers because that is where the package's methods are. An empty one is [], never null.
func pointers[T any](values []T) any {
	list := make([]any, len(values))
	for i := range values {
		list[i] = &values[i]
	}
	return list
}
