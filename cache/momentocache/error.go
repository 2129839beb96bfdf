package momentocache

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/momentohq/client-sdk-go/momento"

	"github.com/chunkaside/chunkaside/cache"
)

// sdkError is an SDK error in the terms of the contract: kind is one of cache's errors, or nil for a mistake that trying later
// does not mend (no such cache). errors.As finds the momento.MomentoError in it.
type sdkError struct {
	kind  error
	cause momento.MomentoError
}

func (e *sdkError) Error() string {
	// Message, not Error: it alone names which limit was exceeded, and it is one line.
	text := "momento: " + e.cause.Code() + ": " + e.cause.Message()
	if e.kind == nil {
		return text
	}
	return e.kind.Error() + ": " + text
}

func (e *sdkError) Unwrap() []error {
	if e.kind == nil {
		return []error{e.cause}
	}
	return []error{e.kind, e.cause}
}

// translate turns an error of the SDK into one of the contract. A done ctx is the cause of whatever the SDK says of it, for the
// SDK's errors match neither context.Canceled nor context.DeadlineExceeded.
func translate(ctx context.Context, err error) error {
	if err == nil {
		return nil
	}
	if ctxErr := ended(ctx); ctxErr != nil {
		return ctxErr
	}
	var cause momento.MomentoError
	if !errors.As(err, &cause) {
		return err
	}
	return &sdkError{kind: kind(cause), cause: cause}
}

// ended returns ctx.Err(). The server, which knows the deadline, may end a call in the instant before ctx's own timer fires: then
// ended waits for the timer, which is due.
func ended(ctx context.Context) error {
	if deadline, ok := ctx.Deadline(); ok && !time.Now().Before(deadline) {
		<-ctx.Done()
	}
	return ctx.Err()
}

// kind returns the cache error that a cause means, nil if none.
func kind(cause momento.MomentoError) error {
	switch cause.Code() {
	case momento.LimitExceededError:
		if isSizeLimit(cause.Message()) {
			return cache.ErrTooLarge
		}
		return cache.ErrUnavailable
	case momento.ServerUnavailableError, momento.TimeoutError, momento.ConnectionError, momento.InternalServerError,
		momento.CanceledError, momento.UnknownServiceError, momento.ClientResourceExhaustedError:
		return cache.ErrUnavailable
	case momento.AuthenticationError, momento.PermissionError:
		return cache.ErrRefused
	}
	return nil
}

// isSizeLimit reports whether a LimitExceededError is about an item's size. The service's limits, and gRPC's own for a message
// that the client then never sends, share a code and differ in the message only.
func isSizeLimit(message string) bool {
	for _, sign := range []string{"Item size limit exceeded", "Request size limit exceeded", "message larger than max"} {
		if strings.Contains(message, sign) {
			return true
		}
	}
	return false
}

// isUnavailable reports whether the call may not have reached the server.
func isUnavailable(err error) bool {
	var cause momento.MomentoError
	return errors.As(err, &cause) && cause.Code() == momento.ServerUnavailableError
}

// foundNobody reports whether the error says that nobody answered, rather than that somebody refused.
func foundNobody(err error) bool {
	var cause momento.MomentoError
	return isUnavailable(err) || errors.As(err, &cause) && cause.Code() == momento.TimeoutError
}
