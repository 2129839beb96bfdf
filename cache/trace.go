package cache

import "context"

// Trace is told of a work that begins in ctx, and of what it is about, "" for nothing in particular: no caller's words, and no record's. It returns the work's own ctx, which makes what is done in it
// a part of the work, and what is called when the work ends, with its error. It must not block, and may be called concurrently.
type Trace func(ctx context.Context, work, about string) (own context.Context, end func(error))

// Begin tells of a work, if there is anybody to tell.
func (t Trace) Begin(ctx context.Context, work, about string) (own context.Context, end func(error)) {
	if t == nil {
		return ctx, untold
	}
	return t(ctx, work, about)
}

func untold(error) {}
