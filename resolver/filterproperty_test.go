package resolver_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/chunkaside/chunkaside/catalog"
	"github.com/chunkaside/chunkaside/catalog/schema"
	"github.com/chunkaside/chunkaside/internal/oracle/plain"
	"github.com/chunkaside/chunkaside/resolver"
	"github.com/chunkaside/chunkaside/store"
	"github.com/chunkaside/chunkaside/store/storetest"
)

// TestFiltersAgree holds compiled filters against a plain evaluation of the decoded entities: values of all kinds, missing, null, empty, with escapes; all operators, nested.
func TestFiltersAgree(t *testing.T) {
	shot := build(t, thingSDL, storetest.Tables{"Thing": someThings(t, 100)})
	m, entities := shot.Schema().Model("Thing"), entitiesOf(t, shot, "Thing")
	things := make([]map[string]any, len(entities))
	for i, e := range entities {
		things[i] = decode(t, e.JSON()).(map[string]any)
	}
	passed, asked := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		for range 20 {
			filter := drawFilter(2).Draw(t, "filter")
			text, holds := compileFilter(t, m, filter)
			decoded := decode(t, text).(map[string]any)
			for i, e := range entities {
				want, _ := plain.Passes(m, decoded, things[i])
				if got := holds(e); got != want {
					t.Fatalf("%s\nof %s: %v, want %v", text, e.JSON(), got, want)
				}
				if asked++; want {
					passed++
				}
			}
		}
	})
	if share := 100 * passed / max(asked, 1); share < 5 || share > 95 {
		t.Errorf("%d %% of the entities passed: the filters ask for too much or too little to tell faults", share)
	}
}

func compileFilter(t *rapid.T, m *schema.Model, filter map[string]any) (text []byte, holds func(catalog.Entity) bool) {
	text, err := json.Marshal(filter)
	if err != nil {
		t.Fatal(err)
	}
	holds, err = resolver.CompileFilter(m, string(text))
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	if holds == nil {
		holds = func(catalog.Entity) bool { return true }
	}
	return text, holds
}

// someThings are entities, the same in each run: the filters are drawn anew.
func someThings(t *testing.T, n int) []string {
	s, err := schema.Parse("things.graphql", thingSDL)
	if err != nil {
		t.Fatal(err)
	}
	var rows []string
	for i := range n {
		var d store.Decoder
		item, err := d.Decode([]byte(strings.Replace(drawThing.Example(i+1), "{", fmt.Sprintf(`{"id":"%d",`, i), 1)), s.Model("Thing").Fields)
		if err != nil {
			t.Fatal(err)
		}
		row, _, err := store.Encode(nil, s.Model("Thing"), item)
		if err != nil {
			t.Fatal(err)
		}
		rows = append(rows, string(row))
	}
	return rows
}

