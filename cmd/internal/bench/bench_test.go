package bench

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

const answered = `{"data":{"a":1}}`

// serve is an API that answers as the handler does.
func serve(t testing.TB, handler http.HandlerFunc) *httptest.Server {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return server
}

// load is one on a server, of one query unless a mix is given.
func load(t testing.TB, url string, o Options, mix ...string) *Bench {
	t.Helper()
	text := "query Q { a }"
	if len(mix) > 0 {
		text = mix[0]
	}
	m, err := ReadMix(files(t, "q.graphql", text))
	if err != nil {
		t.Fatal(err)
	}
	b, err := New(url, m, &o)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// a second's requests at this rate.
func pace(rate float64) Pace { return Pace{Rate: rate, Duration: time.Second} }

// TestReport: what a server is known to do is what the report says.
func TestReport(t *testing.T) {
	server := serve(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		w.Header().Set("x-amzn-appsync-TokensConsumed", "2")
		switch {
		case bytes.Contains(body, []byte("slow")):
			time.Sleep(50 * time.Millisecond)
		case bytes.Contains(body, []byte("wrong")):
			io.WriteString(w, `{"data":null,"errors":[{"errorType":"CatalogUnavailable","message":"try again"},{"errorType":"Other"}]}`)
			return
		}
		io.WriteString(w, answered)
	})
	var o Objectives
	if err := o.UnmarshalText([]byte("p50=10s,p90=10s,availability=50")); err != nil {
		t.Fatal(err)
	}
	b := load(t, server.URL, Options{Pace: Pace{Rate: 200, Ramp: time.Second, Duration: time.Second}, Objectives: o, Seed: 1},
		"# weight: 2\nquery Fast { a }\nquery Slow { slow }\nquery Wrong { wrong }")
	r := b.Run(t.Context(), nil)
	if r.Requests != 200 || r.Ramp.Requests != 100 || len(r.Queries) != 3 {
		t.Fatalf("%+v", r)
	}
	fast, slow, wrong := r.Queries[0], r.Queries[1], r.Queries[2]
	if fast.Requests < slow.Requests || fast.Requests+slow.Requests+wrong.Requests != 200 || fast.Failed+slow.Failed > 0 || wrong.Failed != wrong.Requests || r.Failed != wrong.Failed {
		t.Errorf("queries: %+v", r.Queries)
	}
	if slow.Latency.P50 < 49.9 || slow.Latency.Max < slow.Latency.P99 || slow.Latency.P99 < slow.Latency.P50 || wrong.Latency != (Percentiles{}) {
		t.Errorf("latencies: %+v", r.Queries)
	}
	if r.Tokens != 400 || r.MeanTokens != 2 || r.MostTokens != 2 || int(fast.MeanBytes) != len(answered) || r.MostBytes < len(answered) {
		t.Errorf("tokens and bytes: %+v", r.Total)
	}
	if len(r.Failures) != 1 || r.Failures[0].Failure != (Failure{"graphql", "CatalogUnavailable", "try again"}) || r.Failures[0].Count != wrong.Failed+r.Ramp.Failed {
		t.Errorf("failures: %+v", r.Failures)
	}
	// A quarter fails, so not 90 % are answered in time, however long they may take.
	if v := r.Verdicts; !v[0].Met || v[1].Met || !v[2].Met || r.Met() {
		t.Errorf("verdicts: %+v", v)
	}
	sum, bars := 0, 0
	for _, s := range r.Slices {
		sum += s.Requests
	}
	for _, bar := range r.Histogram {
		bars += bar.Count
	}
	if sum != 300 || bars != 200-r.Failed || len(r.Slices) != 2 {
		t.Errorf("the slices have %d requests, the histogram %d", sum, bars)
	}
}

// TestOpenLoop: no request is answered before all have come, which a generator that waits for answers could not bring about.
func TestOpenLoop(t *testing.T) {
	const requests = 50
	var came atomic.Int64
	all := make(chan struct{})
	server := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		if came.Add(1) == requests {
			close(all)
		}
		<-all
		io.WriteString(w, answered)
	})
	r := load(t, server.URL, Options{Pace: pace(requests)}).Run(t.Context(), nil)
	if r.Requests != requests || r.Failed != 0 {
		t.Fatalf("%+v, failures %+v", r.Count, r.Failures)
	}
	// The first was due a second before the last one came.
	if r.Latency.Max < 970 {
		t.Errorf("latencies: %+v", r.Latency)
	}
}

// TestLatencyCountsFromWhenDue: while a server is busy with one request, those behind it grow old. A generator that counts from when it sends would say 100 ms for each.
func TestLatencyCountsFromWhenDue(t *testing.T) {
	const each = 100 * time.Millisecond
	server := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		time.Sleep(each)
		io.WriteString(w, answered)
	})
	r := load(t, server.URL, Options{Pace: Pace{Rate: 1000, Duration: 5 * time.Millisecond}, Connections: 1}).Run(t.Context(), nil)
	if r.Requests != 5 || r.Failed != 0 {
		t.Fatalf("%+v, failures %+v", r.Count, r.Failures)
	}
	if r.Latency.Max < 495 || r.Latency.P50 < 297 {
		t.Errorf("latencies: %+v, want 100 to 500 ms", r.Latency)
	}
	if g := r.Generator; g.Waited == 0 || !strings.Contains(g.Saturated, " requests found all connections busy") {
		t.Errorf("generator: %+v", g)
	}
}

