package appsync

import (
	"fmt"
	"math"
	"strconv"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/vektah/gqlparser/v2/ast"
)

// values are coerced variables by name, as JSON. A variable that was not given and has no default is not in it.
type values map[string]jsontext.Value

// coercer turns variables and arguments into what the schema's input types ask for. Values stay JSON text all the way, so
// that numbers keep their digits.
type coercer struct {
	schema *ast.Schema
	values values
}

// variables coerces the given variables of an operation. Those it does not declare are dropped.
func (s *server) variables(op *ast.OperationDefinition, given map[string]jsontext.Value) (*coercer, *fault) {
	c := &coercer{schema: s.schema, values: values{}}
	for _, v := range op.VariableDefinitions {
		raw, ok := given[v.Variable]
		if v.Type.NonNull && isNull(raw) && (ok || v.DefaultValue == nil) {
			return nil, faultAt(v.Position, "Variable '%s' has coerced Null value for NonNull type '%s'", v.Variable, v.Type)
		}
		var value jsontext.Value
		var err error
		kind := "value"
		switch {
		case ok:
			value, err = c.json(v.Type, raw)
		case v.DefaultValue != nil:
			kind = "default value"
			value, _, err = c.literal(v.Type, v.DefaultValue) // it is a constant: no variable that was not given
		default:
			continue
		}
		if err != nil {
			return nil, faultAt(v.Position, "Variable '%s' has an invalid %s: %v", v.Variable, kind, err)
		}
		c.values[v.Variable] = value
	}
	return c, nil
}

// json coerces a value that came as JSON.
func (c *coercer) json(t *ast.Type, raw jsontext.Value) (jsontext.Value, error) {
	switch {
	case isNull(raw) && t.NonNull:
		return nil, fmt.Errorf("null for the non-null type '%s'", t)
	case isNull(raw):
		return jsontext.Value("null"), nil
	case t.Elem != nil && raw.Kind() == '[':
		return c.jsonList(t, raw)
	case t.Elem != nil:
		return c.single(c.json(t.Elem, raw))
	}
	definition := c.schema.Types[t.NamedType]
	if definition.Kind == ast.InputObject {
		return c.jsonObject(definition, raw)
	}
	return inputLeaf(definition, raw)
}

// single is a list of one: GraphQL takes one value where a list is asked for.
func (*coercer) single(value jsontext.Value, err error) (jsontext.Value, error) {
	if err != nil {
		return nil, err
	}
	return append(append(jsontext.Value("["), value...), ']'), nil
}

func (c *coercer) jsonList(t *ast.Type, raw jsontext.Value) (jsontext.Value, error) {
	var fault error
	list := newList()
	scan(raw, func(_, element jsontext.Value) bool {
		var value jsontext.Value
		value, fault = c.json(t.Elem, element)
		list.add(value)
		return fault == nil
	})
	return list.end(), fault
}

func (c *coercer) jsonObject(definition *ast.Definition, raw jsontext.Value) (jsontext.Value, error) {
	if raw.Kind() != '{' {
		return nil, mismatch(definition.Name, raw)
	}
	given := map[string]jsontext.Value{}
	var unknown error
	scan(raw, func(name, value jsontext.Value) bool {
		text := unquote(name)
		if given[text] = value; definition.Fields.ForName(text) == nil {
			unknown = fmt.Errorf("'%s' has no field '%s'", definition.Name, text)
		}
		return unknown == nil
	})
	if unknown != nil {
		return nil, unknown
	}
	return c.object(definition, func(f *ast.FieldDefinition) (jsontext.Value, bool, error) {
		value, ok := given[f.Name]
		if !ok {
			return nil, false, nil
		}
		value, err := c.json(f.Type, value)
		return value, true, err
	})
}

// object writes an input object from its fields, in the schema's order, with defaults for those that are not given.
func (c *coercer) object(definition *ast.Definition, field func(*ast.FieldDefinition) (jsontext.Value, bool, error)) (jsontext.Value, error) {
	object := newObject()
	for _, f := range definition.Fields {
		value, ok, err := field(f)
		if err == nil && !ok && f.DefaultValue != nil {
			value, ok, err = c.literal(f.Type, f.DefaultValue)
		}
		switch {
		case err != nil:
			return nil, fmt.Errorf("field '%s': %w", f.Name, err)
		case f.Type.NonNull && isNull(value):
			return nil, fmt.Errorf("field '%s' of '%s' is required", f.Name, definition.Name)
		case ok:
			object.set(f.Name, value)
		}
	}
	return object.end(), nil
}

// inputLeaf coerces a scalar or an enum's value. The formats of AWSDate and the like are left to the resolver.
func inputLeaf(definition *ast.Definition, raw jsontext.Value) (jsontext.Value, error) {
	kind := raw.Kind()
	if definition.Kind == ast.Enum {
		if kind == '"' && definition.EnumValues.ForName(unquote(raw)) != nil {
			return raw, nil
		}
		return nil, mismatch(definition.Name, raw)
	}
	switch name := definition.Name; {
	case name == "Boolean" && (kind == 't' || kind == 'f'):
		return raw, nil
	case name == "Float" && kind == '0' && finite(raw):
		return raw, nil
	case name == "Int" && kind == '0':
		return integer(name, raw, 32)
	case name == "AWSTimestamp" && kind == '0':
		return integer(name, raw, 64)
	case name == "ID" && kind == '0':
		digits, err := integer(name, raw, 64)
		return quoted(string(digits)), err
	case name == "AWSJSON" && kind == '"':
		return parsedJSON(raw)
	case kind == '"' && name != "Boolean" && name != "Float" && name != "Int" && name != "AWSTimestamp":
		return raw, nil
	}
	return nil, mismatch(definition.Name, raw)
}

// parsedJSON is what an argument of type AWSJSON holds: AppSync parses it and hands resolvers the value, not the text.
func parsedJSON(raw jsontext.Value) (jsontext.Value, error) {
	value := jsontext.Value(unquote(raw))
	if err := check(value); err != nil {
		return nil, fmt.Errorf("the text is no JSON: %s", cause(err))
	}
	_ = value.Compact() // it is valid
	return value, nil
}

// integer is a whole number of so many bits, in plain digits; 2.0 and 1e3 are whole.
func integer(name string, raw jsontext.Value, bits int) (jsontext.Value, error) {
	if _, err := strconv.ParseInt(string(raw), 10, bits); err == nil {
		return raw, nil
	}
	const exact = 1 << 53 // a float64 cannot tell larger whole numbers apart
	f, err := strconv.ParseFloat(string(raw), 64)
	least, most := -math.Ldexp(1, bits-1), math.Ldexp(1, bits-1)-1
	if err != nil || f != math.Trunc(f) || f < least || f > most || math.Abs(f) >= exact {
		return nil, fmt.Errorf("expected a value of type '%s' but it was '%s'", name, raw)
	}
	return strconv.AppendInt(nil, int64(f), 10), nil
}

func finite(raw jsontext.Value) bool {
	_, err := strconv.ParseFloat(string(raw), 64)
	return err == nil
}

// mismatch is the error for an input of the wrong kind.
func mismatch(name string, raw jsontext.Value) error {
	return fmt.Errorf("expected type '%s' but was '%s'", name, kindName(raw))
}

func kindName(raw jsontext.Value) string {
	switch raw.Kind() {
	case '"':
		return "String"
	case '0':
		return "Number"
	case 't', 'f':
		return "Boolean"
	case '[':
		return "List"
	case '{':
		return "Object"
	default:
		return "Null"
	}
}
