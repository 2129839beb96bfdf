package telemetry

import (
	"time"

	"github.com/chunkaside/chunkaside/cache"
)

// times are what took time since the last report.
type times struct {
	looks, builds             []float64 // milliseconds
	looksFailed, buildsFailed int64
}

// maxValues is how many values of one metric the format takes in a line. More are not written.
const maxValues = 100

func (s *times) addTo(l *line) {
	l.addAll(lookTime, s.looks)
	l.add(looksFailed, s.looksFailed)
	l.addAll(buildTime, s.builds)
	l.add(buildsFailed, s.buildsFailed)
}

func (s *times) clear() { *s = times{looks: s.looks[:0], builds: s.builds[:0]} }

// Notify takes what happens to the cache: see cache.Options.
func (t *Telemetry) Notify(e cache.Event) {
	t.mu.Lock()
	defer t.mu.Unlock()
	switch e.Kind {
	case cache.Looked:
		note(&t.times.looks, &t.times.looksFailed, e)
	case cache.Built:
		note(&t.times.builds, &t.times.buildsFailed, e)
	}
}

func note(took *[]float64, failed *int64, e cache.Event) {
	if len(*took) < maxValues {
		*took = append(*took, float64(e.Took)/float64(time.Millisecond))
	}
	if e.Err != nil {
		*failed++
	}
}
