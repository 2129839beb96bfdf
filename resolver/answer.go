package resolver

import (
	"github.com/chunkaside/chunkaside/catalog"
)

const emptyConnection = `{"items":[],"nextToken":null}`

// answer appends the field's value, by the schema's field names: AppSync itself puts aliases and __typename into what it hands on.
func (p *plan) answer(out []byte, s *catalog.Snapshot) ([]byte, error) {
	switch {
	case p.value != nil:
		return append(out, p.value...), nil
	case p.many != nil && p.none:
		return append(out, emptyConnection...), nil
	case p.none:
		return append(out, "null"...), nil
	case p.many != nil:
		return p.many.answer(out, s, p.prefix)
	}
	return p.one.answer(out, s, p.prefix)
}

func (p *onePlan) answer(out []byte, s *catalog.Snapshot, key string) ([]byte, error) {
	e, ok := s.Get(p.model, key)
	if !ok {
		return append(out, "null"...), nil
	}
	return p.object.entity(out, s, e)
}

func (p *manyPlan) answer(out []byte, s *catalog.Snapshot, prefix string) ([]byte, error) {
	r := p.r
	r.Prefix = prefix
	if p.token != "" {
		var err error
		if r.After, err = decodeToken(p.model, r, p.token, p.field); err != nil {
			return out, err
		}
	}
	page := s.Page(p.model, r)
	out = append(out, '{')
	if p.items != nil {
		out = append(out, `"items":[`...)
		for i, e := range page.Entities {
			if i > 0 {
				out = append(out, ',')
			}
			var err error
			if out, err = p.items.entity(out, s, e); err != nil {
				return out, err
			}
		}
		out = append(out, ']')
	}
	if p.nextToken {
		if p.items != nil {
			out = append(out, ',')
		}
		out = append(out, `"nextToken":`...)
		if page.Next == "" {
			out = append(out, "null"...)
		} else {
			out = appendQuoted(out, encodeToken(p.model, r, page.Next))
		}
	}
	return append(out, '}'), nil
}

// entity appends the fields of an entity: those stored by copying their bytes.
func (p *objectPlan) entity(out []byte, s *catalog.Snapshot, e catalog.Entity) ([]byte, error) {
	out = append(out, '{')
	for i := range p.fields {
		f := &p.fields[i]
		if i > 0 {
			out = append(out, ',')
		}
		out = append(out, f.label...)
		var err error
		if f.field.Relation != nil {
			out, err = f.relation(out, s, e)
		} else {
			out, err = f.stored(out, e.Field(f.field))
		}
		if err != nil {
			return out, err
		}
	}
	return append(out, '}'), nil
}

func (f *fieldPlan) relation(out []byte, s *catalog.Snapshot, e catalog.Entity) ([]byte, error) {
	values := make([][]byte, len(f.field.Relation.Fields))
	for i, key := range f.field.Relation.Fields {
		values[i] = e.Field(key)
	}
	prefix, ok, err := catalog.Prefix(f.field.Relation.Index, values...)
	switch {
	case err != nil:
		return out, err
	case f.many != nil && !ok:
		return append(out, emptyConnection...), nil
	case f.many != nil:
		return f.many.answer(out, s, prefix)
	case !ok:
		return append(out, "null"...), nil
	}
	return f.one.answer(out, s, prefix)
}

// stored appends a stored value: as it is, or an object or list of objects by its plan.
func (f *fieldPlan) stored(out, raw []byte) ([]byte, error) {
	switch {
	case raw == nil:
		return append(out, "null"...), nil
	case f.nested == nil:
		return append(out, raw...), nil
	}
	return f.nested.value(out, raw)
}

func (p *objectPlan) value(out, raw []byte) ([]byte, error) {
	switch raw[0] {
	case '{':
		return p.members(out, raw)
	case '[':
		return p.list(out, raw)
	}
	return append(out, raw...), nil // null
}

func (p *objectPlan) list(out, raw []byte) ([]byte, error) {
	out = append(out, '[')
	first := true
	err := catalog.ScanList(raw, func(element []byte) (err error) {
		if !first {
			out = append(out, ',')
		}
		first = false
		out, err = p.value(out, element)
		return err
	})
	return append(out, ']'), err
}

func (p *objectPlan) members(out, raw []byte) ([]byte, error) {
	values := make([][]byte, len(p.object.Fields))
	if err := catalog.ScanObject(p.object, raw, values); err != nil {
		return out, err
	}
	out = append(out, '{')
	for i := range p.fields {
		f := &p.fields[i]
		if i > 0 {
			out = append(out, ',')
		}
		var err error
		if out, err = f.stored(append(out, f.label...), values[f.field.Ordinal]); err != nil {
			return out, err
		}
	}
	return append(out, '}'), nil
}
