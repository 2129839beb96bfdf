package settings

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"
)

// Follower keeps a function at its policy. It looks within calls, for between them a Lambda function is frozen and after an answer nothing may run on.
type Follower struct {
	read  func(context.Context) ([]byte, error)
	apply func(Policy) error
	every time.Duration
	log   *slog.Logger

	due   atomic.Int64 // when the next look is due, by the wall clock in nanoseconds
	turn  sync.Mutex   // held by the one who looks
	found string       // what the last look found: a document, applied or refused, or that there is none
	down  string       // why the last look failed; "" if it did not
}

const (
	// DefaultEvery is how often a policy is looked at.
	DefaultEvery = 30 * time.Second
	// retryEvery is the same after a look that failed.
	retryEvery = 5 * time.Second
	// lookTime is how long a call waits for it. The extension has it in memory, but for the first time.
	lookTime = 250 * time.Millisecond
)

// NewFollower follows the document that read reads, by calls of Look. apply makes it the function's, or says why it cannot be; the zero Policy is what was deployed. every is the time between two looks, 0
// for DefaultEvery.
func NewFollower(read func(context.Context) ([]byte, error), apply func(Policy) error, every time.Duration, log *slog.Logger) *Follower {
	if every == 0 {
		every = DefaultEvery
	}
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	return &Follower{read: read, apply: apply, every: every, log: log}
}

// Look looks at the policy if that is due, and nobody else does. Whatever is wrong with it, the one before goes on.
func (f *Follower) Look(ctx context.Context) {
	if !f.isDue() || !f.turn.TryLock() {
		return
	}
	defer f.turn.Unlock()
	if f.isDue() {
		f.due.Store(time.Now().Add(f.look(ctx)).UnixNano())
	}
}

// isDue goes by the wall clock: the monotonic one may stand still while the function is frozen. Where it was set back, the next look is due at once.
func (f *Follower) isDue() bool {
	wait := time.Duration(f.due.Load() - time.Now().UnixNano())
	return wait <= 0 || wait > f.every+retryEvery
}

// look looks, and says how long it is until the next time.
func (f *Follower) look(ctx context.Context) time.Duration {
	bounded, cancel := context.WithTimeout(ctx, lookTime)
	defer cancel()
	document, err := f.read(bounded)
	missing := errors.Is(err, ErrMissing)
	if err != nil && !missing {
		if ctx.Err() == nil && f.down != err.Error() {
			f.down = err.Error()
			f.log.WarnContext(ctx, "the policy cannot be read; the last good one goes on", "cause", f.down)
		}
		return min(retryEvery, f.every)
	}
	found := "the document " + string(document)
	if missing {
		found = "none"
	}
	if found != f.found {
		f.change(ctx, document, missing)
	}
	f.found, f.down = found, ""
	return f.every
}

// change applies a document that is another than the last one.
func (f *Follower) change(ctx context.Context, document []byte, missing bool) {
	var p Policy
	var err error
	if !missing {
		p, err = ParsePolicy(document)
	}
	if err == nil {
		err = f.apply(p)
	}
	switch {
	case err != nil:
		f.log.ErrorContext(ctx, "the policy is refused; the last good one goes on", "cause", err.Error())
	case missing:
		f.log.WarnContext(ctx, "there is no policy; what was deployed holds")
	default:
		f.log.InfoContext(ctx, "the policy is followed", "policy", string(bytes.TrimSpace(document)))
	}
}
