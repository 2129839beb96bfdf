package guard

import (
	"sync"
	"time"
)

// bucket holds read units. It fills at a rate, up to what comes in a second. What a read costs is known when it has ended, so more may be taken than there is: then those who come later wait until the
// debt is paid.
//
// Not failsafe's limiter, nor that of golang.org/x/time: both count in whole permits and take nothing back, and a read may cost half a unit, or less than was estimated.
type bucket struct {
	rate float64 // units a second; not positive: there is no bound

	mu   sync.Mutex
	left float64
	at   time.Time // when left was counted
}

func newBucket(rate float64) *bucket { return &bucket{rate: rate, left: rate, at: time.Now()} }

// take takes units, or gives some back, and returns how long it is until the bucket is out of debt.
func (b *bucket) take(units float64) time.Duration {
	if b.rate <= 0 {
		return 0
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	now := time.Now()
	b.left = min(b.rate, b.left+b.rate*now.Sub(b.at).Seconds()) - units
	b.at = now
	if b.left >= 0 {
		return 0
	}
	return time.Duration(-b.left / b.rate * float64(time.Second))
}
