package bench

import (
	"strings"
	"testing"
	"time"
)

func TestJudge(t *testing.T) {
	for _, test := range []struct {
		status int
		body   string
		want   string // layer and type; "" for an answer without an error
	}{
		{200, `{"data":{"a":1}}`, ""},
		{200, " {\"data\":null}\n", ""},
		{200, `{"data":{"errors":["a field's name"]}}`, ""},
		{200, `{"data":{},"errors":[]}`, ""},
		{200, `{"data":null,"errors":[{"errorType":"Throttled"},{"errorType":"Second"}]}`, "graphql Throttled"},
		{200, `{"errors":[{"message":"m","extensions":{"code":"BAD_USER_INPUT"}}]}`, "graphql BAD_USER_INPUT"},
		{200, `{"errors":[{"message":"m"}]}`, "graphql no type"},
		{200, `{"errors":[{"message":"m"}`, "graphql no GraphQL"},
		{200, `<html>"data"</html>`, "http no GraphQL"},
		{200, ``, "http no GraphQL"},
		{401, `{"errors":[{"errorType":"UnauthorizedException"}]}`, "http 401 UnauthorizedException"},
		{502, `<html>`, "http 502"},
	} {
		got := ""
		if f := Judge(test.status, []byte(test.body)); f != nil {
			got = f.Layer + " " + f.Type
		}
		if got != test.want {
			t.Errorf("Judge(%d, %s) = %q, want %q", test.status, test.body, got, test.want)
		}
	}
	long := Judge(200, []byte(`{"errors":[{"errorType":"`+strings.Repeat("x", 1000)+`","message":"`+strings.Repeat("é", 1000)+`"}]}`))
	if len(long.Type) > maxType+3 || len(long.Message) > maxMessage+3 {
		t.Errorf("kept: %d bytes of a type, %d of a message", len(long.Type), len(long.Message))
	}
}

// TestManyKindsOfFailures: a server whose types are all different fills no memory.
func TestManyKindsOfFailures(t *testing.T) {
	m := &Mix{Queries: make([]Query, 1)}
	tally := newTally(m, Options{Pace: Pace{Rate: 1, Duration: time.Hour}})
	for n := range 3 * maxFailures {
		tally.add(answer{held: true, failure: &Failure{Layer: "graphql", Type: strings.Repeat("x", n)}})
	}
	r := tally.report(m, time.Hour, 0)
	if n := len(r.Failures); n != maxFailures+1 || r.Failures[n-1].Count != 2*maxFailures || r.Failed != 3*maxFailures {
		t.Errorf("%d kinds, the last is %+v", n, r.Failures[n-1])
	}
	if len(r.Slices) > maxSlices || r.SliceSeconds != 12 {
		t.Errorf("an hour has %d slices of %v s", len(r.Slices), r.SliceSeconds)
	}
}

// TestPercentiles: those of 1 to 1,000 ms are known.
func TestPercentiles(t *testing.T) {
	h := newHistogram(fineDigits)
	for n := range 1000 {
		h.add(time.Duration(n+1) * time.Millisecond)
	}
	p := h.percentiles()
	for _, test := range []struct{ got, want float64 }{{p.P50, 500}, {p.P90, 900}, {p.P95, 950}, {p.P99, 990}, {p.P999, 999}, {p.Max, 1000}} {
		if test.got < test.want*0.998 || test.got > test.want*1.002 {
			t.Errorf("%+v: want %v in place of %v", p, test.want, test.got)
		}
	}
	h.add(0)
	h.add(2 * longest)
	if got := h.percentiles().Max; got < milliseconds(longest)*0.998 {
		t.Errorf("what is longer than is told counts as %v ms", got)
	}
}
