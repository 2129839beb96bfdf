package catalog

import (
	"context"
	"slices"
	"strings"

	"github.com/chunkaside/chunkaside/catalog/schema"
)

// Range is a run of a model's entities.
type Range struct {
	// Index gives the order: a secondary index, or the primary key; nil is the section's own order, which has every entity. An entity that lacks a field of
	// a secondary index is not in it.
	Index *schema.Index
	// Prefix limits the run to the keys that begin with it: see the function Prefix. With an Index it has at least the partition; without, "" has all.
	Prefix string
	// Condition limits the run to some sort values of the Index: then Prefix is the partition alone.
	Condition Condition
	// After continues a run behind this key: an earlier page's Next.
	After string
	// Descending reverses the order.
	Descending bool
	// Limit is the most entities to return, at least 1.
	Limit int
}

// Page is a part of a range.
type Page struct {
	Entities []Entity
	// Next continues the range, as its After; "" if nothing follows.
	Next string
}

// Page reads a range of a model.
func (s *Snapshot) Page(ctx context.Context, m *schema.Model, r Range) (Page, error) {
	sec := s.sections[m]
	index := sec.indexes[r.Index]
	switch {
	case index == nil:
		return sec.ordered(ctx, r)
	case hashed(m, r.Index):
		return s.single(ctx, m, r)
	}
	return sec.indexed(ctx, index, r)
}

// count is how many entities a range has, whatever its limit. It reads no more than where the range begins and ends.
func (s *Snapshot) count(ctx context.Context, m *schema.Model, r Range) (int, error) {
	sec := s.sections[m]
	in := sec.entities
	if index := sec.indexes[r.Index]; index != nil {
		in = index
	}
	from, to, err := r.bounds(ctx, in, r.Prefix)
	return to - from, err
}

// Position is where a range goes on behind one of its entities: an After.
func (s *Snapshot) Position(m *schema.Model, r Range, e Entity) (after string, err error) {
	return s.sections[m].position(r, e)
}

func (s *section) position(r Range, e Entity) (after string, err error) {
	if s.indexes[r.Index] == nil {
		return string(e.block.key(e.n)), nil
	}
	after, _, err = indexKey(s.model, r.Index, e.Field)
	return after, err
}

// single is the page of a primary key without sort fields, whose lines are in no order: one entity has it, or none.
func (s *Snapshot) single(ctx context.Context, m *schema.Model, r Range) (Page, error) {
	if r.After != "" {
		return Page{}, nil
	}
	e, ok, err := s.Get(ctx, m, r.Prefix)
	if !ok || err != nil {
		return Page{}, err
	}
	return Page{Entities: []Entity{e}}, nil
}

// last sorts behind every key that begins with a prefix: keys are UTF-8, which has no such byte.
const last = "\xff"

// bounds are the lines of a run that a range has, from the key least on, and that follow After by the keys that the run's lines have.
func (r Range) bounds(ctx context.Context, in *run, least string) (from, to int, err error) {
	low, high := max(least, r.Prefix+r.Condition.From), r.Prefix+last
	if r.Condition.To != "" {
		high = r.Prefix + r.Condition.To
	}
	if r.After != "" && r.Descending {
		high = min(high, r.After)
	} else if r.After != "" {
		low = max(low, r.After)
	}
	if low > "" {
		if from, err = in.search(ctx, low); err != nil {
			return 0, 0, err
		}
	}
	to = in.len()
	if high < last {
		to, err = in.search(ctx, high)
	}
	return from, max(from, to), err
}

// ordered reads a range in the section's own order. Its lines' keys are whole, so After is a line of it or between two.
func (s *section) ordered(ctx context.Context, r Range) (Page, error) {
	if !r.Descending && r.After != "" {
		r.After += "\x00" // the least key above it
	}
	least := r.Prefix
	if r.Index != nil && r.Index != s.model.Key {
		// Entities that lack the sort value stand in the section, but not in the index. An absent value is nothing but its end mark, 0x00, and no other begins with that.
		least += "\x01"
	}
	from, to, err := r.bounds(ctx, s.entities, least)
	if err != nil {
		return Page{}, err
	}
	low, high := r.window(from, to)
	entities, err := s.entities.lines(ctx, low, high)
	if err != nil {
		return Page{}, err
	}
	if r.Descending {
		slices.Reverse(entities)
	}
	return s.next(r, Page{Entities: entities}, to-from)
}

// window is the part of the lines from..to that a page has: its limit, from the end where it begins.
func (r Range) window(from, to int) (low, high int) {
	if r.Descending {
		return max(from, to-r.Limit), to
	}
	return from, min(to, from+r.Limit)
}

// indexed reads a range of an index with a section of its own.
func (s *section) indexed(ctx context.Context, index *run, r Range) (Page, error) {
	after := r.After
	r.After = "" // the lines' keys are others than the entities': it is found below
	from, to, err := r.bounds(ctx, index, r.Prefix)
	if err != nil {
		return Page{}, err
	}
	if after != "" {
		if from, to, err = s.follow(ctx, index, after, r.Descending, from, to); err != nil {
			return Page{}, err
		}
	}
	low, high := r.window(from, to)
	entities, err := s.resolve(ctx, index, low, high)
	if err != nil {
		return Page{}, err
	}
	if r.Descending {
		slices.Reverse(entities)
	}
	return s.next(r, Page{Entities: entities}, to-from)
}

// next tells a page where its range, of so many entities from its own first on, goes on.
func (s *section) next(r Range, page Page, entities int) (_ Page, err error) {
	if n := len(page.Entities); n > 0 && n < entities {
		page.Next, err = s.position(r, page.Entities[n-1])
	}
	return page, err
}

// splitKey parts an entity's key in an index from the primary key that ends it.
func splitKey(ix *schema.Index, key string) (values, primary string) {
	parts := 1
	if len(ix.Sort) > 0 {
		parts = 2
	}
	at := 0
	for range parts {
		end := strings.IndexByte(key[at:], 0)
		if end < 0 {
			return key, ""
		}
		at += end + 1
	}
	return key[:at], key[at:]
}

// follow leaves, of the lines from..to, those that follow the entity with this key in the index. Hardly ever do two lines have one key; those are in the order of their primary keys.
func (s *section) follow(ctx context.Context, index *run, after string, descending bool, from, to int) (int, int, error) {
	values, primary := splitKey(index.index, after)
	if index.index == s.model.Key {
		primary = values
	}
	low, high, err := index.equal(ctx, lineKey(s.model, index.index, after, primary))
	if err != nil {
		return 0, 0, err
	}
	entities, err := s.resolve(ctx, index, low, high)
	if err != nil {
		return 0, 0, err
	}
	at := low
	for _, e := range entities {
		key, err := entityKey(s.model, s.model.Key, e.Field)
		if err != nil {
			return 0, 0, err
		}
		if key < primary || key == primary && !descending {
			at++
		}
	}
	if descending {
		return from, max(from, min(to, at)), nil
	}
	return min(to, max(from, at)), to, nil
}
