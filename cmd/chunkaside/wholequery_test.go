package main

import (
	"bytes"
	"encoding/json"
	"strings"

	"github.com/chunkaside/chunkaside/catalog/schema"
)

// arguments are those that a record's fields make.
func arguments(fields []*schema.Field, r record) string {
	var list []string
	for _, f := range fields {
		literal, _ := json.Marshal(r[f.Name]) // a key is a text or a number
		if f.Type.Kind == schema.Enumeration {
			literal = []byte(r[f.Name].(string))
		}
		list = append(list, f.Name+": "+string(literal))
	}
	return "(" + strings.Join(list, ", ") + ") "
}

// many selects a page.
func many(m *schema.Model, depth int) string {
	return "{ __typename items " + fields(&m.Object, depth) + " nextToken }"
}

// fields selects all of an object, and what its relations lead to in so many steps.
func fields(o *schema.Object, depth int) string {
	return members(o, depth, nesting)
}

func members(o *schema.Object, depth, nested int) string {
	set := []string{"__typename"}
	for _, f := range o.Fields {
		switch {
		case f.Hidden, f.Relation != nil && depth == 0, f.Type.Object != nil && nested == 0:
		case f.Relation == nil && f.Type.Object == nil:
			set = append(set, f.Name)
		case f.Relation == nil:
			set = append(set, f.Name+" "+members(f.Type.Object, 0, nested-1))
		case f.Relation.Kind == schema.HasMany:
			set = append(set, f.Name+"(limit: 100) "+many(f.Relation.Target, depth-1))
		default:
			set = append(set, f.Name+" "+fields(&f.Relation.Target.Object, depth-1))
		}
	}
	return "{ " + strings.Join(set, " ") + " }"
}

// page is the answer that many asks for.
func (a *api) page(m *schema.Model, records []record, depth int) map[string]any {
	items := []any{}
	for _, r := range records {
		items = append(items, a.entity(m, r, depth))
	}
	return map[string]any{"__typename": "Model" + m.Name + "Connection", "items": items, "nextToken": nil}
}

// entity is the answer that fields asks for.
func (a *api) entity(m *schema.Model, r record, depth int) map[string]any {
	answer := object(&m.Object, r, nesting)
	for _, f := range m.Fields {
		if f.Relation == nil || depth == 0 {
			continue
		}
		found := a.find(f.Relation.Target, f.Relation.Index.Fields()[:len(f.Relation.Fields)], r, f.Relation.Fields)
		a.led[f] = a.led[f] || len(found) > 0
		switch {
		case f.Relation.Kind == schema.HasMany:
			answer[f.Name] = a.page(f.Relation.Target, found, depth-1)
		case len(found) == 0:
			answer[f.Name] = nil
		default:
			answer[f.Name] = a.entity(f.Relation.Target, found[0], depth-1)
		}
	}
	return answer
}

// find is the records whose fields have the values of another one's.
func (a *api) find(m *schema.Model, fields []*schema.Field, r record, values []*schema.Field) []record {
	var found []record
	for _, candidate := range a.tables[m] {
		same := true
		for i, f := range fields {
			same = same && candidate[f.Name] == r[values[i].Name]
		}
		if same {
			found = append(found, candidate)
		}
	}
	return found
}

// object is the stored fields of an object as the API writes them.
func object(o *schema.Object, r map[string]any, nested int) map[string]any {
	answer := map[string]any{"__typename": o.Name}
	for _, f := range o.Stored() {
		if !f.Hidden && (f.Type.Object == nil || nested > 0) {
			answer[f.Name] = written(&f.Type, r[f.Name], nested)
		}
	}
	return answer
}

// written is a value as the API writes it: AWSJSON is a text.
func written(t *schema.Type, value any, nested int) any {
	switch v := value.(type) {
	case nil:
		return nil
	case []any:
		list := []any{}
		for _, element := range v {
			list = append(list, written(t.Elem, element, nested))
		}
		return list
	case map[string]any:
		if t.Kind == schema.Nested {
			return object(t.Object, v, nested-1)
		}
		var text bytes.Buffer
		e := json.NewEncoder(&text)
		e.SetEscapeHTML(false)
		_ = e.Encode(v) // texts, numbers and nulls
		return strings.TrimSuffix(text.String(), "\n")
	}
	return value
}
