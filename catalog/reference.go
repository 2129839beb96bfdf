package catalog

import (
	"context"
	"slices"
	"strings"

	"github.com/chunkaside/chunkaside/catalog/schema"
)

// reference is fields of a model that hold the primary key of a target.
type reference struct {
	model, target *schema.Model
	fields        []*schema.Field
	// index finds the entities that refer to a target; nil if the model has none that does.
	index *schema.Index

	// The key that was looked up last, whether its target is there, and whether it was in the last version: siblings stand together and refer to the same one.
	looked  string
	is, was bool
}

// references are all of a schema, each once, however many relations use it.
func references(s *schema.Schema) []*reference {
	var all []*reference
	add := func(model, target *schema.Model, fields []*schema.Field) {
		if !slices.ContainsFunc(all, func(r *reference) bool {
			return r.model == model && r.target == target && slices.Equal(r.fields, fields)
		}) {
			all = append(all, &reference{model: model, target: target, fields: fields, index: referrers(model, fields)})
		}
	}
	for _, m := range s.Models {
		for _, f := range m.Fields {
			r := f.Relation
			switch {
			case r == nil:
			case r.Kind == schema.HasMany:
				if slices.Equal(r.Fields, m.Key.Fields()) {
					add(r.Target, m, r.Index.Fields()[:len(r.Fields)])
				}
			case r.Kind == schema.HasOne && slices.Equal(r.Fields, m.Key.Fields()) && !f.Type.NonNull:
				// A key is never null, so nothing says which entities have one: it is no fault to have none.
			default:
				add(m, r.Target, r.Fields)
			}
		}
	}
	return all
}

// referrers is the index in which all that have the same values in these fields stand together, and nothing else between them. Of several it is the one that orders the section: that one has every
// entity.
func referrers(m *schema.Model, fields []*schema.Field) *schema.Index {
	for _, ix := range append([]*schema.Index{m.Cluster}, m.AllIndexes()...) {
		// Leading sort fields do not do: joined by "#", the text of fewer fields may begin that of others.
		if all := ix.Fields(); slices.Equal(fields, all) || slices.Equal(fields, all[:1]) {
			return ix
		}
	}
	return nil
}

// names are the fields for people.
func (r *reference) names() string {
	names := make([]string, len(r.fields))
	for i, f := range r.fields {
		names[i] = f.Name
	}
	return strings.Join(names, ", ")
}

// key is the primary key that an entity refers to; ok is false if it refers to nothing.
func (r *reference) key(e Entity) (key string, ok bool, err error) {
	raw := make([][]byte, len(r.fields))
	for i, f := range r.fields {
		raw[i] = e.Field(f)
	}
	return Prefix(r.target.Key, raw...)
}

// finds says whether the index has an entity that refers to something.
func (r *reference) finds(e Entity) bool {
	return r.index != nil && (r.index == r.model.Cluster || !slices.ContainsFunc(values(r.index, e.Field), absent))
}

// to counts the entities that refer to a target by its own key's values, and returns some of them. It needs the index.
func (r *reference) to(ctx context.Context, s *Snapshot, target Entity) (count int, some []Entity, err error) {
	prefix, ok, err := Prefix(r.index, values(r.target.Key, target.Field)...)
	if !ok || err != nil {
		return 0, nil, err
	}
	if hashed(r.model, r.index) {
		e, ok, err := s.Get(ctx, r.model, prefix)
		if !ok || err != nil {
			return 0, nil, err
		}
		return 1, []Entity{e}, nil
	}
	all := Range{Index: r.index, Prefix: prefix, Limit: maxExamples}
	if r.index == r.model.Cluster {
		all.Index = nil // the section has also those that lack a sort value
	}
	if count, err = s.count(ctx, r.model, all); count == 0 || err != nil {
		return 0, nil, err
	}
	page, err := s.Page(ctx, r.model, all)
	return count, page.Entities, err
}
