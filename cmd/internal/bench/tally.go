package bench

import (
	"cmp"
	"math"
	"slices"
	"sync"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// Latencies are counted in microseconds, from 1 to an hour. What is shown in all has three digits; the many parts of it that are plotted have two, for a histogram of three takes 200 KB.
const (
	unit       = time.Microsecond
	longest    = time.Hour
	fineDigits = 3
	plotDigits = 2
)

// maxSlices is how many parts of a load are plotted. A short one has a part for each second.
const maxSlices = 300

// maxFailures is how many kinds of failures are told apart; the server writes their types.
const maxFailures = 50

// histogram counts latencies.
type histogram struct{ *hdrhistogram.Histogram }

func newHistogram(digits int) histogram {
	return histogram{hdrhistogram.New(1, int64(longest/unit), digits)}
}

func (h histogram) add(d time.Duration) {
	_ = h.RecordValue(min(max(int64(d/unit), 1), int64(longest/unit))) // it refuses only what is out of these bounds
}

// counted is what came of some requests.
type counted struct {
	requests, failed int
	latency          histogram // of those answered without an error
	bytes, largest   int
	tokens           float64
	told, dearest    float64 // answers that told their tokens, and the most that one did
}

func (c *counted) add(a answer) {
	c.requests++
	c.bytes += a.bytes
	c.largest = max(c.largest, a.bytes)
	if a.tokens > 0 {
		c.tokens += a.tokens
		c.told++
		c.dearest = max(c.dearest, a.tokens)
	}
	if a.failure != nil {
		c.failed++
		return
	}
	c.latency.add(a.latency)
}

// kind is how a failure is counted.
type kind struct{ layer, name string }

// tally counts what came of a load. It may be used concurrently.
type tally struct {
	mu       sync.Mutex
	slo      Objectives
	all      counted // at the full rate, as are queries and inTime
	queries  []counted
	inTime   []int // answered within the time of each objective
	ramp     counted
	slices   []counted
	step     time.Duration
	late     histogram
	waited   int
	failures map[kind]*FailureCount
	untold   int           // failures beyond maxFailures kinds
	ended    time.Duration // when the last answer came
}

func newTally(m *Mix, o Options) *tally {
	whole := o.Pace.Ramp + o.Pace.Duration
	step := time.Duration(max(1, math.Ceil(whole.Seconds()/maxSlices))) * time.Second
	t := &tally{slo: o.Objectives, step: step, late: newHistogram(fineDigits), failures: map[kind]*FailureCount{}, inTime: make([]int, len(o.Objectives.Latency))}
	t.all.latency, t.ramp.latency = newHistogram(fineDigits), newHistogram(plotDigits)
	for range m.Queries {
		t.queries = append(t.queries, counted{latency: newHistogram(fineDigits)})
	}
	for range whole/step + 1 {
		t.slices = append(t.slices, counted{latency: newHistogram(plotDigits)})
	}
	return t
}

func (t *tally) add(a answer) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.late.add(a.late)
	if a.waited {
		t.waited++
	}
	t.ended = max(t.ended, a.due+a.latency)
	t.slices[min(int(a.due/t.step), len(t.slices)-1)].add(a)
	if a.failure != nil {
		t.fail(a.failure)
	}
	if !a.held {
		t.ramp.add(a)
		return
	}
	t.all.add(a)
	t.queries[a.query].add(a)
	for i, l := range t.slo.Latency {
		if a.failure == nil && a.latency <= l.Within {
			t.inTime[i]++
		}
	}
}

func (t *tally) fail(f *Failure) {
	k := kind{f.Layer, f.Type}
	if t.failures[k] == nil {
		if len(t.failures) == maxFailures {
			t.untold++
			return
		}
		t.failures[k] = &FailureCount{Failure: *f}
	}
	t.failures[k].Count++
}

// failed lists the failures, the most frequent first.
func (t *tally) failed() []FailureCount {
	list := []FailureCount{}
	for _, f := range t.failures {
		list = append(list, *f)
	}
	slices.SortFunc(list, func(a, b FailureCount) int {
		return cmp.Or(b.Count-a.Count, cmp.Compare(a.Layer, b.Layer), cmp.Compare(a.Type, b.Type))
	})
	if t.untold > 0 {
		list = append(list, FailureCount{Failure{Layer: unknown, Type: unknown, Message: "of more kinds than are told apart"}, t.untold})
	}
	return list
}
