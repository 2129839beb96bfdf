package oracle

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
	"pgregory.net/rapid"

	"github.com/chunkaside/chunkaside/internal/oracle/plain"
)

// filterDrawing draws what limits a page of one model.
type filterDrawing struct {
	*queryDrawing
	model *ast.Definition
}

// drawn is an object of some of an input's members, no name twice. draw gives nil for none.
func (d filterDrawing) drawn(input *ast.Definition, least int, draw func(*ast.FieldDefinition) literal) literal {
	members := drawnObject{}
	for range rapid.SampledFrom([]int{least, 1, 1, 2}).Draw(d.T, "members") {
		f := rapid.SampledFrom(input.Fields).Draw(d.T, "member")
		if slices.ContainsFunc(members, func(m drawnMember) bool { return m.name == f.Name }) {
			continue
		}
		if value := draw(f); value != nil {
			members = append(members, drawnMember{f.Name, value})
		}
	}
	return members
}

// filter draws a filter: some of the model's fields, and, or and not.
func (d filterDrawing) filter(input *ast.Definition, depth int) literal {
	return d.drawn(input, 0, func(f *ast.FieldDefinition) literal {
		isField := f.Name != "and" && f.Name != "or" && f.Name != "not"
		switch {
		case isField:
			return d.value(f.Type, d.operators(f))
		case depth == 0:
			return nil
		case f.Name == "not" || chance(d.T, 6, "single"): // one object stands for a list of it
			return d.filter(input, depth-1)
		}
		list := make(drawnList, rapid.IntRange(0, 3).Draw(d.T, "filters"))
		for i := range list {
			list[i] = d.filter(input, depth-1)
		}
		return d.value(f.Type, list)
	})
}

// operators draws the operators of a field.
func (d filterDrawing) operators(f *ast.FieldDefinition) literal {
	kind := d.model.Fields.ForName(f.Name).Type.Name()
	return d.drawn(d.served.Types[f.Type.Name()], 0, func(operator *ast.FieldDefinition) literal {
		switch operator.Name {
		case "attributeExists":
			return d.optional(operator.Type, drawnBool(rapid.Bool().Draw(d.T, "exists")))
		case "attributeType":
			return d.optional(operator.Type, drawnEnum(rapid.SampledFrom([]string{"string", "number", "bool", "list", "map", "_null", "stringSet"}).Draw(d.T, "type")))
		case "size":
			return d.optional(operator.Type, d.sizes(d.served.Types[operator.Type.Name()]))
		case "between":
			return d.pair(func() literal { return d.operand(operator.Type.Name(), kind) }, compareScalars)
		}
		value := d.operand(operator.Type.Name(), kind)
		if operator.Type.Elem != nil { // a list of enums is compared as a whole
			value = drawnList{value, d.operand(operator.Type.Name(), kind)}[:rapid.IntRange(0, 2).Draw(d.T, "elements")]
		}
		if (operator.Name == "eq" || operator.Name == "ne") && chance(d.T, 4, "compared with null") {
			value = drawnNull{}
		}
		return d.optional(operator.Type, value)
	})
}

func (d filterDrawing) sizes(input *ast.Definition) literal {
	return d.drawn(input, 0, func(operator *ast.FieldDefinition) literal {
		size := func() literal { return drawnJSON(fmt.Sprint(rapid.IntRange(-1, 4).Draw(d.T, "size"))) }
		if operator.Name == "between" {
			return d.pair(size, compareScalars)
		}
		return d.optional(operator.Type, size())
	})
}

// optional makes a null of a value now and then, or a variable.
func (d filterDrawing) optional(t *ast.Type, value literal) literal {
	switch rapid.IntRange(0, 15).Draw(d.T, "null") {
	case 15:
		return drawnNull{}
	case 14:
		return d.missing(t.String())
	}
	return d.value(t, value)
}

// operand draws a value of an input type, of those that the field has.
func (d filterDrawing) operand(input, kind string) literal {
	if kind == "AWSJSON" {
		kind = "String"
	}
	value := d.scalar(kind)
	if name, isEnum := value.(drawnEnum); isEnum && d.served.Types[input].Kind != ast.Enum {
		return drawnJSON(quoted(string(name)))
	}
	return value
}

// condition draws a key condition on the sort fields, one of which names the argument, or all: then the input is an object of them.
func (d filterDrawing) condition(argument string, input *ast.Definition) literal {
	operator := rapid.SampledFrom(input.Fields).Draw(d.T, "operator")
	operand := func() literal {
		object := d.served.Types[operator.Type.Name()]
		if object.Kind != ast.InputObject {
			return d.operand(object.Name, d.model.Fields.ForName(argument).Type.Name())
		}
		var parts drawnObject
		for _, f := range object.Fields[:rapid.IntRange(1, len(object.Fields)).Draw(d.T, "parts")] {
			parts = append(parts, drawnMember{f.Name, d.operand(f.Type.Name(), d.model.Fields.ForName(f.Name).Type.Name())})
		}
		return parts
	}
	if operator.Name == "between" {
		return drawnObject{{"between", d.pair(operand, compareOperands)}}
	}
	return drawnObject{{operator.Name, d.value(operator.Type, operand())}}
}

// pair draws the two values of a between, the lesser first.
func (d filterDrawing) pair(draw func() literal, compare func(a, b literal) int) literal {
	ends := drawnList{draw(), draw()}
	slices.SortFunc(ends, compare)
	return ends
}

// compareScalars orders two operands of one field.
func compareScalars(a, b literal) int { return compareValues(a.json(), b.json()) }

func compareValues(x, y any) int {
	sign, ok := plain.Order(x, y)
	if !ok { // IDs, of which one is given as a number
		return strings.Compare(textOf(x), textOf(y))
	}
	return sign
}

func textOf(value any) string {
	if n, ok := value.(json.Number); ok {
		return n.String()
	}
	return value.(string)
}

// compareOperands orders two operands of a key condition: of several sort fields their joined texts.
func compareOperands(a, b literal) int {
	x, several := a.(drawnObject)
	if !several {
		return compareScalars(a, b)
	}
	return strings.Compare(x.joined(), b.(drawnObject).joined())
}

func (v drawnObject) joined() string {
	var parts []any
	for _, member := range v {
		parts = append(parts, member.value.json())
	}
	return joined(parts)
}
