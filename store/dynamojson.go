package store

import (
	"encoding/base64"
	"fmt"
	"slices"

	"github.com/chunkaside/chunkaside/catalog/schema"
)

// FromDynamoJSON turns attributes as an export of a table has them, DynamoDB JSON such as {"id":{"S":"a"}}, read by DecodeAny, into a record. Those that the schema does not declare are left out
// unseen. The error is a *RecordError. The record takes over the attributes' values: they are changed.
func FromDynamoJSON(m *schema.Model, attributes Item) (Item, error) {
	item := make(Item, 0, len(m.Fields))
	for _, a := range attributes {
		if !declared(m, a.Name) {
			continue
		}
		v, err := typed(a.Value)
		if err != nil {
			return nil, &RecordError{Model: m.Name, Field: a.Name, Reason: "not DynamoDB JSON: " + err.Error()}
		}
		item = append(item, Member{Name: a.Name, Value: v})
	}
	return item, nil
}

func declared(m *schema.Model, name string) bool {
	return name == Tombstone || slices.ContainsFunc(m.Fields, func(f *schema.Field) bool { return f.Name == name })
}

// typed reads one attribute value: an object with the type's code as its only name.
func typed(v Value) (Value, error) {
	if v.Type != Map || len(v.Members) != 1 {
		return v, fmt.Errorf("want an object with a type's code as its only name, got %s", v.Type)
	}
	code, content := v.Members[0].Name, v.Members[0].Value
	want, read := String, func(v Value) (Value, error) { return v, nil }
	switch code {
	case "S":
	case "N":
		read = retype(Number)
	case "B":
		read = typedBinary
	case "BOOL":
		want = Bool
	case "NULL":
		want, read = Bool, typedNull
	case "L":
		want, read = List, typedElements(List, typed)
	case "M":
		want, read = Map, typedMembers
	case "SS":
		want, read = List, typedElements(StringSet, typedText)
	case "NS":
		want, read = List, typedElements(NumberSet, typedText, retype(Number))
	case "BS":
		want, read = List, typedElements(BinarySet, typedText, typedBinary)
	default:
		return v, fmt.Errorf("%q is no code of a type", code)
	}
	if content.Type != want {
		return v, fmt.Errorf("%s: want %s, got %s", code, want, content.Type)
	}
	return read(content)
}

func retype(t ValueType) func(Value) (Value, error) {
	return func(v Value) (Value, error) {
		v.Type = t
		return v, nil
	}
}

func typedText(v Value) (Value, error) {
	if v.Type != String {
		return v, fmt.Errorf("want %s in a set, got %s", String, v.Type)
	}
	return v, nil
}

func typedBinary(v Value) (Value, error) {
	data, err := base64.StdEncoding.AppendDecode(nil, v.Text)
	if err != nil {
		return v, fmt.Errorf("B: not base64")
	}
	return Value{Type: Binary, Text: data}, nil
}

func typedNull(v Value) (Value, error) {
	if !v.Bool {
		return v, fmt.Errorf("NULL: want true, got false")
	}
	return Value{Type: Null}, nil
}

// typedElements returns a reader of a list or set whose elements go through steps.
func typedElements(t ValueType, steps ...func(Value) (Value, error)) func(Value) (Value, error) {
	return func(v Value) (Value, error) {
		v.Type = t
		for i := range v.Elems {
			for _, step := range steps {
				var err error
				if v.Elems[i], err = step(v.Elems[i]); err != nil {
					return v, fmt.Errorf("[%d]: %w", i, err)
				}
			}
		}
		return v, nil
	}
}

func typedMembers(v Value) (Value, error) {
	for i := range v.Members {
		var err error
		if v.Members[i].Value, err = typed(v.Members[i].Value); err != nil {
			return v, fmt.Errorf("%s: %w", v.Members[i].Name, err)
		}
	}
	return v, nil
}
