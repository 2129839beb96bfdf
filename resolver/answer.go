package resolver

import (
	"context"

	"github.com/chunkaside/chunkaside/catalog"
)

// writer writes one answer: from one view, into one buffer, within its limit and its time.
type writer struct {
	ctx context.Context //nolint:containedctx // of the one answer that the writer is for
	view
	out      []byte
	start    int // where the answer begins in out
	limit    int // the most bytes of the answer
	budget   int // pages end early when the answer has so many
	fill     int // the most entities looked at to fill a page: see Options.FillPages
	sealer   *sealer
	entities int      // looked at so far
	most     int      // of them
	values   [][]byte // a stack: the fields of the objects within entities that are being written, innermost last
}

// checkEvery is how many entities are written between two looks at the clock.
const checkEvery = 256

// check ends an answer that has become too large or comes too late. It is called for every entity, also for those that no filter lets pass, so that no query costs more than it may.
func (w *writer) check() error {
	if len(w.out)-w.start > w.limit {
		return tooLarge(len(w.out)-w.start, w.limit)
	}
	if w.entities++; w.entities > w.most {
		return failf(QueryTooLarge, "the query looks at more than %d entities: ask for fewer with limit, or for less below them", w.most)
	}
	if w.entities%checkEvery == 0 {
		return w.ctx.Err()
	}
	return nil
}

func (w *writer) text(s string) { w.out = append(w.out, s...) }

// plan writes the field's value, by the schema's field names: AppSync itself puts aliases and __typename into what it hands on.
func (w *writer) plan(p *plan, at place) error {
	switch {
	case at.value != nil:
		w.out = append(w.out, at.value...)
		return nil
	case p.bulk != nil:
		return w.bulk(p.bulk)
	}
	return w.found(p.one, p.many, at)
}

// found writes one entity or a page of them.
func (w *writer) found(one *onePlan, many *manyPlan, at place) error {
	switch {
	case many != nil && at.none:
		w.text(emptyConnection)
		return nil
	case at.none:
		w.text("null")
		return nil
	case many != nil:
		return w.many(many, at.prefix)
	}
	return w.one(one, at.prefix)
}

func (w *writer) one(p *onePlan, key string) error {
	e, ok, err := w.find(p, key)
	switch {
	case err != nil:
		return err
	case !ok:
		w.text("null")
		return nil
	}
	return w.entity(p.object, e)
}

// find looks up an entity by its primary key, or the first one under a key of an index.
func (w *writer) find(p *onePlan, key string) (e catalog.Entity, ok bool, err error) {
	if p.index == nil {
		return w.Get(w.ctx, p.model, key)
	}
	page, err := w.Page(w.ctx, p.model, catalog.Range{Index: p.index, Prefix: key, Limit: 1})
	if err != nil || len(page.Entities) == 0 {
		return e, false, err
	}
	return page.Entities[0], true, nil
}

// entity writes the fields of an entity: those stored by copying their bytes.
func (w *writer) entity(p *objectPlan, e catalog.Entity) error {
	if err := w.check(); err != nil {
		return err
	}
	w.out = grow(w.out)
	w.text("{")
	for i := 0; i < len(p.fields); i++ {
		f := &p.fields[i]
		if i > 0 {
			w.text(",")
		}
		if len(f.run) > 0 {
			w.out = e.AppendMembers(w.out, f.run)
			i += len(f.run) - 1
			continue
		}
		w.out = append(w.out, f.label...)
		var err error
		if f.field.Relation != nil {
			err = w.relation(f, e)
		} else {
			err = w.stored(f, e.Field(f.field))
		}
		if err != nil {
			return err
		}
	}
	w.text("}")
	return nil
}

func (w *writer) relation(f *fieldPlan, e catalog.Entity) error {
	values := make([][]byte, 0, 4) // few have more, so it need not be on the heap
	for _, key := range f.field.Relation.Fields {
		values = append(values, e.Field(key))
	}
	prefix, ok, err := catalog.Prefix(f.field.Relation.Index, values...)
	if err != nil {
		return err
	}
	return w.found(f.one, f.many, place{prefix: prefix, none: !ok})
}
