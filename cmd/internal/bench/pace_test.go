package bench

import (
	"testing"
	"time"
)

// TestPace counts the requests that are due in parts of a load: the rate of the ramp grows evenly, that after it holds.
func TestPace(t *testing.T) {
	p := Pace{Rate: 100, Ramp: 10 * time.Second, Duration: 5 * time.Second}
	if p.Requests() != 500+500 {
		t.Fatalf("%d requests, want 1000", p.Requests())
	}
	counts := map[int]int{} // by second
	last := time.Duration(-1)
	for n := range p.Requests() {
		due := p.due(n)
		if due < last {
			t.Fatalf("request %d is due at %v, the one before it at %v", n, due, last)
		}
		last = due
		counts[int(due/time.Second)]++
	}
	for second := range 15 {
		want := min(5+10*second, 100) // the rate in the middle of the second
		if got := counts[second]; got < want-1 || got > want+1 {
			t.Errorf("second %d has %d requests, want %d", second, got, want)
		}
	}
	if at := p.due(500); at != 10*time.Second {
		t.Errorf("the first request at the full rate is due at %v", at)
	}
	if at := (Pace{Rate: 4, Duration: time.Second}).due(3); at != 750*time.Millisecond {
		t.Errorf("without a ramp, the fourth of 4 a second is due at %v", at)
	}
}

func TestPaceRefuses(t *testing.T) {
	for _, p := range []Pace{
		{Rate: 0, Duration: time.Second}, {Rate: -1, Duration: time.Second}, {Rate: 2 * MaxRate, Duration: time.Second},
		{Rate: 1, Duration: time.Millisecond}, {Rate: 1, Ramp: -1, Duration: time.Second}, {Rate: 1, Duration: 2 * MaxTime},
	} {
		if p.check() == nil {
			t.Errorf("%+v is taken", p)
		}
	}
}
