package tracing

import (
	"encoding/hex"
	"encoding/json"
	"strings"

	"go.opentelemetry.io/otel/trace"
)

// parse reads X-Ray's header, such as "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1". Of one that does not say whether it is sampled, the trace alone is kept, so that this is
// decided here; of what is no such header, nothing.
func parse(header string) trace.SpanContext {
	var c trace.SpanContextConfig
	decided := false
	for part := range strings.SplitSeq(header, ";") {
		name, value, _ := strings.Cut(strings.TrimSpace(part), "=")
		switch name {
		case "Root":
			version, id, _ := strings.Cut(value, "-")
			first, rest, _ := strings.Cut(id, "-")
			if version != "1" || len(first) != 8 || !decode(c.TraceID[:], first+rest) {
				return trace.SpanContext{}
			}
		case "Parent":
			if !decode(c.SpanID[:], value) {
				return trace.SpanContext{}
			}
		case "Sampled":
			c.TraceFlags = c.TraceFlags.WithSampled(value == "1")
			decided = value == "0" || value == "1"
		}
	}
	if !decided {
		c.SpanID, c.TraceFlags = trace.SpanID{}, 0
	}
	return trace.NewSpanContext(c)
}

func decode(to []byte, text string) bool {
	if len(text) != 2*len(to) {
		return false
	}
	_, err := hex.Decode(to, []byte(text))
	return err == nil
}

// xrayID is a trace's ID as X-Ray writes it.
func xrayID(id trace.TraceID) string {
	text := id.String()
	return "1-" + text[:8] + "-" + text[8:]
}

// sentWith is what the caller's header says, which AppSync hands on in the event; in a batch, that of the first context.
func sentWith(event []byte) trace.SpanContext {
	type context struct {
		Request struct {
			Headers map[string]json.RawMessage `json:"headers"`
		} `json:"request"`
	}
	var one context
	if json.Unmarshal(event, &one) != nil {
		var batch []context
		if json.Unmarshal(event, &batch) != nil || len(batch) == 0 {
			return trace.SpanContext{}
		}
		one = batch[0]
	}
	for name, value := range one.Request.Headers {
		var text string
		if strings.EqualFold(name, "x-amzn-trace-id") && json.Unmarshal(value, &text) == nil {
			return parse(text)
		}
	}
	return trace.SpanContext{}
}
