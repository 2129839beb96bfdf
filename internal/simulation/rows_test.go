package simulation_test

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/chunkaside/chunkaside/cache"
	"github.com/chunkaside/chunkaside/internal/simulation"
)

// The table of docs/reliability.md, "Proofs", line by line, in virtual time. Run with -v they print what users saw.

// play plays a scenario in virtual time.
func play(t *testing.T, s simulation.Scenario) (r *simulation.Report) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		var err error
		if r, err = simulation.Run(t.Context(), s); err != nil {
			t.Fatal(err)
		}
		time.Sleep(simulation.Rest)
	})
	t.Logf("\n%s", r)
	for _, v := range r.Violations {
		t.Errorf("nobody should see %s", v)
	}
	return r
}

// steps are steps that are known to be right.
func steps(t *testing.T, texts ...string) (all []simulation.Step) {
	t.Helper()
	for _, text := range texts {
		s, err := simulation.ParseStep(text)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, s)
	}
	return all
}

// TestColdProcesses: a hundred processes start at once, with nothing in the cache, and one of them reads the store. All of its answers come.
func TestColdProcesses(t *testing.T) {
	r := play(t, simulation.Scenario{Processes: 100, Rate: -1, Cold: true})
	if r.Loads != 1 || r.Answered() != 100 {
		t.Errorf("%d loads, %d of 100 answered; want 1 and all", r.Loads, r.Answered())
	}
}

// TestColdReaders: a thousand processes start at once, and the build takes longer than they wait. What a query costs the store is what that query alone needs.
func TestColdReaders(t *testing.T) {
	const readers = 1000
	r := play(t, simulation.Scenario{Processes: readers, Rate: -1, Cold: true, Load: 5 * time.Second, Duration: 30 * time.Second})
	if r.Loads != 1 {
		t.Errorf("%d loads, want 1", r.Loads)
	}
	if got := r.Answered() + r.Answers[simulation.Retry]; got != readers {
		t.Errorf("%d of %d were answered, or told to retry", got, readers)
	}
	if most := r.Percentile(100); most > 20*time.Second {
		t.Errorf("one waited %v, longer than HardTimeout", most)
	}
	// One get and one query, each a half, and no more than once; and the load.
	if most := float64(readers) + 10; r.Units > most {
		t.Errorf("%v read units, want at most %v", r.Units, most)
	}
}

// TestStoreUnits: for want of a version all queries go to the store, and more of them than it may spend on them. It spends what the bucket of each process lets through: a second's worth at once, and then so much a second.
func TestStoreUnits(t *testing.T) {
	const processes, seconds, units = 4, 30, 100
	r := play(t, simulation.Scenario{Processes: processes, Rate: 1500, Duration: seconds * time.Second, Cold: true, Shows: 3000, Episodes: 2, Load: 10 * time.Minute})
	if most := float64(processes * units * (seconds + 1 + 1)); r.Units > most || r.Units < most/4 { // and what is under way at the end
		t.Errorf("%v read units in %d seconds, want at most %v, and not much less", r.Units, seconds, most)
	}
	// The one who builds has as long as AppSync gives him; the others come back sooner.
	if got := r.Answered() + r.Answers[simulation.Retry]; got != r.Asked() || r.Percentile(99.9) > 5*time.Second {
		t.Errorf("%d of %d were answered or told to retry, nearly all within %v", got, r.Asked(), r.Percentile(99.9))
	}
}

// TestColdWideReaders: those who ask for what the store is not asked for are told to retry, and are right.
func TestColdWideReaders(t *testing.T) {
	r := play(t, simulation.Scenario{Processes: 200, Rate: 200, Duration: 20 * time.Second, Cold: true, Wide: 100, Shows: 60, Load: 5 * time.Second})
	if r.Loads != 1 || r.Answered()+r.Answers[simulation.Retry] != r.Asked() {
		t.Errorf("%d loads; %d answered and %d told to retry of %d", r.Loads, r.Answered(), r.Answers[simulation.Retry], r.Asked())
	}
	if fresh := r.Answers[simulation.Fresh]; fresh < r.Asked()*7/10 {
		t.Errorf("%d of %d were answered from the version, want nearly all that came after its build", fresh, r.Asked())
	}
}

// normal is a house in which all is well; a thousand queries a second.
func normal() simulation.Scenario {
	return simulation.Scenario{Processes: 10, Rate: 1000, Duration: 20 * time.Second}
}

// TestCacheDead: ten minutes without the cache, in which everybody is answered, as fast as ever.
func TestCacheDead(t *testing.T) {
	well := play(t, normal())
	dead := normal()
	dead.Duration = 10*time.Minute + 20*time.Second
	if testing.Short() || raceEnabled {
		dead.Rate = 50
	}
	dead.Steps = steps(t, "10s cache * fail", "10m10s cache -")
	r := play(t, dead)
	if r.Answered() != r.Asked() || r.Answers[simulation.LastGood] < r.Asked()*95/100 {
		t.Errorf("%d of %d answered, %d of them from the last good version", r.Answered(), r.Asked(), r.Answers[simulation.LastGood])
	}
	if r.Percentile(99) > 2*well.Percentile(99) {
		t.Errorf("p99 = %v, more than twice the normal %v", r.Percentile(99), well.Percentile(99))
	}
	if r.Loads != 1 {
		t.Errorf("%d loads: a cache that is away is no reason to read the store", r.Loads)
	}
}

