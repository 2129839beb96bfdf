package resolver

import (
	"slices"

	"github.com/chunkaside/chunkaside/catalog"
)

// stored writes a stored value: as it is, or an object or list of objects by its plan.
func (w *writer) stored(f *fieldPlan, raw []byte) error {
	switch {
	case raw == nil:
		w.text("null")
		return nil
	case f.nested == nil:
		w.out = append(w.out, raw...)
		return nil
	}
	return w.value(f.nested, raw)
}

func (w *writer) value(p *objectPlan, raw []byte) error {
	switch raw[0] {
	case '{':
		return w.members(p, raw)
	case '[':
		return w.list(p, raw)
	}
	w.out = append(w.out, raw...) // null
	return nil
}

func (w *writer) list(p *objectPlan, raw []byte) error {
	w.text("[")
	first := true
	err := catalog.ScanList(raw, func(element []byte) error {
		if !first {
			w.text(",")
		}
		first = false
		return w.value(p, element)
	})
	w.text("]")
	return err
}

func (w *writer) members(p *objectPlan, raw []byte) error {
	base := len(w.values)
	w.values = slices.Grow(w.values, len(p.object.Stored()))[:base+len(p.object.Stored())]
	values := w.values[base:]
	defer func() { w.values = w.values[:base] }()
	if err := catalog.ScanObject(p.object, raw, values); err != nil {
		return err
	}
	w.text("{")
	for i := range p.fields {
		f := &p.fields[i]
		if i > 0 {
			w.text(",")
		}
		w.out = append(w.out, f.label...)
		if err := w.stored(f, values[f.field.Ordinal]); err != nil {
			return err
		}
	}
	w.text("}")
	return nil
}
