package catalog

import (
	"strings"

	"github.com/chunkaside/chunkaside/catalog/schema"
)

// required finds, in one entity after another, values that the schema says are never null, and that are absent or null.
type required struct {
	// fields are those, of models and of nested objects, whose types demand something at any depth. All others are passed over unread.
	fields map[*schema.Object][]*schema.Field
	path   []string // of the field that is looked at
	found  func(path string)
}

func newRequired(s *schema.Schema) *required {
	objects := append([]*schema.Object{}, s.Objects...)
	for _, m := range s.Models {
		objects = append(objects, &m.Object)
	}
	r := &required{fields: map[*schema.Object][]*schema.Field{}}
	// Objects are nested in others, in themselves too: what one demands, the next round knows of those that have it.
	for grown := true; grown; {
		grown = false
		for _, o := range objects {
			var fields []*schema.Field
			for _, f := range o.Stored() {
				if r.demands(&f.Type) {
					fields = append(fields, f)
				}
			}
			grown = grown || len(fields) > len(r.fields[o])
			r.fields[o] = fields
		}
	}
	return r
}

// demands says whether a type has anything that is never null, as far as fields is known.
func (r *required) demands(t *schema.Type) bool {
	return t.NonNull || t.Elem != nil && r.demands(t.Elem) || len(r.fields[t.Object]) > 0
}

// check calls found with the path of each value that is missing: the same path as often as it is missing there. The error is a chunker.DamageError.
func (r *required) check(m *schema.Model, e Entity, found func(path string)) error {
	r.found = found
	return r.each(&m.Object, e.Field)
}

func (r *required) each(o *schema.Object, value func(*schema.Field) []byte) error {
	for _, f := range r.fields[o] {
		r.path = append(r.path, f.Name)
		if err := r.value(&f.Type, value(f), ""); err != nil {
			return err
		}
		r.path = r.path[:len(r.path)-1]
	}
	return nil
}

// value looks at a field's value, or with brackets at an element of it. They are in no path that goes on: a null in a list is "videos[]", what an object in the list lacks is "videos.url".
func (r *required) value(t *schema.Type, raw []byte, brackets string) error {
	switch {
	case len(raw) == 0 || raw[0] == 'n':
		if t.NonNull {
			r.found(strings.Join(r.path, ".") + brackets)
		}
	case t.Elem != nil && r.demands(t.Elem):
		return ScanList(raw, func(element []byte) error { return r.value(t.Elem, element, brackets+"[]") })
	case t.Elem == nil && len(r.fields[t.Object]) > 0:
		return r.object(t.Object, raw)
	}
	return nil
}

func (r *required) object(o *schema.Object, raw []byte) error {
	values := make([][]byte, len(o.Stored()))
	if err := ScanObject(o, raw, values); err != nil {
		return err
	}
	return r.each(o, func(f *schema.Field) []byte { return values[f.Ordinal] })
}
