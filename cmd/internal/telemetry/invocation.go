package telemetry

import (
	"context"
	"log/slog"
	"strings"
	"time"

	"github.com/aws/aws-lambda-go/lambdacontext"
)

// invocation is what is known of one, while it lasts. It is in the context of all that is done for it.
type invocation struct {
	request, trace string
	cold           bool // the process's first
	debug          bool // it was drawn to have its debug lines written
	began          time.Time
}

type invocationKey struct{}

// invocationOf is the invocation of a context; outside of any, one of which nothing is known.
func invocationOf(ctx context.Context) invocation {
	i, _ := ctx.Value(invocationKey{}).(invocation)
	return i
}

// begin puts an invocation into the context.
func (t *Telemetry) begin(ctx context.Context) (context.Context, invocation) {
	i := invocation{began: time.Now(), cold: !t.warm.Swap(true), debug: t.rate > 0 && t.draw() < t.rate}
	if lambda, ok := lambdacontext.FromContext(ctx); ok {
		i.request = lambda.AwsRequestID
	}
	if trace, ok := ctx.Value("x-amzn-trace-id").(string); ok { // aws-lambda-go's key
		i.trace = root(trace)
	}
	return context.WithValue(ctx, invocationKey{}, i), i
}

// root is the trace's own ID in a header such as "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1".
func root(header string) string {
	for part := range strings.SplitSeq(header, ";") {
		if id, ok := strings.CutPrefix(strings.TrimSpace(part), "Root="); ok {
			return id
		}
	}
	return ""
}

// attrs are what a line of the log says of the invocation; none outside of any.
func (i invocation) attrs() []slog.Attr {
	if i.began.IsZero() {
		return nil
	}
	attrs := []slog.Attr{slog.String("function_request_id", i.request), slog.Bool("cold_start", i.cold)}
	if i.trace != "" {
		attrs = append(attrs, slog.String("xray_trace_id", i.trace))
	}
	return attrs
}
