package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"

	"github.com/aws/aws-lambda-go/lambda/messages"

	"github.com/chunkaside/chunkaside/cmd/internal/wiring"
)

// invoke is the command invoke.
type invoke struct {
	Event string `help:"The event's file; - reads it from standard input." required:"" env:"CHUNKASIDE_EVENT" placeholder:"FILE"`
}

// maxEvent is Lambda's limit of a synchronous event, in bytes.
const maxEvent = 6_291_456

// Run answers one event: what the Lambda function would hand over goes to standard output, byte for byte.
func (i *invoke) Run(ctx context.Context, c *commands, con console) error {
	event, err := readEvent(i.Event)
	if err != nil {
		return err
	}
	config := c.config()
	config.Log = slog.New(slog.NewTextHandler(con.err, nil))
	app, err := wiring.Open(ctx, config)
	if err != nil {
		return err
	}
	defer app.Close()
	answer, failure := app.Queries.Invoke(ctx, event)
	if response, ok := errors.AsType[messages.InvokeResponse_Error](failure); ok {
		if answer, err = json.Marshal(response); err != nil {
			return err
		}
	}
	if _, err := con.out.Write(answer); err != nil {
		return fmt.Errorf("write the answer: %w", err)
	}
	if terminal(con.out) {
		fmt.Fprintln(con.out)
	}
	if failure != nil || allFailed(event, answer) {
		return errAnswered
	}
	return nil
}

// allFailed says whether a batch was answered with nothing but errors.
func allFailed(event, answer []byte) bool {
	if !bytes.HasPrefix(bytes.TrimSpace(event), []byte("[")) {
		return false
	}
	var entries []struct{ ErrorType *string }
	if err := json.Unmarshal(answer, &entries); err != nil || len(entries) == 0 {
		return false
	}
	for _, e := range entries {
		if e.ErrorType == nil {
			return false
		}
	}
	return true
}

func readEvent(path string) ([]byte, error) {
	file := os.Stdin
	if path != "-" {
		var err error
		if file, err = os.Open(path); err != nil {
			return nil, fmt.Errorf("%w: read the event: %w", wiring.ErrUsage, err)
		}
		defer file.Close()
	}
	data, err := io.ReadAll(io.LimitReader(file, maxEvent+1))
	if err != nil {
		return nil, fmt.Errorf("%w: read the event: %w", wiring.ErrUsage, err)
	}
	if len(data) > maxEvent {
		return nil, fmt.Errorf("%w: the event has more than the %d bytes that Lambda takes", wiring.ErrUsage, maxEvent)
	}
	return data, nil
}
