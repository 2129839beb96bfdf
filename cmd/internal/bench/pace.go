package bench

import (
	"fmt"
	"math"
	"time"
)

// Pace says when each request of a load is due, whatever became of those before it.
type Pace struct {
	// Rate is how many requests a second are due once the ramp is over. More than 0, at most MaxRate.
	Rate float64
	// Ramp is how long the rate grows evenly, from 0; 0 begins with the full rate.
	Ramp time.Duration
	// Duration is how long the rate holds after that. At least one request must be due in it.
	Duration time.Duration
}

// MaxRate and MaxTime bound a load: what one process can send, and what fits into one report.
const (
	MaxRate = 1e6
	MaxTime = 24 * time.Hour
)

func (p Pace) check() error {
	switch {
	case math.IsNaN(p.Rate) || p.Rate <= 0 || p.Rate > MaxRate:
		return fmt.Errorf("a rate of %v a second is out of bounds: more than 0, and at most %d", p.Rate, int(MaxRate))
	case p.Ramp < 0 || p.Duration < 0 || p.Ramp > MaxTime || p.Duration > MaxTime:
		return fmt.Errorf("a ramp of %v or a duration of %v is out of bounds: 0 to %v", p.Ramp, p.Duration, MaxTime)
	case p.held() < 1:
		return fmt.Errorf("no request is due in %v at %v a second", p.Duration, p.Rate)
	}
	return nil
}

// Requests is how many are due in all.
func (p Pace) Requests() int { return p.ramped() + p.held() }

// ramped is how many are due in the ramp: half of what the full rate would be.
func (p Pace) ramped() int { return int(math.Round(p.Rate * p.Ramp.Seconds() / 2)) }

// held is how many are due at the full rate.
func (p Pace) held() int { return int(math.Round(p.Rate * p.Duration.Seconds())) }

// due is when a request is, counted from 0, since the beginning of the load.
func (p Pace) due(n int) time.Duration {
	if before := p.ramped(); n >= before {
		return p.Ramp + seconds(float64(n-before)/p.Rate)
	}
	// After t seconds of the ramp, rate * t^2 / (2 * ramp) requests have been due.
	return seconds(math.Sqrt(2 * float64(n) * p.Ramp.Seconds() / p.Rate))
}

func seconds(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }
