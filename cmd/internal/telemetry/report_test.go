package telemetry

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/google/go-cmp/cmp"

	"github.com/chunkaside/chunkaside/cache"
	"github.com/chunkaside/chunkaside/cmd/internal/wiring"
)

const (
	event  = `{"arguments":{"id":"detective-arthur"},"info":{"parentTypeName":"Query","fieldName":"getProgram","selectionSetList":["id","title"]}}`
	wrong  = `{"arguments":{},"info":{"parentTypeName":"Query","fieldName":"getProgram","selectionSetList":["id"]}}`
	absent = `{"arguments":{},"info":{"parentTypeName":"Query","fieldName":"nothing","selectionSetList":["id"]}}`
)

// open is a function on the sample.
func open(t testing.TB, variables map[string]string) (*Telemetry, *wiring.App, *output) {
	t.Helper()
	out := &output{}
	tele := New(environment(variables), out)
	app, err := wiring.Open(t.Context(), wiring.Config{Store: "sample:", Cache: "memory:", MaxAge: time.Hour, Notify: tele.Notify, Log: tele.Log})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { app.Close() })
	return tele, app, out
}

// metrics are the lines with metrics among those printed, each without what is not a metric. They must be as CloudWatch wants them.
func (o *output) metrics(t testing.TB) (all []map[string]any) {
	t.Helper()
	for _, line := range o.lines(t) {
		if line["_aws"] != nil {
			all = append(all, extract(t, line))
		}
	}
	return all
}

// extract is what CloudWatch takes from a line, by its specification.
func extract(t testing.TB, line map[string]any) map[string]any {
	t.Helper()
	aws := line["_aws"].(map[string]any)
	if at := time.UnixMilli(int64(aws["Timestamp"].(float64))); time.Since(at).Abs() > time.Hour {
		t.Errorf("the line is of %v", at)
	}
	directives := aws["CloudWatchMetrics"].([]any)
	directive := directives[0].(map[string]any)
	if len(directives) != 1 || directive["Namespace"] != "chunkaside" {
		t.Errorf("directives: %v", directives)
	}
	if diff := cmp.Diff([]any{[]any{"service", "catalog"}}, directive["Dimensions"]); diff != "" {
		t.Errorf("dimensions (-want +got):\n%s", diff)
	}
	for _, name := range []string{"service", "catalog"} {
		if text, _ := line[name].(string); text == "" {
			t.Errorf("the dimension %s is %v", name, line[name])
		}
	}
	found := map[string]any{}
	for _, each := range directive["Metrics"].([]any) {
		m := each.(map[string]any)
		name := m["Name"].(string)
		if !slices.Contains([]any{"Count", "Bytes", "Milliseconds", "Seconds"}, m["Unit"]) {
			t.Errorf("%s has the unit %v", name, m["Unit"])
		}
		switch value := line[name].(type) {
		case float64:
		case []any:
			if len(value) == 0 || len(value) > 100 {
				t.Errorf("%s has %d values", name, len(value))
			}
		default:
			t.Errorf("%s has the value %v", name, value)
		}
		found[name] = line[name]
	}
	if len(found) == 0 || len(found) > 100 || len(found) != len(directive["Metrics"].([]any)) {
		t.Errorf("metrics: %v", directive["Metrics"])
	}
	return found
}

