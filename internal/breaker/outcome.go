package breaker

import (
	"context"
	"errors"
	"time"
)

// Outcome is what the end of a call says of the service.
type Outcome int

// The outcomes of a call.
const (
	// Unknown: nothing; the caller gave up, for example.
	Unknown Outcome = iota
	// Answered: the service is there, even if it refused.
	Answered
	// Failed: the service is away, overloaded, or silent.
	Failed
)

// Silence is how long a service that answers nothing must have been given for that to mean something. A caller who has less time left learns nothing of the service.
const Silence = 100 * time.Millisecond

// ErrUnfinished is how a call ends that panics.
var ErrUnfinished = errors.New("the call did not end")

// Judge is what the error of a call, and the time it took, say of the service. unavailable is the contract's error for one that cannot be used. A ctx that was cancelled for a deadline's sake,
// which is its cause then, counts as a deadline.
func Judge(ctx context.Context, took time.Duration, err, unavailable error) Outcome {
	switch {
	case err == nil:
		return Answered
	case errors.Is(err, ErrUnfinished):
		return Unknown
	case ctx.Err() != nil:
		if errors.Is(context.Cause(ctx), context.DeadlineExceeded) && took >= Silence {
			return Failed
		}
		return Unknown
	case errors.Is(err, unavailable), errors.Is(err, context.DeadlineExceeded):
		return Failed
	}
	return Answered
}
