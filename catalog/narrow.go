package catalog

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/maypok86/otter/v2"

	"github.com/chunkaside/chunkaside/catalog/schema"
	"github.com/chunkaside/chunkaside/store"
)

// ErrWide: a query needs more of the store than is read for one query. It is for a version to answer.
var ErrWide = errors.New("too much to be read from the store for one query")

// Narrow answers from the store itself, as a snapshot of it would: for the time in which there is no version. It reads single entities by their primary keys, and whole partitions and small
// tables, which it orders as a section is ordered; so its pages and their Next are those of a snapshot.
//
// What it has read, and what it has not found, it keeps for a moment, so that a query which many ask costs the store little. It may be used by any number of goroutines.
type Narrow struct {
	store   store.Store
	options NarrowOptions
	runs    *otter.Cache[narrowRef, *narrowRun]
}

// NarrowOptions tunes a Narrow. The zero value of each field means its default.
type NarrowOptions struct {
	// MaxEntities is the most entities of a partition or a table that are read; more is ErrWide. Default 1,000.
	MaxEntities int
	// MaxReads is how often one query may read the store; more is ErrWide. Default 50.
	MaxReads int
	// Age is how long what was read is an answer. Default 2 s.
	Age time.Duration
	// Memory bounds what is kept, in bytes. Default 16 MiB.
	Memory int
}

// narrowRef names what is read at once: an entity (the whole primary key), a partition of an index, or a table (no index).
type narrowRef struct {
	model *schema.Model
	index *schema.Index
	key   string
}

// NewNarrow makes a Narrow over a store, which it does not close.
func NewNarrow(st store.Store, o *NarrowOptions) (*Narrow, error) {
	n := &Narrow{store: st}
	if o != nil {
		n.options = *o
	}
	if o := &n.options; o.MaxEntities < 0 || o.MaxReads < 0 || o.Age < 0 || o.Memory < 0 {
		return nil, fmt.Errorf("narrow reads of %d entities, %d times, kept %v in %d bytes: each must be positive", o.MaxEntities, o.MaxReads, o.Age, o.Memory)
	}
	for value, standard := range map[*int]int{&n.options.MaxEntities: 1000, &n.options.MaxReads: 50, &n.options.Memory: 16 << 20} {
		if *value == 0 {
			*value = standard
		}
	}
	if n.options.Age == 0 {
		n.options.Age = 2 * time.Second
	}
	var err error
	n.runs, err = otter.New(&otter.Options[narrowRef, *narrowRun]{
		MaximumWeight: uint64(n.options.Memory),
		Weigher:       func(ref narrowRef, r *narrowRun) uint32 { return uint32(entryOverhead + len(ref.key) + r.size) },
	})
	return n, err
}

// Reader is what one query reads by.
func (n *Narrow) Reader() *NarrowReader { return &NarrowReader{narrow: n} }

// NarrowReader reads for one query. It is used by one goroutine.
type NarrowReader struct {
	narrow *Narrow
	reads  int
}

// Get is Snapshot.Get.
func (r *NarrowReader) Get(ctx context.Context, m *schema.Model, key string) (Entity, bool, error) {
	run, err := r.read(ctx, narrowRef{m, m.Key, key})
	if err != nil || len(run.lines) == 0 {
		return Entity{}, false, err
	}
	return run.lines[0].entity, true, nil
}

// Page is Snapshot.Page.
func (r *NarrowReader) Page(ctx context.Context, m *schema.Model, in Range) (Page, error) {
	ref := narrowRef{model: m}
	switch {
	case in.Index != nil && hashed(m, in.Index):
		if in.After != "" {
			return Page{}, nil
		}
		e, ok, err := r.Get(ctx, m, in.Prefix)
		if !ok || err != nil {
			return Page{}, err
		}
		return Page{Entities: []Entity{e}}, nil
	case in.Index != nil:
		ref.index, ref.key = in.Index, partition(in.Prefix)
	}
	run, err := r.read(ctx, ref)
	if err != nil {
		return Page{}, err
	}
	return run.page(m, in)
}

// Position is Snapshot.Position.
func (r *NarrowReader) Position(m *schema.Model, in Range, e Entity) (string, error) {
	return position(m, in.Index, e)
}

// ordered says whether an index has an order other than the section's.
func ordered(m *schema.Model, ix *schema.Index) bool { return ix != nil && stored(m, ix) }

// position is where a range goes on behind an entity.
func position(m *schema.Model, ix *schema.Index, e Entity) (string, error) {
	if !ordered(m, ix) {
		return clusterKey(m, e.Field)
	}
	after, _, err := indexKey(m, ix, e.Field)
	return after, err
}

// read is what the store holds, now or a moment ago.
func (r *NarrowReader) read(ctx context.Context, ref narrowRef) (*narrowRun, error) {
	if r.reads++; r.reads > r.narrow.options.MaxReads {
		return nil, fmt.Errorf("%d reads: %w", r.reads, ErrWide)
	}
	if kept, ok := r.narrow.runs.GetIfPresent(ref); ok && time.Since(kept.at) >= r.narrow.options.Age {
		r.narrow.runs.Invalidate(ref)
	}
	run, err := r.narrow.runs.Get(ctx, ref, otter.LoaderFunc[narrowRef, *narrowRun](r.narrow.load))
	if err == nil {
		err = run.wide
	}
	return run, err
}

// partition is the partition value of a key, with its end.
func partition(key string) string { return key[:strings.IndexByte(key, 0)+1] }
