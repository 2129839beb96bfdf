package filestore

import (
	"encoding/base64"
	"fmt"
	"slices"

	"github.com/chunkaside/chunkaside/catalog/schema"
	"github.com/chunkaside/chunkaside/store"
)

// exported turns the attributes of an export's line, DynamoDB JSON such as {"id":{"S":"a"}}, into a record. Attributes that the
// schema does not declare are not looked at.
func exported(m *schema.Model, attributes store.Item) (store.Item, error) {
	item := make(store.Item, 0, len(m.Fields))
	for _, a := range attributes {
		if !wanted(m, a.Name) {
			continue
		}
		v, err := typed(a.Value)
		if err != nil {
			return nil, &store.RecordError{Model: m.Name, Field: a.Name, Reason: "not DynamoDB JSON: " + err.Error()}
		}
		item = append(item, store.Member{Name: a.Name, Value: v})
	}
	return item, nil
}

func wanted(m *schema.Model, name string) bool {
	return name == store.Tombstone || slices.ContainsFunc(m.Fields, func(f *schema.Field) bool { return f.Name == name })
}

// typed reads one attribute value: an object with the type's code as its only name.
func typed(v store.Value) (store.Value, error) {
	if v.Type != store.Map || len(v.Members) != 1 {
		return v, fmt.Errorf("want an object with a type's code as its only name, got %s", v.Type)
	}
	code, content := v.Members[0].Name, v.Members[0].Value
	want, read := store.String, func(v store.Value) (store.Value, error) { return v, nil }
	switch code {
	case "S":
	case "N":
		read = retype(store.Number)
	case "B":
		read = binary
	case "BOOL":
		want = store.Bool
	case "NULL":
		want, read = store.Bool, null
	case "L":
		want, read = store.List, elements(store.List, typed)
	case "M":
		want, read = store.Map, members
	case "SS":
		want, read = store.List, elements(store.StringSet, text)
	case "NS":
		want, read = store.List, elements(store.NumberSet, text, retype(store.Number))
	case "BS":
		want, read = store.List, elements(store.BinarySet, text, binary)
	default:
		return v, fmt.Errorf("%q is no code of a type", code)
	}
	if content.Type != want {
		return v, fmt.Errorf("%s: want %s, got %s", code, want, content.Type)
	}
	return read(content)
}

func retype(t store.ValueType) func(store.Value) (store.Value, error) {
	return func(v store.Value) (store.Value, error) {
		v.Type = t
		return v, nil
	}
}

func text(v store.Value) (store.Value, error) {
	if v.Type != store.String {
		return v, fmt.Errorf("want %s in a set, got %s", store.String, v.Type)
	}
	return v, nil
}

func binary(v store.Value) (store.Value, error) {
	data, err := base64.StdEncoding.AppendDecode(nil, v.Text)
	if err != nil {
		return v, fmt.Errorf("B: not base64")
	}
	return store.Value{Type: store.Binary, Text: data}, nil
}

func null(v store.Value) (store.Value, error) {
	if !v.Bool {
		return v, fmt.Errorf("NULL: want true, got false")
	}
	return store.Value{Type: store.Null}, nil
}

// elements returns a reader of a list or set whose elements go through steps.
func elements(t store.ValueType, steps ...func(store.Value) (store.Value, error)) func(store.Value) (store.Value, error) {
	return func(v store.Value) (store.Value, error) {
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

func members(v store.Value) (store.Value, error) {
	for i := range v.Members {
		var err error
		if v.Members[i].Value, err = typed(v.Members[i].Value); err != nil {
			return v, fmt.Errorf("%s: %w", v.Members[i].Name, err)
		}
	}
	return v, nil
}
