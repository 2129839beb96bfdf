// Package guard protects a cache, and those who wait for it, from each other: a wrapper of any cache.Driver that is one itself.
//
//	driver := guard.New(momento, &guard.Options{Reopen: func() (cache.Driver, error) { return momentocache.New(name, options) }})
//	...
//	defer driver.Close()
//	c, err := cache.New(driver, schema, nil)
//
// A call that works costs a microsecond or two more. What was refused here, and never reached the cache, matches cache.ErrUnavailable. SetIfAbsent and CompareAndSet are sent once: what became of a lost
// one is for the caller to find out.
package guard

import (
	"github.com/chunkaside/chunkaside/cache"
)

// Driver is a cache.Driver that guards another. Make one with New.
type Driver struct {
	cache.Driver // the stack

	counts   counts
	breaker  *breakerGate
	reopened *client
}

var _ cache.Driver = (*Driver)(nil)

// New guards a driver, which the guard closes. A nil o means the defaults.
func New(driver cache.Driver, o *Options) *Driver {
	d := &Driver{}
	d.Driver = d.stack(driver, o.withDefaults())
	return d
}

// stack puts the policies around a driver. A call passes them from the last to the first:
//
//   - retry is outermost: each try takes its place in the bulkhead anew, and none is kept during a pause;
//   - bulkhead before breaker: whoever has waited for a place learns there that the cache has failed meanwhile, and a crowd of our own is no failure of the cache;
//   - breaker before hedge: it counts a read once, however often it was sent;
//   - hedge before client: the second sending goes to a new client if there is one by then;
//   - client is innermost: it must see each call that a connection carries, to know when it is dead and when nobody uses it any more.
func (d *Driver) stack(driver cache.Driver, o Options) cache.Driver {
	d.reopened = newClient(driver, o, &d.counts)
	driver = gated[*connection]{d.reopened}
	if o.HedgeDelay >= 0 {
		driver = newHedge(driver, o, &d.counts)
	}
	d.breaker = newBreakerGate(driver, o, &d.counts)
	driver = gated[breakerCall]{d.breaker}
	driver = gated[place]{newBulkhead(driver, o, &d.counts)}
	return newRetry(driver, o, &d.counts)
}
