package resolver

import (
	"encoding/json"

	"github.com/vektah/gqlparser/v2/ast"
)

// literal is a value in a query's text as encoding/json would decode it; numbers keep their digits. ok is false for a variable that is not given.
func (r *selectionReader) literal(v *ast.Value) (value any, ok bool) {
	switch v.Kind {
	case ast.Variable:
		value, ok = r.vars[v.Raw]
		return value, ok
	case ast.NullValue:
		return nil, true
	case ast.BooleanValue:
		return v.Raw == "true", true
	case ast.IntValue, ast.FloatValue:
		return json.Number(v.Raw), true
	case ast.ListValue:
		list := make([]any, len(v.Children)) // an empty list is no null
		for i, child := range v.Children {
			list[i], _ = r.literal(child.Value)
		}
		return list, true
	case ast.ObjectValue:
		object := map[string]any{}
		for _, child := range v.Children {
			if value, ok := r.literal(child.Value); ok {
				object[child.Name] = value
			}
		}
		return object, true
	}
	return v.Raw, true // a text, or an enum's value
}
