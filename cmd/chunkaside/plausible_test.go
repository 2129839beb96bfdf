package main

import (
	"fmt"
	"slices"

	"github.com/chunkaside/chunkaside/catalog/schema"
)

// record is one of a table, before it is written as JSON.
type record map[string]any

const (
	// perModel is how many records each model has, and parents how many of another model's they refer to: so some have two children, and some none.
	perModel = 5
	parents  = 3
	// nesting is how deep objects stand within each other, where the schema lets them do so without end.
	nesting = 3
)

// place is a field of a model.
type place struct {
	model *schema.Model
	field *schema.Field
}

// generator makes records of a schema whose relations hold: fields that a relation compares have values of one kind, numbered alike.
type generator struct {
	alike map[place]place // towards the one that stands for all that are compared with each other
	own   map[place]bool  // the field's number is the record's own, and not a parent's
}

// plausible makes the records of each model.
func plausible(s *schema.Schema) map[*schema.Model][]record {
	g := generator{map[place]place{}, map[place]bool{}}
	for _, m := range s.Models {
		for _, f := range m.Key.Fields() {
			g.own[place{m, f}] = true
		}
	}
	for _, m := range s.Models {
		for _, f := range m.Fields {
			if f.Relation != nil {
				g.relate(m, f.Relation)
			}
		}
	}
	tables := map[*schema.Model][]record{}
	for _, m := range s.Models {
		for n := range perModel {
			tables[m] = append(tables[m], g.record(m, n))
		}
	}
	return tables
}

func (g *generator) relate(m *schema.Model, r *schema.Relation) {
	keyed := slices.ContainsFunc(r.Fields, func(f *schema.Field) bool { return g.own[place{m, f}] })
	for i, f := range r.Fields {
		here, there := place{m, f}, place{r.Target, r.Index.Fields()[i]}
		a, b := g.first(here), g.first(there)
		g.alike[a], g.alike[b] = b, b
		g.own[here] = keyed // all parts of a key have one number
		g.own[there] = g.own[there] || r.Kind == schema.HasOne
	}
}

func (g *generator) first(p place) place {
	for g.alike[p] != (place{}) && g.alike[p] != p {
		p = g.alike[p]
	}
	return p
}

// record makes the record of a number. The last one lacks what it may lack.
func (g *generator) record(m *schema.Model, n int) record {
	r := record{}
	for _, f := range m.Stored() {
		at := place{m, f}
		first, number := g.first(at), n
		_, related := g.alike[at]
		if related && !g.own[at] {
			number = n % parents
		}
		if n < perModel-1 || f.Type.NonNull || related || indexed(m, f) {
			r[f.Name] = value(&f.Type, first.model.Name+"."+first.field.Name, number, nesting)
		}
	}
	return r
}

func indexed(m *schema.Model, f *schema.Field) bool {
	return slices.ContainsFunc(append([]*schema.Index{m.Key}, m.Indexes...), func(ix *schema.Index) bool { return slices.Contains(ix.Fields(), f) })
}

// value is one of a type: equal for the same label and number, and else another, but for enums and Booleans.
func value(t *schema.Type, label string, n, depth int) any {
	if t.Elem != nil {
		return []any{value(t.Elem, label, n, depth), value(t.Elem, label, n+1, depth)}
	}
	switch t.Kind {
	case schema.Int:
		return n - 1
	case schema.Long:
		return 1_600_000_000_000 + n
	case schema.Float:
		return float64(n) + 0.25
	case schema.Boolean:
		return n%2 == 0
	case schema.JSON:
		return map[string]any{"z": []any{n, nil, "<" + label + ">"}, "a": map[string]any{}}
	case schema.Enumeration:
		return t.Enum.Values[n%len(t.Enum.Values)]
	case schema.Nested:
		return nested(t.Object, label, n, depth)
	}
	return text(t.Name, label, n)
}

func nested(o *schema.Object, label string, n, depth int) map[string]any {
	members := map[string]any{}
	for _, f := range o.Fields {
		if f.Type.Object == nil || depth > 1 {
			members[f.Name] = value(&f.Type, label+"."+f.Name, n, depth-1)
		}
	}
	return members
}

func text(scalar, label string, n int) string {
	switch scalar {
	case "AWSDate":
		return fmt.Sprintf("2026-01-%02d", n+1)
	case "AWSTime":
		return fmt.Sprintf("10:00:%02d", n)
	case "AWSDateTime":
		return fmt.Sprintf("2026-01-%02dT10:00:00.000Z", n+1)
	case "AWSEmail":
		return fmt.Sprintf("reader%d@example.com", n)
	case "AWSURL":
		return fmt.Sprintf("https://example.com/%d?a&b", n)
	case "AWSPhone":
		return fmt.Sprintf("+81355500%d0", n)
	case "AWSIPAddress":
		return fmt.Sprintf("192.0.2.%d", n)
	}
	return fmt.Sprintf("%s \u2028 %d 号", label, n)
}
