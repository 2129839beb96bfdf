package cache

import (
	"context"
	"sync"
)

// flights are works that are done once for all callers that ask for them meanwhile.
//
// A work has no ctx of any one caller, for the others need it too. It ends when nobody waits for it any more: between two calls a Lambda function is frozen, and what runs on then wakes up in
// another time, with connections that are gone. A resident process lets it go on, for the next caller.
type flights[T any] struct {
	resident bool

	mu      sync.Mutex
	running map[string]*flight[T]
}

type flight[T any] struct {
	done    chan struct{}
	cancel  context.CancelCauseFunc
	waiters int
	result  T
	err     error
}

// join waits for the work of this name, which it begins if nobody has. If ctx ends first, its error is returned.
func (f *flights[T]) join(ctx context.Context, name string, do func(context.Context) (T, error)) (T, error) {
	f.mu.Lock()
	work := f.running[name]
	if work == nil {
		work = f.begin(ctx, name, do)
	}
	work.waiters++
	f.mu.Unlock()
	select {
	case <-work.done:
		return work.result, work.err
	case <-ctx.Done():
		f.leave(name, work, context.Cause(ctx))
		var none T
		return none, ctx.Err()
	}
}

func (f *flights[T]) begin(ctx context.Context, name string, do func(context.Context) (T, error)) *flight[T] {
	ctx, cancel := context.WithCancelCause(context.WithoutCancel(ctx))
	work := &flight[T]{done: make(chan struct{}), cancel: cancel}
	if f.running == nil {
		f.running = map[string]*flight[T]{}
	}
	f.running[name] = work
	go func() {
		defer cancel(nil)
		work.result, work.err = safely(func() (T, error) { return do(ctx) })
		f.mu.Lock()
		if f.running[name] == work {
			delete(f.running, name)
		}
		f.mu.Unlock()
		close(work.done)
	}()
	return work
}

// leave ends a work that nobody waits for, and says why the last one went: who gave up and whose time ended are not the same to what guards the cache. The next caller begins another one.
func (f *flights[T]) leave(name string, work *flight[T], cause error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if work.waiters--; work.waiters > 0 || f.resident {
		return
	}
	work.cancel(cause)
	if f.running[name] == work {
		delete(f.running, name)
	}
}

// busy says whether a work is under way.
func (f *flights[T]) busy(name string) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.running[name] != nil
}
