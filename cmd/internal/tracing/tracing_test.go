package tracing

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/google/go-cmp/cmp"
	"go.opentelemetry.io/otel/codes"
	sdk "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"

	"github.com/chunkaside/chunkaside/cmd/internal/wiring"
)

// private is an event with all that a caller sends of himself, and an argument. What nobody may read has "canary" in it.
const private = `{"arguments":{ARGUMENTS},"identity":{"sub":"canary","claims":{"email":"canary@example.org"},"sourceIp":["canary"]},
	"request":{"headers":{"authorization":"Bearer canary","x-amzn-trace-id":"Root=1-00000001-000000000000000000000001"}},
	"info":{"selectionSetList":["id"],"parentTypeName":"Query","fieldName":"FIELD","variables":{"id":"canary"}}}`

func event(field, arguments string) []byte {
	return []byte(strings.NewReplacer("FIELD", field, "ARGUMENTS", arguments).Replace(private))
}

// inLambda is the ctx of an invocation, as aws-lambda-go makes it.
func inLambda(t testing.TB, sampled string) context.Context {
	//nolint:staticcheck // it is aws-lambda-go's own key
	return context.WithValue(t.Context(), "x-amzn-trace-id", "Root="+root+";Parent="+parentID+";Sampled="+sampled)
}

// tracingTo is a Tracing that sends to an exporter, when a span ends. It counts how often it is set up.
func tracingTo(exporter sdk.SpanExporter, log io.Writer, opened *int) *Tracing {
	return &Tracing{service: "films", log: slog.New(slog.NewTextHandler(log, nil)), exporter: func(context.Context) (sdk.TracerProviderOption, error) {
		*opened++
		return sdk.WithSyncer(exporter), nil
	}}
}

// queries is a function on the sample, traced.
func queries(t *testing.T, traced *Tracing, c wiring.Config) lambda.Handler {
	t.Helper()
	c.Store, c.Cache, c.Trace = "sample:", "memory:", traced.Works()
	app, err := wiring.Open(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { app.Close() })
	return traced.Wrap(app.Queries)
}

