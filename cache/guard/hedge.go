package guard

import (
	"context"
	"fmt"
	"strings"
	"sync/atomic"
	"time"

	"github.com/chunkaside/chunkaside/cache"
	"github.com/chunkaside/chunkaside/internal/breaker"
)

// hedgeBurst is how many second sendings there may be at once.
const hedgeBurst = 3

// hedged is a driver whose reads of immutable values are sent a second time when they take long: the first good answer counts, and whichever of the two has given it has the right one.
//
// Not failsafe's hedge, which starts a goroutine for every read: here the caller's own makes the first call, and a second one comes with the second sending only.
type hedged struct {
	cache.Driver

	pace      *pace
	allowance *allowance
	counts    *counts
}

func newHedge(next cache.Driver, o Options, n *counts) *hedged {
	return &hedged{next, newPace(o.HedgeDelay), newAllowance(o.HedgeShare, hedgeBurst), n}
}

// second is the second sending of a read.
type second struct {
	ended  chan struct{}
	values [][]byte
	err    error
}

// Get implements cache.Driver. Both sendings have ended when it returns.
func (h *hedged) Get(ctx context.Context, keys []string) (values [][]byte, err error) {
	if !immutable(keys) {
		return h.Driver.Get(ctx, keys)
	}
	h.allowance.earn()
	firstCtx, endFirst := context.WithCancel(ctx)
	defer endFirst()
	secondCtx, endSecond := context.WithCancel(ctx)
	defer endSecond()
	other := &second{ended: make(chan struct{}), err: breaker.ErrUnfinished}
	timer := time.AfterFunc(h.pace.delay(), func() {
		defer close(other.ended)
		if h.pace.slow(); h.allowance.spend() {
			h.counts.hedges.Add(1)
			if other.values, other.err = h.safely(secondCtx, keys); other.err == nil {
				endFirst()
			}
		}
	})
	err = breaker.ErrUnfinished
	defer func() {
		if timer.Stop() {
			h.pace.quick()
			return
		}
		if err == nil || err == breaker.ErrUnfinished { //nolint:errorlint // our own, not one that a driver has wrapped
			endSecond()
		}
		<-other.ended
		if err != nil && other.err == nil {
			h.counts.hedgesWon.Add(1)
			values, err = other.values, nil
		}
	}()
	return h.Driver.Get(firstCtx, keys)
}

// safely turns a panic into an error: in a goroutine of its own it would end the process.
func (h *hedged) safely(ctx context.Context, keys []string) (values [][]byte, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v", p)
		}
	}()
	return h.Driver.Get(ctx, keys)
}

// immutable says whether all keys name values that never change: docs/format.md, "Picture".
func immutable(keys []string) bool {
	for _, key := range keys {
		_, rest, _ := strings.Cut(key, "/") // the namespace
		_, name, _ := strings.Cut(rest, "/")
		if !strings.HasPrefix(name, "c/") && !strings.HasPrefix(name, "m/") && !strings.HasPrefix(name, "h/") {
			return false
		}
	}
	return len(keys) > 0
}

// pace finds the delay that 95 % of the reads keep: each one that is quicker makes it a little shorter, each slower one as much longer as 19 make it shorter.
type pace struct {
	fixed   time.Duration // 0: found
	current atomic.Int64  // nanoseconds
}

const (
	firstDelay = 50 * time.Millisecond
	minDelay   = 10 * time.Millisecond
	maxDelay   = time.Second
	slower     = 1.2
	quicker    = 0.99045 // slower to the power of -1/19
)

func newPace(fixed time.Duration) *pace {
	p := &pace{fixed: fixed}
	p.current.Store(int64(firstDelay))
	return p
}

func (p *pace) delay() time.Duration {
	if p.fixed > 0 {
		return p.fixed
	}
	return time.Duration(p.current.Load())
}

func (p *pace) slow() { p.change(slower) }

func (p *pace) quick() { p.change(quicker) }

// change may lose another change that comes at the same moment: it is an estimate.
func (p *pace) change(factor float64) {
	next := time.Duration(float64(p.current.Load()) * factor)
	p.current.Store(int64(min(max(next, minDelay), maxDelay)))
}
