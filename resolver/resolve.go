package resolver

import (
	"math"
	"slices"

	"github.com/chunkaside/chunkaside/catalog/schema"
)

// resolve is the fields of an object to write, in the selection's order, and what is selected of each.
//
// A name that stands hidden in a named fragment may be an alias, even if there is a field of that name. So all that it may stand for is written: every scalar, and each object that has the
// fields below it. A field too many is no fault, AppSync drops it; a missing one is a wrong null. What the caller may not read is an error where its own name stands, else it is left out.
func (p *planner) resolve(o *schema.Object, holder *schema.Access, s *selection) ([]*schema.Field, map[string]*selected, error) {
	if s == nil {
		return p.scalars(o, holder, nil), nil, nil
	}
	r := resolution{planner: p, object: o, holder: holder, chosen: map[string]*selected{}}
	all := s.scalars
	for _, name := range s.order {
		given, f := s.fields[name], served(o, name)
		var err error
		if p.effort++; p.effort.spent() {
			break
		}
		switch {
		case given.hidden && given.nested != nil && (s.scalars || f == nil || !p.fits(f, given.nested)):
			err = r.chooseHidden(name, given)
		case f != nil && !p.caller.mayRead(f, holder), f != nil && given.nested == nil && f.Relation == nil && !p.caller.mayCopy(f, holder):
			err = unauthorized(f.Name, o.Name)
		case f != nil:
			r.choose(f, given)
		case given.hidden:
			all = true
		case name != "__typename":
			err = failf(UnknownField, "the type %s has no field %s in the catalog's schema", o.Name, name)
		}
		if err != nil {
			return nil, nil, err
		}
	}
	for _, name := range s.order { // when it is known which fields have arguments
		if also := s.fields[name].also; also != nil {
			if err := r.chooseHidden(name, &selected{nested: also}); err != nil {
				return nil, nil, err
			}
		}
	}
	if all {
		r.fields = p.scalars(o, holder, r.fields)
	}
	return r.fields, r.chosen, nil
}

// resolution is the fields of one object as they are found.
type resolution struct {
	planner *planner
	object  *schema.Object
	holder  *schema.Access
	fields  []*schema.Field
	chosen  map[string]*selected
}

func (r *resolution) choose(f *schema.Field, given *selected) {
	c := r.chosen[f.Name]
	if c == nil {
		c = &selected{alias: given.alias, arguments: given.arguments}
		r.chosen[f.Name] = c
		r.fields = append(r.fields, f)
	}
	c.nested = merge(c.nested, given.nested, &r.planner.effort)
}

// chooseHidden chooses all that a hidden name with fields below it may stand for. A field that is asked for with arguments in plain sight is left out where there are others, for its
// page is not the hidden one's: others that fit better, or one of this very name.
func (r *resolution) chooseHidden(name string, given *selected) error {
	var conflict *selected
	named := false
	conflictGuesses, guesses := math.MaxInt, math.MaxInt
	for _, f := range r.object.Fields {
		r.planner.effort += effort(len(given.nested.order))
		if !r.planner.fits(f, given.nested) || !r.planner.caller.mayRead(f, r.holder) {
			continue
		}
		n := guessed(f, given.nested)
		if c := r.conflicting(f, given); c != nil {
			conflict, conflictGuesses = c, min(conflictGuesses, n)
			continue
		}
		r.choose(f, &selected{alias: name, nested: given.nested})
		guesses, named = min(guesses, n), named || f.Name == name
	}
	switch {
	case conflictGuesses < guesses, conflictGuesses == guesses && conflict != nil && !named:
		return failf(AliasConflict, "%s and %s, in a named fragment, seem to ask for one field, the first with arguments that the other may not have, and AppSync cannot keep two answers of "+
			"one field apart: ask for them in two queries", conflict.alias, name)
	case guesses == math.MaxInt:
		return failf(UnknownField, "the type %s has no field that %s, in a named fragment, may stand for", r.object.Name, name)
	}
	return nil
}

// conflicting is what is chosen with arguments, of a field or below it, that a hidden name would need without them; nil for nothing.
func (r *resolution) conflicting(f *schema.Field, given *selected) *selected {
	switch c := r.chosen[f.Name]; {
	case c == nil:
		return nil
	case len(c.arguments) > 0:
		return c
	default:
		return clash(c.nested, given.nested, &r.planner.effort)
	}
}

// guessed is how many of a selection's names must be aliases if it is of this field. A page of which only the token is asked for counts as one more: nearly always it is another field.
func guessed(f *schema.Field, s *selection) int {
	many := f.Relation != nil && f.Relation.Kind == schema.HasMany
	object := objectOf(f)
	n, items := 0, false
	for _, name := range s.order {
		items = items || s.fields[name].nested != nil
		if known := many && (name == "items" || name == "nextToken") || !many && object.Field(name) != nil; !known && name != "__typename" {
			n++
		}
	}
	if many && !items {
		n++
	}
	return n
}

// scalars adds the stored fields of the API that are not there yet, and that the caller may read.
func (p *planner) scalars(o *schema.Object, holder *schema.Access, fields []*schema.Field) []*schema.Field {
	for _, f := range o.Stored() {
		if !f.Hidden && p.caller.mayCopy(f, holder) && !slices.Contains(fields, f) {
			fields = append(fields, f)
		}
	}
	return fields
}

// fit is a question about a selection, whose answer is kept: selections that hide much would be asked about again and again.
type fit struct {
	object *schema.Object
	many   bool
	s      *selection
}

// objectOf is the object that a field's value is, or is a list of; nil for a scalar.
func objectOf(f *schema.Field) *schema.Object {
	if f.Relation != nil {
		return &f.Relation.Target.Object
	}
	return f.Type.Object
}

// fits says whether a selection may be of a field: whether its value has all that is selected.
func (p *planner) fits(f *schema.Field, s *selection) bool {
	object := objectOf(f)
	return object != nil && p.fitsObject(fit{object, f.Relation != nil && f.Relation.Kind == schema.HasMany, s})
}

func (p *planner) fitsObject(q fit) bool {
	if known, ok := p.known[q]; ok {
		return known
	}
	if p.effort += effort(len(q.s.order)); p.effort.spent() {
		return false
	}
	answer := true
	for _, name := range q.s.order {
		nested := q.s.fields[name].nested
		switch {
		case nested == nil:
			// A scalar, or an alias of one, be it the name of an object; or an object of which @skip leaves nothing.
		case q.many:
			answer = answer && p.fitsObject(fit{q.object, false, nested})
		default:
			answer = answer && slices.ContainsFunc(q.object.Fields, func(f *schema.Field) bool { return p.fits(f, nested) })
		}
	}
	p.known[q] = answer
	return answer
}
