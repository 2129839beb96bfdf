package bench

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// The size of a plot in SVG's units, and of what stands around it.
const (
	plotWidth, plotHeight = 900.0, 260.0
	plotLeft, plotBottom  = 60.0, 30.0
	plotTop, plotRight    = 12.0, 100.0
)

// plot is a drawing as the page's template needs it: all places are SVG's.
type plot struct {
	Title, Y      string
	Width, Height float64
	Lines         []line
	Bars          []rectangle
	XTicks        []tick
	YTicks        []tick
	Marks         []mark // objectives
	Right, Bottom float64
	Left, Top     float64
	Upright       bool // the marks are of the x axis
}

// line is one of a plot, and where its name stands.
type line struct {
	Name, Points string
	At           float64
}

// mark is a line across a plot. Step counts them, so that their labels stand beside each other.
type mark struct {
	tick

	Step int
}

type rectangle struct{ X, Y, Width, Height float64 }

type tick struct {
	At    float64
	Label string
}

// scale places a value between two ends.
type scale struct {
	from, to   float64 // values
	begin, end float64 // places
	log        bool
}

func (s scale) at(v float64) float64 {
	from, to := s.from, s.to
	if s.log {
		v, from, to = math.Log10(max(v, s.from)), math.Log10(from), math.Log10(to)
	}
	return s.begin + (s.end-s.begin)*(v-from)/(to-from)
}

// ticks are decades, or about five round numbers.
func (s scale) ticks(label func(float64) string) []tick {
	made := []tick{}
	if s.log {
		for decade := math.Ceil(math.Log10(s.from)); decade <= math.Log10(s.to); decade++ {
			made = append(made, tick{s.at(math.Pow(10, decade)), label(math.Pow(10, decade))})
		}
		return made
	}
	step := roundStep((s.to - s.from) / 5)
	for v := s.from; v <= s.to; v += step {
		made = append(made, tick{s.at(v), label(v)})
	}
	return made
}

// roundStep is 1, 2 or 5 times a power of ten, and no less than s.
func roundStep(s float64) float64 {
	power := math.Pow(10, math.Floor(math.Log10(s)))
	for _, factor := range []float64{1, 2, 5} {
		if factor*power >= s {
			return factor * power
		}
	}
	return 10 * power
}

func newPlot(title, y string) *plot {
	return &plot{Title: title, Y: y, Width: plotWidth, Height: plotHeight, Left: plotLeft, Top: plotTop, Right: plotWidth - plotRight, Bottom: plotHeight - plotBottom}
}

func (p *plot) across(from, to float64, log bool) scale {
	return scale{from, max(to, from*1.0001+1e-9), p.Left, p.Right, log}
}

func (p *plot) up(from, to float64, log bool) scale {
	return scale{from, max(to, from*1.0001+1e-9), p.Bottom, p.Top, log}
}

// line adds one, whose name stands below those before it.
func (p *plot) line(name, points string) {
	p.Lines = append(p.Lines, line{name, points, p.Top + 10 + 16*float64(len(p.Lines))})
}

// mark adds the objectives.
func (p *plot) mark(o Objectives, s scale) {
	for i, l := range o.Latency {
		p.Marks = append(p.Marks, mark{tick{s.at(milliseconds(l.Within)), l.name() + " " + l.Within.String()}, i})
	}
}

// latencies plots percentiles over time, beside the objectives.
func (r *Report) latencies(o Objectives) *plot {
	p := newPlot("Latency over time, of requests answered without an error", "ms")
	least, most := math.Inf(1), 0.0
	for _, s := range r.Slices {
		if s.Requests > s.Failed {
			least, most = min(least, s.Latency.P50), max(most, s.Latency.Max)
		}
	}
	for _, l := range o.Latency {
		least, most = min(least, milliseconds(l.Within)), max(most, milliseconds(l.Within))
	}
	if most == 0 {
		least, most = 1, 10 // nothing was answered
	}
	x, y := p.across(0, r.seconds(), false), p.up(decadeBelow(least), decadeAbove(most), true)
	for _, part := range []struct {
		name string
		of   func(Percentiles) float64
	}{
		{"p50", func(l Percentiles) float64 { return l.P50 }},
		{"p95", func(l Percentiles) float64 { return l.P95 }},
		{"p99", func(l Percentiles) float64 { return l.P99 }},
		{"max", func(l Percentiles) float64 { return l.Max }},
	} {
		p.line(part.name, r.points(x, y, func(s Slice) (float64, bool) { return part.of(s.Latency), s.Requests > s.Failed }))
	}
	p.XTicks, p.YTicks = x.ticks(inSeconds), y.ticks(plain)
	p.mark(o, y)
	return p
}

// rates plots requests and failures a second over time.
func (r *Report) rates() *plot {
	p := newPlot("Requests and failures a second, by when they were due", "/s")
	most := r.Rate
	for _, s := range r.Slices {
		most = max(most, float64(s.Requests)/r.SliceSeconds)
	}
	x, y := p.across(0, r.seconds(), false), p.up(0, most*1.05, false)
	p.line("requests", r.points(x, y, func(s Slice) (float64, bool) { return float64(s.Requests) / r.SliceSeconds, true }))
	p.line("failures", r.points(x, y, func(s Slice) (float64, bool) { return float64(s.Failed) / r.SliceSeconds, true }))
	p.XTicks, p.YTicks = x.ticks(inSeconds), y.ticks(plain)
	return p
}

// distribution plots the histogram, beside the objectives.
func (r *Report) distribution(o Objectives) *plot {
	p := newPlot("How many requests took how long, at the full rate", "requests")
	p.Upright = true
	least, most, highest := 1.0, 10.0, 1
	if n := len(r.Histogram); n > 0 {
		least, most = r.Histogram[0].From, r.Histogram[n-1].To
	}
	for _, l := range o.Latency {
		least, most = min(least, milliseconds(l.Within)), max(most, milliseconds(l.Within)*1.1)
	}
	for _, b := range r.Histogram {
		highest = max(highest, b.Count)
	}
	x, y := p.across(least, most, true), p.up(0, float64(highest)*1.05, false)
	for _, b := range r.Histogram {
		at := y.at(float64(b.Count))
		p.Bars = append(p.Bars, rectangle{x.at(b.From), at, x.at(b.To) - x.at(b.From), p.Bottom - at})
	}
	p.XTicks, p.YTicks = x.ticks(func(v float64) string { return plain(v) + " ms" }), y.ticks(plain)
	p.mark(o, x)
	return p
}

// points are those of an SVG polyline: one for each slice that has a value.
func (r *Report) points(x, y scale, of func(Slice) (float64, bool)) string {
	var text strings.Builder
	for _, s := range r.Slices {
		if v, ok := of(s); ok {
			fmt.Fprintf(&text, "%.1f,%.1f ", x.at(s.Seconds+r.SliceSeconds/2), y.at(v))
		}
	}
	return strings.TrimSpace(text.String())
}

// seconds is how long the plots over time are.
func (r *Report) seconds() float64 { return float64(len(r.Slices)) * r.SliceSeconds }

func decadeBelow(v float64) float64 { return math.Pow(10, math.Floor(math.Log10(max(v, 1e-3)))) }

func decadeAbove(v float64) float64 { return math.Pow(10, math.Ceil(math.Log10(max(v, 1e-2)))) }

func plain(v float64) string { return strconv.FormatFloat(v, 'g', 6, 64) }

func inSeconds(v float64) string { return (time.Duration(math.Round(v)) * time.Second).String() }
