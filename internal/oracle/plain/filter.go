package plain

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/chunkaside/chunkaside/catalog/schema"
)

// Passes says whether an entity passes a filter. asked is false for a filter that asks for nothing.
func Passes(m *schema.Model, filter map[string]any, entity map[string]any) (holds, asked bool) {
	holds = true
	for name, value := range filter {
		if value == nil {
			continue
		}
		var one, counts bool
		switch name {
		case "and":
			one, counts = passesAll(m, value, entity)
		case "or":
			one, counts = passesOne(m, value, entity)
		case "not":
			one, counts = Passes(m, value.(map[string]any), entity)
			one = !one
		default:
			stored, there := entity[name]
			one, counts = fieldPasses(&m.Field(name).Type, value.(map[string]any), stored, there)
		}
		if counts {
			holds, asked = holds && one, true
		}
	}
	return holds, asked
}

// members are those of an and or an or: one object stands for a list of it.
func members(value any) []any {
	if list, ok := value.([]any); ok {
		return slices.DeleteFunc(slices.Clone(list), func(member any) bool { return member == nil })
	}
	return []any{value}
}

func passesAll(m *schema.Model, value any, entity map[string]any) (holds, asked bool) {
	holds = true
	for _, member := range members(value) {
		if one, counts := Passes(m, member.(map[string]any), entity); counts {
			holds, asked = holds && one, true
		}
	}
	return holds, asked
}

func passesOne(m *schema.Model, value any, entity map[string]any) (holds, asked bool) {
	for _, member := range members(value) {
		if one, counts := Passes(m, member.(map[string]any), entity); counts {
			holds, asked = holds || one, true
		}
	}
	return holds, asked
}

// fieldPasses says whether a stored value meets all operators of a field. there is false if the record lacks it.
func fieldPasses(t *schema.Type, operators map[string]any, stored any, there bool) (holds, asked bool) {
	holds = true
	for operator, operand := range operators {
		if operand == nil && operator != "eq" && operator != "ne" {
			continue
		}
		if operator == "size" {
			one, counts := sizePasses(operand.(map[string]any), stored)
			holds, asked = holds && one, asked || counts
			continue
		}
		holds, asked = holds && operatorHolds(t, operator, operand, stored, there), true
	}
	return holds, asked
}

func operatorHolds(t *schema.Type, operator string, operand, stored any, there bool) bool {
	switch operator {
	case "eq":
		return equals(t, operand, stored, there)
	case "ne":
		return !equals(t, operand, stored, there)
	case "contains":
		return contains(t, operand, stored)
	case "notContains":
		return !contains(t, operand, stored)
	case "beginsWith":
		text, ok := stored.(string)
		return ok && strings.HasPrefix(text, Scalar(t, operand).(string))
	case "between":
		ends := operand.([]any)
		return Compares("ge", stored, Scalar(t, ends[0])) && Compares("le", stored, Scalar(t, ends[1]))
	case "attributeExists":
		return there == operand
	case "attributeType":
		return there && typeName(stored) == operand
	}
	return Compares(operator, stored, Scalar(t, operand))
}

// equals says whether a stored value is the operand. A null is equal to one that is stored.
func equals(t *schema.Type, operand, stored any, there bool) bool {
	switch operand := operand.(type) {
	case nil:
		return there && stored == nil
	case []any: // of a list of enums
		list, ok := stored.([]any)
		return ok && equalLists(operand, list)
	}
	if list, ok := stored.([]any); ok {
		return t.Elem != nil && t.Kind == schema.Enumeration && equalLists([]any{operand}, list) // one value stands for a list of it
	}
	return stored != nil && Equal(stored, Scalar(t, operand))
}

// contains says whether a text has a part, or a list an element.
func contains(t *schema.Type, operand, stored any) bool {
	want := Scalar(t, operand)
	switch stored := stored.(type) {
	case string:
		part, ok := want.(string)
		return ok && strings.Contains(stored, part)
	case []any:
		return slices.ContainsFunc(stored, func(element any) bool { return Equal(element, want) })
	}
	return false
}

// sizePasses compares a text's bytes, a list's elements or an object's members.
func sizePasses(operators map[string]any, stored any) (holds, asked bool) {
	var size any
	switch stored := stored.(type) {
	case string:
		size = count(len(stored))
	case []any:
		size = count(len(stored))
	case map[string]any:
		size = count(len(stored))
	}
	holds = true
	for operator, operand := range operators {
		if operand == nil {
			continue
		}
		asked = true
		switch operator {
		case "ne":
			holds = holds && !Compares("eq", size, operand)
		case "between":
			ends := operand.([]any)
			holds = holds && Compares("ge", size, ends[0]) && Compares("le", size, ends[1])
		default:
			holds = holds && Compares(operator, size, operand)
		}
	}
	return holds, asked
}

func count(n int) json.Number {
	text, _ := json.Marshal(n)
	return json.Number(text)
}

// Scalar is an operand as values of the type are: an ID may be given as a number.
func Scalar(t *schema.Type, operand any) any {
	if n, ok := operand.(json.Number); ok && t.Name == "ID" {
		return n.String()
	}
	return operand
}

// typeName is DynamoDB's type of a value, by Amplify's name.
func typeName(value any) string {
	switch value.(type) {
	case string:
		return "string"
	case json.Number:
		return "number"
	case bool:
		return "bool"
	case []any:
		return "list"
	case map[string]any:
		return "map"
	}
	return "_null"
}
