package resolver

import (
	"fmt"
	"slices"

	"github.com/chunkaside/chunkaside/catalog/schema"
)

// The rules by which @auth tells callers apart, held against the event's caller. A catalog is one for all, so they decide about models and fields, never about single records.
//
// What is asked for by name and may not be read fails the query: null in its place would be a wrong answer. What is only answered beside that, because a named fragment hides what it asks for, is
// left out. A field that may not be read cannot be asked about either: not by a filter, a key condition or an index's key. A nextToken holds keys, but tells nobody: it is encrypted.

// reading is what a caller does with a model.
type reading uint8

const (
	getting  reading = iota + 1 // one record by its key
	listing                     // pages, by index too
	reaching                    // either: by relations, and for fields
)

// may says whether the caller may read what has this access.
func (c *caller) may(a *schema.Access, how reading) bool {
	return a.Everyone || slices.ContainsFunc(a.Grants, func(g schema.Grant) bool { return c.has(&g, how) })
}

func (c *caller) has(g *schema.Grant, how reading) bool {
	switch {
	case c.provider == 0 || c.provider != g.Provider, g.SignedIn && !c.signedIn, g.Groups != nil && !c.in(g.Groups, g.GroupClaim):
		return false
	case how == getting:
		return g.Get
	case how == listing:
		return g.List
	}
	return g.Get || g.List
}

// mayRead says whether the caller may read a field of an object that stands in a model with this access: a relation's target must let him in too.
func (c *caller) mayRead(f *schema.Field, holder *schema.Access) bool {
	if f.Access != nil {
		holder = f.Access
	}
	return c.may(holder, reaching) && (f.Relation == nil || c.may(&f.Relation.Target.Callers, reaching))
}

// mayReadAll says whether the caller may read all of these fields of a model.
func (c *caller) mayReadAll(m *schema.Model, fields []*schema.Field) bool {
	return !slices.ContainsFunc(fields, func(f *schema.Field) bool { return !c.mayRead(f, &m.Access) })
}

// mayCopy says whether the caller may read a stored field and all within it, so that its value may be copied as it is.
func (c *caller) mayCopy(f *schema.Field, holder *schema.Access) bool {
	return c.mayCopyWithin(f, holder, map[within]bool{})
}

// within is an object that stands in something of this access.
type within struct {
	object *schema.Object
	holder *schema.Access
}

func (c *caller) mayCopyWithin(f *schema.Field, holder *schema.Access, seen map[within]bool) bool {
	if !c.mayRead(f, holder) {
		return false
	}
	if f.Access != nil {
		holder = f.Access
	}
	in := within{f.Type.Object, holder}
	if f.Relation != nil || in.object == nil || seen[in] {
		return true
	}
	seen[in] = true
	return !slices.ContainsFunc(in.object.Fields, func(f *schema.Field) bool { return !c.mayCopyWithin(f, holder, seen) })
}

// enter refuses a caller who may not use a query.
func (c *caller) enter(q *schema.Query) error {
	how := listing
	if q.Kind == schema.Get {
		how = getting
	}
	if !c.may(&q.Model.Callers, how) {
		return unauthorized(q.Name, "Query")
	}
	return nil
}

// unauthorized is an error in AppSync's own words, that clients may know.
func unauthorized(field, object string) *Error {
	return &Error{Unauthorized, fmt.Sprintf("Not Authorized to access %s on type %s", field, object)}
}
