package resolver

import "encoding/json"

// filterText is a filter in one form, so that a page's token is good for the next page although the client wrote the same filter in another way: what asks for nothing is left out, one object
// stands in a list where and and or have one, and the keys of objects are in order.
func filterText(filter any) (string, error) {
	text, err := json.Marshal(plain(filter))
	return string(text), err
}

// plain is a filter, or the operators of a field, without what asks for nothing; nil if nothing is left.
func plain(value any) any {
	members, ok := value.(map[string]any)
	if !ok {
		return value
	}
	left := map[string]any{}
	for name, member := range members {
		if name == "and" || name == "or" {
			member = plainList(member)
		} else {
			member = plain(member)
		}
		// A null is compared with; all other nulls ask for nothing.
		if member != nil || (name == "eq" || name == "ne") && members[name] == nil {
			left[name] = member
		}
	}
	if len(left) == 0 {
		return nil
	}
	return left
}

func plainList(value any) any {
	members, ok := value.([]any)
	if !ok {
		members = []any{value}
	}
	var left []any
	for _, member := range members {
		if member = plain(member); member != nil {
			left = append(left, member)
		}
	}
	if left == nil {
		return nil
	}
	return left
}