// TestEndsAfterTimeout: a server that never answers is given up, also where there are fewer connections than requests.
func TestEndsAfterTimeout(t *testing.T) {
	server := serve(t, func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.ReadAll(r.Body) // or the end of the connection is not seen
		<-r.Context().Done()
	})
	r := load(t, server.URL, Options{Pace: pace(100), Connections: 2, Timeout: 50 * time.Millisecond}).Run(t.Context(), nil)
	if r.Requests != 100 || r.Failed != 100 || len(r.Failures) != 1 || r.Failures[0].Type != timedOut {
		t.Errorf("%+v, failures %+v", r.Count, r.Failures)
	}
	// 40 a second is what two connections carry of such requests: the others' time was over before they were sent.
	if r.Generator.Waited < 50 {
		t.Errorf("generator: %+v", r.Generator)
	}
}

// TestServerDies in the middle of a load, which goes on, and says so.
func TestServerDies(t *testing.T) {
	const lives = 20
	var came atomic.Int64
	dead := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if came.Add(1) == lives {
			close(dead)
		}
		io.WriteString(w, answered)
	}))
	go func() {
		<-dead
		server.CloseClientConnections()
		server.Close()
	}()
	r := load(t, server.URL, Options{Pace: pace(100)}).Run(t.Context(), nil)
	if r.Requests != 100 || r.Failed == 0 || r.Failed == 100 {
		t.Fatalf("%+v, failures %+v", r.Count, r.Failures)
	}
	for _, f := range r.Failures {
		if f.Layer != "transport" || f.Type != refused && f.Type != reset && f.Type != unknown {
			t.Errorf("failure %+v", f)
		}
	}
	if r.Failures[0].Type != refused {
		t.Errorf("most failures are %+v, want connections refused", r.Failures[0])
	}
}

func TestInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	var came atomic.Int64
	server := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		if came.Add(1) == 30 {
			cancel()
		}
		io.WriteString(w, answered)
	})
	r := load(t, server.URL, Options{Pace: Pace{Rate: 100, Duration: time.Hour}}).Run(ctx, nil)
	if !r.Interrupted || r.Requests == 0 || r.Requests > 40 || r.Failed > 0 {
		t.Errorf("%+v, interrupted %v, failures %+v", r.Count, r.Interrupted, r.Failures)
	}
}

// TestHugeAnswer: what is read of an answer is bounded.
func TestHugeAnswer(t *testing.T) {
	server := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Write([]byte(`{"data":"`))
		for range 4 * MaxAnswer >> 20 {
			if _, err := w.Write(bytes.Repeat([]byte("x"), 1<<20)); err != nil {
				return
			}
		}
	})
	r := load(t, server.URL, Options{Pace: pace(2)}).Run(t.Context(), nil)
	if r.Failed != 2 || r.Failures[0].Type != tooLarge || r.MostBytes != MaxAnswer+1 {
		t.Errorf("%+v, failures %+v, %d bytes", r.Count, r.Failures, r.MostBytes)
	}
}

// TestNoRedirect: neither load nor credentials go to another address.
func TestNoRedirect(t *testing.T) {
	elsewhere := serve(t, func(http.ResponseWriter, *http.Request) { t.Error("a redirect was followed") })
	server := serve(t, func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, elsewhere.URL, http.StatusTemporaryRedirect)
	})
	b := load(t, server.URL, Options{Pace: pace(1)})
	if err := b.Try(t.Context()); err == nil || !strings.Contains(err.Error(), "query Q: http 307") {
		t.Errorf("Try = %v", err)
	}
}

// TestTry asks each query once, with what the caller adds to a request.
func TestTry(t *testing.T) {
	var asked atomic.Int64
	server := serve(t, func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		body, _ := io.ReadAll(r.Body)
		if r.Header.Get("X-Api-Key") != "key" || r.Method != http.MethodPost || !json.Valid(body) {
			t.Errorf("%s, key %q: %s", r.Method, r.Header.Get("X-Api-Key"), body)
		}
		if bytes.Contains(body, []byte("nonsense")) {
			io.WriteString(w, `{"errors":[{"message":"no such field"}]}`)
			return
		}
		io.WriteString(w, answered)
	})
	key := func(r *http.Request, _ []byte) error {
		r.Header.Set("X-Api-Key", "key")
		return nil
	}
	err := load(t, server.URL, Options{Pace: pace(1), Prepare: key}, "query Good { a }\nquery Bad { nonsense }").Try(t.Context())
	if err == nil || err.Error() != "query Bad: graphql no type: no such field" || asked.Load() != 2 {
		t.Errorf("Try = %v after %d requests", err, asked.Load())
	}
}

func TestNewRefuses(t *testing.T) {
	for _, test := range []struct {
		url     string
		options Options
	}{
		{"ftp://x", Options{Pace: pace(1)}},
		{"http://user:secret@x", Options{Pace: pace(1)}},
		{"http://x", Options{}},
		{"http://x", Options{Pace: pace(1), Timeout: -1}},
		{"http://x", Options{Pace: pace(1), Connections: -1}},
	} {
		if _, err := New(test.url, &Mix{}, &test.options); err == nil || strings.Contains(err.Error(), "secret") {
			t.Errorf("%+v: %v", test, err)
		}
	}
}
