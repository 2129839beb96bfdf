package store

import (
	"fmt"
	"time"
)

// ThrottledError: a read would have cost more than is left of what may be spent, and the wait for it would have been too long. It matches ErrUnavailable.
type ThrottledError struct {
	// RetryIn is how long it is until the same read may begin, if nobody else comes first.
	RetryIn time.Duration
}

// Error is such as "store unavailable: no read units are left: retry in 1.2 s".
func (e *ThrottledError) Error() string {
	return fmt.Sprintf("%v: no read units are left: retry in %.1f s", ErrUnavailable, e.RetryIn.Seconds())
}

func (e *ThrottledError) Unwrap() error { return ErrUnavailable }