// What fields hold, and what they are compared with: few values, so that many are equal or near.
var (
	someTexts   = []string{"", "a", "ab", "b", `"`, `a"`, `\`, `\n`, "\n", "n", "\x00", "\x01", "\x1f", "é", "e\u0301", "日本", "日", "\U0001f600", "\uffff", "\u2028", "<"}
	someInts    = []string{"0", "-1", "1", "5", "10", "-10", "2147483647", "-2147483648"}
	someNumbers = []string{"0", "-1", "1", "0.5", "-0.5", "1.5", "10", "1e-7", "-1e-7", "1e38", "-1e38", "12345678901234567890.123456789012345678", "12345678901234567890.123456789012345679"}
	someColors  = []string{"RED", "GREEN", "BLUE"}
	someJSON    = []string{`{}`, `{"a":1}`, `{"a":{"b":[1,"]"]},"c":"}"}`, `[]`, `[1,"a",null]`, `"a"`, `"b\""`, `1.5`, `true`}
)

func quoted(text string) string {
	raw, _ := json.Marshal(text)
	return string(raw)
}

// rawText and so on draw a field's value as JSON.
var (
	rawText  = rapid.Map(rapid.SampledFrom(someTexts), quoted)
	rawInt   = rapid.SampledFrom(someInts)
	rawFloat = rapid.SampledFrom(someNumbers)
	rawBool  = rapid.SampledFrom([]string{"true", "false"})
	rawColor = rapid.Map(rapid.SampledFrom(someColors), quoted)
	rawDay   = rapid.SampledFrom([]string{`"2024-02-29"`, `"2024-03-01"`, `"1999-12-31"`})
)

func rawList(element *rapid.Generator[string]) *rapid.Generator[string] {
	element = rapid.OneOf(element, element, element, rapid.Just("null"))
	return rapid.Map(rapid.SliceOfN(element, 0, 4), func(list []string) string { return "[" + strings.Join(list, ",") + "]" })
}

// rawValues are the fields of thingSDL, each with what draws its value.
var rawValues = map[string]*rapid.Generator[string]{
	"text": rawText, "day": rawDay, "json": rapid.SampledFrom(someJSON), "int": rawInt, "float": rawFloat, "time": rawInt, "bool": rawBool, "color": rawColor,
	"texts": rawList(rawText), "ints": rawList(rawInt), "colors": rawList(rawColor), "bools": rawList(rawBool),
}

func fieldNames() []string {
	var names []string
	for name := range rawValues {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// drawThing draws an entity without its id: fields are missing, null, or of a value.
var drawThing = rapid.Custom(func(t *rapid.T) string {
	members := []string{`"part":null`}
	for _, name := range fieldNames() {
		switch rapid.IntRange(0, 9).Draw(t, "is there "+name) {
		case 0:
		case 1:
			members = append(members, `"`+name+`":null`)
		default:
			members = append(members, `"`+name+`":`+rawValues[name].Draw(t, name))
		}
	}
	return "{" + strings.Join(members, ",") + "}"
})

// operands are what the operators of a field are given.
func operands(field string) (operand *rapid.Generator[string], operators []string) {
	compare, exist := []string{"eq", "ne", "lt", "le", "gt", "ge", "between"}, []string{"attributeExists", "attributeType"}
	contain := []string{"contains", "notContains"}
	switch field {
	case "int", "time":
		return rawInt, append(compare, exist...)
	case "float":
		return rawFloat, append(compare, exist...)
	case "ints":
		return rawInt, slices.Concat(compare, exist, contain, []string{"size"})
	case "bool":
		return rawBool, append([]string{"eq", "ne"}, exist...)
	case "bools":
		return rawBool, slices.Concat([]string{"eq", "ne", "size"}, exist, contain)
	case "color":
		return rawColor, []string{"eq", "ne"}
	case "colors":
		return rawColor, []string{"eq", "ne", "contains", "notContains"}
	case "day":
		return rawDay, slices.Concat(compare, exist, contain, []string{"size", "beginsWith"})
	}
	return rawText, slices.Concat(compare, exist, contain, []string{"size", "beginsWith"})
}

// drawFilter draws a filter of at most so many levels.
func drawFilter(depth int) *rapid.Generator[map[string]any] {
	return rapid.Custom(func(t *rapid.T) map[string]any {
		filter := map[string]any{}
		for range rapid.IntRange(0, 2).Draw(t, "fields") {
			field := rapid.SampledFrom(append(fieldNames(), "text", "text", "text", "texts")).Draw(t, "field") // texts have the most operators
			operand, operators := operands(field)
			filter[field] = drawOperators(t, field, operand, operators)
		}
		if depth == 0 {
			return filter
		}
		below := drawFilter(depth - 1)
		switch rapid.IntRange(0, 5).Draw(t, "logic") {
		case 0:
			filter["and"] = rapid.SliceOfN(below, 0, 3).Draw(t, "and")
		case 1, 2:
			filter["or"] = rapid.SliceOfN(below, 0, 3).Draw(t, "or")
		case 3:
			filter["not"] = below.Draw(t, "not")
		}
		return filter
	})
}

func drawOperators(t *rapid.T, field string, operand *rapid.Generator[string], operators []string) map[string]any {
	drawn := map[string]any{}
	for range rapid.IntRange(0, 2).Draw(t, "operators") {
		operator := rapid.SampledFrom(operators).Draw(t, "operator")
		var raw string
		switch {
		case rapid.IntRange(0, 19).Draw(t, "null") == 0:
			raw = "null"
		case operator == "attributeExists":
			raw = rawBool.Draw(t, operator)
		case operator == "attributeType":
			raw = quoted(rapid.SampledFrom([]string{"string", "number", "bool", "list", "map", "_null", "binary", "stringSet"}).Draw(t, operator))
		case operator == "size":
			sizes := rapid.Map(rapid.IntRange(-1, 4), func(n int) string { return fmt.Sprint(n) })
			drawn[operator] = drawOperators(t, field, sizes, []string{"eq", "ne", "lt", "le", "gt", "ge", "between"})
			continue
		case operator == "between":
			low, high := operand.Draw(t, "low"), operand.Draw(t, "high")
			if order, _ := plain.Order(decode(t, []byte(low)), decode(t, []byte(high))); order > 0 {
				low, high = high, low
			}
			raw = "[" + low + "," + high + "]"
		case field == "colors" && (operator == "eq" || operator == "ne"):
			raw = rapid.Map(rapid.SliceOfN(operand, 0, 2), func(list []string) string { return "[" + strings.Join(list, ",") + "]" }).Draw(t, operator)
		default:
			raw = operand.Draw(t, operator)
		}
		drawn[operator] = json.RawMessage(raw)
	}
	return drawn
}

func decode(t interface{ Fatal(args ...any) }, raw []byte) (value any) {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	if err := d.Decode(&value); err != nil {
		t.Fatal(err)
	}
	return value
}
