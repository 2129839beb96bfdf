package tracing

import (
	"context"
	"encoding/json"
	"net"
	"strings"
	"time"

	"go.opentelemetry.io/otel/codes"
	sdk "go.opentelemetry.io/otel/sdk/trace"
)

// daemon sends spans to X-Ray's daemon, each as a packet of its own: a send neither waits nor fails, so it is done when a span ends.
// https://docs.aws.amazon.com/xray/latest/devguide/xray-api-segmentdocuments.html
type daemon struct{ conn net.Conn }

func toDaemon(ctx context.Context, address string) (sdk.TracerProviderOption, error) {
	conn, err := new(net.Dialer).DialContext(ctx, "udp", address)
	if err != nil {
		return nil, err
	}
	return sdk.WithSyncer(daemon{conn}), nil
}

// document is a span as X-Ray takes it: of a span within another one, a subsegment.
type document struct {
	Name        string         `json:"name"`
	ID          string         `json:"id"`
	TraceID     string         `json:"trace_id"`
	ParentID    string         `json:"parent_id,omitempty"`
	Type        string         `json:"type,omitempty"`
	Start       float64        `json:"start_time"`
	End         float64        `json:"end_time"`
	Fault       bool           `json:"fault,omitempty"`
	Error       bool           `json:"error,omitempty"`
	Annotations map[string]any `json:"annotations,omitempty"`
}

// packetHeader begins every packet.
const packetHeader = `{"format":"json","version":1}` + "\n"

// ExportSpans implements OpenTelemetry's SpanExporter.
func (d daemon) ExportSpans(_ context.Context, spans []sdk.ReadOnlySpan) error {
	for _, s := range spans {
		text, err := json.Marshal(documentOf(s))
		if err != nil {
			return err
		}
		if _, err := d.conn.Write(append([]byte(packetHeader), text...)); err != nil {
			return err
		}
	}
	return nil
}

// Shutdown implements OpenTelemetry's SpanExporter.
func (d daemon) Shutdown(context.Context) error { return d.conn.Close() }

func documentOf(s sdk.ReadOnlySpan) document {
	doc := document{
		Name: strings.Map(allowed, s.Name()), ID: s.SpanContext().SpanID().String(), TraceID: xrayID(s.SpanContext().TraceID()),
		Start: seconds(s.StartTime()), End: seconds(s.EndTime()), Fault: s.Status().Code == codes.Error, Annotations: map[string]any{},
	}
	if s.Parent().HasSpanID() {
		doc.ParentID, doc.Type = s.Parent().SpanID().String(), "subsegment"
	}
	for _, a := range s.Attributes() {
		doc.Error = doc.Error || a.Key == "error.type" && !doc.Fault
		doc.Annotations[strings.ReplaceAll(string(a.Key), ".", "_")] = a.Value.AsInterface()
	}
	return doc
}

// allowed are the letters of X-Ray's names.
func allowed(r rune) rune {
	if r > '~' || r < ' ' || strings.ContainsRune("\"'!$()*,;<>?[]^`{|}~", r) {
		return '_'
	}
	return r
}

func seconds(t time.Time) float64 { return float64(t.UnixMicro()) / 1e6 }
