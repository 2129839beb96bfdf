package appsync

import (
	"errors"
	"fmt"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/vektah/gqlparser/v2/ast"
)

// literal coerces a value that stands in the query's text; false if it is a variable that was not given.
func (c *coercer) literal(t *ast.Type, v *ast.Value) (jsontext.Value, bool, error) {
	switch {
	case v.Kind == ast.Variable:
		value, ok := c.values[v.Raw]
		if ok && t.NonNull && isNull(value) {
			return nil, false, fmt.Errorf("the variable '%s' is null", v.Raw)
		}
		return value, ok, nil
	case v.Kind == ast.NullValue:
		value, err := c.json(t, jsontext.Value("null"))
		return value, true, err
	}
	value, err := c.present(t, v)
	return value, true, err
}

// present coerces a literal that is neither null nor a variable.
func (c *coercer) present(t *ast.Type, v *ast.Value) (jsontext.Value, error) {
	if t.Elem != nil {
		if v.Kind == ast.ListValue {
			return c.literalList(t, v)
		}
		return c.single(c.present(t.Elem, v))
	}
	definition := c.schema.Types[t.NamedType]
	if definition.Kind == ast.InputObject && v.Kind == ast.ObjectValue {
		return c.object(definition, func(f *ast.FieldDefinition) (jsontext.Value, bool, error) {
			if child := v.Children.ForName(f.Name); child != nil {
				return c.literal(f.Type, child)
			}
			return nil, false, nil
		})
	}
	raw, err := leafText(definition, v)
	if err != nil {
		return nil, err
	}
	return c.json(t, raw)
}

func (c *coercer) literalList(t *ast.Type, v *ast.Value) (jsontext.Value, error) {
	list := newList()
	for _, child := range v.Children {
		value, ok, err := c.literal(t.Elem, child.Value)
		switch {
		case err != nil:
			return nil, err
		case !ok && t.Elem.NonNull:
			return nil, fmt.Errorf("the variable '%s' is missing", child.Value.Raw)
		case !ok:
			value = jsontext.Value("null")
		}
		list.add(value)
	}
	return list.end(), nil
}

// leafText is a literal as JSON. A name stands for an enum's value only: the validator does not look at AppSync's scalars.
func leafText(definition *ast.Definition, v *ast.Value) (jsontext.Value, error) {
	switch v.Kind {
	case ast.IntValue, ast.FloatValue, ast.BooleanValue:
		return jsontext.Value(v.Raw), nil
	case ast.StringValue, ast.BlockValue:
		if definition.Kind != ast.Enum {
			return quoted(v.Raw), nil
		}
	case ast.EnumValue:
		if definition.Kind == ast.Enum {
			return quoted(v.Raw), nil
		}
	}
	return nil, fmt.Errorf("expected type '%s' but was '%s'", definition.Name, v)
}

// argument is a coerced argument.
type argument struct {
	name  string
	value jsontext.Value
}

// arguments coerces a field's arguments, in the order of the schema. Those not given and without a default are left out.
func (c *coercer) arguments(f *ast.Field) ([]argument, *fault) {
	var list []argument
	for _, definition := range f.Definition.Arguments {
		value, ok, at := jsontext.Value(nil), false, f.Position
		var err error
		if given := f.Arguments.ForName(definition.Name); given != nil {
			at = given.Position
			value, ok, err = c.literal(definition.Type, given.Value)
		}
		if err == nil && !ok && definition.DefaultValue != nil {
			value, ok, err = c.literal(definition.Type, definition.DefaultValue)
		}
		if err == nil && definition.Type.NonNull && isNull(value) {
			err = errors.New("it is required")
		}
		if err != nil {
			return nil, faultAt(at, "Validation error of type WrongType: argument '%s' of '%s': %v", definition.Name, f.Name, err)
		}
		if ok {
			list = append(list, argument{definition.Name, value})
		}
	}
	return list, nil
}

// included evaluates @skip and @include, whose argument the validator has found to be a Boolean.
func (c *coercer) included(directives ast.DirectiveList) bool {
	return !c.holds(directives.ForName("skip"), false) && c.holds(directives.ForName("include"), true)
}

func (c *coercer) holds(d *ast.Directive, without bool) bool {
	if d == nil {
		return without
	}
	condition := d.Arguments.ForName("if")
	if condition == nil {
		return without
	}
	if condition.Value.Kind == ast.Variable {
		return c.values[condition.Value.Raw].Kind() == 't'
	}
	return condition.Value.Raw == "true"
}