// TestInvocations: each has one line, with what it did.
func TestInvocations(t *testing.T) {
	tele, app, out := open(t, nil)
	h := tele.Wrap(app.Resolver, app)
	for _, test := range []struct {
		name, event string
		want        []string
		values      map[string]float64
	}{
		{"first", event, []string{"AnswerBytes", "Answers", "BuildMilliseconds", "BuildReadUnits", "BytesSent", "ColdStart", "LookMilliseconds", "Misses", "Published", "VersionAgeSeconds"},
			map[string]float64{"Answers": 1, "ColdStart": 1, "Published": 1, "Misses": 1}},
		{"second", event, []string{"AnswerBytes", "Answers", "Hits", "VersionAgeSeconds"}, map[string]float64{"Answers": 1, "Hits": 1}},
		{"wrong", wrong, []string{"BadArgument", "Failures", "VersionAgeSeconds"}, map[string]float64{"BadArgument": 1, "Failures": 1}},
		{"batch", "[" + event + "," + wrong + "," + event + "," + absent + "," + wrong + "]",
			[]string{"AnswerBytes", "Answers", "BadArgument", "Failures", "Hits", "UnknownField", "VersionAgeSeconds"},
			map[string]float64{"Answers": 2, "Failures": 3, "BadArgument": 2, "UnknownField": 1, "Hits": 1}},
	} {
		answer, err := h.Invoke(t.Context(), []byte(test.event))
		lines := out.metrics(t)
		if len(lines) != 1 {
			t.Fatalf("%s: %d lines, want 1", test.name, len(lines))
		}
		if diff := cmp.Diff(test.want, slices.Sorted(maps.Keys(lines[0]))); diff != "" {
			t.Errorf("%s: metrics (-want +got):\n%s", test.name, diff)
		}
		for name, want := range test.values {
			if lines[0][name] != want {
				t.Errorf("%s: %s = %v, want %v", test.name, name, lines[0][name], want)
			}
		}
		if size, ok := lines[0]["AnswerBytes"]; ok && size != float64(len(answer)) {
			t.Errorf("%s: AnswerBytes = %v of %d; error %v", test.name, size, len(answer), err)
		}
	}
}

