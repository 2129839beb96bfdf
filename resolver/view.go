package resolver

import (
	"context"
	"errors"
	"time"

	"github.com/chunkaside/chunkaside/catalog"
	"github.com/chunkaside/chunkaside/catalog/schema"
)

// view is what answers are read from: a version, or, without one, the store itself.
type view struct {
	reader
	snapshot *catalog.Snapshot // nil for the store
}

// reader is how entities are read.
type reader interface {
	Get(ctx context.Context, m *schema.Model, key string) (catalog.Entity, bool, error)
	Page(ctx context.Context, m *schema.Model, r catalog.Range) (catalog.Page, error)
	Position(m *schema.Model, r catalog.Range, e catalog.Entity) (string, error)
}

func viewOf(s *catalog.Snapshot) view { return view{s, s} }

// patience is how long a query that the store could answer waits for a version that another process builds.
const patience = time.Second / 2

// current is the current version; where there is none, the store for what may be read from it, as long as there are no tokens to know.
func (r *Resolver) current(ctx context.Context, plans ...*plan) (view, error) {
	o := r.options.Load()
	narrow := o.Narrow != nil
	for _, p := range plans {
		narrow = narrow && p.narrow()
	}
	switch {
	case narrow && o.StoreOnly:
		r.counts.narrow.Add(1)
		return view{reader: o.Narrow.Reader()}, nil
	case o.StoreOnly:
		return view{}, errStoreOnly
	case !narrow:
		s, err := r.source.Current(ctx)
		return viewOf(s), err
	}
	s, err := r.source.Within(ctx, patience)
	if err == nil {
		return viewOf(s), nil
	}
	if kind := public(err).Type; ctx.Err() != nil || kind != CatalogUnavailable && kind != CatalogInvalid {
		return view{}, err
	}
	r.counts.narrow.Add(1)
	return view{reader: o.Narrow.Reader()}, nil
}

// narrow says whether the plan may be small enough to be read from the store: not a list of all, unless its table is small, no bulk, and no page that goes on from one of a version.
func (p *plan) narrow() bool { return p.bulk == nil && len(p.continued) == 0 }

// errStoreOnly: the options let nothing be answered from a version, and this is too wide for the store.
var errStoreOnly = errors.New("only the store is read")

// errNoToken: a page that is read from the store goes on, but how cannot be said: what seals a nextToken comes with a version.
var errNoToken = errors.New("a page of the store would need a nextToken")
