package guard

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/failsafe-go/failsafe-go/bulkhead"

	"github.com/chunkaside/chunkaside/cache"
)

// bulkheadGate bounds the calls under way, so that a slow cache does not fill the process with those who wait for it.
type bulkheadGate struct {
	next     cache.Driver
	places   bulkhead.Bulkhead[any]
	inFlight int
	maxWait  time.Duration
	counts   *counts
}

// place is one of those in the bulkhead; they are all alike.
type place struct{}

func newBulkhead(next cache.Driver, o Options, n *counts) *bulkheadGate {
	return &bulkheadGate{next, bulkhead.New[any](uint(o.InFlight)), o.InFlight, o.MaxWait, n}
}

// enter also turns away, as the first gate of all, those whose ctx is done: they are no calls.
func (g *bulkheadGate) enter(ctx context.Context) (cache.Driver, place, error) {
	if err := ctx.Err(); err != nil {
		return nil, place{}, err
	}
	g.counts.calls.Add(1)
	err := g.places.AcquirePermitWithMaxWait(ctx, g.maxWait)
	if errors.Is(err, bulkhead.ErrFull) {
		g.counts.rejected.Add(1)
		err = &rejectedError{fmt.Sprintf("%d calls of this process are under way, and none has ended for %v", g.inFlight, g.maxWait)}
	}
	return g.next, place{}, err
}

func (g *bulkheadGate) leave(context.Context, place, time.Duration, error) { g.places.ReleasePermit() }

func (g *bulkheadGate) close() error { return g.next.Close() }
