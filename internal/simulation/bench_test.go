package simulation_test

import (
	"testing"
	"time"

	"github.com/chunkaside/chunkaside/internal/simulation"
)

// BenchmarkOutage plays a thousand queries a second in real time: with all well, with a cache that fails, and with one that answers in three seconds. The percentiles are those of what goes wrong from
// the first second on; "x-normal" is the 99th beside that of the same seconds with all well. Run it with -benchtime 1x.
func BenchmarkOutage(b *testing.B) {
	var normal time.Duration
	for _, outage := range []struct{ name, rules string }{{"none", ""}, {"fails", "* fail"}, {"slow", "* delay 3s"}} {
		b.Run(outage.name, func(b *testing.B) {
			for b.Loop() {
				s := simulation.Scenario{Processes: 10, Rate: 1000, Duration: 20 * time.Second, Load: 100 * time.Millisecond}
				s.Steps = []simulation.Step{{After: 0, What: "cache", Rules: outage.rules}}
				r, err := simulation.Run(b.Context(), s)
				if err != nil {
					b.Fatal(err)
				}
				p99 := r.Percentile(99)
				if outage.rules == "" {
					normal = p99
				}
				b.ReportMetric(p99.Seconds()*1000, "p99-ms")
				b.ReportMetric(r.Percentile(50).Seconds()*1000, "p50-ms")
				b.ReportMetric(100*float64(r.Answered())/float64(r.Asked()), "%answered")
				if normal > 0 {
					b.ReportMetric(float64(p99)/float64(normal), "x-normal")
				}
			}
		})
	}
}
