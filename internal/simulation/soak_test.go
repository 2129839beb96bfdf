package simulation_test

import (
	"context"
	"flag"
	"runtime"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"github.com/chunkaside/chunkaside/catalog"
	"github.com/chunkaside/chunkaside/internal/simulation"
)

var soak = flag.Duration("soak", 0, "how long TestSoak soaks, in real time; 0 soaks for some minutes of virtual time")

// round is what goes wrong in a soak, again and again. It ends well.
var round = []simulation.Step{
	{After: 3 * time.Second, What: "cache", Rules: "* fail 30%"},
	{After: 6 * time.Second, What: "cache", Rules: "* delay 3s 20%"},
	{After: 10 * time.Second, What: "cache", Rules: "get c/* drop 20%; get c/* corrupt 10%"},
	{After: 13 * time.Second, What: "cache", Rules: "compare-and-set lose 50%; set throttle 20%"},
	{After: 16 * time.Second, What: "cache"},
	{After: 17 * time.Second, What: "empty"},
	{After: 20 * time.Second, What: "store", Rules: "* fail"},
	{After: 24 * time.Second, What: "store"},
}

const roundTime = 30 * time.Second

// TestSoak runs one world at a modest rate, with all that goes wrong in turn. Nothing may grow from round to round, and nothing may run on after the end. In real time, in which the runtime's own
// timers and finalizers take part:
//
//	go test ./internal/simulation -run Soak -v -soak 30m -timeout 40m
func TestSoak(t *testing.T) {
	if *soak != 0 {
		soakFor(t, *soak)
		return
	}
	synctest.Test(t, func(t *testing.T) { soakFor(t, 6*roundTime) })
}

func soakFor(t *testing.T, d time.Duration) {
	before := goleak.IgnoreCurrent()
	s := simulation.Scenario{Processes: 4, Rate: 50, Wide: 20, Shows: 200, Episodes: 20, Load: 100 * time.Millisecond, Publish: 3 * time.Second, Duration: roundTime, Steps: round, Seed: 1}
	s.Cache.Memory = &catalog.MemoryOptions{Blocks: 4 << 20, Chunks: 1 << 20} // full within the first round
	w, err := simulation.NewWorld(s)
	if err != nil {
		t.Fatal(err)
	}
	var first, last usage
	for start := time.Now(); ; {
		report, err := w.Run(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, v := range report.Violations {
			t.Errorf("nobody should see %s", v)
		}
		if report.Answers[simulation.Failed] > 0 {
			t.Errorf("errors of a kind that nobody should see: %v", report.Errors)
		}
		if last = measure(); first == (usage{}) {
			first = last // the caches of the processes are full
		}
		t.Logf("after %v: %d goroutines, heap %d KB; %d of %d answered, %d told to retry", time.Since(start).Round(time.Second), last.goroutines, last.heap>>10,
			report.Answered(), report.Asked(), report.Answers[simulation.Retry])
		if time.Since(start)+roundTime > d {
			break
		}
	}
	if last.heap > first.heap*3/2+(16<<20) {
		t.Errorf("the heap has grown from %d to %d KB", first.heap>>10, last.heap>>10)
	}
	w.End()
	if err := ended(before); err != nil {
		t.Error(err)
	}
}

// ended waits for what the last calls have begun, as long as a build may go on.
func ended(before goleak.Option) (err error) {
	for start := time.Now(); time.Since(start) < 2*time.Minute; {
		if err = goleak.Find(before); err == nil {
			return nil
		}
	}
	return err
}

// usage is what a process holds when it has nothing to do.
type usage struct {
	goroutines int
	heap       uint64
}

// measure lets what is under way end, and collects what nobody needs.
func measure() usage {
	wait, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	<-wait.Done()
	for range 3 { // what has a finalizer goes later
		runtime.GC()
	}
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return usage{runtime.NumGoroutine(), m.HeapAlloc}
}
