package resolver

import (
	"context"
	"slices"

	"github.com/chunkaside/chunkaside/catalog"
)

const emptyConnection = `{"items":[],"nextToken":null}`

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

// full says whether a page is to end with what it has, for the answer has become large. Only one whose nextToken is asked for can be continued.
func (w *writer) full(p *manyPlan) bool {
	return p.tells && p.items != nil && len(w.out)-w.start > w.budget
}

// step is the most entities of a page that are looked up at once.
const step = 1000

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

func (w *writer) many(p *manyPlan, prefix string) error {
	r := p.r
	r.Prefix = prefix
	if p.nextToken != "" {
		if p.token.list != listHash(p, r) {
			return failf(BadNextToken, "%s: the nextToken belongs to another list: start again without it", p.field)
		}
		r.After = p.token.after
	}
	w.text("{")
	next, err := w.pages(p, r)
	if err != nil {
		return err
	}
	if next != "" && p.tells && w.snapshot == nil {
		return errNoToken
	}
	if p.tells {
		if p.items != nil {
			w.text(",")
		}
		w.text(`"nextToken":`)
		if next == "" {
			w.text("null")
		} else {
			w.text(`"` + w.sealer.seal(token{w.snapshot.Manifest().Digest, listHash(p, r), next}) + `"`)
		}
	}
	w.text("}")
	return nil
}

// pages writes the items of a page, however long, in steps: so the answer's limit and time are looked at in between. It returns what the next page continues after.
//
// A page has one item at least, if there is any, and ends early when the answer is full: so do those that it is nested in, each after the item it is at.
//
// The page has at most left items, of at most scan entities that are looked at. Both are the limit, as in DynamoDB, unless pages are to be filled.
func (w *writer) pages(p *manyPlan, r catalog.Range) (next string, err error) {
	if p.items != nil {
		w.text(`"items":[`)
	}
	left, scan, first := r.Limit, r.Limit, true
	if p.filter != nil && w.fill > 0 {
		scan = max(scan, w.fill)
	}
	for size := left; ; size = min(2*size, step) {
		r.Limit = min(size, scan, step)
		page, err := w.Page(w.ctx, p.model, r)
		if err == nil {
			err = w.ctx.Err()
		}
		if err != nil {
			return "", err
		}
		n, passed, err := w.items(p, page.Entities, left, first)
		if err != nil {
			return "", err
		}
		left, scan, first = left-passed, scan-n, first && passed == 0
		next, r.After = page.Next, page.Next
		if n < len(page.Entities) { // the page ended before
			if next, err = w.Position(p.model, r, page.Entities[n-1]); err != nil {
				return "", err
			}
		}
		if next == "" || left == 0 || scan == 0 || !first && w.full(p) {
			break
		}
	}
	if p.items != nil {
		w.text("]")
	}
	return next, nil
}

// items writes the first entities that pass the filter, most at most. It returns how many it looked at, and how many passed.
func (w *writer) items(p *manyPlan, entities []catalog.Entity, most int, first bool) (n, passed int, err error) {
	for ; n < len(entities) && passed < most && err == nil; n++ {
		if p.filter != nil && !p.filter.holds(entities[n]) {
			err = w.check()
			continue
		}
		if (!first || passed > 0) && w.full(p) {
			break
		}
		if passed++; p.items == nil {
			err = w.check()
			continue
		}
		if !first || passed > 1 {
			w.text(",")
		}
		err = w.entity(p.items, entities[n])
	}
	return n, passed, err
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

// stored writes a stored value: as it is, or an object or list of objects by its plan.
func (w *writer) stored(f *fieldPlan, raw []byte) error {
	switch {
	case raw == nil:
		w.text("null")
		return nil
	case f.nested == nil:
		w.out = append(w.out, raw...)
		return nil
	}
	return w.value(f.nested, raw)
}

func (w *writer) value(p *objectPlan, raw []byte) error {
	switch raw[0] {
	case '{':
		return w.members(p, raw)
	case '[':
		return w.list(p, raw)
	}
	w.out = append(w.out, raw...) // null
	return nil
}

func (w *writer) list(p *objectPlan, raw []byte) error {
	w.text("[")
	first := true
	err := catalog.ScanList(raw, func(element []byte) error {
		if !first {
			w.text(",")
		}
		first = false
		return w.value(p, element)
	})
	w.text("]")
	return err
}

func (w *writer) members(p *objectPlan, raw []byte) error {
	base := len(w.values)
	w.values = slices.Grow(w.values, len(p.object.Stored()))[:base+len(p.object.Stored())]
	values := w.values[base:]
	defer func() { w.values = w.values[:base] }()
	if err := catalog.ScanObject(p.object, raw, values); err != nil {
		return err
	}
	w.text("{")
	for i := range p.fields {
		f := &p.fields[i]
		if i > 0 {
			w.text(",")
		}
		w.out = append(w.out, f.label...)
		if err := w.stored(f, values[f.field.Ordinal]); err != nil {
			return err
		}
	}
	w.text("}")
	return nil
}
