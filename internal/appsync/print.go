package appsync

import (
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
)

// selectionText prints the selection sets of a field as the event's selectionSetGraphQL has them: as they were written, with
// aliases, arguments, variables and directives. Of named fragments only the spreads are there, not their definitions.
func selectionText(nodes []*ast.Field) string {
	var merged ast.SelectionSet
	for _, node := range nodes {
		merged = append(merged, node.SelectionSet...)
	}
	var p printer
	p.selectionSet("", merged)
	return p.String()
}

type printer struct{ strings.Builder }

func (p *printer) selectionSet(indent string, set ast.SelectionSet) {
	if len(set) == 0 {
		return
	}
	p.WriteString("{\n")
	for _, s := range set {
		p.WriteString(indent + "  ")
		p.selection(indent+"  ", s)
		p.WriteString("\n")
	}
	p.WriteString(indent + "}")
}

func (p *printer) selection(indent string, s ast.Selection) {
	switch s := s.(type) {
	case *ast.Field:
		if s.Alias != s.Name {
			p.WriteString(s.Alias + ": ")
		}
		p.WriteString(s.Name)
		p.arguments(s.Arguments)
		p.directives(s.Directives)
		p.nested(indent, s.SelectionSet)
	case *ast.FragmentSpread:
		p.WriteString("..." + s.Name)
		p.directives(s.Directives)
	case *ast.InlineFragment:
		p.WriteString("...")
		if s.TypeCondition != "" {
			p.WriteString(" on " + s.TypeCondition)
		}
		p.directives(s.Directives)
		p.nested(indent, s.SelectionSet)
	}
}

func (p *printer) nested(indent string, set ast.SelectionSet) {
	if len(set) > 0 {
		p.WriteByte(' ')
		p.selectionSet(indent, set)
	}
}

func (p *printer) arguments(list ast.ArgumentList) {
	for i, a := range list {
		p.separate(i, "(")
		p.WriteString(a.Name + ": ")
		p.value(a.Value)
	}
	if len(list) > 0 {
		p.WriteByte(')')
	}
}

func (p *printer) directives(list ast.DirectiveList) {
	for _, d := range list {
		p.WriteString(" @" + d.Name)
		p.arguments(d.Arguments)
	}
}

func (p *printer) value(v *ast.Value) {
	switch v.Kind {
	case ast.ListValue:
		p.WriteByte('[')
		for i, child := range v.Children {
			p.separate(i, "")
			p.value(child.Value)
		}
		p.WriteByte(']')
	case ast.ObjectValue:
		p.WriteByte('{')
		for i, child := range v.Children {
			p.separate(i, "")
			p.WriteString(child.Name + ": ")
			p.value(child.Value)
		}
		p.WriteByte('}')
	default:
		p.WriteString(v.String())
	}
}

// separate writes what stands before the i-th of several things.
func (p *printer) separate(i int, first string) {
	if i > 0 {
		first = ", "
	}
	p.WriteString(first)
}
