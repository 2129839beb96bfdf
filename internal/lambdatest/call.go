package lambdatest

import (
	"context"
	"encoding/json"
	"fmt"
	"testing"

	"github.com/aws/aws-lambda-go/lambda/messages"
)

// call is one event on its way through the function.
type call struct {
	event    []byte
	answered chan answer // has room for it: whoever called may have left
}

type answer struct {
	body   []byte
	failed bool
}

// Invoke hands the function an event and waits for its answer: bytes as it gave them, and whether they are an error.
func (r *Runtime) Invoke(t testing.TB, event []byte) (body []byte, failed bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	body, failed, err := r.Call(ctx, event)
	if err != nil {
		t.Fatal(err)
	}
	return body, failed
}

// Call is Invoke without a test. It may be called concurrently: calls wait for each other. The error says why there is no answer: the function has ended, or ctx has, and the function goes on with the event.
func (r *Runtime) Call(ctx context.Context, event []byte) (body []byte, failed bool, err error) {
	select {
	case r.turn <- struct{}{}:
		defer func() { <-r.turn }()
	case <-ctx.Done():
		return nil, false, fmt.Errorf("the function is busy: %w", ctx.Err())
	}
	c := &call{event, make(chan answer, 1)}
	select {
	case r.next <- c:
	case <-r.ended:
		return nil, false, fmt.Errorf("the function ended:\n%s", r.output)
	case <-ctx.Done():
		return nil, false, fmt.Errorf("the function did not ask for an event: %w", ctx.Err())
	}
	select {
	case a := <-c.answered:
		return a.body, a.failed, nil
	case <-r.ended:
		return nil, false, fmt.Errorf("the function ended without an answer:\n%s", r.output)
	case <-ctx.Done():
		return nil, false, fmt.Errorf("the function did not answer: %w", ctx.Err())
	}
}

// Handler is a running function as what calls it in process takes it: a lambda.Handler.
type Handler struct{ Runtime *Runtime }

// Invoke returns the function's own error as a messages.InvokeResponse_Error.
func (h Handler) Invoke(ctx context.Context, event []byte) ([]byte, error) {
	body, failed, err := h.Runtime.Call(ctx, event)
	if err != nil || !failed {
		return body, err
	}
	var reported messages.InvokeResponse_Error
	if err := json.Unmarshal(body, &reported); err != nil {
		return nil, fmt.Errorf("the function failed with %.200q: %w", body, err)
	}
	return nil, reported
}
