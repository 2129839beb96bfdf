package simulation

import (
	"context"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/chunkaside/chunkaside/cache"
	"github.com/chunkaside/chunkaside/cache/faultcache"
	"github.com/chunkaside/chunkaside/catalog"
	"github.com/chunkaside/chunkaside/resolver"
	"github.com/chunkaside/chunkaside/store/guard"
)

// Process is one of those that share the cache: a Cache and a Resolver of its own, as a Lambda's environment has.
type Process struct {
	Cache    *cache.Cache
	Resolver *resolver.Resolver
	// Build is that of its Cache.
	Build cache.Build

	faults  *faultcache.Driver
	wire    *wire
	witness *witness
	maxAge  time.Duration

	mu      sync.Mutex
	highest int64 // edit that was answered
}

// newProcess puts a process together. Around the cache, from the outside in: what is seen, what goes wrong, and the way there. Around the store there is the guard that every program has.
func newProcess(w *World, number uint64) (*Process, error) {
	p := &Process{wire: &wire{w, w.scenario.Latency, make(chan struct{})}, maxAge: w.maxAge()}
	var err error
	if p.faults, err = faultcache.New(p.wire, w.rules, w.scenario.Seed+number); err != nil {
		return nil, err
	}
	p.witness = &witness{Driver: p.faults}
	options := w.scenario.Cache
	guarded := guard.New(w.Store, nil)
	p.Build = w.Source.build(w.schema, guarded.Builds())
	options.Build, options.Clock = p.Build, clock(w.scenario, number)
	if p.Cache, err = cache.New(p.witness, w.schema, &options); err != nil {
		return nil, err
	}
	narrow, err := catalog.NewNarrow(guarded, nil)
	if err != nil {
		return nil, err
	}
	p.Resolver, err = resolver.New(w.schema, traced{p.Cache}, &resolver.Options{Narrow: narrow})
	return p, err
}

// clock is that of a process.
func clock(s Scenario, number uint64) func() time.Time {
	dice := rand.New(rand.NewPCG(s.Seed, number))
	skew := time.Duration(dice.Int64N(2*int64(s.Skew)+1)) - s.Skew
	return func() time.Time { return time.Now().Add(skew) }
}

// Crash ends the process: none of its calls of the cache comes back any more. It is called once.
func (p *Process) Crash() { close(p.wire.crashed) }

// traced notes whether a query was answered from a version.
type traced struct{ *cache.Cache }

var _ resolver.Source = traced{}

type traceKey struct{}

func trace(ctx context.Context, s *catalog.Snapshot, err error) (*catalog.Snapshot, error) {
	if found, ok := ctx.Value(traceKey{}).(*bool); ok && err == nil {
		*found = true
	}
	return s, err
}

func (t traced) Current(ctx context.Context) (*catalog.Snapshot, error) {
	s, err := t.Cache.Current(ctx)
	return trace(ctx, s, err)
}

func (t traced) Within(ctx context.Context, patience time.Duration) (*catalog.Snapshot, error) {
	s, err := t.Cache.Within(ctx, patience)
	return trace(ctx, s, err)
}
