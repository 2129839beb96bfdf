package guard

import (
	"cmp"
	"math"
	"time"
)

// DefaultUnits are those that narrow reads may cost if Options names none.
const DefaultUnits = 100

// patient is a MaxWait that only ctx ends.
const patient = time.Duration(math.MaxInt64)

// Options tunes a guard. The zero value of each field means its default.
type Options struct {
	// Units is how many read units a second narrow reads may cost, in this process. What is not spent is kept for a second. Default DefaultUnits; negative: any number.
	Units float64
	// BuildUnits is the same for builds. Default: any number, for nobody is served by a slow build.
	BuildUnits float64
	// MaxWait is how long a narrow read waits for units, and for a place. Default 1 s.
	MaxWait time.Duration
	// InFlight is how many narrow reads may be under way at once, those that wait for units among them. Default 32.
	InFlight int
	// FailureShare of the reads within FailureWindow, of which there must be FailureCalls, opens the breaker: reads fail at once for BreakerPause, then one tries the store. Defaults: 0.5, 10 s,
	// 5 reads, 2 s.
	FailureShare  float64
	FailureWindow time.Duration
	FailureCalls  int
	BreakerPause  time.Duration
}

func (o *Options) withDefaults() Options {
	full := Options{}
	if o != nil {
		full = *o
	}
	full.Units = cmp.Or(full.Units, DefaultUnits)
	full.MaxWait = cmp.Or(full.MaxWait, time.Second)
	full.InFlight = cmp.Or(full.InFlight, 32)
	full.FailureShare = cmp.Or(full.FailureShare, 0.5)
	full.FailureWindow = cmp.Or(full.FailureWindow, 10*time.Second)
	full.FailureCalls = cmp.Or(full.FailureCalls, 5)
	full.BreakerPause = cmp.Or(full.BreakerPause, 2*time.Second)
	return full
}
