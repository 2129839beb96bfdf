package bench

import (
	"fmt"
	"time"
)

// tolerated is how late one request of a hundred may be sent before the figures are the generator's.
const tolerated = 10 * time.Millisecond

// generator says how well the pace was kept.
func (t *tally) generator() Generator {
	g := Generator{Late: t.late.percentiles(), Waited: t.waited}
	if g.Late.P99 <= milliseconds(tolerated) {
		return g
	}
	g.Saturated = fmt.Sprintf("one request of a hundred was sent %.0f ms late or more: the figures are of this machine, not of the API; take a lower rate, or a larger machine", g.Late.P99)
	if g.Waited > 0 {
		g.Saturated = fmt.Sprintf("%d requests found all connections busy: latencies count the waiting, but fewer requests a second reached the API than were due; give more --connections, or a lower rate", g.Waited)
	}
	return g
}
