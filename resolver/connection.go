package resolver

import (
	"github.com/chunkaside/chunkaside/catalog"
)

const emptyConnection = `{"items":[],"nextToken":null}`

// step is the most entities of a page that are looked up at once.
const step = 1000

// full says whether a page is to end with what it has, for the answer has become large. Only one whose nextToken is asked for can be continued.
func (w *writer) full(p *manyPlan) bool {
	return p.tells && p.items != nil && len(w.out)-w.start > w.budget
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
