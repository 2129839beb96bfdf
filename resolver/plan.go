package resolver

import (
	"github.com/chunkaside/chunkaside/catalog"
	"github.com/chunkaside/chunkaside/catalog/schema"
)

// plan is what an event asks for: one entity, a page of many, chunks, or a value that the event itself holds.
type plan struct {
	one  *onePlan
	many *manyPlan
	bulk *bulkPlan
	// parent and field are a model's field that has a resolver of its own: its place is in the event's source. Nil for a query, whose place is in the arguments.
	parent *schema.Model
	field  *schema.Field
	place  place
	// continued are the pages that go on with a nextToken, the outer ones first.
	continued []*manyPlan
}

// place is where in a catalog a plan is answered.
type place struct {
	prefix string // of one's key, or many's range
	none   bool   // a key is null, so nothing is found
	value  []byte // the answer itself
}

// onePlan writes one entity, or null.
type onePlan struct {
	model  *schema.Model
	object *objectPlan
	// index is a secondary one whose first entity it is; nil for the primary key.
	index *schema.Index
}

// manyPlan writes a page of entities as a connection.
type manyPlan struct {
	field string
	model *schema.Model
	// r lacks its Prefix, and its After, which is in token.
	r      catalog.Range
	filter *filter // nil lets all pass
	// nextToken is the argument, "" without one; token is what is in it, once it is opened.
	nextToken string
	token     token
	// What of the connection is asked for; items is nil for nothing.
	items *objectPlan
	tells bool // its nextToken
}

// objectPlan writes the fields of an object.
type objectPlan struct {
	object *schema.Object
	fields []fieldPlan
}

// fieldPlan writes one field: as it is stored, or by its nested, one or many.
type fieldPlan struct {
	field *schema.Field
	label []byte // `"name":`
	// run is this field and those behind it that are all written as they are stored, so that they can be copied together.
	run    []catalog.Member
	nested *objectPlan
	one    *onePlan
	many   *manyPlan
}

// plan finds out what an event asks for.
func (r *Resolver) plan(e *event) (*plan, error) {
	if e.Info.ParentTypeName == "Query" {
		return r.planQuery(e)
	}
	if m := r.schema.Model(e.Info.ParentTypeName); m != nil {
		if f := served(&m.Object, e.Info.FieldName); f != nil {
			return r.planField(e, m, f)
		}
	}
	return nil, failf(UnknownField, "%s.%s is not served: the catalog answers queries and the fields of its models", e.Info.ParentTypeName, e.Info.FieldName)
}

// served is the field of this name that the API has, or nil.
func served(o *schema.Object, name string) *schema.Field {
	if f := o.Field(name); f != nil && !f.Hidden {
		return f
	}
	return nil
}

func (r *Resolver) planQuery(e *event) (*plan, error) {
	q := r.schema.Query(e.Info.FieldName)
	if q == nil {
		if bulk, err := r.planBulk(e); bulk != nil || err != nil {
			return &plan{bulk: bulk}, err
		}
		return nil, failf(UnknownField, "Query.%s is not served: the catalog's schema makes no such query", e.Info.FieldName)
	}
	p := r.newPlanner(e)
	if err := p.caller.enter(q); err != nil {
		return nil, err
	}
	args := p.arguments(q.Name, e.Arguments)
	if q.Kind == schema.Get {
		key, err := args.getKey(q.Index)
		if err != nil {
			return nil, err
		}
		one, err := p.one(q.Model)
		return &plan{one: one, place: place{prefix: key}, continued: p.continued}, err
	}
	run, prefix, err := args.run(q)
	if err != nil {
		return nil, err
	}
	many, err := p.many(args, q.Model, run, defaultLimit)
	return &plan{many: many, place: place{prefix: prefix}, continued: p.continued}, err
}

// planField is for APIs that attach a resolver to a model's field: its parent comes in the event's source.
func (r *Resolver) planField(e *event, m *schema.Model, f *schema.Field) (*plan, error) {
	p := r.newPlanner(e)
	// A stored value is handed on as it came, so all that is in it must be the caller's to read.
	if !p.caller.mayCopy(f, &m.Access) {
		return nil, unauthorized(f.Name, m.Name)
	}
	found := &plan{parent: m, field: f}
	if f.Relation == nil {
		return found, nil
	}
	args := p.arguments(m.Name+"."+f.Name, e.Arguments)
	if f.Relation.Kind != schema.HasMany {
		err := args.allow()
		if err == nil {
			found.one, err = p.one(f.Relation.Target)
		}
		if err != nil {
			return nil, err
		}
		found.one.index, found.continued = secondary(f.Relation), p.continued
		return found, nil
	}
	run, err := args.relation(f.Relation)
	if err == nil {
		found.many, err = p.many(args, f.Relation.Target, run, f.Relation.Limit)
	}
	found.continued = p.continued
	return found, err
}

func (p *objectPlan) findRuns() {
	members, run := make([]catalog.Member, len(p.fields)), 0
	for i := len(p.fields) - 1; i >= 0; i-- {
		f := &p.fields[i]
		if f.field.Relation != nil || f.nested != nil {
			run = 0
			continue
		}
		run++
		members[i] = catalog.Member{Field: f.field, Label: f.label}
		f.run = members[i : i+run]
	}
}
