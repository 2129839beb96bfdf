package cachetest

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/chunkaside/chunkaside/cache"
)

// runContext: a done context ends a call, with an error that says so.
func runContext(t *testing.T, h Harness) {
	h.each(t, "cancelled before", func(t *testing.T, d cache.Driver) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		for _, call := range append(calls(d, "k"), getNothing(d)) {
			expectContext(t, call.op, ctx, call.do(ctx))
		}
		expectMissing(t, "k", get(t, d, "k"))
	})
	h.each(t, "deadline before", func(t *testing.T, d cache.Driver) {
		ctx, cancel := context.WithDeadline(t.Context(), time.Now().Add(-time.Second))
		defer cancel()
		for _, call := range append(calls(d, "k"), getNothing(d)) {
			expectContext(t, call.op, ctx, call.do(ctx))
		}
	})
	if h.Stalled == nil {
		return
	}
	t.Run("cancelled during", func(t *testing.T) {
		during(t, h.Stalled(t), func(ctx context.Context) (context.Context, context.CancelFunc) {
			ctx, cancel := context.WithCancel(ctx)
			time.AfterFunc(50*time.Millisecond, cancel)
			return ctx, cancel
		})
	})
	t.Run("cancelled during, deadline later", func(t *testing.T) {
		during(t, h.Stalled(t), func(ctx context.Context) (context.Context, context.CancelFunc) {
			ctx, cancel := context.WithTimeout(ctx, time.Minute)
			time.AfterFunc(50*time.Millisecond, cancel)
			return ctx, cancel
		})
	})
	t.Run("deadline during", func(t *testing.T) {
		during(t, h.Stalled(t), func(ctx context.Context) (context.Context, context.CancelFunc) {
			return context.WithTimeout(ctx, 50*time.Millisecond)
		})
	})
}

// during makes every call on a cache that does not answer, with a context that ends soon.
func during(t *testing.T, d cache.Driver, begin func(context.Context) (context.Context, context.CancelFunc)) {
	for _, call := range calls(d, "k") {
		start := time.Now()
		ctx, cancel := begin(t.Context())
		err := call.do(ctx)
		expectContext(t, call.op, ctx, err)
		cancel()
		// The bound is loose for busy machines, and tight enough to tell this from the driver's own timeout.
		if took := time.Since(start); took > time.Second {
			t.Errorf("%s took %v after its context ended", call.op, took)
		}
	}
}

func expectContext(t testing.TB, op string, ctx context.Context, err error) {
	t.Helper()
	if err == nil || ctx.Err() == nil || !errors.Is(err, ctx.Err()) {
		t.Errorf("%s = %v with a context whose error is %v", op, err, ctx.Err())
	}
	if errors.Is(err, cache.ErrUnavailable) {
		t.Errorf("%s = %v: the caller gave up, not the cache", op, err)
	}
}

// soon is how long a call may take to find that nobody is there: a refused connection is known at once. It is loose for busy
// machines, and tighter than the timeouts that drivers are opened with.
const soon = 5 * time.Second

// runUnreachable: a cache that is not there is cache.ErrUnavailable from every call, not at start, and soon.
func runUnreachable(t *testing.T, h Harness) {
	if h.Unreachable == nil {
		t.Skip("it cannot be unreachable")
	}
	d := h.Unreachable(t)
	for _, call := range calls(d, "k") {
		start := time.Now()
		if err := call.do(t.Context()); !errors.Is(err, cache.ErrUnavailable) {
			t.Errorf("%s = %v, want cache.ErrUnavailable", call.op, err)
		}
		if took := time.Since(start); took > soon {
			t.Errorf("%s took %v to find nobody there", call.op, took)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for _, call := range calls(d, "k") {
		expectContext(t, call.op, ctx, call.do(ctx))
	}
}
