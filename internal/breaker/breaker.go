// Package breaker leaves a service alone while it fails: what the guards of cache and store share.
//
//	call, err := b.Enter()
//	if err != nil {
//		return err // at once: the service is left alone
//	}
//	start := time.Now()
//	err = service(ctx)
//	call.Leave(breaker.Judge(ctx, time.Since(start), err, ErrUnavailable), err)
package breaker

import (
	"fmt"
	"sync/atomic"
	"time"

	"github.com/failsafe-go/failsafe-go/circuitbreaker"
)

// Options says when a service fails. All fields must be set.
type Options struct {
	// Share of the calls within Window that must fail, 0 to 1, and the fewest calls there that say anything.
	Share  float64
	Calls  int
	Window time.Duration
	// Pause is how long the service is left alone. Then one call tries it: if that fails, there is another pause.
	Pause time.Duration
}

// Breaker is a circuit breaker. Its methods may be called concurrently.
type Breaker struct {
	circuit circuitbreaker.CircuitBreaker[any]
	opened  atomic.Int64
	cause   atomic.Pointer[error] // of the last failure
}

// New returns a breaker that lets calls in.
func New(o Options) *Breaker {
	b := &Breaker{}
	b.circuit = circuitbreaker.NewBuilder[any]().
		WithFailureRateThreshold(o.Share, uint(o.Calls), o.Window).
		WithSuccessThreshold(1).
		WithDelay(o.Pause).
		OnOpen(func(circuitbreaker.StateChangedEvent) { b.opened.Add(1) }).
		Build()
	return b
}

// Call is one call that was let in.
type Call struct {
	breaker *Breaker
	// trial: it is the one that finds out whether the service is well again.
	trial bool
}

// Enter lets a call in, which must Leave, or returns an *OpenError.
func (b *Breaker) Enter() (Call, error) {
	if !b.circuit.TryAcquirePermit() {
		open := &OpenError{Remaining: b.circuit.RemainingDelay()}
		if cause := b.cause.Load(); cause != nil {
			open.Cause = *cause
		}
		return Call{}, open
	}
	return Call{b, b.circuit.IsHalfOpen()}, nil
}

// Leave says how the call ended.
func (c Call) Leave(o Outcome, err error) {
	b := c.breaker
	if !c.trial && !b.circuit.IsClosed() {
		return // It began before the pause, and says nothing of the time after it.
	}
	switch {
	case o == Answered:
		b.circuit.RecordSuccess()
	case o == Failed:
		b.cause.Store(&err)
		b.circuit.RecordFailure()
	case c.trial:
		b.circuit.Open() // Nothing was found out, so another call must try, later.
	}
}

// State is "closed" while calls are let in, "open" while the service is left alone, and "half-open" while one call tries it.
func (b *Breaker) State() string { return b.circuit.State().String() }

// Opened is how many pauses have begun.
func (b *Breaker) Opened() int64 { return b.opened.Load() }

// OpenError: the service is left alone.
type OpenError struct {
	// Remaining is how long; 0 while a call tries the service.
	Remaining time.Duration
	// Cause is the last failure.
	Cause error
}

// Error is such as "left alone for 2s: dial tcp: connection refused".
func (e *OpenError) Error() string {
	text := "left alone until a call that tries it has ended"
	if e.Remaining > 0 {
		text = fmt.Sprintf("left alone for %v", e.Remaining.Round(time.Millisecond))
	}
	if e.Cause != nil {
		text += ": " + e.Cause.Error()
	}
	return text
}
