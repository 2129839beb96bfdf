package guard

import (
	"context"
	"time"

	"github.com/chunkaside/chunkaside/cache"
	"github.com/chunkaside/chunkaside/internal/breaker"
)

// gate is a policy that stands before every call of a driver, whatever it does. P is what it must know again when the call ends.
type gate[P any] interface {
	// enter lets a call in to a driver, or says why not.
	enter(ctx context.Context) (cache.Driver, P, error)
	// leave ends a call that was let in, also one that panics: its error is breaker.ErrUnfinished.
	leave(ctx context.Context, pass P, took time.Duration, err error)
	close() error
}

// gated is the driver behind a gate.
type gated[P any] struct{ gate gate[P] }

// through makes one call behind a gate.
func through[T, P any](ctx context.Context, g gate[P], call func(cache.Driver) (T, error)) (result T, err error) {
	d, pass, err := g.enter(ctx)
	if err != nil {
		return result, err
	}
	start := time.Now()
	err = breaker.ErrUnfinished
	defer func() { g.leave(ctx, pass, time.Since(start), err) }()
	return call(d)
}

// Get implements cache.Driver.
func (g gated[P]) Get(ctx context.Context, keys []string) ([][]byte, error) {
	return through(ctx, g.gate, func(d cache.Driver) ([][]byte, error) { return d.Get(ctx, keys) })
}

// Set implements cache.Driver.
func (g gated[P]) Set(ctx context.Context, key string, value []byte, ttl time.Duration) error {
	_, err := through(ctx, g.gate, func(d cache.Driver) (bool, error) { return true, d.Set(ctx, key, value, ttl) })
	return err
}

// SetIfAbsent implements cache.Driver.
func (g gated[P]) SetIfAbsent(ctx context.Context, key string, value []byte, ttl time.Duration) (bool, error) {
	return through(ctx, g.gate, func(d cache.Driver) (bool, error) { return d.SetIfAbsent(ctx, key, value, ttl) })
}

// CompareAndSet implements cache.Driver.
func (g gated[P]) CompareAndSet(ctx context.Context, key string, old, value []byte, ttl time.Duration) (bool, error) {
	return through(ctx, g.gate, func(d cache.Driver) (bool, error) { return d.CompareAndSet(ctx, key, old, value, ttl) })
}

// Touch implements cache.Driver.
func (g gated[P]) Touch(ctx context.Context, key string, ttl time.Duration) (bool, error) {
	return through(ctx, g.gate, func(d cache.Driver) (bool, error) { return d.Touch(ctx, key, ttl) })
}

// Delete implements cache.Driver.
func (g gated[P]) Delete(ctx context.Context, key string) error {
	_, err := through(ctx, g.gate, func(d cache.Driver) (bool, error) { return true, d.Delete(ctx, key) })
	return err
}

// Close implements cache.Driver.
func (g gated[P]) Close() error { return g.gate.close() }

// rejectedError: a call was refused here, so the cache need not be asked again. It matches cache.ErrUnavailable.
type rejectedError struct{ why string }

func (e *rejectedError) Error() string { return cache.ErrUnavailable.Error() + ": " + e.why }

func (e *rejectedError) Unwrap() error { return cache.ErrUnavailable }
