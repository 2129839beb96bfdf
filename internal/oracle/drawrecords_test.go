package oracle

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"pgregory.net/rapid"

	"github.com/chunkaside/chunkaside/catalog/schema"
)

// records draws the records of each model as lines of JSON, as a store may have them: with what the schema does not know, and tombstones.
func (v values) records(s *schema.Schema) map[string][]string {
	records := map[string][]string{}
	for _, m := range s.Models {
		seen := map[string]bool{}
		n := rapid.SampledFrom([]int{8, 14, 20, 3, 1, 0}).Draw(v.T, "records of "+m.Name)
		if chance(v.T, 40, "more than a page") {
			n = 120
		}
		for i := range n {
			line := v.record(m, i)
			if key := identity(m, decode(line)); !seen[key] {
				seen[key] = true
				records[m.Name] = append(records[m.Name], line)
			}
		}
	}
	return records
}

func (v values) record(m *schema.Model, n int) string {
	var members []string
	add := func(name, raw string) { members = append(members, fmt.Sprintf("%q: %s", name, raw)) }
	for _, f := range m.Stored() {
		switch {
		case f.Name == "_deleted":
		case isKey(m, f):
			add(f.Name, v.key(f, n))
		default:
			if raw := v.field(f); raw != "" {
				add(f.Name, raw)
			}
		}
	}
	if chance(v.T, 12, "marked") {
		add("_deleted", rapid.SampledFrom([]string{"true", "false", "null"}).Draw(v.T, "deleted"))
	}
	if chance(v.T, 6, "unknown") {
		add("__typename", `"`+m.Name+`"`)
		add("unknown", `{"deep":[1]}`)
	}
	return "{" + strings.Join(members, ", ") + "}"
}

func isKey(m *schema.Model, f *schema.Field) bool { return slices.Contains(m.Key.Fields(), f) }

// key draws a part of a primary key: of the pool, so that relations find it, or, of texts, one of its own.
func (v values) key(f *schema.Field, n int) string {
	if (f.Type.Name == "ID" || f.Type.Name == "String") && chance(v.T, 4, "own key") {
		return fmt.Sprintf(`"n%d"`, n)
	}
	return v.pooled(f.Type.Name)
}

// field draws a field's value: "" for none. Only seldom is one missing or null that must be there.
func (v values) field(f *schema.Field) string {
	most := 8
	if f.Type.NonNull {
		most = 40
	}
	switch rapid.IntRange(0, most).Draw(v.T, "there") {
	case most:
		return ""
	case most - 1:
		return "null"
	}
	return v.value(&f.Type)
}

func (v values) value(typ *schema.Type) string {
	switch {
	case typ.Elem != nil:
		return v.list(typ.Elem)
	case typ.Kind == schema.Nested:
		return v.nested(typ.Object)
	}
	return v.stored(typ.Name)
}

func (v values) list(element *schema.Type) string {
	list := make([]string, rapid.IntRange(0, 3).Draw(v.T, "elements"))
	for i := range list {
		if list[i] = "null"; !chance(v.T, 8, "null element") {
			list[i] = v.value(element)
		}
	}
	return "[" + strings.Join(list, ",") + "]"
}

func (v values) nested(o *schema.Object) string {
	var members []string
	for _, f := range o.Stored() {
		if raw := v.field(f); raw != "" {
			members = append(members, fmt.Sprintf("%q:%s", f.Name, raw))
		}
	}
	return "{" + strings.Join(members, ",") + "}"
}

// decode reads JSON; numbers keep their digits.
func decode(text string) map[string]any {
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	var value map[string]any
	if err := d.Decode(&value); err != nil {
		panic(fmt.Sprintf("%s: %v", text, err))
	}
	return value
}