// tree is each span's name within those around it, sorted, with "!" for one that failed and "?" for one that a caller has to mend.
func tree(t *testing.T, spans tracetest.SpanStubs) (names []string) {
	t.Helper()
	outer := map[trace.SpanID]tracetest.SpanStub{}
	for _, s := range spans {
		outer[s.SpanContext.SpanID()] = s
	}
	for _, s := range spans {
		name := s.Name
		for p := s.Parent; ; {
			around, there := outer[p.SpanID()]
			if !there {
				if xrayID(s.SpanContext.TraceID()) != root || p.SpanID().String() != parentID || !p.IsRemote() {
					t.Errorf("%s is a part of %s in %s", name, p.SpanID(), s.SpanContext.TraceID())
				}
				break
			}
			name, p = around.Name+"/"+name, around.Parent
		}
		for _, a := range s.Attributes {
			if a.Key == "error.type" && s.Status.Code != codes.Error {
				name += "?"
			}
		}
		if s.Status.Code == codes.Error {
			name += "!"
		}
		names = append(names, name)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// TestSpans: each work is a part of what it is done for, and all of the trace that Lambda has begun. Nobody finds in them who asks, and for what.
func TestSpans(t *testing.T) {
	exporter, opened := tracetest.NewInMemoryExporter(), 0
	h := queries(t, tracingTo(exporter, io.Discard, &opened), wiring.Config{MaxAge: time.Hour})
	for _, c := range []struct {
		field, arguments string
		want             []string
	}{
		{"getProgram", `"id":"canary"`, []string{"films", "films/answer", "films/answer/lease", "films/answer/publish", "films/answer/publish/build", "films/answer/refresh!"}},
		{"getProgram", `"id":"detective-arthur"`, []string{"films", "films/answer"}},
		{"getProgram", `"id":1,"canary":2`, []string{"films?"}},
		{"getCanary", "", []string{"films?"}},
	} {
		exporter.Reset()
		_, _ = h.Invoke(inLambda(t, "1"), event(c.field, c.arguments))
		spans := exporter.GetSpans()
		if diff := cmp.Diff(c.want, tree(t, spans)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.field, diff)
		}
		text, err := json.Marshal(spans)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(strings.ToLower(string(text)), "canary") || !bytes.Contains(text, []byte("1-00000001-000000000000000000000001")) || len(spans) > 1 && !bytes.Contains(text, []byte(c.field)) {
			t.Errorf("%s: %s", c.field, text)
		}
	}
	if opened != 1 {
		t.Errorf("set up %d times", opened)
	}
}

// TestErrorsOfTheOperator are faults: here the store is away, and there is no version.
func TestErrorsOfTheOperator(t *testing.T) {
	exporter, opened := tracetest.NewInMemoryExporter(), 0
	h := queries(t, tracingTo(exporter, io.Discard, &opened), wiring.Config{StoreFaults: "* fail"})
	_, err := h.Invoke(inLambda(t, "1"), event("getProgram", `"id":"canary"`))
	want := []string{"films!", "films/answer!", "films/answer/lease", "films/answer/narrow!", "films/answer/publish!", "films/answer/publish/build!", "films/answer/refresh!"}
	if diff := cmp.Diff(want, tree(t, exporter.GetSpans())); diff != "" || err == nil {
		t.Errorf("Invoke = %v (-want +got):\n%s", err, diff)
	}
	if text, _ := json.Marshal(exporter.GetSpans()); bytes.Contains(text, []byte("fault rule")) || !bytes.Contains(text, []byte("CatalogUnavailable")) {
		t.Errorf("of an error there is more than its type, or not that: %s", text)
	}
}

// TestNotSampled: nothing is set up, and no trace that a caller makes up is taken for Lambda's.
func TestNotSampled(t *testing.T) {
	exporter, opened := tracetest.NewInMemoryExporter(), 0
	traced := tracingTo(exporter, io.Discard, &opened)
	h := queries(t, traced, wiring.Config{})
	sampled := bytes.Replace(event("getProgram", `"id":"x"`), []byte(`000001"`), []byte(`000001;Parent=0000000000000001;Sampled=1"`), 1)
	for _, header := range []string{"0", "?", ""} {
		if _, err := h.Invoke(inLambda(t, header), sampled); err != nil {
			t.Error(err)
		}
	}
	if opened != 0 || len(exporter.GetSpans()) != 0 {
		t.Errorf("set up %d times, %d spans", opened, len(exporter.GetSpans()))
	}
	ctx := inLambda(t, "0")
	if n := testing.AllocsPerRun(100, func() {
		_, end := traced.Works().Begin(ctx, "work", "about")
		end(nil)
	}); n != 0 {
		t.Errorf("%v allocations for a work of an invocation that is not sampled", n)
	}
}

// TestWithoutLambda the trace is the caller's, or a new one.
func TestWithoutLambda(t *testing.T) {
	exporter, opened := tracetest.NewInMemoryExporter(), 0
	h := queries(t, tracingTo(exporter, io.Discard, &opened), wiring.Config{})
	for _, c := range []struct {
		header  string
		sampled bool
		known   bool
	}{
		{"Root=" + root, true, true},
		{"Root=" + root + ";Parent=" + parentID + ";Sampled=1", true, true},
		{"Root=" + root + ";Parent=" + parentID + ";Sampled=0", false, true},
		{"", true, false},
	} {
		exporter.Reset()
		e := bytes.Replace(event("getProgram", `"id":"x"`), []byte("Root=1-00000001-000000000000000000000001"), []byte(c.header), 1)
		if _, err := h.Invoke(t.Context(), e); err != nil {
			t.Error(err)
		}
		spans := exporter.GetSpans()
		if (len(spans) > 0) != c.sampled || c.sampled && (xrayID(spans[0].SpanContext.TraceID()) == root) != c.known {
			t.Errorf("%s: %d spans", c.header, len(spans))
		}
	}
}

// stuck is a collector that does not answer.
type stuck struct{ calls int }

func (s *stuck) ExportSpans(ctx context.Context, _ []sdk.ReadOnlySpan) error {
	s.calls++
	<-ctx.Done()
	return ctx.Err()
}

func (s *stuck) Shutdown(context.Context) error { return nil }

// TestCollectorIsStuck: an answer waits for it a moment at most.
func TestCollectorIsStuck(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		opened, collector := 0, &stuck{}
		traced := tracingTo(nil, &log, &opened)
		traced.exporter = func(context.Context) (sdk.TracerProviderOption, error) { return sdk.WithBatcher(collector), nil }
		h := traced.Wrap(answers{})
		begin := time.Now()
		if _, err := h.Invoke(inLambda(t, "1"), []byte("{}")); err != nil || time.Since(begin) != flushTime {
			t.Errorf("Invoke = %v after %v", err, time.Since(begin))
		}
		traced.Close()
		if collector.calls == 0 || !strings.Contains(log.String(), "spans are lost") {
			t.Errorf("%d calls, the log has %q", collector.calls, log.String())
		}
	})
}

// answers is a handler that does.
type answers struct{}

