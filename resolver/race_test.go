package resolver_test

import (
	"runtime"
	"slices"
	"testing"
	"time"
)

// contender is one of the ways that are compared to do a thing.
type contender struct {
	name string
	do   func()
}

// lap is what doing a thing once took, as the mean of as many times as fill lapTime.
type lap struct{ ns, allocations, allocated float64 }

// lapTime is how long one contender has its turn. No collection is forced in between: the heap is then as in a process that serves, and a collection that others made due is rare enough for
// medians.
const lapTime = 20 * time.Millisecond

// race has contenders take turns, so what else the machine does strikes all of them, and gives the median lap of each by its name. It reports the times, in microseconds, in place of the time of
// a whole turn, which means nothing.
func race(b *testing.B, contenders ...contender) map[string]lap {
	b.Helper()
	laps := map[string][]lap{}
	for b.Loop() {
		for _, c := range contenders {
			laps[c.name] = append(laps[c.name], run(c.do))
		}
	}
	b.ReportMetric(0, "ns/op")
	medians := map[string]lap{}
	for name, list := range laps {
		m := lap{
			median(list, func(l lap) float64 { return l.ns }),
			median(list, func(l lap) float64 { return l.allocations }),
			median(list, func(l lap) float64 { return l.allocated }),
		}
		medians[name] = m
		b.ReportMetric(m.ns/1e3, name+"-us")
	}
	return medians
}

func run(do func()) lap {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	start, n := time.Now(), 0
	for n == 0 || time.Since(start) < lapTime {
		do()
		n++
	}
	took := time.Since(start)
	runtime.ReadMemStats(&after)
	times := float64(n)
	return lap{float64(took.Nanoseconds()) / times, float64(after.Mallocs-before.Mallocs) / times, float64(after.TotalAlloc-before.TotalAlloc) / times}
}

func median(list []lap, value func(lap) float64) float64 {
	values := make([]float64, len(list))
	for i, l := range list {
		values[i] = value(l)
	}
	slices.Sort(values)
	return values[len(values)/2]
}
