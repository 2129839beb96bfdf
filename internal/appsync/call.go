package appsync

import (
	"context"
	"errors"
	"fmt"
	"path"
	"reflect"
	"runtime"
	"strings"

	"github.com/aws/aws-lambda-go/lambda/messages"
)

// call runs the handler. A panic becomes the error that the Lambda runtime reports for it; only the process lives on here.
func (s *server) call(ctx context.Context, event []byte) (answer []byte, err error) {
	defer func() {
		if value := recover(); value != nil {
			err = panicError(value)
		}
	}()
	return s.handler.Invoke(ctx, event)
}

// runtimeError is a handler's error as the Lambda runtime for Go reports it: with the name of its Go type, not unwrapped.
func runtimeError(err error) messages.InvokeResponse_Error {
	if reported, ok := err.(messages.InvokeResponse_Error); ok { //nolint:errorlint // the runtime does not unwrap either
		return reported
	}
	return messages.InvokeResponse_Error{Message: err.Error(), Type: typeName(err)}
}

// resolverError is the type and message that a handler's error has in a GraphQL answer. That errorType is the one the handler
// chose is inferred: there are reports of AppSync replacing it by "Lambda:Unhandled" in answers that are not batched.
func resolverError(err error) (kind, message string) {
	var byValue messages.InvokeResponse_Error
	var byPointer *messages.InvokeResponse_Error
	switch {
	case errors.As(err, &byValue):
		return byValue.Type, byValue.Message
	case errors.As(err, &byPointer):
		return byPointer.Type, byPointer.Message
	default:
		return unhandled, err.Error()
	}
}

// unhandled is the type of an error that says nothing about itself.
const unhandled = "Lambda:Unhandled"

func panicError(value any) error {
	if reported, ok := value.(messages.InvokeResponse_Error); ok {
		return reported
	}
	return messages.InvokeResponse_Error{Message: fmt.Sprint(value), Type: typeName(value), StackTrace: stack()}
}

func typeName(value any) string {
	t := reflect.TypeOf(value)
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	return t.Name()
}

// stack is where the panic happened, with package paths instead of the file system's, as the runtime reports it.
func stack() []*messages.InvokeResponse_Error_StackFrame {
	const hidden = 5 // runtime.Callers, stack, panicError, the deferred function, the panic itself
	counters := make([]uintptr, 32)
	frames := runtime.CallersFrames(counters[:runtime.Callers(hidden, counters)])
	var trace []*messages.InvokeResponse_Error_StackFrame
	for {
		frame, more := frames.Next()
		directory, name := path.Split(frame.Function)
		pkg, label, _ := strings.Cut(name, ".")
		trace = append(trace, &messages.InvokeResponse_Error_StackFrame{
			Path:  directory + pkg + "/" + path.Base(frame.File),
			Line:  int32(frame.Line),
			Label: label,
		})
		if !more {
			return trace
		}
	}
}
