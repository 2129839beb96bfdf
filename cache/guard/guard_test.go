package guard_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/chunkaside/chunkaside/cache"
	"github.com/chunkaside/chunkaside/cache/cachetest"
	"github.com/chunkaside/chunkaside/cache/guard"
	"github.com/chunkaside/chunkaside/cache/memcache"
)

func TestContract(t *testing.T) {
	const maxBytes = 16 << 20
	cachetest.Run(t, cachetest.Harness{
		Open: func(t testing.TB) cache.Driver {
			d, err := memcache.New(&memcache.Options{MaxBytes: maxBytes})
			if err != nil {
				t.Fatal(err)
			}
			return over(t, d, nil)
		},
		MaxItemSize: maxBytes - memcache.EntryOverhead,
		Unreachable: func(t testing.TB) cache.Driver { return over(t, newFake(t, away), nil) },
		Stalled:     func(t testing.TB) cache.Driver { return over(t, newFake(t, silent), nil) },
	})
}

// over guards a driver for the time of the test.
func over(t testing.TB, d cache.Driver, o *guard.Options) *guard.Driver {
	t.Helper()
	g := guard.New(d, o)
	t.Cleanup(func() {
		if err := g.Close(); err != nil {
			t.Error(err)
		}
	})
	return g
}

// fake is a cache in memory whose calls end as a script says.
type fake struct {
	*memcache.Driver

	script func(ctx context.Context, n int) error // n counts the calls from 1

	mu            sync.Mutex
	n             int
	running, most int
	closed        bool
}

func newFake(t testing.TB, script func(ctx context.Context, n int) error) *fake {
	t.Helper()
	d, err := memcache.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &fake{Driver: d, script: script}
}

// begin makes a call of the script.
func (f *fake) begin(ctx context.Context) error {
	f.mu.Lock()
	f.n++
	f.running++
	n := f.n
	f.most = max(f.most, f.running)
	if f.closed {
		panic("a call of a closed driver")
	}
	f.mu.Unlock()
	defer func() {
		f.mu.Lock()
		f.running--
		f.mu.Unlock()
	}()
	return f.script(ctx, n)
}

func (f *fake) calls() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.n
}

func (f *fake) isClosed() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.closed
}

func (f *fake) Get(ctx context.Context, keys []string) ([][]byte, error) {
	if err := f.begin(ctx); err != nil {
		return nil, err
	}
	return f.Driver.Get(ctx, keys)
}

func (f *fake) Set(ctx context.Context, key string, value []byte, ttl time.Duration) error {
	if err := f.begin(ctx); err != nil {
		return err
	}
	return f.Driver.Set(ctx, key, value, ttl)
}

func (f *fake) SetIfAbsent(ctx context.Context, key string, value []byte, ttl time.Duration) (bool, error) {
	if err := f.begin(ctx); err != nil {
		return false, err
	}
	return f.Driver.SetIfAbsent(ctx, key, value, ttl)
}

func (f *fake) CompareAndSet(ctx context.Context, key string, old, value []byte, ttl time.Duration) (bool, error) {
	if err := f.begin(ctx); err != nil {
		return false, err
	}
	return f.Driver.CompareAndSet(ctx, key, old, value, ttl)
}

func (f *fake) Touch(ctx context.Context, key string, ttl time.Duration) (bool, error) {
	if err := f.begin(ctx); err != nil {
		return false, err
	}
	return f.Driver.Touch(ctx, key, ttl)
}

func (f *fake) Delete(ctx context.Context, key string) error {
	if err := f.begin(ctx); err != nil {
		return err
	}
	return f.Driver.Delete(ctx, key)
}

func (f *fake) Close() error {
	f.mu.Lock()
	f.closed = true
	f.mu.Unlock()
	return f.Driver.Close()
}

var errAway = fmt.Errorf("%w: connection refused", cache.ErrUnavailable)

// Scripts.
func well(context.Context, int) error { return nil }

func away(ctx context.Context, _ int) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	return errAway
}

func silent(ctx context.Context, _ int) error {
	<-ctx.Done()
	return ctx.Err()
}

// after answers after d.
func after(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}

// The two kinds of keys.
const (
	pointer = "space/catalog/current"
	chunk   = "space/catalog/c/0123"
)

func get(ctx context.Context, d cache.Driver, key string) error {
	_, err := d.Get(ctx, []string{key})
	return err
}

// once is for tests of one policy: no call is repeated, none is sent twice.
func once() *guard.Options { return &guard.Options{Attempts: 1, HedgeDelay: -1} }

func expectUnavailable(t *testing.T, what string, err error) {
	t.Helper()
	if !errors.Is(err, cache.ErrUnavailable) {
		t.Errorf("%s = %v, want cache.ErrUnavailable", what, err)
	}
}
