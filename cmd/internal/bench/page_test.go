package bench

import (
	"math"
	"regexp"
	"strings"
	"testing"
	"time"
)

// TestPage: the page stands alone, has the objectives in its plots, and shows a server's texts as texts.
func TestPage(t *testing.T) {
	m := &Mix{Queries: []Query{{Name: "Page", Weight: 2}}}
	o := Objectives{Latency: []LatencyObjective{{95, 80 * time.Millisecond}}, Availability: 99.9}
	tally := newTally(m, Options{Pace: Pace{Rate: 10, Duration: 3 * time.Second}, Objectives: o})
	for n := range 30 {
		tally.add(answer{held: true, due: time.Duration(n) * 100 * time.Millisecond, latency: time.Duration(n+1) * 10 * time.Millisecond, bytes: 1000, tokens: 1})
	}
	tally.add(answer{held: true, failure: &Failure{"graphql", "<script>", "<img onerror>"}})
	r := tally.report(m, 3*time.Second, 0)
	r.Endpoint = "http://127.0.0.1:8080/graphql"
	var page strings.Builder
	if err := r.WritePage(&page, o); err != nil {
		t.Fatal(err)
	}
	text := page.String()
	for _, want := range []string{">p95 80ms</text>", `class="missed">missed`, "&lt;script&gt;", "<polyline", "<rect", ">p99</text>", ">failures</text>", "<td>Page</td><td>2</td><td>31</td><td>1</td>"} {
		if !strings.Contains(text, want) {
			t.Errorf("the page lacks %s", want)
		}
	}
	for _, never := range []string{"<script", "<img", "<link", "src=", "url(", "@import", "NaN", "Inf", "ZgotmplZ"} {
		if strings.Contains(text, never) {
			t.Errorf("the page has %s", never)
		}
	}
	if strings.Count(text, "http://") != strings.Count(text, r.Endpoint) || strings.Contains(text, "https://") {
		t.Error("the page names another address")
	}
	for _, m := range regexp.MustCompile(`(\d+\.\d),(\d+\.\d) ?`).FindAllStringSubmatch(text, -1) {
		if len(m[1]) > 5 || len(m[2]) > 5 {
			t.Errorf("a point lies outside the plot: %s", m[0])
		}
	}
}

// TestPageOfNothing: a load of which nothing was answered can be drawn, too.
func TestPageOfNothing(t *testing.T) {
	m := &Mix{Queries: []Query{{Name: "Q"}}}
	for _, o := range []Objectives{{}, {Latency: []LatencyObjective{{50, time.Millisecond}}}} {
		tally := newTally(m, Options{Pace: pace(1), Objectives: o})
		tally.add(answer{held: true, failure: &Failure{"transport", refused, ""}})
		var page strings.Builder
		if err := tally.report(m, time.Second, 0).WritePage(&page, o); err != nil {
			t.Fatal(err)
		}
		if text := page.String(); strings.Contains(text, "NaN") || strings.Contains(text, "Inf") {
			t.Errorf("the page has a number that is none: %s", text)
		}
	}
}

func TestScale(t *testing.T) {
	linear, log := scale{0, 10, 100, 200, false}, scale{1, 1000, 0, 300, true}
	if linear.at(5) != 150 || math.Abs(log.at(10)-100) > 1e-9 || log.at(0.001) != 0 {
		t.Errorf("at: %v, %v, %v", linear.at(5), log.at(10), log.at(0.001))
	}
	if got := linear.ticks(plain); len(got) != 6 || got[1].Label != "2" || got[1].At != 120 {
		t.Errorf("ticks: %v", got)
	}
	if got := log.ticks(plain); len(got) != 4 || got[3].Label != "1000" {
		t.Errorf("ticks: %v", got)
	}
}
