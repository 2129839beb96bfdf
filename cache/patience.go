package cache

import (
	"context"
	"time"
)

// patient is a ctx that ends when the patience does, with context.DeadlineExceeded as its cause; unless builds is called before: who builds himself is bounded by his own ctx alone.
func patient(ctx context.Context, patience time.Duration) (waiting context.Context, builds, stop func()) {
	waiting, cancel := context.WithCancelCause(ctx)
	timer := time.AfterFunc(patience, func() { cancel(context.DeadlineExceeded) })
	return waiting, func() { timer.Stop() }, func() {
		timer.Stop()
		cancel(nil)
	}
}

// answerTime is what a build within a query leaves of the query's time, to answer from what there was.
const answerTime = time.Second

// softly is the patience of a caller who has something to answer. Where nothing may run on after the answer, the one of all who builds does so within his call; a resident process builds beside
// its calls.
func (c *Cache) softly(ctx context.Context, patience time.Duration) (waiting context.Context, builds, stop func()) {
	end := context.CancelFunc(func() {})
	if deadline, ok := ctx.Deadline(); ok {
		ctx, end = context.WithDeadline(ctx, deadline.Add(-answerTime))
	}
	waiting, builds, stopWaiting := patient(ctx, patience)
	if c.works.resident {
		builds = func() {}
	}
	return waiting, builds, func() {
		stopWaiting()
		end()
	}
}
