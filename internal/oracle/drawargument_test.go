package oracle

import (
	"fmt"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
	"pgregory.net/rapid"

	"github.com/chunkaside/chunkaside/internal/oracle/plain"
)

// literal is a value of an argument. Its JSON is what a variable would be.
type literal interface {
	text() string
	json() any
}

type (
	drawnBool   bool
	drawnJSON   string // a scalar
	drawnEnum   string
	drawnNull   struct{}
	drawnList   []literal
	drawnObject []drawnMember
	drawnMember struct {
		name  string
		value literal
	}
	drawnVariable string
)

func (v drawnBool) text() string     { return fmt.Sprint(bool(v)) }
func (v drawnJSON) text() string     { return string(v) }
func (v drawnEnum) text() string     { return string(v) }
func (v drawnNull) text() string     { return "null" }
func (v drawnVariable) text() string { return "$" + string(v) }

func (v drawnList) text() string {
	var list []string
	for _, element := range v {
		list = append(list, element.text())
	}
	return "[" + strings.Join(list, ", ") + "]"
}

func (v drawnObject) text() string {
	var list []string
	for _, member := range v {
		list = append(list, member.name+": "+member.value.text())
	}
	return "{ " + strings.Join(list, ", ") + " }"
}

func (v drawnBool) json() any     { return bool(v) }
func (v drawnEnum) json() any     { return string(v) }
func (v drawnNull) json() any     { return nil }
func (v drawnVariable) json() any { panic("a variable in a variable") }

func (v drawnJSON) json() (value any) {
	if err := unmarshal([]byte(v), &value); err != nil {
		panic(err)
	}
	return value
}

func (v drawnList) json() any {
	list := []any{}
	for _, element := range v {
		list = append(list, element.json())
	}
	return list
}

func (v drawnObject) json() any {
	object := map[string]any{}
	for _, member := range v {
		object[member.name] = member.value.json()
	}
	return object
}

// variable is a variable of a query.
type variable struct {
	name, kind string
	usual      literal // its default, nil for none
	value      any
	given      bool
}

func (v variable) declaration() string {
	text := "$" + v.name + ": " + v.kind
	if v.usual != nil {
		text += " = " + v.usual.text()
	}
	return text
}

// variable makes a variable of a value, given or as a default.
func (d *queryDrawing) variable(kind string, value literal) literal {
	v := variable{name: fmt.Sprint("v", len(d.variables)), kind: kind}
	if chance(d.T, 4, "default") {
		v.usual = value
	} else {
		v.value, v.given = value.json(), true
	}
	d.variables = append(d.variables, v)
	return drawnVariable(v.name)
}

// missing is a variable that is not given.
func (d *queryDrawing) missing(kind string) literal {
	v := variable{name: fmt.Sprint("v", len(d.variables)), kind: kind}
	d.variables = append(d.variables, v)
	return drawnVariable(v.name)
}

// value makes a variable of a value now and then. One with a variable in it stays what it is.
func (d *queryDrawing) value(t *ast.Type, value literal) literal {
	if !chance(d.T, 5, "variable") || strings.Contains(value.text(), "$v") {
		return value
	}
	return d.variable(t.String(), value)
}

// arguments draws the arguments of a field, with the brackets. list is for a field whose partition may be left out, paged for one that goes on after $after.
func (d *queryDrawing) arguments(f *ast.FieldDefinition, list, paged bool) string {
	var given []string
	partition := f.Arguments.ForName("sortDirection") != nil && (!list || chance(d.T, 2, "partition"))
	for _, a := range f.Arguments {
		if text := d.argument(f, a, list, partition, paged); text != "" {
			given = append(given, a.Name+": "+text)
		}
	}
	if len(given) == 0 {
		return ""
	}
	return "(" + strings.Join(given, ", ") + ")"
}

// argument draws one argument, "" for none.
func (d *queryDrawing) argument(f *ast.FieldDefinition, a *ast.ArgumentDefinition, list, partition, paged bool) string {
	kind := a.Type.Name()
	condition := strings.HasSuffix(kind, "KeyConditionInput")
	switch {
	case a.Name == "nextToken" && kind == "String" && paged:
		d.variables = append(d.variables, variable{name: "after", kind: "String"})
		return "$after"
	case a.Name == "nextToken" && f.Arguments.ForName("limit") != nil:
		return d.none(a.Type)
	case a.Name == "limit" && f.Arguments.ForName("filter") != nil:
		return d.limit(a.Type, paged)
	case a.Name == "sortDirection" && list && !partition:
		return d.none(a.Type)
	case a.Name == "sortDirection" && chance(d.T, 2, "direction"):
		return d.value(a.Type, drawnEnum(rapid.SampledFrom([]string{"ASC", "DESC"}).Draw(d.T, "direction"))).text()
	case a.Name == "filter" && chance(d.T, 2, "filter"):
		return d.value(a.Type, d.limiting(f).filter(d.served.Types[kind], 2)).text()
	case condition && (!list || partition) && chance(d.T, 2, "condition"):
		return d.value(a.Type, d.limiting(f).condition(a.Name, d.served.Types[kind])).text()
	case condition, a.Name == "sortDirection", a.Name == "filter":
		return d.none(a.Type)
	case list && !partition:
		return d.none(a.Type)
	}
	if value := d.likely[a.Name]; !plain.Absent(value) {
		return d.value(a.Type, d.found(kind, value)).text()
	}
	return d.value(a.Type, d.scalar(kind)).text()
}

// found is a record's value as an argument.
func (d *queryDrawing) found(kind string, value any) literal {
	if definition := d.served.Types[kind]; definition != nil && definition.Kind == ast.Enum {
		return drawnEnum(value.(string))
	}
	return drawnJSON(compact(value))
}

// limiting draws what limits the pages of a field.
func (d *queryDrawing) limiting(f *ast.FieldDefinition) filterDrawing {
	page := d.served.Types[f.Type.Name()]
	return filterDrawing{d, d.served.Types[page.Fields.ForName("items").Type.Name()]}
}

// none is an argument that is not there, null, or a variable that is not given or null.
func (d *queryDrawing) none(t *ast.Type) string {
	switch rapid.IntRange(0, 11).Draw(d.T, "none") {
	case 11:
		return "null"
	case 10:
		return d.missing(t.String()).text()
	case 9:
		return d.variable(t.String(), drawnNull{}).text()
	}
	return ""
}

func (d *queryDrawing) limit(t *ast.Type, paged bool) string {
	if !paged && chance(d.T, 2, "no limit") {
		return d.none(t)
	}
	return d.value(t, drawnJSON(fmt.Sprint(rapid.SampledFrom([]int{1, 1, 2, 3, 5, 1000}).Draw(d.T, "limit")))).text()
}

// scalar draws a scalar's or enum's value. An ID may be a number.
func (d *queryDrawing) scalar(kind string) literal {
	raw := d.values.pooled(kind)
	definition := d.served.Types[kind]
	switch {
	case definition != nil && definition.Kind == ast.Enum:
		return drawnEnum(strings.Trim(raw, `"`))
	case kind == "ID" && (raw == `"1"` || raw == `"10"`) && chance(d.T, 2, "number"):
		return drawnJSON(strings.Trim(raw, `"`))
	}
	return drawnJSON(raw)
}
