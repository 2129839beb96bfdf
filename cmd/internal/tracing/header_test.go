package tracing

import (
	"testing"

	"go.opentelemetry.io/otel/trace"
)

const root, parentID = "1-5759e988-bd862e3fe1be46a994272793", "53995c3f42cd8ad8"

func TestHeaders(t *testing.T) {
	for header, want := range map[string]struct{ trace, span, sampled bool }{
		"Root=" + root + ";Parent=" + parentID + ";Sampled=1":                 {true, true, true},
		" Root=" + root + "; Parent=" + parentID + "; Sampled=1; Lineage=a:0": {true, true, true},
		"Root=" + root + ";Parent=" + parentID + ";Sampled=0":                 {true, true, false},
		"Self=1-0-0;Root=" + root:                                             {true, false, false},
		"Root=" + root + ";Parent=" + parentID + ";Sampled=?":                 {true, false, false},
		"Root=" + root + ";Parent=" + parentID:                                {true, false, false},
		"":                                                                    {},
		"Parent=" + parentID:                                                  {},
		"Root=" + root + ";Parent=1;Sampled=1":                                {},
		"Root=2" + root[1:] + ";Sampled=1":                                    {},
		"Root=" + root[:len(root)-1]:                                          {},
		"Root=1-5759e98-8bd862e3fe1be46a994272793":                            {},
		"Root=1-5759e988-bd862e3fe1be46a99427279x":                            {},
	} {
		c := parse(header)
		if c.HasTraceID() != want.trace || c.HasSpanID() != want.span || c.IsSampled() != want.sampled {
			t.Errorf("parse(%q) = %v %v %v", header, c.TraceID(), c.SpanID(), c.TraceFlags())
		}
		if want.trace && xrayID(c.TraceID()) != root || want.span && c.SpanID().String() != parentID {
			t.Errorf("parse(%q) = %v %v", header, c.TraceID(), c.SpanID())
		}
	}
}

func TestSentWith(t *testing.T) {
	sent := `{"request":{"headers":{"accept":["a","b"],"X-Amzn-Trace-Id":"Root=` + root + `"}},"arguments":{}}`
	for event, want := range map[string]bool{
		sent:                true,
		"[" + sent + ",{}]": true,
		"[]":                false,
		"{}":                false,
		"null":              false,
		`"canary"`:          false,
		`{"request":{"headers":{"x-amzn-trace-id":["Root=` + root + `"]}}}`: false,
	} {
		c := sentWith([]byte(event))
		if c.HasTraceID() != want || want && xrayID(c.TraceID()) != root || !want && !c.Equal(trace.SpanContext{}) {
			t.Errorf("sentWith(%s) = %v", event, c.TraceID())
		}
	}
}
