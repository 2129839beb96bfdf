package simulation

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"
)

// Report is what users and the store saw.
type Report struct {
	Scenario Scenario

	// Answers by kind, and by the error's text; Edits are the versions seen, by how many answers.
	Answers map[Kind]int
	Errors  map[string]int
	Edits   map[int64]int
	// Violations are answers that no user should ever see, as text.
	Violations []string

	// Loads of the whole catalog; Gets and Queries are single reads; Units is what DynamoDB would have charged for all.
	Loads, Gets, Queries int64
	Units                float64
	// LeasesWon and LeasesLost are tries of all processes to be the one who builds; Looks are their reads of the pointer.
	LeasesWon, LeasesLost, Looks int64
	// Published and Unpublished are warm-ups by how they ended; Versions were published by anyone.
	Published, Unpublished int
	Versions               int64

	mu   sync.Mutex
	took []time.Duration
}

func newReport(s Scenario) *Report {
	return &Report{Scenario: s, Answers: map[Kind]int{}, Errors: map[string]int{}, Edits: map[int64]int{}}
}

// count takes an answer in.
func (r *Report) count(a Answer) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.Answers[a.Kind]++
	r.took = append(r.took, a.Took)
	if a.Error != "" {
		r.Errors[a.Error]++
	}
	if a.Edit != 0 {
		r.Edits[a.Edit]++
	}
	if a.Violation() {
		r.Violations = append(r.Violations, fmt.Sprintf("%+v", a))
	}
}

// add takes in what the processes and the store have counted.
func (r *Report) add(w *World) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, p := range w.all {
		s := p.Cache.Stats()
		r.LeasesWon += s.LeasesWon
		r.LeasesLost += s.LeasesLost
		r.Looks += s.Looks
		r.Versions += s.Published
	}
	s := w.Store.Stats()
	r.Loads, r.Gets, r.Queries = w.Source.Loads(), s.Gets, s.Queries
	r.Units = float64(s.ReadUnits) + float64(s.Gets)/2 // which are not metered
	r.Published, r.Unpublished = w.published, w.unpublished
	slices.Sort(r.took)
}

// Asked is how many queries there were, Answered how many of them got an answer.
func (r *Report) Asked() int { return len(r.took) }

// Answered is without those that got an error.
func (r *Report) Answered() int { return r.Answers[Fresh] + r.Answers[LastGood] + r.Answers[FromStore] }

// Percentile is the time that so many of a hundred queries took at most.
func (r *Report) Percentile(p float64) time.Duration {
	if len(r.took) == 0 {
		return 0
	}
	return r.took[min(int(p/100*float64(len(r.took))), len(r.took)-1)]
}

// String is the report as a table.
func (r *Report) String() string {
	var b strings.Builder
	line := func(name string, value any) { _, _ = fmt.Fprintf(&b, "%-28s %v\n", name, value) }
	line("queries", r.Asked())
	for _, k := range Kinds {
		if n := r.Answers[k]; n > 0 {
			line("  "+string(k), fmt.Sprintf("%-9d %6.2f %%", n, 100*float64(n)/float64(r.Asked())))
		}
	}
	for _, text := range slices.Sorted(maps.Keys(r.Errors)) {
		line(fmt.Sprintf("  %d x", r.Errors[text]), text)
	}
	line("time, p50 p99 p99.9 most", fmt.Sprint(r.Percentile(50), " ", r.Percentile(99), " ", r.Percentile(99.9), " ", r.Percentile(100)))
	line("versions seen", len(r.Edits))
	line("versions published", r.Versions)
	if r.Published+r.Unpublished > 0 {
		line("warm-ups", fmt.Sprintf("%d, and %d that failed", r.Published, r.Unpublished))
	}
	line("store: loads of all", r.Loads)
	line("store: gets, queries", fmt.Sprint(r.Gets, ", ", r.Queries))
	line("store: read units", r.Units)
	line("leases won, lost", fmt.Sprint(r.LeasesWon, ", ", r.LeasesLost))
	line("looks at the pointer", r.Looks)
	line("violations", len(r.Violations))
	return b.String()
}
