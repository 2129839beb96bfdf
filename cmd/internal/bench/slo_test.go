package bench

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestObjectives(t *testing.T) {
	var o Objectives
	if err := o.UnmarshalText([]byte("p95=80ms, p99.9=1s,availability=99.95")); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(Objectives{[]LatencyObjective{{95, 80 * time.Millisecond}, {99.9, time.Second}}, 99.95}, o); diff != "" {
		t.Error(diff)
	}
	// Of 1,000, 949 and 999 were in time; 999 were answered. A failure is never in time.
	got := o.verdicts(1000, 999, []int{949, 999})
	want := []Verdict{{"p95=80ms", 95, 94.9, false}, {"p99.9=1s", 99.9, 99.9, true}, {"availability=99.95", 99.95, 99.9, false}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if v := o.verdicts(0, 0, []int{0, 0}); v[0].Met || v[2].Met {
		t.Errorf("without a request: %+v", v)
	}
}

func TestObjectivesRefuse(t *testing.T) {
	for text, want := range map[string]string{
		"": "is no objective", "p95": "is no time", "p95=80": "is no time", "p95=-1s": "is no time", "p101=1s": "is no objective", "p0=1s": "is no objective", "pNaN=1s": "is no objective",
		"95=1s": "is no objective", "availability=101": "no percentage", "availability=": "no percentage", "mean=1s": "is no objective", "p95=1s,p95=2s": "there twice",
	} {
		var o Objectives
		if err := o.UnmarshalText([]byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
}
