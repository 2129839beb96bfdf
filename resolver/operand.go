package resolver

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/chunkaside/chunkaside/catalog/schema"
	"github.com/chunkaside/chunkaside/store"
)

// decodeValue reads an argument; a number is a json.Number.
func decodeValue(raw []byte) (value any, err error) {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	err = d.Decode(&value)
	return value, err
}

// fail makes the error of an argument: it says where in it the fault is.
func (a arguments) fail(format string, args ...any) error {
	return failf(BadArgument, "%s: %s", a.field, fmt.Sprintf(format, args...))
}

// members are those of a value that must be an object.
func (a arguments) members(value any, path string) (map[string]any, error) {
	members, ok := value.(map[string]any)
	if !ok {
		return nil, a.fail("%s must be an object, not %s", path, written(value))
	}
	return members, nil
}

// operand is a value to compare with, as the canonical JSON that entities have.
func (a arguments) operand(t *schema.Type, value any, path string) ([]byte, error) {
	raw, ok := operand(t, value)
	if !ok {
		return nil, a.fail("%s must be %s, not %s", path, wanted(t), written(value))
	}
	return raw, nil
}

// operandList is a list of them. One value stands for a list of it, as everywhere in GraphQL.
func (a arguments) operandList(t *schema.Type, value any, path string) ([]byte, error) {
	values, ok := value.([]any)
	if !ok {
		values = []any{value}
	}
	list := []byte{'['}
	for i, v := range values {
		raw, err := a.operand(t, v, path)
		if err != nil {
			return nil, err
		}
		if i > 0 {
			list = append(list, ',')
		}
		list = append(list, raw...)
	}
	return append(list, ']'), nil
}

// pair is the two values of a between.
func (a arguments) pair(value any, path string) ([]any, error) {
	values, _ := value.([]any)
	if len(values) != 2 {
		return nil, a.fail("%s must be a list of two values, not %s", path, written(value))
	}
	return values, nil
}

// operand is ok if the value is of the type, or its elements'. An ID may be a number, as everywhere in GraphQL.
func operand(t *schema.Type, value any) (raw []byte, ok bool) {
	switch v := value.(type) {
	case string:
		text := t.Kind == schema.String || t.Kind == schema.JSON || t.Kind == schema.Enumeration && slices.Contains(t.Enum.Values, v)
		return appendQuoted(nil, v), text
	case json.Number:
		if t.Name == "ID" {
			return appendQuoted(nil, v.String()), true
		}
		return number(t, v)
	case bool:
		raw, _ = json.Marshal(v)
		return raw, t.Kind == schema.Boolean
	}
	return nil, false
}

func number(t *schema.Type, n json.Number) (raw []byte, ok bool) {
	text, err := store.CanonicalNumber(n.String())
	switch t.Kind {
	case schema.Float:
		return []byte(text), err == nil
	case schema.Int, schema.Long:
		return []byte(text), err == nil && !strings.Contains(text, ".") && !strings.Contains(text, "e-")
	}
	return nil, false
}

// wanted says in a message what a value of the type is.
func wanted(t *schema.Type) string {
	switch t.Kind {
	case schema.Int, schema.Long:
		return "a whole number"
	case schema.Float:
		return "a number of at most 38 digits"
	case schema.Boolean:
		return "true or false"
	case schema.Enumeration:
		return "one of " + strings.Join(t.Enum.Values, ", ")
	}
	return "a text"
}

// written is a value as it stands in a message.
func written(value any) string {
	raw, _ := json.Marshal(value)
	return short(raw)
}
