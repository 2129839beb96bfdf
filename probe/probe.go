// Package probe asks a catalog that is in use whether it keeps its word: how soon an edit of the store can be read, whether what the cache should hold is there, and whether its answers are those of
// the store. But for a Marker and Options.Warm, it only reads.
//
//	p, err := probe.New(schema, cache, store, &probe.Options{Rounds: 3})
//	report, err := p.Run(ctx)
//	report.Sound()
//
// A round writes a marker and waits for it to be read (visibility.go), reads manifests and chunks (stored.go), and compares entities with the store (answers.go, of those that sample.go picks). At
// the end the marker's record gets its own text back, also if the probe is interrupted.
package probe

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/chunkaside/chunkaside/cache"
	"github.com/chunkaside/chunkaside/catalog/schema"
	"github.com/chunkaside/chunkaside/store"
)

// Options tunes a Probe. The zero value of each field means its default.
type Options struct {
	// Rounds is how often all is done; default 1. Pause is the time between two rounds; default none.
	Rounds int
	Pause  time.Duration
	// Entities is how many are compared in a round: half are picked from the version, half from the store. Default 1,000; negative compares none.
	Entities int
	// Chunks is how many of the current version's are read in a round, picked anew for each. Default all.
	Chunks int
	// Seed decides what is picked from the version. What is picked from the store depends on the order of its scan, too.
	Seed uint64
	// Patience is how long a marker may take to be read, and how long an entity may differ from the store: a warm-up may be under way. Default 1 min.
	Patience time.Duration
	// Poll is the time between two looks; default 100 ms. No latency is told apart more finely.
	Poll time.Duration
	// Marker is what is written; nil writes nothing.
	Marker *Marker
	// Warm, if set, starts a warm-up, of the whole store or of the marker's record alone, and comes back when it is over. Nil: somebody else warms up after an edit.
	Warm func(ctx context.Context, whole bool) error
}

func (o *Options) withDefaults() (Options, error) {
	full := Options{}
	if o != nil {
		full = *o
	}
	full.Rounds = cmp.Or(full.Rounds, 1)
	full.Entities = cmp.Or(full.Entities, 1000)
	full.Patience = cmp.Or(full.Patience, time.Minute)
	full.Poll = cmp.Or(full.Poll, 100*time.Millisecond)
	if full.Rounds < 0 || full.Pause < 0 || full.Chunks < 0 || full.Patience < 0 || full.Poll < 0 {
		return full, fmt.Errorf("a probe of %d rounds, %v apart, of %d chunks, with a patience of %v, every %v: none may be negative", full.Rounds, full.Pause, full.Chunks, full.Patience, full.Poll)
	}
	return full, nil
}

// Probe asks one catalog.
type Probe struct {
	schema  *schema.Schema
	cache   *cache.Cache
	store   store.Store
	options Options
}

// New makes a Probe. The error matches ErrMarker if the marker's field is none to write to.
func New(s *schema.Schema, c *cache.Cache, st store.Store, o *Options) (*Probe, error) {
	options, err := o.withDefaults()
	if err == nil && options.Marker != nil {
		err = options.Marker.check()
	}
	if err != nil {
		return nil, err
	}
	return &Probe{schema: s, cache: c, store: st, options: options}, nil
}

// run is one Run.
type run struct {
	*Probe
	dice      *rand.Rand
	report    Report
	latencies []time.Duration
}

// Run asks, and says what it found in the rounds that came to their end. The error is that it could not go on: the cache or the store is away, the marker's record is not fit for it (ErrMarker), a
// warm-up failed, or ctx ended. What is wrong with the catalog is no error, but in the report.
func (p *Probe) Run(ctx context.Context) (Report, error) {
	r := &run{Probe: p, dice: rand.New(rand.NewPCG(p.options.Seed, 0)), report: newReport(p.options)}
	err := r.marking(ctx, func(m *marking) error {
		for n := range p.options.Rounds {
			if n > 0 {
				if err := pause(ctx, p.options.Pause); err != nil {
					return err
				}
			}
			if err := r.round(ctx, m); err != nil {
				return err
			}
			r.report.Rounds++
		}
		return nil
	})
	r.report.finish(r.latencies)
	return r.report, err
}

func (r *run) round(ctx context.Context, m *marking) error {
	if err := r.visibility(ctx, m); err != nil {
		return err
	}
	if err := r.stored(ctx); err != nil {
		return err
	}
	return r.answers(ctx)
}

// warm warms up, if that is the probe's to do.
func (r *run) warm(ctx context.Context, whole bool) error {
	if r.options.Warm == nil {
		return nil
	}
	if err := r.options.Warm(ctx, whole); err != nil {
		return fmt.Errorf("warm up: %w", err)
	}
	return nil
}

var errEnded = errors.New("the probe was ended")

// pause waits, or is the error that ctx ended.
func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return fmt.Errorf("%w: %w", errEnded, ctx.Err())
	case <-timer.C:
		return nil
	}
}
