package bench

import (
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// race measures things that are compared, in turns: so what else the machine does strikes all of them, and medians leave most of it out.
type race map[string][]lap

// lap is one run of a thing.
type lap struct {
	took      time.Duration
	allocated int // bytes
}

// run measures f, after the garbage of what ran before has been collected.
func (r race) run(name string, f func()) {
	runtime.GC()
	before, start := allocated(), time.Now()
	f()
	took := time.Since(start)
	r[name] = append(r[name], lap{took, allocated() - before})
}

// seconds is the median time of a thing.
func (r race) seconds(name string) float64 {
	return median(r[name], func(l lap) float64 { return l.took.Seconds() })
}

// report reports the median of each, in place of the time of a whole turn, which means nothing.
func (r race) report(b *testing.B) {
	b.ReportMetric(0, "ns/op")
	for name, laps := range r {
		b.ReportMetric(1e3*r.seconds(name), name+"-ms")
		b.ReportMetric(median(laps, func(l lap) float64 { return float64(l.allocated) / 1e6 }), name+"-MB")
	}
}

func median[T any](list []T, value func(T) float64) float64 {
	values := make([]float64, len(list))
	for i, v := range list {
		values[i] = value(v)
	}
	slices.Sort(values)
	return values[len(values)/2]
}

// allocated is how many bytes this process has allocated so far.
func allocated() int {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int(m.TotalAlloc)
}

func cores() int { return runtime.GOMAXPROCS(0) }

// share has workers do pieces of work, each the next one that nobody has begun.
func share[W, P any](t testing.TB, workers []W, pieces []P, do func(W, P) error) {
	var next atomic.Int64
	var group sync.WaitGroup
	for _, w := range workers {
		group.Go(func() {
			for i := next.Add(1) - 1; int(i) < len(pieces); i = next.Add(1) - 1 {
				if err := do(w, pieces[i]); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	group.Wait()
}
