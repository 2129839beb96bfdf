package bench

import (
	"math"
	"time"
)

// barsPerDecade is how fine the histogram is: the bars' bounds grow by a constant factor, for latencies range over decades.
const barsPerDecade = 20

// bars are the histogram's, from the first that is not empty to the last.
func (h histogram) bars() []Bar {
	counts := map[int]int{}
	first, last := math.MaxInt, math.MinInt
	for _, d := range h.Distribution() {
		if d.Count == 0 {
			continue
		}
		n := int(math.Floor(math.Log10(milliseconds(time.Duration(d.From)*unit)) * barsPerDecade))
		counts[n] += int(d.Count)
		first, last = min(first, n), max(last, n)
	}
	bars := []Bar{}
	for n := first; n <= last && len(counts) > 0; n++ {
		bars = append(bars, Bar{bound(n), bound(n + 1), counts[n]})
	}
	return bars
}

func bound(n int) float64 { return math.Pow(10, float64(n)/barsPerDecade) }