// TestVersionAge is since the version was announced.
func TestVersionAge(t *testing.T) {
	tele, app, out := open(t, nil)
	if _, err := app.Cache.Warm(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	announced := time.UnixMilli(app.Cache.Stats().Sequence)
	tele.now = func() time.Time { return announced.Add(90*time.Second + time.Second/2) }
	if _, err := tele.Wrap(app.Resolver, app).Invoke(t.Context(), []byte(event)); err != nil {
		t.Fatal(err)
	}
	if age := out.metrics(t)[0]["VersionAgeSeconds"]; age != 90.5 {
		t.Errorf("VersionAgeSeconds = %v, announced at %v", age, announced)
	}
}

type failing struct{ err error }

func (f failing) Invoke(context.Context, []byte) ([]byte, error) { return nil, f.err }

// TestOtherErrors: what is no error of the API is counted without a type, and handed on as it is.
func TestOtherErrors(t *testing.T) {
	tele, app, out := open(t, nil)
	cause := errors.New("the store is away")
	if _, err := tele.Wrap(failing{cause}, app).Invoke(t.Context(), nil); !errors.Is(err, cause) {
		t.Errorf("Invoke = %v", err)
	}
	if diff := cmp.Diff([]map[string]any{{"Failures": 1.0, "ColdStart": 1.0}}, out.metrics(t)); diff != "" {
		t.Errorf("metrics (-want +got):\n%s", diff)
	}
}

// TestNothingToReport: a line without metrics is not written.
func TestNothingToReport(t *testing.T) {
	tele, app, out := open(t, nil)
	h := tele.Wrap(nothing{}, app)
	for range 2 {
		if _, err := h.Invoke(t.Context(), nil); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff([]map[string]any{{"ColdStart": 1.0}}, out.metrics(t)); diff != "" {
		t.Errorf("metrics (-want +got):\n%s", diff)
	}
}

// TestLinesAreBounded: many looks make a line no longer than the format allows, and are reported once.
func TestLinesAreBounded(t *testing.T) {
	tele, app, out := open(t, nil)
	for i := range 5000 {
		tele.Notify(cache.Event{Kind: cache.Looked, Took: time.Duration(i) * time.Hour, Err: errors.New("away")})
		tele.Notify(cache.Event{Kind: cache.Built, Took: time.Duration(i) * time.Hour})
	}
	h := tele.Wrap(failing{errors.New("away")}, app)
	_, _ = h.Invoke(t.Context(), nil)
	if size := out.text.Len(); size > 8<<10 {
		t.Errorf("the line has %d bytes", size)
	}
	first := out.metrics(t)[0]
	if looks, builds := first["LookMilliseconds"].([]any), first["BuildMilliseconds"].([]any); len(looks) != 100 || len(builds) != 100 || first["LooksFailed"] != 5000.0 || looks[1] != 3600000.0 {
		t.Errorf("metrics: %v", first)
	}
	_, _ = h.Invoke(t.Context(), nil)
	if diff := cmp.Diff([]map[string]any{{"Failures": 1.0}}, out.metrics(t)); diff != "" {
		t.Errorf("metrics of the next invocation (-want +got):\n%s", diff)
	}
}

// TestConcurrentInvocations: what one has is no other one's too.
func TestConcurrentInvocations(t *testing.T) {
	tele, app, out := open(t, nil)
	h := tele.Wrap(app.Resolver, app)
	const invocations = 200
	var group sync.WaitGroup
	for i := range invocations {
		group.Go(func() {
			if _, err := h.Invoke(invoked(t.Context(), fmt.Sprint(i)), []byte(event)); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	sums := map[string]float64{}
	for _, line := range out.metrics(t) {
		for _, name := range []string{"Answers", "ColdStart", "Published"} {
			value, _ := line[name].(float64)
			sums[name] += value
		}
	}
	if diff := cmp.Diff(map[string]float64{"Answers": invocations, "ColdStart": 1, "Published": 1}, sums); diff != "" {
		t.Errorf("sums (-want +got):\n%s", diff)
	}
}

// TestMetricsPassLambda: Lambda takes a line without a level for INFO, and drops it where less is logged.
func TestMetricsPassLambda(t *testing.T) {
	for lambda, want := range map[string]any{"": nil, "DEBUG": "INFO", "info": "INFO", "WARN": "WARN", "error": "ERROR", "FATAL": "FATAL"} {
		tele, app, out := open(t, map[string]string{"AWS_LAMBDA_LOG_LEVEL": lambda})
		_, _ = tele.Wrap(failing{errors.New("away")}, app).Invoke(invoked(t.Context(), "one"), nil)
		lines := out.lines(t)
		i := slices.IndexFunc(lines, func(line map[string]any) bool { return line["_aws"] != nil })
		if i < 0 {
			t.Fatalf("%s: lines %v", lambda, lines)
		}
		line := lines[i]
		_, err := time.Parse(time.RFC3339, fmt.Sprint(line["timestamp"]))
		if line["level"] != want || (err == nil) != (want != nil) || line["function_request_id"] != "one" {
			t.Errorf("%s: level %v of %v", lambda, line["level"], line)
		}
	}
}

// TestMetricsAreDescribed: the operator's manual has all of them, with their units.
func TestMetricsAreDescribed(t *testing.T) {
	manual, err := os.ReadFile("../../../docs/operations.md")
	if err != nil {
		t.Fatal(err)
	}
	all := []metric{failures, answerBytes, coldStart, versionAge, lookTime, looksFailed, buildTime, buildsFailed}
	for _, c := range counters {
		all = append(all, c.metric)
	}
	for _, m := range all {
		if row := "| `" + m.name + "` | " + m.unit + " |"; !strings.Contains(string(manual), row) {
			t.Errorf("docs/operations.md has no row %s", row)
		}
	}
}

type nothing struct{}

func (nothing) Invoke(context.Context, []byte) ([]byte, error) { return nil, nil }

// BenchmarkWrap is what an invocation pays beside its answer.
func BenchmarkWrap(b *testing.B) {
	tele, app, out := open(b, nil)
	h := tele.Wrap(app.Resolver, app)
	if _, err := h.Invoke(b.Context(), []byte(event)); err != nil {
		b.Fatal(err)
	}
	tele.out = discard{out}
	for name, wrapped := range map[string]lambda.Handler{"nothing": tele.Wrap(nothing{}, app), "query": h, "unwrapped": app.Resolver} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			ctx := invoked(b.Context(), "00000000-0000-0000-0000-000000000001")
			for b.Loop() {
				_, _ = wrapped.Invoke(ctx, []byte(event))
			}
		})
	}
}

type discard struct{ *output }

func (discard) Write(p []byte) (int, error) { return len(p), nil }