// TestMaxStale: what nobody could look at for longer than MaxStale is no answer.
func TestMaxStale(t *testing.T) {
	s := normal()
	s.Rate, s.Duration = 10, 10*time.Minute
	s.Cache = cache.Options{MaxStale: 5 * time.Minute}
	s.Steps = steps(t, "1m cache * fail")
	r := play(t, s)
	if late := r.Answers[simulation.LastGood]; late < 10*297 || late > 10*301 {
		t.Errorf("%d answers from the last good version, want those of five minutes", late)
	}
	if r.Answered()+r.Answers[simulation.Retry] != r.Asked() {
		t.Errorf("%d of %d answered, %d told to retry", r.Answered(), r.Asked(), r.Answers[simulation.Retry])
	}
}

// TestCacheSlow: a cache that answers in three seconds, or never.
func TestCacheSlow(t *testing.T) {
	for _, rules := range []string{"* delay 3s", "* delay 24h"} {
		s := normal()
		s.Rate, s.Duration = 100, 2*time.Minute
		s.Steps = steps(t, "10s cache "+rules)
		r := play(t, s)
		if soft := 200 * time.Millisecond; r.Percentile(99) > soft*12/10 || r.Percentile(100) > soft*12/10 {
			t.Errorf("%s: p99 = %v, at most %v; want the soft timeout and a fifth at most", rules, r.Percentile(99), r.Percentile(100))
		}
		if r.Answered() != r.Asked() || r.Percentile(50) > s.Latency {
			t.Errorf("%s: %d of %d answered, half of them within %v; want all, and most without waiting", rules, r.Answered(), r.Asked(), r.Percentile(50))
		}
	}
}

// TestStoreDead: queries do not notice. What publishes fails, and goes on when the store is back.
func TestStoreDead(t *testing.T) {
	s := normal()
	s.Rate, s.Duration, s.Publish = 100, 10*time.Minute, 20*time.Second
	s.Steps = steps(t, "1m store * fail", "2m crash", "3m crash", "9m store -")
	r := play(t, s)
	if r.Answered()+r.Answers[simulation.Lost] != r.Asked() || r.Answers[simulation.FromStore] > 0 {
		t.Errorf("%d of %d answered, %d lost in a crash, %d from the store", r.Answered(), r.Asked(), r.Answers[simulation.Lost], r.Answers[simulation.FromStore])
	}
	if r.Unpublished < 15 || r.Published < 4 {
		t.Errorf("%d warm-ups, %d failed; want both", r.Published, r.Unpublished)
	}
}

// TestEmptied: the cache is emptied under load. One process builds, and the others answer.
func TestEmptied(t *testing.T) {
	s := normal()
	s.Rate, s.Duration = 100, time.Minute
	s.Steps = steps(t, "20s empty")
	r := play(t, s)
	if r.Loads != 2 || r.Answered() != r.Asked() {
		t.Errorf("%d loads, %d of %d answered; want 2 and all", r.Loads, r.Answered(), r.Asked())
	}
}

// TestCrashes: processes that end in the middle of what they do, the one who builds too.
func TestCrashes(t *testing.T) {
	s := normal()
	s.Rate, s.Duration, s.Publish = 100, 5*time.Minute, 7*time.Second
	var texts []string
	for at := range 50 {
		texts = append(texts, fmt.Sprintf("%ds crash", 3+at*5))
		if at%10 == 5 {
			texts = append(texts, fmt.Sprintf("%ds empty", 3+at*5))
		}
	}
	s.Steps = steps(t, texts...)
	r := play(t, s)
	if r.Answered()+r.Answers[simulation.Lost] != r.Asked() {
		t.Errorf("%d of %d answered, %d lost in a crash", r.Answered(), r.Asked(), r.Answers[simulation.Lost])
	}
}

// TestBuilderCrashes: all processes end in the middle of the first build. Those that follow build again as soon as the lease of the dead has run out.
func TestBuilderCrashes(t *testing.T) {
	s := simulation.Scenario{Cold: true, Load: 5 * time.Second, Duration: 40 * time.Second}
	for range 10 {
		s.Steps = append(s.Steps, steps(t, "2s crash")...)
	}
	r := play(t, s)
	if r.Loads != 2 || r.Answers[simulation.Fresh] < r.Asked()*40/100 {
		t.Errorf("%d loads, %d of %d answered from a version; want 2, and all from about the 23rd second on", r.Loads, r.Answers[simulation.Fresh], r.Asked())
	}
}

// TestFreshness: within MaxAge and a warm-up's time everybody sees what was published.
func TestFreshness(t *testing.T) {
	s := normal()
	s.Rate, s.Duration, s.Publish = 100, 2*time.Minute, 10*time.Second
	r := play(t, s)
	if r.Answers[simulation.Fresh] != r.Asked() || len(r.Edits) != r.Published+1 {
		t.Errorf("%d of %d answers are fresh, of %d versions; %d were published", r.Answers[simulation.Fresh], r.Asked(), len(r.Edits), r.Published)
	}
}
