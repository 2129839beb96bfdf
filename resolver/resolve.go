package resolver

import (
	"slices"

	"github.com/chunkaside/chunkaside/catalog/schema"
)

// resolve is the fields of an object to write, in the selection's order, and what is selected of each.
//
// A hidden name that is no field is an alias within a named fragment. What it stands for is not known, so all that it may be is written: every scalar, or each object that has
// the fields below it. A field too many is no fault, AppSync drops it; a missing one is a wrong null.
func (s *selection) resolve(o *schema.Object) ([]*schema.Field, map[string]*selected, error) {
	if s == nil {
		return scalars(o, nil), nil, nil
	}
	chosen := map[string]*selected{}
	var fields []*schema.Field
	choose := func(f *schema.Field, nested *selection, given *selected) {
		c := chosen[f.Name]
		if c == nil {
			c = &selected{alias: given.alias, arguments: given.arguments}
			chosen[f.Name] = c
			fields = append(fields, f)
		}
		c.nested = merge(c.nested, nested)
	}
	all := s.scalars
	for _, name := range s.order {
		given, f := s.fields[name], o.Field(name)
		switch {
		case f != nil:
			choose(f, given.nested, given)
		case name == "__typename":
		case !given.hidden:
			return nil, nil, failf(UnknownField, "the type %s has no field %s in the catalog's schema", o.Name, name)
		case given.nested == nil:
			all = true
		default:
			candidates := given.nested.candidates(o)
			if len(candidates) == 0 {
				return nil, nil, failf(UnknownField, "the type %s has no field that %s, in a named fragment, may stand for", o.Name, name)
			}
			for _, f := range candidates {
				choose(f, given.nested, &selected{alias: name})
			}
		}
	}
	if all {
		fields = scalars(o, fields)
	}
	return fields, chosen, nil
}

// scalars adds the stored fields that are not there yet.
func scalars(o *schema.Object, fields []*schema.Field) []*schema.Field {
	for _, f := range o.Stored() {
		if !slices.Contains(fields, f) {
			fields = append(fields, f)
		}
	}
	return fields
}

// candidates are the fields of an object that a selection may be of: those whose type has all of its names, or where none has, some.
func (s *selection) candidates(o *schema.Object) []*schema.Field {
	var whole, part []*schema.Field
	for _, f := range o.Fields {
		has := names(f)
		if has == nil {
			continue
		}
		known := 0
		for _, name := range s.order {
			if has(name) {
				known++
			}
		}
		if known == len(s.order) {
			whole = append(whole, f)
		}
		if known > 0 {
			part = append(part, f)
		}
	}
	if whole != nil {
		return whole
	}
	return part
}

// names says which names a field's value has; nil if it has none, being a scalar.
func names(f *schema.Field) func(string) bool {
	object := f.Type.Object
	if f.Relation != nil {
		object = &f.Relation.Target.Object
	}
	switch {
	case object == nil:
		return nil
	case f.Relation != nil && f.Relation.Kind == schema.HasMany:
		return func(name string) bool { return name == "items" || name == "nextToken" || name == "__typename" }
	}
	return func(name string) bool { return name == "__typename" || object.Field(name) != nil }
}
