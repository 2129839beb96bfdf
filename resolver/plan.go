package resolver

import (
	"encoding/json"

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

// planner plans one event.
type planner struct {
	info   *info
	caller *caller
	fields int // planned so far
	depth  int // of the level that is planned
	most   int // of depth
	effort effort
	known  map[fit]bool

	continued []*manyPlan
}

// maxFields is the most fields that a plan may have: a query of AppSync's 15,000 tokens has fewer, but a short one whose fragments hide many may stand for millions.
const maxFields = 20_000

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

func (r *Resolver) newPlanner(e *event) *planner {
	p := &planner{info: e.Info, caller: &caller{}, most: r.options.MaxDepth, known: map[fit]bool{}}
	if r.restricted {
		*p.caller = readCaller(e.Identity)
	}
	return p
}

func (p *planner) arguments(field string, values map[string]json.RawMessage) arguments {
	return arguments{field, values, p.caller}
}

func (p *planner) one(m *schema.Model) (*onePlan, error) {
	s, err := readSelection(p.info, func(name string) bool { return m.Field(name) != nil })
	if err != nil {
		return nil, err
	}
	object, err := p.object(&m.Object, &m.Access, s)
	return &onePlan{model: m, object: object}, err
}

// secondary is the index that a relation to one reads, nil for the primary key.
func secondary(r *schema.Relation) *schema.Index {
	if r.Index == r.Target.Key {
		return nil
	}
	return r.Index
}

func (p *planner) many(args arguments, m *schema.Model, r catalog.Range, limit int) (*manyPlan, error) {
	s, err := readSelection(p.info, func(name string) bool { return name == "items" || name == "nextToken" })
	if err != nil {
		return nil, err
	}
	return p.connection(args, m, r, limit, s)
}

// connection plans a page, of so many entities where the arguments do not say how many.
func (p *planner) connection(args arguments, m *schema.Model, r catalog.Range, limit int, s *selection) (plan *manyPlan, err error) {
	if err := p.deeper(); err != nil {
		return nil, err
	}
	defer p.higher()
	plan = &manyPlan{field: args.field, model: m, r: r}
	if plan.r.Limit, err = args.limit(limit); err != nil {
		return nil, err
	}
	if plan.r.Descending, err = args.descending(); err != nil {
		return nil, err
	}
	if plan.filter, err = args.filter(m); err != nil {
		return nil, err
	}
	if plan.nextToken, err = args.nextToken(); err != nil {
		return nil, err
	}
	if plan.nextToken != "" {
		p.continued = append(p.continued, plan)
	}
	if s == nil {
		s = &selection{order: []string{"items", "nextToken"}, fields: map[string]*selected{"items": {}, "nextToken": {}}}
	}
	plan.tells = s.scalars
	var items *selection
	wanted := false
	for _, name := range s.order {
		switch f := s.fields[name]; {
		case name == "nextToken", f.hidden && f.nested == nil:
			plan.tells = true
		case name == "items", f.hidden: // an alias of it
			wanted = true
			for _, nested := range []*selection{f.nested, f.also} {
				if c := clash(items, nested, &p.effort); c != nil {
					return nil, failf(AliasConflict, "%s: %s, which has arguments, is asked for in a named fragment too, where it may have others, and AppSync cannot keep two answers of one field "+
						"apart: ask for them in two queries", args.field, c.alias)
				}
				items = merge(items, nested, &p.effort)
			}
		case name == "__typename", name == "startedAt": // DataStore's, of an operation that is not served: null
		default:
			return nil, failf(UnknownField, "%s: a connection has no field %s, only items and nextToken", args.field, name)
		}
	}
	if wanted {
		plan.items, err = p.object(&m.Object, &m.Access, items)
	}
	return plan, err
}

// deeper begins a level, which higher ends.
func (p *planner) deeper() error {
	if p.depth++; p.depth > p.most {
		return failf(QueryTooLarge, "the query is nested more than %d levels deep", p.most)
	}
	return nil
}

func (p *planner) higher() { p.depth-- }

// object plans the fields of an object, which stands in a model with this access or is one.
func (p *planner) object(o *schema.Object, holder *schema.Access, s *selection) (*objectPlan, error) {
	if err := p.deeper(); err != nil {
		return nil, err
	}
	defer p.higher()
	fields, chosen, err := p.resolve(o, holder, s)
	switch {
	case p.effort.spent(): // what is found then is not all
		return nil, failf(QueryTooLarge, "the query's named fragments may stand for too much: ask for less at once, or write them out")
	case err != nil:
		return nil, err
	}
	if p.fields += len(fields); p.fields > maxFields {
		return nil, failf(QueryTooLarge, "the query stands for more than %d fields: ask for less at once, or write its named fragments out", maxFields)
	}
	plan := &objectPlan{object: o, fields: make([]fieldPlan, len(fields))}
	for i, f := range fields {
		if plan.fields[i], err = p.field(o, holder, f, chosen[f.Name]); err != nil {
			return nil, err
		}
	}
	plan.findRuns()
	return plan, nil
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

func (p *planner) field(o *schema.Object, holder *schema.Access, f *schema.Field, chosen *selected) (plan fieldPlan, err error) {
	plan = fieldPlan{field: f, label: append(appendQuoted(nil, f.Name), ':')}
	if chosen == nil {
		chosen = &selected{}
	}
	args := p.arguments(o.Name+"."+f.Name, chosen.arguments)
	switch {
	case f.Relation == nil:
		if f.Type.Object != nil && chosen.nested != nil {
			if f.Access != nil {
				holder = f.Access
			}
			plan.nested, err = p.object(f.Type.Object, holder, chosen.nested)
		}
	case f.Relation.Kind == schema.HasMany:
		var r catalog.Range
		if r, err = args.relation(f.Relation); err != nil {
			return plan, err
		}
		plan.many, err = p.connection(args, f.Relation.Target, r, f.Relation.Limit, chosen.nested)
	default:
		plan.one = &onePlan{model: f.Relation.Target, index: secondary(f.Relation)}
		plan.one.object, err = p.object(&f.Relation.Target.Object, &f.Relation.Target.Access, chosen.nested)
	}
	return plan, err
}
