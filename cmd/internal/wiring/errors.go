package wiring

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/chunkaside/chunkaside/cache"
)

// ErrUsage: a setting is wrong. Correct it; trying again does not help.
var ErrUsage = errors.New("wrong setting")

// ErrCredentials: AWS was not asked, for there is nothing to sign a request with. Set what the message says.
var ErrCredentials = errors.New("no AWS credentials: set AWS_ACCESS_KEY_ID, a profile, or a role")

// CacheError is a call of the shared cache that failed. Its text is the cause's alone, for logs; Explain says more.
type CacheError struct {
	// Address is the cache's, without user and password.
	Address string
	Err     error
}

func (e *CacheError) Error() string { return e.Err.Error() }

func (e *CacheError) Unwrap() error { return e.Err }

// Explain puts what a person should know first in front of an error: which cache is away or refuses, and which setting may be the reason.
func Explain(err error) error {
	var failed *CacheError
	switch {
	case err == nil, errors.Is(err, ErrUsage), errors.Is(err, cache.ErrTooLarge):
		return err
	case errors.As(err, &failed) && errors.Is(err, cache.ErrUnavailable):
		return fmt.Errorf("cache %s does not answer; check --cache (CHUNKASIDE_CACHE): %w", failed.Address, err)
	case errors.As(err, &failed):
		return fmt.Errorf("cache %s refuses; check --cache (CHUNKASIDE_CACHE), its user, password and database: %w", failed.Address, err)
	case unsigned(err):
		return fmt.Errorf("%w: %w", ErrCredentials, err)
	}
	return err
}

// unsigned reports whether the AWS SDK found no credentials. It has no type for that: this is what its middleware puts in front of the cause. A store's
// own text may leave it out, so the whole chain is looked at.
func unsigned(err error) bool {
	if err == nil {
		return false
	}
	if strings.Contains(err.Error(), "get identity: get credentials:") {
		return true
	}
	switch wrapped := err.(type) { //nolint:errorlint // it is the chain itself that is walked
	case interface{ Unwrap() error }:
		return unsigned(wrapped.Unwrap())
	case interface{ Unwrap() []error }:
		return slices.ContainsFunc(wrapped.Unwrap(), unsigned)
	}
	return false
}

// done says whether an error is that of a ctx that has ended, which is nobody's fault.
func done(ctx context.Context, err error) bool {
	return ctx.Err() != nil && errors.Is(err, ctx.Err())
}
