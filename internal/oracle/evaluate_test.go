package oracle

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/parser"

	"github.com/chunkaside/chunkaside/catalog/schema"
	"github.com/chunkaside/chunkaside/internal/oracle/plain"
)

// evaluator answers whole queries.
type evaluator struct {
	schema  *schema.Schema
	records map[string][]record // without tombstones
	fill    bool                // resolver.Options.FillPages
	sorted  map[sorting][]record
	places  map[string]int // where the tokens go on that the resolver gave: how many records were looked at before

	// refused are the root fields that the resolver refused, with the error's type. It may where there is a named fragment, whose content it does not see; for AliasConflict only beside arguments.
	refused map[string]string

	fragments map[string]*ast.FragmentDefinition
	variables map[string]any
	faults    []string // the paths of values that are null and must not be
}

func newEvaluator(t failer, c drawnCase) *evaluator {
	t.Helper()
	e := &evaluator{schema: c.schema, records: map[string][]record{}, fill: c.fill, sorted: map[sorting][]record{}, places: map[string]int{}}
	for name, lines := range c.records {
		for _, line := range lines {
			if r := record(decode(line)); r["_deleted"] != true {
				e.records[name] = append(e.records[name], r)
			}
		}
	}
	return e
}

// answer is what a client gets: the data, and the paths of the errors.
type answer struct {
	data   string
	faults []string
}

func (a answer) String() string { return fmt.Sprintf("%s, errors at %q", a.data, a.faults) }

// answer evaluates the one operation of a query that is sound.
func (e *evaluator) answer(query string, variables map[string]any) answer {
	document, err := parser.ParseQuery(&ast.Source{Input: query})
	if err != nil {
		panic(err.Error() + "\n" + query)
	}
	e.fragments, e.variables, e.faults = map[string]*ast.FragmentDefinition{}, map[string]any{}, nil
	for _, f := range document.Fragments {
		e.fragments[f.Name] = f
	}
	operation := document.Operations[0]
	for _, v := range operation.VariableDefinitions {
		if value, given := variables[v.Variable]; given {
			e.variables[v.Variable] = value
		} else if v.DefaultValue != nil {
			e.variables[v.Variable], _ = e.value(v.DefaultValue)
		}
	}
	var members []string
	for _, f := range e.collect(operation.SelectionSet) {
		members = append(members, quoted(f.key)+":"+e.root(f))
	}
	return answer{"{" + strings.Join(members, ",") + "}", e.faults}
}

// selected is the fields of one level that have one response key.
type selected struct {
	key   string
	field *ast.Field
	below ast.SelectionSet
}

// collect resolves fragments, @skip and @include, and merges fields of one key.
func (e *evaluator) collect(sets ...ast.SelectionSet) []*selected {
	var list []*selected
	var visit func(ast.SelectionSet)
	visit = func(set ast.SelectionSet) {
		for _, s := range set {
			switch s := s.(type) {
			case *ast.Field:
				if e.included(s.Directives) {
					i := slices.IndexFunc(list, func(other *selected) bool { return other.key == s.Alias })
					if i < 0 {
						i, list = len(list), append(list, &selected{key: s.Alias, field: s})
					}
					list[i].below = append(list[i].below, s.SelectionSet...)
				}
			case *ast.InlineFragment:
				if e.included(s.Directives) {
					visit(s.SelectionSet)
				}
			case *ast.FragmentSpread:
				if e.included(s.Directives) {
					visit(e.fragments[s.Name].SelectionSet)
				}
			}
		}
	}
	for _, set := range sets {
		visit(set)
	}
	return list
}

func (e *evaluator) included(directives ast.DirectiveList) bool {
	for _, d := range directives {
		if condition, _ := e.value(d.Arguments.ForName("if").Value); condition != (d.Name == "include") {
			return false
		}
	}
	return true
}

// arguments are those of a field that are given, and not null.
func (e *evaluator) arguments(f *ast.Field) map[string]any {
	arguments := map[string]any{}
	for _, a := range f.Arguments {
		if value, ok := e.value(a.Value); ok && value != nil {
			arguments[a.Name] = value
		}
	}
	return arguments
}

// value is a literal's or variable's; false if it is a variable that is not given.
func (e *evaluator) value(v *ast.Value) (any, bool) {
	switch v.Kind {
	case ast.Variable:
		value, ok := e.variables[v.Raw]
		return value, ok
	case ast.NullValue:
		return nil, true
	case ast.BooleanValue:
		return v.Raw == "true", true
	case ast.IntValue, ast.FloatValue:
		return json.Number(v.Raw), true
	case ast.ListValue:
		list := []any{}
		for _, child := range v.Children {
			element, _ := e.value(child.Value)
			list = append(list, element)
		}
		return list, true
	case ast.ObjectValue:
		object := map[string]any{}
		for _, child := range v.Children {
			if value, ok := e.value(child.Value); ok {
				object[child.Name] = value
			}
		}
		return object, true
	}
	return v.Raw, true // a text or an enum's value
}

// root answers a field of Query.
func (e *evaluator) root(f *selected) string {
	if f.field.Name == "__typename" {
		return `"Query"`
	}
	q := e.schema.Query(f.field.Name)
	arguments, path := e.arguments(f.field), []string{f.key}
	if spreads, given := hides(f.below); spreads && (e.refused[f.key] == "QueryTooLarge" || given && e.refused[f.key] == "AliasConflict") {
		e.fault(path)
		return "null"
	}
	if q.Kind != schema.Get {
		text, _ := e.connection(q.Model, e.listOf(q, arguments), f, path)
		return text
	}
	var key []any
	for _, part := range q.Index.Fields() {
		key = append(key, plain.Scalar(&part.Type, arguments[part.Name]))
	}
	r := e.get(q.Model, key)
	if r == nil {
		return "null"
	}
	return orNull(e.object(&q.Model.Object, r, f, path))
}

// hides says whether there are named fragments in a selection set, and whether there are arguments.
func hides(set ast.SelectionSet) (spreads, given bool) {
	for _, s := range set {
		var below ast.SelectionSet
		switch s := s.(type) {
		case *ast.FragmentSpread:
			spreads = true
		case *ast.InlineFragment:
			below = s.SelectionSet
		case *ast.Field:
			below, given = s.SelectionSet, given || len(s.Arguments) > 0
		}
		spreadsBelow, givenBelow := hides(below)
		spreads, given = spreads || spreadsBelow, given || givenBelow
	}
	return spreads, given
}
