package resolver

import (
	"encoding/json"

	"github.com/chunkaside/chunkaside/catalog"
	"github.com/chunkaside/chunkaside/catalog/schema"
)

// in is the plan's place: for a model's field it is in its parent, the event's source.
func (p *plan) in(source json.RawMessage) (place, error) {
	if p.field == nil {
		return p.place, nil
	}
	m, f := p.parent, p.field
	var parent map[string]json.RawMessage
	if err := json.Unmarshal(source, &parent); err != nil || parent == nil {
		return place{}, failf(BadEvent, "%s.%s: the event has no source object", m.Name, f.Name)
	}
	if f.Relation != nil {
		return relationIn(m, f, parent)
	}
	if null(parent[f.Name]) {
		return place{none: true}, nil
	}
	return place{value: parent[f.Name]}, nil
}

// relationIn is where a relation of a parent leads to.
func relationIn(m *schema.Model, f *schema.Field, parent map[string]json.RawMessage) (place, error) {
	values := make([][]byte, len(f.Relation.Fields))
	for i, key := range f.Relation.Fields {
		raw, there := parent[key.Name]
		if !there {
			return place{}, failf(BadEvent, "%s.%s: the event's source lacks the field %s: let the parent's resolver return it", m.Name, f.Name, key.Name)
		}
		var err error
		if values[i], err = keyValue(key, raw); err != nil {
			return place{}, failf(BadEvent, "%s.%s: the event's source: field %s: %v", m.Name, f.Name, key.Name, err)
		}
	}
	prefix, ok, err := catalog.Prefix(f.Relation.Index, values...)
	if err != nil {
		return place{}, failf(BadEvent, "%s.%s: the event's source: %v", m.Name, f.Name, err)
	}
	return place{prefix: prefix, none: !ok}, nil
}
