package appsync

import (
	"slices"

	"github.com/vektah/gqlparser/v2/ast"
)

// selection is a field to answer: the fields of one level that share a response key, merged, with fragments, @skip and
// @include resolved. As the served schema has no interfaces and no unions, none of it depends on data.
type selection struct {
	key        string          // the alias, or the name
	label      []byte          // `"key":`
	field      *ast.Field      // the first of nodes; all have the same name and arguments
	definition *ast.Definition // of the field's type, or its elements'
	nodes      []*ast.Field    // where the key stands in the query
	arguments  []argument
	fields     []*selection
}

// planner expands one operation.
type planner struct {
	*coercer
	fields int
}

// operation chooses the operation to run.
func operation(document *ast.QueryDocument, name string) (*ast.OperationDefinition, *fault) {
	switch {
	case len(document.Operations) == 0:
		return nil, faultAt(nil, "The document has no operation.")
	case name == "" && len(document.Operations) > 1:
		return nil, faultAt(nil, "Must provide operation name if query contains multiple operations.")
	case name == "":
		return document.Operations[0], nil
	}
	if op := document.Operations.ForName(name); op != nil {
		return op, nil
	}
	return nil, faultAt(nil, "Unknown operation named '%s'.", name)
}

// plan expands the root fields of an operation.
func (c *coercer) plan(op *ast.OperationDefinition) ([]*selection, *fault) {
	return (&planner{coercer: c}).level(1, op.SelectionSet)
}

// level merges the selection sets that stand on one level of the answer, then expands the levels below.
func (p *planner) level(depth int, sets ...ast.SelectionSet) ([]*selection, *fault) {
	l := level{planner: p, spread: map[string]bool{}}
	for _, set := range sets {
		l.collect(set)
	}
	for _, s := range l.selections {
		if p.fields++; p.fields > maxFields {
			return nil, faultAt(s.field.Position, "The query selects more than %d fields.", maxFields)
		}
		if depth > maxDepth {
			return nil, faultAt(s.field.Position, "The query is nested deeper than %d levels.", maxDepth)
		}
		var fault *fault
		if s.arguments, fault = p.coercer.arguments(s.field); fault != nil {
			return nil, fault
		}
		below := make([]ast.SelectionSet, len(s.nodes))
		for i, node := range s.nodes {
			below[i] = node.SelectionSet
		}
		if s.fields, fault = p.level(depth+1, below...); fault != nil {
			return nil, fault
		}
	}
	return l.selections, nil
}

// level is one level of the answer while its fields are collected.
type level struct {
	*planner
	selections []*selection
	spread     map[string]bool // fragments that are in already
}

func (l *level) collect(set ast.SelectionSet) {
	for _, s := range set {
		switch s := s.(type) {
		case *ast.Field:
			if l.included(s.Directives) {
				l.add(s)
			}
		case *ast.InlineFragment:
			if l.included(s.Directives) {
				l.collect(s.SelectionSet)
			}
		case *ast.FragmentSpread:
			if l.included(s.Directives) && !l.spread[s.Name] {
				l.spread[s.Name] = true
				l.collect(s.Definition.SelectionSet)
			}
		}
	}
}

func (l *level) add(f *ast.Field) {
	i := slices.IndexFunc(l.selections, func(s *selection) bool { return s.key == f.Alias })
	if i < 0 {
		i = len(l.selections)
		l.selections = append(l.selections, &selection{
			key: f.Alias, label: append(quoted(f.Alias), ':'), field: f, definition: l.schema.Types[f.Definition.Type.Name()],
		})
	}
	l.selections[i].nodes = append(l.selections[i].nodes, f)
}
