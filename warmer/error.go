package warmer

import (
	"errors"
	"fmt"

	"github.com/aws/aws-lambda-go/lambda/messages"

	"github.com/chunkaside/chunkaside/catalog"
)

// Error is what a caller, and a destination for failures, sees: Lambda puts Type into errorType. Message is empty where the cause speaks for itself.
type Error struct {
	Type, Message string
	Err           error // nil where there is no cause but the event
}

// Error is the message, then the cause.
func (e *Error) Error() string {
	switch {
	case e.Err == nil:
		return e.Message
	case e.Message == "":
		return e.Err.Error()
	}
	return e.Message + ": " + e.Err.Error()
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// The types of errors.
const (
	// BadEvent: the event is malformed, foreign, or asks for what this function does not do. Sending it again does not help.
	BadEvent = "BadEvent"
	// Unauthorized: AppSync's caller may not. It is AppSync's own type.
	Unauthorized = "Unauthorized"
	// OutOfTime: the function's time ended first, or that of a build: see cache.Options.BuildTimeout. If some of the tables have been read, they are published; the message says so.
	OutOfTime = "OutOfTime"
	// Refused: the rules refuse the version, so the last one stays.
	Refused = "Refused"
	// Unsound: a verified version is not whole, or damaged. A full warm-up mends it.
	Unsound = "Unsound"
	// Failed: all else, such as a cache or store that is away. Sending the event again may help.
	Failed = "Failed"
)

// maxMessage is the most bytes of a message: what it quotes of an event may be of any length.
const maxMessage = 1000

func badf(format string, args ...any) *Error {
	return &Error{Type: BadEvent, Message: bounded(fmt.Sprintf(format, args...))}
}

func bounded(message string) string {
	for i := range message {
		if i > maxMessage {
			return message[:i] + "..."
		}
	}
	return message
}

// public gives an error a type.
func public(err error) *Error {
	if e, ok := errors.AsType[*Error](err); ok {
		return e
	}
	if _, ok := errors.AsType[*catalog.RefusedError](err); ok {
		return &Error{Type: Refused, Err: err}
	}
	return &Error{Type: Failed, Err: err}
}

// response is the error as aws-lambda-go passes it on unchanged: by value.
func (e *Error) response() error {
	return messages.InvokeResponse_Error{Message: bounded(e.Error()), Type: e.Type}
}
