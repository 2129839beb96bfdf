package cache

import (
	"cmp"
	"fmt"
	"time"
)

// Policy is what of Options may change while the Cache is in use. The fields mean what they mean there.
type Policy struct {
	MaxAge, MaxStale, SoftTimeout, HardTimeout time.Duration
}

func (o *Options) policy() Policy { return Policy{o.MaxAge, o.MaxStale, o.SoftTimeout, o.HardTimeout} }

func (p Policy) withDefaults() (Policy, error) {
	p.MaxAge = cmp.Or(p.MaxAge, time.Second)
	p.MaxStale = cmp.Or(p.MaxStale, 24*time.Hour)
	p.SoftTimeout = cmp.Or(p.SoftTimeout, 200*time.Millisecond)
	p.HardTimeout = cmp.Or(p.HardTimeout, 20*time.Second)
	switch {
	case p.SoftTimeout < 0 || p.HardTimeout < p.SoftTimeout:
		return p, fmt.Errorf("a soft timeout of %v or a hard timeout of %v is out of bounds: none is negative, and the hard one is no shorter than the soft one", p.SoftTimeout, p.HardTimeout)
	case p.MaxStale < p.MaxAge:
		return p, fmt.Errorf("a version may be stale for %v, less than the %v for which it is fresh: give MaxStale more, or MaxAge less", p.MaxStale, p.MaxAge)
	}
	return p, nil
}

// SetPolicy replaces the policy, which was that of Options; the calls that come follow the new one. An error means that it is out of bounds, and that the old one goes on.
func (c *Cache) SetPolicy(p Policy) error {
	p, err := p.withDefaults()
	if err != nil {
		return err
	}
	c.policy.Store(&p)
	// What is in memory would be fresh for as long as the old policy let it.
	if h := c.held.Load(); h != nil {
		if again := c.looked(*h, false); again.due.Before(h.due) {
			c.held.CompareAndSwap(h, again)
		}
	}
	return nil
}
