package simulation

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"time"

	"github.com/chunkaside/chunkaside/cache"
)

// wire is the way of one process to the shared cache: each call takes a while, and after a crash none comes back.
type wire struct {
	world   *World
	latency time.Duration
	crashed chan struct{}
}

var _ cache.Driver = (*wire)(nil)

// errEnded is what comes of a crashed process's calls when the simulation has ended.
var errEnded = errors.New("the process has crashed")

// pass does one call, half way through its latency. So one that is under way at a crash, or at the end of its ctx, may have been done or not.
func (w *wire) pass(ctx context.Context, do func(cache.Driver) error) error {
	if !pause(ctx, w.latency/2) {
		return fmt.Errorf("%w: %w", cache.ErrUnavailable, ctx.Err())
	}
	if w.down() {
		<-w.world.ended
		return errEnded
	}
	err := do(w.world.cache())
	inTime := pause(ctx, w.latency/2)
	switch {
	case w.down():
		<-w.world.ended
		return errEnded
	case !inTime:
		return fmt.Errorf("%w: %w", cache.ErrUnavailable, ctx.Err())
	}
	return err
}

func (w *wire) down() bool {
	select {
	case <-w.crashed:
		return true
	default:
		return false
	}
}

func (w *wire) Get(ctx context.Context, keys []string) (values [][]byte, err error) {
	err = w.pass(ctx, func(d cache.Driver) (err error) { values, err = d.Get(ctx, keys); return err })
	return values, err
}

func (w *wire) Set(ctx context.Context, key string, value []byte, ttl time.Duration) error {
	return w.pass(ctx, func(d cache.Driver) error { return d.Set(ctx, key, value, ttl) })
}

func (w *wire) SetIfAbsent(ctx context.Context, key string, value []byte, ttl time.Duration) (stored bool, err error) {
	err = w.pass(ctx, func(d cache.Driver) (err error) { stored, err = d.SetIfAbsent(ctx, key, value, ttl); return err })
	return stored, err
}

func (w *wire) CompareAndSet(ctx context.Context, key string, old, value []byte, ttl time.Duration) (stored bool, err error) {
	err = w.pass(ctx, func(d cache.Driver) (err error) { stored, err = d.CompareAndSet(ctx, key, old, value, ttl); return err })
	return stored, err
}

func (w *wire) Touch(ctx context.Context, key string, ttl time.Duration) (there bool, err error) {
	err = w.pass(ctx, func(d cache.Driver) (err error) { there, err = d.Touch(ctx, key, ttl); return err })
	return there, err
}

func (w *wire) Delete(ctx context.Context, key string) error {
	return w.pass(ctx, func(d cache.Driver) error { return d.Delete(ctx, key) })
}

func (w *wire) Close() error { return nil }

// witness sees when a process has last read or moved the pointer: what it answers within MaxAge of that is fresh.
type witness struct {
	cache.Driver
	seen atomic.Pointer[time.Time] // nil: never
}

func (w *witness) saw(key string, asked time.Time, found bool) {
	if found && strings.HasSuffix(key, "/current") {
		w.seen.Store(&asked)
	}
}

func (w *witness) Get(ctx context.Context, keys []string) ([][]byte, error) {
	asked := time.Now()
	values, err := w.Driver.Get(ctx, keys)
	for i, key := range keys {
		w.saw(key, asked, err == nil && values[i] != nil)
	}
	return values, err
}

func (w *witness) SetIfAbsent(ctx context.Context, key string, value []byte, ttl time.Duration) (bool, error) {
	asked := time.Now()
	stored, err := w.Driver.SetIfAbsent(ctx, key, value, ttl)
	w.saw(key, asked, stored && err == nil)
	return stored, err
}

func (w *witness) CompareAndSet(ctx context.Context, key string, old, value []byte, ttl time.Duration) (bool, error) {
	asked := time.Now()
	stored, err := w.Driver.CompareAndSet(ctx, key, old, value, ttl)
	w.saw(key, asked, stored && err == nil)
	return stored, err
}

// lookTime is how long a look takes at most, with what it leads to: the age of a look counts from its end.
const lookTime = 200 * time.Millisecond

// fresh says whether a process that answers a query asked then has seen the pointer within an age of that.
func (w *witness) fresh(asked time.Time, age time.Duration) bool {
	seen := w.seen.Load()
	return seen != nil && asked.Sub(*seen) <= age+lookTime
}
