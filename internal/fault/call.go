package fault

import (
	"fmt"
	"time"
)

// Call is what befalls one call of a driver.
type Call struct {
	what        string
	unavailable error

	delay             time.Duration
	failed, lost, cut *Rule // nil: it is not
	page              int
}

func (c *Call) add(r *Rule) {
	switch r.Action {
	case Delay:
		c.delay += r.Delay
	case Fail, Throttle, Stop:
		if c.failed == nil || r.Action == Stop {
			c.failed = r // a connection that is lost stays lost, whatever else is wrong
		}
	case Lose:
		c.lost = r
	case Cut:
		if c.cut == nil || r.Entities < c.cut.Entities {
			c.cut = r
		}
	case Page:
		if c.page == 0 || r.Entities < c.page {
			c.page = r.Entities
		}
	}
}

// failure is the contract's error, nil without a rule.
func (c Call) failure(r *Rule) error {
	if r == nil {
		return nil
	}
	return fmt.Errorf("%s: %w: by the fault rule %q", c.what, c.unavailable, r)
}

// End is what a call returns whose operation ended with err: an error too, if its answer is lost.
func (c Call) End(err error) error {
	if err != nil {
		return err
	}
	return c.failure(c.lost)
}

// Cut is the error that ends a scan after so many entities, if there are more; nil if it is not cut.
func (c Call) Cut() (after int, err error) {
	if c.cut == nil {
		return 0, nil
	}
	return c.cut.Entities, c.failure(c.cut)
}

// Page is how many entities are handed out at once; 0 is any number.
func (c Call) Page() int { return c.page }
