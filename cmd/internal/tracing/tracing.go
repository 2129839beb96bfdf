// Package tracing makes OpenTelemetry's spans of invocations, and of the works that they consist of.
//
//	t := tracing.New(os.Getenv, "catalog-resolver", log, nil) // nil where there is nobody to send spans to
//	app := wiring.OpenFunction(ctx, wiring.Config{Trace: t.Works()})
//	lambda.Start(t.Wrap(app.Queries))
//
// Spans go to a collector that takes OTLP over HTTP, or to X-Ray's daemon, which is beside every Lambda function. Nothing of them is set up before the first invocation that is sampled.
//
// Of events nothing is written but the name of the field, and the trace that AppSync handed on; of errors nothing but their type: all else may hold identities, arguments and addresses.
package tracing

import (
	"cmp"
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/sdk/resource"
	sdk "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"

	"github.com/chunkaside/chunkaside/cache"
	"github.com/chunkaside/chunkaside/resolver"
)

// Tracing makes the spans of one program. A nil Tracing makes none. Its methods may be called concurrently.
type Tracing struct {
	service  string
	resident bool
	log      *slog.Logger
	exporter func(context.Context) (sdk.TracerProviderOption, error)

	once     sync.Once
	provider *sdk.TracerProvider // nil if it could not be made
}

// Options tunes a Tracing. A nil *Options has the defaults.
type Options struct {
	// Resident: the process runs on between invocations, so spans may be sent then. A Lambda function does not: there they are sent before the answer.
	Resident bool
}

// New returns what traces as the environment says, nil for nothing: by OTEL_EXPORTER_OTLP_ENDPOINT and the other variables of OpenTelemetry's exporter, or else by AWS_XRAY_DAEMON_ADDRESS, which Lambda sets.
// The service is the name of what is traced, unless OTEL_SERVICE_NAME says otherwise.
func New(getenv func(string) string, service string, log *slog.Logger, o *Options) *Tracing {
	t := &Tracing{service: cmp.Or(getenv("OTEL_SERVICE_NAME"), service), log: log, resident: o != nil && o.Resident}
	daemon := getenv("AWS_XRAY_DAEMON_ADDRESS")
	switch {
	case getenv("OTEL_SDK_DISABLED") == "true":
		return nil
	case getenv("OTEL_EXPORTER_OTLP_ENDPOINT") != "" || getenv("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT") != "":
		t.exporter = overHTTP
	case daemon != "":
		t.exporter = func(ctx context.Context) (sdk.TracerProviderOption, error) { return toDaemon(ctx, daemon) }
	default:
		return nil
	}
	return t
}

func overHTTP(ctx context.Context) (sdk.TracerProviderOption, error) {
	// What is not taken at once is lost: a query does not wait for a second try.
	exporter, err := otlptracehttp.New(ctx, otlptracehttp.WithRetry(otlptracehttp.RetryConfig{}))
	return sdk.WithBatcher(exporter), err
}

// Works is told of the works within an invocation: see cache.Trace.
func (t *Tracing) Works() cache.Trace {
	if t == nil {
		return nil
	}
	return begin
}

const scope = "github.com/chunkaside/chunkaside"

// begin makes a span of a work that is done for an invocation which is sampled.
func begin(ctx context.Context, work, about string) (context.Context, func(error)) {
	outer := trace.SpanFromContext(ctx)
	if !outer.IsRecording() {
		return ctx, nothing
	}
	ctx, span := outer.TracerProvider().Tracer(scope).Start(ctx, work)
	if about != "" {
		span.SetAttributes(attribute.String("chunkaside.about", about))
	}
	return ctx, func(err error) { end(span, err) }
}

func nothing(error) {}

// end ends a span. What callers have to mend is no fault of the program.
func end(span trace.Span, err error) {
	if err != nil {
		kind := resolver.TypeOf(err)
		span.SetAttributes(attribute.String("error.type", kind))
		if !resolver.OfCaller(kind) {
			span.SetStatus(codes.Error, kind)
		}
	}
	span.End()
}

// traced is a handler whose invocations are traced.
type traced struct {
	lambda.Handler
	tracing *Tracing
}

// Wrap returns a handler that answers as h does, and makes a span of each invocation that is sampled.
func (t *Tracing) Wrap(h lambda.Handler) lambda.Handler {
	if t == nil {
		return h
	}
	return traced{h, t}
}

// Invoke is the handler's own.
func (h traced) Invoke(ctx context.Context, event []byte) ([]byte, error) {
	ctx, span := h.tracing.start(ctx, event)
	if span == nil {
		return h.Handler.Invoke(ctx, event)
	}
	answer, err := h.Handler.Invoke(ctx, event)
	end(span, err)
	h.tracing.flush(ctx)
	return answer, err
}

// start begins an invocation's span, nil for one that is not sampled. Lambda decides that, where it runs the program; what a caller has written into the event does not.
func (t *Tracing) start(ctx context.Context, event []byte) (context.Context, trace.Span) {
	header, inLambda := ctx.Value("x-amzn-trace-id").(string) // aws-lambda-go's key
	parent := parse(header)
	if inLambda && !parent.IsSampled() {
		return ctx, nil
	}
	sent := sentWith(event)
	if !inLambda {
		parent = sent
	}
	provider := t.open(ctx)
	if provider == nil {
		return ctx, nil
	}
	ctx, span := provider.Tracer(scope).Start(trace.ContextWithRemoteSpanContext(ctx, parent), t.service, trace.WithSpanKind(trace.SpanKindServer))
	if !span.IsRecording() {
		return ctx, nil
	}
	if sent.HasTraceID() && sent.TraceID() != parent.TraceID() {
		span.SetAttributes(attribute.String("appsync.trace_id", xrayID(sent.TraceID())))
	}
	return ctx, span
}

// open makes what spans are sent by, once.
func (t *Tracing) open(ctx context.Context) *sdk.TracerProvider {
	t.once.Do(func() {
		exporter, err := t.exporter(context.WithoutCancel(ctx)) // it is not this invocation's alone
		if err != nil {
			t.log.WarnContext(ctx, "nothing is traced", "cause", err.Error())
			return
		}
		otel.SetErrorHandler(otel.ErrorHandlerFunc(t.lost))
		t.provider = sdk.NewTracerProvider(exporter, sdk.WithResource(resource.NewSchemaless(attribute.String("service.name", t.service))))
	})
	return t.provider
}

func (t *Tracing) lost(err error) { t.log.Warn("spans are lost", "cause", err.Error()) }

// flushTime is how long an answer waits until its spans are sent: a collector on this machine takes a millisecond.
const flushTime = 250 * time.Millisecond

// flush sends what has ended, where nothing may run on after the answer.
func (t *Tracing) flush(ctx context.Context) {
	if t.resident {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, flushTime)
	defer cancel()
	if err := t.provider.ForceFlush(ctx); err != nil {
		t.lost(err)
	}
}

// Close sends what has not been sent, within flushTime.
func (t *Tracing) Close() {
	if t == nil {
		return
	}
	t.once.Do(func() {}) // nothing is opened any more
	if t.provider == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), flushTime)
	defer cancel()
	if err := t.provider.Shutdown(ctx); err != nil {
		t.lost(err)
	}
}
