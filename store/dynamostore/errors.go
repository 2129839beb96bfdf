package dynamostore

import (
	"context"
	"errors"
	"net"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/chunkaside/chunkaside/store"
)

// callError is a call that failed: what was done, to which table, where, and why.
type callError struct {
	verb, table, where string
	// kind is the store's sentinel, or nil.
	kind  error
	cause error
}

// Error is such as
//
//	scan episodes-dev at http://127.0.0.1:8000: store unavailable: dial tcp 127.0.0.1:8000: connect: connection refused
func (e *callError) Error() string {
	text := e.verb + " " + e.table + " at " + e.where + ": "
	if e.kind != nil {
		text += e.kind.Error() + ": "
	}
	return text + short(e.cause)
}

func (e *callError) Unwrap() []error {
	if e.kind == nil {
		return []error{e.cause}
	}
	return []error{e.kind, e.cause}
}

// fail wraps what the SDK returned for a call on a table. A context that the caller cancelled stays what it is.
func (s *Store) fail(ctx context.Context, verb, table string, err error) error {
	e := &callError{verb: verb, table: table, where: s.where, cause: err}
	switch {
	case errors.Is(ctx.Err(), context.Canceled):
		e.cause = context.Cause(ctx)
	case ctx.Err() != nil:
		e.kind, e.cause = store.ErrUnavailable, errors.Join(ctx.Err(), err)
	default:
		e.kind = kindOf(err)
	}
	return e
}

func kindOf(err error) error {
	var missing *types.ResourceNotFoundException
	var unsent *smithyhttp.RequestSendError
	switch {
	case errors.As(err, &missing), isValidation(err, "specified index"):
		return store.ErrNoTable
	case isValidation(err, "starting key"):
		return store.ErrStart
	case errors.As(err, &unsent), transient.IsErrorRetryable(err).Bool():
		return store.ErrUnavailable
	}
	return nil
}

// transient is what the SDK tries again: throttling, the service's own faults, lost connections.
var transient = retry.IsErrorRetryables(retry.DefaultRetryables)

// isValidation reports whether DynamoDB refused the request itself, with a message that contains part.
func isValidation(err error, part string) bool {
	var api smithy.APIError
	return errors.As(err, &api) && api.ErrorCode() == "ValidationException" && strings.Contains(api.ErrorMessage(), part)
}

// short is the part of an SDK error that says what happened, without the layers it came through.
func short(err error) string {
	var api smithy.APIError
	var network *net.OpError
	switch {
	case errors.As(err, &api):
		return api.ErrorCode() + ": " + api.ErrorMessage()
	case errors.As(err, &network):
		return network.Error()
	case errors.Is(err, context.DeadlineExceeded):
		return "no answer in time"
	}
	return err.Error()
}
