package catalog

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/chunkaside/chunkaside/catalog/schema"
	"github.com/chunkaside/chunkaside/chunker"
	"github.com/chunkaside/chunkaside/store"
)

// Renewal says what a Renew reads.
type Renewal struct {
	// Models are those whose tables are read, in the order of their names. All others stay as they are in the last version.
	Models []*schema.Model
	// Until is when reading ends, so that time is left for what follows it; the first table alone may take longer. Zero: when ctx does.
	Until time.Time
}

// Renew makes a version of the snapshot's: the models of the renewal as Build would make them of the store, all others as they are. What is left are those of them whose tables could not be read in
// time, the last ones by name, and never all: they stay as they are too, so that the version is whole, and in no section older than the last one. Sections that stay are not read: the manifest names
// their chunks, and the caller has to know that they are still stored. With nothing left of all models, the version is byte for byte Build's. Errors are those of Build.
//
// The error matches ErrOptions as that of Merge does.
func Renew(
	ctx context.Context, st store.Store, last *Snapshot, r Renewal, o *BuildOptions, emit func(chunker.Digest, []byte) error,
) (manifest *chunker.Manifest, left []*schema.Model, err error) {
	options, err := o.withDefaults()
	if err != nil {
		return nil, nil, err
	}
	w, err := writerAfter(last, options, emit)
	if err != nil {
		return nil, nil, err
	}
	n := &renewer{builder: builder{store: st, options: options, writer: w}, merger: merger{last: last, writer: w}, renewal: r}
	for _, m := range byName(last.schema) {
		if err = n.model(ctx, m); err != nil {
			break
		}
	}
	manifest, closeErr := w.Close()
	if err != nil {
		return nil, nil, err
	}
	return manifest, n.left, closeErr
}

// renewer writes some sections as the store has them, the others as they were.
type renewer struct {
	builder builder
	merger  merger
	renewal Renewal
	begun   bool // the first table is read
	left    []*schema.Model
}

// model writes a model's section and those of its indexes.
func (r *renewer) model(ctx context.Context, m *schema.Model) error {
	if !slices.Contains(r.renewal.Models, m) {
		return r.merger.model(ctx, m)
	}
	if len(r.left) == 0 {
		if inTime, err := r.renew(ctx, m); inTime || err != nil {
			return err
		}
	}
	r.left = append(r.left, m)
	return r.merger.model(ctx, m)
}

// renew writes them as the store has them, unless the time for reading is over before all of the table is read.
func (r *renewer) renew(ctx context.Context, m *schema.Model) (inTime bool, err error) {
	reading, cancel := r.reading(ctx)
	defer cancel()
	entities := newSorter(r.builder.options.Memory, r.builder.options.TempDir)
	defer entities.close()
	if err := r.builder.read(reading, m, entities); err != nil {
		if reading.Err() != nil && ctx.Err() == nil {
			return false, nil
		}
		return false, fmt.Errorf("read the table of %s: %w", m.Name, err)
	}
	r.begun = true
	return true, r.builder.write(m, entities)
}

// reading bounds the reading of the next table. That of the first one is not bounded: without it nothing is gained.
func (r *renewer) reading(ctx context.Context) (context.Context, context.CancelFunc) {
	if !r.begun || r.renewal.Until.IsZero() {
		return ctx, func() {}
	}
	return context.WithDeadline(ctx, r.renewal.Until)
}
