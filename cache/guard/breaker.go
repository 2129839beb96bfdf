package guard

import (
	"context"
	"time"

	"github.com/chunkaside/chunkaside/cache"
	"github.com/chunkaside/chunkaside/internal/breaker"
)

// breakerGate leaves the cache alone while it fails.
type breakerGate struct {
	next    cache.Driver
	breaker *breaker.Breaker
	counts  *counts
}

type breakerCall = breaker.Call

func newBreakerGate(next cache.Driver, o Options, n *counts) *breakerGate {
	b := breaker.New(breaker.Options{Share: o.FailureShare, Calls: o.FailureCalls, Window: o.FailureWindow, Pause: o.BreakerPause})
	return &breakerGate{next, b, n}
}

func (g *breakerGate) enter(context.Context) (cache.Driver, breakerCall, error) {
	call, err := g.breaker.Enter()
	if err != nil {
		g.counts.rejected.Add(1)
		// The cause may be the end of another call's ctx, which this one's error must not match.
		return nil, call, &rejectedError{"the cache is " + err.Error()}
	}
	return g.next, call, nil
}

func (g *breakerGate) leave(ctx context.Context, call breakerCall, took time.Duration, err error) {
	call.Leave(breaker.Judge(ctx, took, err, cache.ErrUnavailable), err)
}

func (g *breakerGate) close() error { return g.next.Close() }
