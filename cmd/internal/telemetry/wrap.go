package telemetry

import (
	"context"
	"time"

	"github.com/aws/aws-lambda-go/lambda"

	"github.com/chunkaside/chunkaside/cmd/internal/wiring"
)

// observed is a function's handler, seen from outside.
type observed struct {
	lambda.Handler
	telemetry *Telemetry
	app       *wiring.App
}

// Wrap returns a handler that answers as h does, and reports each of its invocations, and traces those that are sampled.
func (t *Telemetry) Wrap(h lambda.Handler, app *wiring.App) lambda.Handler {
	return observed{t.spans.Wrap(h), t, app}
}

// Invoke is the handler's own.
func (o observed) Invoke(ctx context.Context, event []byte) ([]byte, error) {
	ctx, i := o.telemetry.begin(ctx)
	answer, err := o.Handler.Invoke(ctx, event)
	o.telemetry.report(i, o.app, answer, err)
	o.telemetry.Log.DebugContext(ctx, "invoked", "milliseconds", float64(time.Since(i.began))/1e6, "bytes", len(answer), "failed", err != nil)
	return answer, err
}