func (answers) Invoke(context.Context, []byte) ([]byte, error) { return []byte("{}"), nil }

// TestExporters: what the environment says decides where spans go, and they are there before the answer.
func TestExporters(t *testing.T) {
	var mu sync.Mutex
	var posted []string
	collector := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		mu.Lock()
		defer mu.Unlock()
		posted = append(posted, r.URL.Path+" "+string(body))
	}))
	t.Cleanup(collector.Close)
	daemon, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { daemon.Close() })
	trace := func(env map[string]string) *Tracing {
		for name, value := range env {
			t.Setenv(name, value)
		}
		traced := New(func(name string) string { return env[name] }, "films?", slog.New(slog.DiscardHandler), nil)
		if traced != nil {
			t.Cleanup(traced.Close)
			if _, err := traced.Wrap(answers{}).Invoke(inLambda(t, "1"), event("getProgram", "")); err != nil {
				t.Error(err)
			}
		}
		return traced
	}
	if traced := trace(nil); traced != nil || traced.Works() != nil || traced.Wrap(answers{}) != (lambda.Handler)(answers{}) {
		t.Error("something is traced")
	}
	if trace(map[string]string{"AWS_XRAY_DAEMON_ADDRESS": "x", "OTEL_SDK_DISABLED": "true"}) != nil {
		t.Error("what was turned off is traced")
	}

	trace(map[string]string{"AWS_XRAY_DAEMON_ADDRESS": daemon.LocalAddr().String()})
	packet := make([]byte, 64<<10)
	n, _, err := daemon.ReadFrom(packet)
	if err != nil {
		t.Fatal(err)
	}
	header, text, _ := strings.Cut(string(packet[:n]), "\n")
	var doc document
	if err := json.Unmarshal([]byte(text), &doc); err != nil || header+"\n" != packetHeader {
		t.Fatalf("%s: %v", packet[:n], err)
	}
	if took := doc.End - doc.Start; took < 0 || took > 60 || time.Since(time.UnixMicro(int64(doc.Start*1e6))).Abs() > time.Minute || len(doc.ID) != 16 || doc.ID == parentID {
		t.Errorf("%s", text)
	}
	doc.ID, doc.Start, doc.End = "", 0, 0
	want := document{Name: "films_", TraceID: root, ParentID: parentID, Type: "subsegment", Annotations: map[string]any{"appsync_trace_id": "1-00000001-000000000000000000000001"}}
	if diff := cmp.Diff(want, doc); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}

	trace(map[string]string{"AWS_XRAY_DAEMON_ADDRESS": "x", "OTEL_EXPORTER_OTLP_ENDPOINT": collector.URL, "OTEL_SERVICE_NAME": "shows"})
	mu.Lock()
	defer mu.Unlock()
	if len(posted) != 1 || !strings.HasPrefix(posted[0], "/v1/traces ") || strings.Count(posted[0], "shows") != 2 {
		t.Errorf("posted %q", posted)
	}
}

// TestNoDaemon: what cannot be set up is a line of the log, and no query's trouble.
func TestNoDaemon(t *testing.T) {
	var log bytes.Buffer
	opened := 0
	traced := tracingTo(nil, &log, &opened)
	traced.exporter = func(context.Context) (sdk.TracerProviderOption, error) { return nil, errors.New("no such host") }
	for range 2 {
		if answer, err := traced.Wrap(answers{}).Invoke(inLambda(t, "1"), nil); string(answer) != "{}" || err != nil {
			t.Errorf("Invoke = %s, %v", answer, err)
		}
	}
	if strings.Count(log.String(), "nothing is traced") != 1 {
		t.Errorf("the log has %q", log.String())
	}
}

// TestDocuments: a fault is the operator's, an error the caller's.
func TestDocuments(t *testing.T) {
	exporter, opened := tracetest.NewInMemoryExporter(), 0
	h := queries(t, tracingTo(exporter, io.Discard, &opened), wiring.Config{StoreFaults: "* fail"})
	_, _ = h.Invoke(inLambda(t, "1"), event("getCanary", ""))
	_, _ = h.Invoke(inLambda(t, "1"), event("getProgram", `"id":"x"`))
	var errors, faults int
	for _, s := range exporter.GetSpans().Snapshots() {
		doc := documentOf(s)
		if doc.Error && doc.Fault || (doc.Error || doc.Fault) != (doc.Annotations["error_type"] != nil) {
			t.Errorf("%+v", doc)
		}
		if doc.Error {
			errors++
		}
		if doc.Fault {
			faults++
		}
	}
	if errors != 1 || faults < 3 {
		t.Errorf("%d errors, %d faults", errors, faults)
	}
}
