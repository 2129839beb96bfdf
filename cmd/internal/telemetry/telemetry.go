// Package telemetry is what an operator sees of a Lambda function: a log in the keys of Lambda Powertools, one line of metrics an invocation, in CloudWatch's embedded metric format, and spans.
//
//	t := telemetry.New(os.Getenv, os.Stdout)
//	app := wiring.OpenFunction(ctx, wiring.Config{Log: t.Log, Notify: t.Notify, Trace: t.Trace})
//	t.Start(app.Queries, app)
//
// Of an event nothing is written, nor of an answer but its size: events have identities and headers in them.
package telemetry

import (
	"cmp"
	"io"
	"log/slog"
	"math/rand/v2"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/aws/aws-lambda-go/lambda"

	"github.com/chunkaside/chunkaside/cache"
	"github.com/chunkaside/chunkaside/cmd/internal/tracing"
	"github.com/chunkaside/chunkaside/cmd/internal/wiring"
)

// Telemetry writes the log and the metrics of one function. Its methods may be called concurrently.
type Telemetry struct {
	// Log is the function's logger.
	Log *slog.Logger
	// Trace is told of works, nil where nothing is traced: see wiring.Config.
	Trace cache.Trace

	out    io.Writer
	header header
	rate   float64        // the share of invocations whose debug lines are written
	draw   func() float64 // evenly from 0 to 1
	now    func() time.Time
	warm   atomic.Bool // there was an invocation
	spans  *tracing.Tracing

	mu    sync.Mutex
	last  state // what is reported already
	times times // what is not
}

// New sets up telemetry as the environment says: see docs/operations.md. It cannot fail: a variable that cannot be read has its default, and the log says so. Each line is one call of out's Write, which
// may be called concurrently.
func New(getenv func(string) string, out io.Writer) *Telemetry {
	level, levelErr := logLevel(getenv)
	rate, rateErr := sampleRate(getenv("POWERTOOLS_LOGGER_SAMPLE_RATE"))
	service := cmp.Or(getenv("POWERTOOLS_SERVICE_NAME"), getenv("AWS_LAMBDA_FUNCTION_NAME"), "chunkaside")
	log := newLogger(out, level, service, getenv)
	for _, err := range []error{levelErr, rateErr} {
		if err != nil {
			log.Warn("a setting of the log is not used", "cause", err.Error())
		}
	}
	spans := tracing.New(getenv, service, log, nil)
	return &Telemetry{Log: log, Trace: spans.Works(), out: out, header: newHeader(service, getenv), rate: rate, draw: rand.Float64, now: time.Now, spans: spans}
}

// Start serves until the process ends. What aws-lambda-go prints by itself becomes lines of the log.
func (t *Telemetry) Start(h lambda.Handler, app *wiring.App) {
	slog.SetDefault(t.Log)
	slog.SetLogLoggerLevel(slog.LevelWarn)
	lambda.Start(t.Wrap(h, app))
}

// sampleRate reads a share of invocations, 0 to 1; "" is none.
func sampleRate(text string) (float64, error) {
	if text == "" {
		return 0, nil
	}
	rate, err := strconv.ParseFloat(text, 64)
	if err != nil || !(rate >= 0 && rate <= 1) {
		return 0, unreadable("POWERTOOLS_LOGGER_SAMPLE_RATE", text, "a number from 0 to 1")
	}
	return rate, nil
}
