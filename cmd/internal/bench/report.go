package bench

import "time"

// Report is what came of a load. Figures are of the requests that were due at the full rate, but for Ramp, Slices, Failures and Generator, which are of all. Times are in milliseconds, sizes in
// bytes, unless a name says otherwise.
type Report struct {
	Endpoint        string    `json:"endpoint"`
	Began           time.Time `json:"began"`
	Seed            uint64    `json:"seed"`
	Rate            float64   `json:"rate"`
	RampSeconds     float64   `json:"rampSeconds"`
	DurationSeconds float64   `json:"durationSeconds"`
	TimeoutSeconds  float64   `json:"timeoutSeconds"`
	// Interrupted says that the load was ended before its time; then it has fewer requests.
	Interrupted bool `json:"interrupted,omitempty"`
	Total
	Ramp    Count         `json:"ramp"`
	Queries []QueryReport `json:"queries"`
	// Failures are all kinds, the most frequent first.
	Failures  []FailureCount `json:"failures"`
	Generator Generator      `json:"generator"`
	Verdicts  []Verdict      `json:"slo"`
	// Slices are parts of the load, one after the other, by when a request was due.
	SliceSeconds float64 `json:"sliceSeconds"`
	Slices       []Slice `json:"slices"`
	Histogram    []Bar   `json:"histogram"`
}

// Met says whether all objectives are. A load that was ended too early proves nothing.
func (r *Report) Met() bool {
	for _, v := range r.Verdicts {
		if !v.Met {
			return false
		}
	}
	return true
}

// Count is how many requests were sent, and how many of them were not answered, or answered with an error.
type Count struct {
	Requests int `json:"requests"`
	Failed   int `json:"failed"`
}

// Total is what came of some requests.
type Total struct {
	Count
	// Latency is of requests answered without an error, from when they were due.
	Latency     Percentiles `json:"milliseconds"`
	MeanBytes   float64     `json:"meanBytes"`
	MostBytes   int         `json:"mostBytes"`
	Tokens      float64     `json:"tokens"` // that AppSync says it consumed; 0 where it says nothing
	MeanTokens  float64     `json:"meanTokens"`
	MostTokens  float64     `json:"mostTokens"`
	AnswersASec float64     `json:"answersPerSecond"` // without an error
}

// QueryReport is what came of one query of the mix.
type QueryReport struct {
	Name   string `json:"name"`
	Weight int    `json:"weight"`
	Total
}

// Percentiles of latencies; all 0 where there are none.
type Percentiles struct {
	P50  float64 `json:"p50"`
	P90  float64 `json:"p90"`
	P95  float64 `json:"p95"`
	P99  float64 `json:"p99"`
	P999 float64 `json:"p99.9"`
	Max  float64 `json:"max"`
}

// FailureCount is a kind of failure, and how many there were.
type FailureCount struct {
	Failure
	Count int `json:"count"`
}

// Generator says how well this process kept the pace. Where it was late, the figures are its own, not the API's.
type Generator struct {
	// Late is how long after they were due requests were sent.
	Late Percentiles `json:"lateMilliseconds"`
	// Waited is how many found all connections busy.
	Waited int `json:"waited"`
	// Saturated says why the figures are the generator's; "" if they are not.
	Saturated string `json:"saturated,omitempty"`
}

// Slice is one part of a load.
type Slice struct {
	Count
	Seconds float64     `json:"atSecond"` // of the load, at its beginning
	Latency Percentiles `json:"milliseconds"`
	Tokens  float64     `json:"tokens"`
}

// Bar is how many latencies are from one to another.
type Bar struct {
	From  float64 `json:"from"`
	To    float64 `json:"to"`
	Count int     `json:"count"`
}

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

func (h histogram) percentiles() Percentiles {
	at := func(p float64) float64 {
		// The library gives the upper end of the values that it does not tell apart.
		return milliseconds(time.Duration(min(h.ValueAtPercentile(p), h.Max())) * unit)
	}
	if h.TotalCount() == 0 {
		return Percentiles{}
	}
	return Percentiles{P50: at(50), P90: at(90), P95: at(95), P99: at(99), P999: at(99.9), Max: at(100)}
}

// total sums up; over is the time in which the requests were due.
func (c *counted) total(over time.Duration) Total {
	t := Total{Count: c.count(), Latency: c.latency.percentiles(), MostBytes: c.largest, Tokens: c.tokens, MostTokens: c.dearest}
	if c.requests > 0 {
		t.MeanBytes = float64(c.bytes) / float64(c.requests)
	}
	if c.told > 0 {
		t.MeanTokens = c.tokens / c.told
	}
	if over > 0 {
		t.AnswersASec = float64(c.requests-c.failed) / over.Seconds()
	}
	return t
}

func (c *counted) count() Count { return Count{c.requests, c.failed} }

// report sums up a load that lasted so long, its ramp included.
func (t *tally) report(m *Mix, lasted time.Duration, ramp time.Duration) *Report {
	t.mu.Lock()
	defer t.mu.Unlock()
	// Answers that came late were given in more time than the requests were due in.
	over := max(lasted, t.ended) - ramp
	r := &Report{
		Total: t.all.total(over), Ramp: t.ramp.count(), Failures: t.failed(), Generator: t.generator(), SliceSeconds: t.step.Seconds(), Histogram: t.all.latency.bars(),
		Verdicts: t.slo.verdicts(t.all.requests, t.all.requests-t.all.failed, t.inTime),
	}
	for i, q := range m.Queries {
		r.Queries = append(r.Queries, QueryReport{q.Name, q.Weight, t.queries[i].total(over)})
	}
	for i := range t.slices {
		s := &t.slices[i]
		if at := time.Duration(i) * t.step; at < lasted {
			r.Slices = append(r.Slices, Slice{s.count(), at.Seconds(), s.latency.percentiles(), s.tokens})
		}
	}
	return r
}
