package telemetry

import (
	"context"
	"log/slog"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-lambda-go/lambdacontext"
	"github.com/go-json-experiment/json"
	"github.com/google/go-cmp/cmp"
)

// output is what a function has printed.
type output struct {
	mu   sync.Mutex
	text strings.Builder
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.Write(p)
}

// lines are all lines since the last call. Of a name that is twice in one, JSON readers take either: that is an error here.
func (o *output) lines(t testing.TB) (lines []map[string]any) {
	t.Helper()
	o.mu.Lock()
	defer o.mu.Unlock()
	for text := range strings.Lines(o.text.String()) {
		var line map[string]any
		if err := json.Unmarshal([]byte(text), &line); err != nil {
			t.Fatalf("%v in the line %s", err, text)
		}
		lines = append(lines, line)
	}
	o.text.Reset()
	return lines
}

// environment is a getenv.
func environment(variables map[string]string) func(string) string {
	return func(name string) string { return variables[name] }
}

// invoked is the context of a call, as aws-lambda-go makes it.
func invoked(ctx context.Context, request string) context.Context {
	ctx = lambdacontext.NewContext(ctx, &lambdacontext.LambdaContext{AwsRequestID: request})
	return context.WithValue(ctx, "x-amzn-trace-id", "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1") //nolint:staticcheck // aws-lambda-go's key
}

// TestPowertoolsKeys: each line has them once, whatever the record has.
func TestPowertoolsKeys(t *testing.T) {
	var out output
	tele := New(environment(map[string]string{"POWERTOOLS_SERVICE_NAME": "shop", "AWS_LAMBDA_FUNCTION_NAME": "catalog-resolver", "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "512"}), &out)
	tele.Log.Info("before any invocation")
	for _, request := range []string{"one", "two"} {
		ctx, _ := tele.begin(invoked(t.Context(), request))
		tele.Log.WarnContext(context.WithoutCancel(ctx), "query failed", "message", "no such field", "cause", "x")
	}
	lines := out.lines(t)
	for i, line := range lines {
		text, _ := line["timestamp"].(string)
		if !regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$`).MatchString(text) {
			t.Errorf("line %d has the timestamp %q", i, text)
		}
		delete(line, "timestamp")
	}
	want := func(request string, cold bool) map[string]any {
		return map[string]any{"level": "WARN", "message": "query failed", "error_message": "no such field", "cause": "x", "service": "shop", "function_name": "catalog-resolver",
			"function_memory_size": 512.0, "function_request_id": request, "cold_start": cold, "xray_trace_id": "1-5759e988-bd862e3fe1be46a994272793"}
	}
	before := map[string]any{"level": "INFO", "message": "before any invocation", "service": "shop", "function_name": "catalog-resolver", "function_memory_size": 512.0}
	if diff := cmp.Diff([]map[string]any{before, want("one", true), want("two", false)}, lines); diff != "" {
		t.Errorf("lines (-want +got):\n%s", diff)
	}
}

// TestLogLevel: Lambda's own level comes first.
func TestLogLevel(t *testing.T) {
	for _, test := range []struct {
		lambda, powertools string
		want               slog.Level
		bad                bool
	}{
		{"", "", slog.LevelInfo, false},
		{"", "debug", slog.LevelDebug, false},
		{"", "WARNING", slog.LevelWarn, false},
		{"ERROR", "DEBUG", slog.LevelError, false},
		{"TRACE", "", slog.LevelDebug, false},
		{"FATAL", "", slog.LevelError + 1, false},
		{"", "loud", slog.LevelInfo, true},
	} {
		getenv := environment(map[string]string{"AWS_LAMBDA_LOG_LEVEL": test.lambda, "POWERTOOLS_LOG_LEVEL": test.powertools})
		var out output
		log := New(getenv, &out).Log
		if !log.Enabled(t.Context(), test.want) || log.Enabled(t.Context(), test.want-1) {
			t.Errorf("with %q and %q %v is not the least level that is logged", test.lambda, test.powertools, test.want)
		}
		if said := len(out.lines(t)) > 0; said != test.bad {
			t.Errorf("with %q and %q: a line says that a setting is bad: %v, want %v", test.lambda, test.powertools, said, test.bad)
		}
	}
}

// TestDebugIsSampled: an invocation has all of its debug lines or none, those of what it began included.
func TestDebugIsSampled(t *testing.T) {
	var out output
	tele := New(environment(map[string]string{"POWERTOOLS_LOGGER_SAMPLE_RATE": "0.25"}), &out)
	draws := []float64{0.3, 0.2, 0.25, 0}
	tele.draw = func() float64 {
		drawn := draws[0]
		draws = draws[1:]
		return drawn
	}
	for _, request := range []string{"one", "two", "three", "four"} {
		ctx, _ := tele.begin(invoked(t.Context(), request))
		tele.Log.DebugContext(ctx, "first")
		tele.Log.With("more", 1).DebugContext(context.WithoutCancel(ctx), "second")
	}
	tele.Log.Debug("of none")
	var got []string
	for _, line := range out.lines(t) {
		got = append(got, line["function_request_id"].(string)+" "+line["message"].(string))
	}
	if diff := cmp.Diff([]string{"two first", "two second", "four first", "four second"}, got); diff != "" {
		t.Errorf("debug lines (-want +got):\n%s", diff)
	}
}

func TestSampleRate(t *testing.T) {
	for text, want := range map[string]float64{"": 0, "0": 0, "0.1": 0.1, "1": 1} {
		if got, err := sampleRate(text); got != want || err != nil {
			t.Errorf("sampleRate(%q) = %v, %v, want %v", text, got, err, want)
		}
	}
	for _, text := range []string{"-1", "1.5", "NaN", "often"} {
		if got, err := sampleRate(text); got != 0 || err == nil {
			t.Errorf("sampleRate(%q) = %v, %v, want an error", text, got, err)
		}
	}
}
