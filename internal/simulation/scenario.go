package simulation

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/chunkaside/chunkaside/cache"
	"github.com/chunkaside/chunkaside/cache/faultcache"
	"github.com/chunkaside/chunkaside/store/faultstore"
)

// Scenario is what happens in a simulation. The zero value of each field means its default.
type Scenario struct {
	// Processes that answer queries. Default 10.
	Processes int
	// Rate is how many queries come in a second, to all processes together, at equal distances. Default 100. Negative: each process is asked once, all at the start.
	Rate float64
	// Duration is how long queries come. Default 1 min.
	Duration time.Duration
	// Wide is how many of a hundred queries ask for all of the catalog; the others ask for one show. Default none.
	Wide int
	// Cold: there is no version at the start, and no process holds one.
	Cold bool
	// Shows of the catalog, each with Episodes. Defaults 20 and 5.
	Shows, Episodes int
	// Load is how long the store takes to give the whole catalog, Read how long for a single read. Defaults 2 s and 5 ms.
	Load, Read time.Duration
	// Latency of each operation of the shared cache. Default 2 ms.
	Latency time.Duration
	// Publish is after how long an edit, and a warm-up, follow the last one. Default never.
	Publish time.Duration
	// Steps are what goes wrong when: see ParseStep.
	Steps []Step
	// Cache is for all processes; its Build and Clock are the simulation's.
	Cache cache.Options
	// Skew is by how much processes' clocks are wrong at most, some ahead, some behind. Default not at all.
	Skew time.Duration
	// Seed is for what chance decides in rules.
	Seed uint64
}

func (s Scenario) withDefaults() Scenario {
	s.Processes = cmp.Or(s.Processes, 10)
	s.Rate = cmp.Or(s.Rate, 100)
	s.Duration = cmp.Or(s.Duration, time.Minute)
	s.Shows, s.Episodes = cmp.Or(s.Shows, 20), cmp.Or(s.Episodes, 5)
	s.Load, s.Read = cmp.Or(s.Load, 2*time.Second), cmp.Or(s.Read, 5*time.Millisecond)
	s.Latency = cmp.Or(s.Latency, 2*time.Millisecond)
	return s
}

// Check says what of a scenario is out of bounds.
func (s Scenario) Check() error {
	s = s.withDefaults()
	switch {
	case s.Processes < 0 || s.Processes > 100_000 || s.Shows < 0 || s.Episodes < 0 || s.Wide < 0 || s.Wide > 100:
		return fmt.Errorf("%d processes, %d shows with %d episodes and %d wide queries of a hundred are out of bounds: none is negative", s.Processes, s.Shows, s.Episodes, s.Wide)
	case s.Skew < 0 || s.Skew > 12*time.Hour:
		return fmt.Errorf("clocks that are wrong by %v are out of bounds: 12 hours at most, so that no two differ by more than a day", s.Skew)
	case s.Duration < 0 || s.Load < 0 || s.Read < 0 || s.Latency < 0 || s.Publish < 0:
		return fmt.Errorf("a duration of %v, a load of %v, a read of %v, a latency of %v or a publish every %v is out of bounds: none is negative", s.Duration, s.Load, s.Read, s.Latency, s.Publish)
	case !slices.IsSortedFunc(s.Steps, func(a, b Step) int { return cmp.Compare(a.After, b.After) }):
		return errors.New("the steps are not in the order of their times")
	}
	for _, step := range s.Steps {
		if err := step.check(); err != nil {
			return err
		}
	}
	return nil
}

// check reads the rules of a step.
func (s Step) check() (err error) {
	switch s.What {
	case "cache":
		_, err = faultcache.New(nil, s.Rules, 0)
	case "store":
		_, err = faultstore.New(nil, s.Rules, 0)
	}
	return err
}

// queries is how many there are.
func (s Scenario) queries() int {
	if s.Rate < 0 {
		return s.Processes
	}
	return int(s.Rate * s.Duration.Seconds())
}

// when the query of this number comes, after the start.
func (s Scenario) when(n int) time.Duration {
	if s.Rate < 0 {
		return 0
	}
	return time.Duration(float64(n) / s.Rate * float64(time.Second))
}

// Step is something that happens at a time.
type Step struct {
	// After is the time since the start.
	After time.Duration
	// What is "cache" or "store", for which Rules hold from then on; "crash", of one process; or "empty", the whole cache.
	What, Rules string
}

// ParseStep reads "1m cache get fail", "11m cache -", "2m store scan fail", "3m crash" or "4m empty". The rules are those of docs/reliability.md, "-" is none.
func ParseStep(text string) (Step, error) {
	after, rest, _ := strings.Cut(strings.TrimSpace(text), " ")
	what, rules, _ := strings.Cut(strings.TrimSpace(rest), " ")
	d, err := time.ParseDuration(after)
	if err != nil || d < 0 {
		return Step{}, fmt.Errorf("step %q: %q is no time: begin with one, such as 90s", text, after)
	}
	rules = strings.TrimSpace(rules)
	ruled := what == "cache" || what == "store"
	switch {
	case !ruled && what != "crash" && what != "empty":
		return Step{}, fmt.Errorf("step %q: %q does not happen here: cache, store, crash or empty do", text, what)
	case ruled == (rules == ""):
		return Step{}, fmt.Errorf("step %q: cache and store take rules (- for none), crash and empty none", text)
	case rules == "-":
		rules = ""
	}
	return Step{d, what, rules}, nil
}
