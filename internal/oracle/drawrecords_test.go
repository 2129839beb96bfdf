package oracle

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"pgregory.net/rapid"

	"github.com/chunkaside/chunkaside/catalog/schema"
)

// drawRecords draws the records of each model as lines of JSON, as a store may have them: with what the schema does not know, and tombstones.
func drawRecords(t *rapid.T, s *schema.Schema) map[string][]string {
	records := map[string][]string{}
	for _, m := range s.Models {
		seen := map[string]bool{}
		n := rapid.SampledFrom([]int{8, 14, 20, 3, 1, 0}).Draw(t, "records of "+m.Name)
		if chance(t, 40, "more than a page") {
			n = 120
		}
		for i := range n {
			line := drawRecord(t, m, i)
			if key := identity(m, decode(line)); !seen[key] {
				seen[key] = true
				records[m.Name] = append(records[m.Name], line)
			}
		}
	}
	return records
}

func drawRecord(t *rapid.T, m *schema.Model, n int) string {
	var members []string
	add := func(name, raw string) { members = append(members, fmt.Sprintf("%q: %s", name, raw)) }
	for _, f := range m.Stored() {
		switch {
		case f.Name == "_deleted":
		case isKey(m, f):
			add(f.Name, drawKey(t, f, n))
		default:
			if raw := drawField(t, f); raw != "" {
				add(f.Name, raw)
			}
		}
	}
	if chance(t, 12, "marked") {
		add("_deleted", rapid.SampledFrom([]string{"true", "false", "null"}).Draw(t, "deleted"))
	}
	if chance(t, 6, "unknown") {
		add("__typename", `"`+m.Name+`"`)
		add("unknown", `{"deep":[1]}`)
	}
	return "{" + strings.Join(members, ", ") + "}"
}

func isKey(m *schema.Model, f *schema.Field) bool { return slices.Contains(m.Key.Fields(), f) }

// drawKey draws a part of a primary key: of the pool, so that relations find it, or, of texts, one of its own.
func drawKey(t *rapid.T, f *schema.Field, n int) string {
	if (f.Type.Name == "ID" || f.Type.Name == "String") && chance(t, 4, "own key") {
		return fmt.Sprintf(`"n%d"`, n)
	}
	return drawPooled(t, f.Type.Name)
}

// drawField draws a field's value: "" for none. Only seldom is one missing or null that must be there.
func drawField(t *rapid.T, f *schema.Field) string {
	most := 8
	if f.Type.NonNull {
		most = 40
	}
	switch rapid.IntRange(0, most).Draw(t, "there") {
	case most:
		return ""
	case most - 1:
		return "null"
	}
	return drawValue(t, &f.Type)
}

func drawValue(t *rapid.T, typ *schema.Type) string {
	switch {
	case typ.Elem != nil:
		return drawList(t, typ.Elem)
	case typ.Kind == schema.Nested:
		return drawNested(t, typ.Object)
	}
	return drawStored(t, typ.Name)
}

func drawList(t *rapid.T, element *schema.Type) string {
	list := make([]string, rapid.IntRange(0, 3).Draw(t, "elements"))
	for i := range list {
		if list[i] = "null"; !chance(t, 8, "null element") {
			list[i] = drawValue(t, element)
		}
	}
	return "[" + strings.Join(list, ",") + "]"
}

func drawNested(t *rapid.T, o *schema.Object) string {
	var members []string
	for _, f := range o.Stored() {
		if raw := drawField(t, f); raw != "" {
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
