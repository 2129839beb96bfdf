package guard

import "sync"

// allowance bounds what is done beyond the calls themselves: each call earns a share, each extra one spends 1. What is left over is kept for a burst.
//
// Not failsafe's budget: that one bounds how many are under way at once, and lets a process that makes one call after another repeat every one of them.
type allowance struct {
	share, most float64

	mu   sync.Mutex
	left float64
}

func newAllowance(share, most float64) *allowance {
	return &allowance{share: share, most: most, left: most}
}

func (a *allowance) earn() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.left = min(a.most, a.left+a.share)
}

// spend says whether there was enough.
func (a *allowance) spend() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.left < 1 {
		return false
	}
	a.left--
	return true
}
