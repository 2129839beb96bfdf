package guard

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"

	"github.com/chunkaside/chunkaside/cache"
)

// retryBurst is how many repetitions there may be at once.
const retryBurst = 10

// retried is a driver whose idempotent calls are repeated while the cache is unavailable: throttled, above all, which drivers leave to us.
type retried struct {
	cache.Driver

	attempts  int
	backoff   time.Duration
	allowance *allowance
	counts    *counts
}

func newRetry(next cache.Driver, o Options, n *counts) *retried {
	return &retried{next, o.Attempts, o.Backoff, newAllowance(o.RetryShare, retryBurst), n}
}

// Get implements cache.Driver.
func (r *retried) Get(ctx context.Context, keys []string) ([][]byte, error) {
	return repeat(ctx, r, func() ([][]byte, error) { return r.Driver.Get(ctx, keys) })
}

// Touch implements cache.Driver.
func (r *retried) Touch(ctx context.Context, key string, ttl time.Duration) (bool, error) {
	return repeat(ctx, r, func() (bool, error) { return r.Driver.Touch(ctx, key, ttl) })
}

// Delete implements cache.Driver.
func (r *retried) Delete(ctx context.Context, key string) error {
	_, err := repeat(ctx, r, func() (bool, error) { return true, r.Driver.Delete(ctx, key) })
	return err
}

func repeat[T any](ctx context.Context, r *retried, call func() (T, error)) (T, error) {
	r.allowance.earn()
	for attempt := 1; ; attempt++ {
		result, err := call()
		if err == nil || attempt >= r.attempts || !r.again(ctx, attempt, err) {
			return result, err
		}
		r.counts.retries.Add(1)
	}
}

// again waits until a call may be repeated, or says that it is to stay as it is.
func (r *retried) again(ctx context.Context, attempt int, err error) bool {
	if _, rejected := errors.AsType[*rejectedError](err); rejected || !errors.Is(err, cache.ErrUnavailable) {
		return false
	}
	longest := r.backoff << (attempt - 1)
	pause := longest/2 + rand.N(longest/2+1)
	if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) <= pause || !r.allowance.spend() {
		return false
	}
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}
