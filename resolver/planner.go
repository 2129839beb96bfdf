package resolver

import (
	"encoding/json"

	"github.com/chunkaside/chunkaside/catalog"
	"github.com/chunkaside/chunkaside/catalog/schema"
)

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

func (r *Resolver) newPlanner(e *event) *planner {
	p := &planner{info: e.Info, caller: &caller{}, most: r.options.Load().MaxDepth, known: map[fit]bool{}}
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
