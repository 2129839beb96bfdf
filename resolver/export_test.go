package resolver

import (
	"encoding/json"

	"github.com/chunkaside/chunkaside/catalog"
	"github.com/chunkaside/chunkaside/catalog/schema"
)

// CompileFilter is a filter as a predicate; nil if it asks for nothing.
func CompileFilter(m *schema.Model, text string) (func(catalog.Entity) bool, error) {
	f, err := arguments{"listOf", map[string]json.RawMessage{"filter": json.RawMessage(text)}, &caller{}}.filter(m)
	if f == nil || err != nil {
		return nil, err
	}
	return f.holds, nil
}

// MaxRoom and KeptRoom say what memory of answers is kept.
const MaxRoom = maxRoom

var KeptRoom = keptRoom
