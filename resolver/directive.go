package resolver

import "github.com/vektah/gqlparser/v2/ast"

// included says whether @skip and @include leave a part of a selection set in it. AppSync is not known to hand them on; if it does, what they take out must not conflict with what stays. A
// condition that cannot be told leaves the part in: a field too many is no fault.
func (r *selectionReader) included(directives ast.DirectiveList) (bool, error) {
	for _, d := range directives {
		condition := d.Arguments.ForName("if")
		if condition == nil || d.Name != "skip" && d.Name != "include" {
			continue
		}
		value := condition.Value.Raw
		if condition.Value.Kind == ast.Variable {
			if err := r.readVariables(); err != nil {
				return false, err
			}
			switch r.vars[value] {
			case true:
				value = "true"
			case false:
				value = "false"
			}
		}
		if d.Name == "skip" && value == "true" || d.Name == "include" && value == "false" {
			return false, nil
		}
	}
	return true, nil
}
