package guard

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/chunkaside/chunkaside/cache"
	"github.com/chunkaside/chunkaside/internal/breaker"
)

// The least time between two new drivers: where nobody answers, and where the cache refuses the key, which may have been replaced meanwhile, but hardly within seconds.
const (
	reopenEvery        = 2 * time.Second
	reopenRefusedEvery = 30 * time.Second
)

// client hands out the driver, and makes a new one when nobody answers the old one any more, or it is refused. After a freeze of the process a connection looks well and carries nothing, and a library
// may hold on to it for half a minute.
type client struct {
	open   func() (cache.Driver, error) // nil: there is only one
	after  int
	counts *counts

	mu      sync.Mutex
	current *connection // nil after close
	silent  int         // calls in a row that nobody answered
	made    time.Time   // when current was made, or was to be
	opening bool
}

// connection counts the calls on a driver, so that it is closed under none of them.
type connection struct {
	driver  cache.Driver
	users   int // calls that run
	retired bool
}

func newClient(driver cache.Driver, o Options, n *counts) *client {
	return &client{open: o.Reopen, after: o.ReopenAfter, counts: n, current: &connection{driver: driver}, made: time.Now()}
}

func (c *client) enter(context.Context) (cache.Driver, *connection, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.current == nil {
		return nil, nil, errors.New("the cache's driver is closed")
	}
	c.current.users++
	return c.current.driver, c.current, nil
}

func (c *client) leave(ctx context.Context, conn *connection, took time.Duration, err error) {
	c.mu.Lock()
	conn.users--
	unused := conn.unused()
	dead := conn == c.current && c.isDead(ctx, took, err)
	c.mu.Unlock()
	if unused {
		_ = conn.driver.Close() // There is nothing to lose, and no one to tell.
	}
	if dead {
		c.reopen()
	}
}

// isDead counts a call, and says whether it is time for a new driver; if so, the caller makes it. The caller holds the lock.
func (c *client) isDead(ctx context.Context, took time.Duration, err error) bool {
	switch {
	case unanswered(ctx, took, err):
		c.silent++
	case breaker.Judge(ctx, took, err, cache.ErrUnavailable) == breaker.Answered:
		c.silent = 0
	}
	age := time.Since(c.made)
	silent := c.silent >= c.after && age >= reopenEvery
	refused := errors.Is(err, cache.ErrRefused) && age >= reopenRefusedEvery
	if c.open == nil || c.opening || !silent && !refused {
		return false
	}
	c.opening = true
	return true
}

// unanswered says whether a call found nobody who answers. Those that fail soon were refused or throttled, which a new driver does not mend. One that its caller gave up after some time does count,
// for a Cache waits no longer than its soft timeout, and then cancels.
func unanswered(ctx context.Context, took time.Duration, err error) bool {
	return took >= breaker.Silence && err != nil && (ctx.Err() != nil || errors.Is(err, cache.ErrUnavailable) || errors.Is(err, context.DeadlineExceeded))
}

// reopen replaces the driver. If that fails the old one stays: it may yet recover.
func (c *client) reopen() {
	driver, err := c.open()
	c.mu.Lock()
	c.opening, c.silent, c.made = false, 0, time.Now()
	closed, unused := c.current == nil, false
	old := c.current
	if err == nil && !closed {
		c.counts.reopened.Add(1)
		unused = c.replace(&connection{driver: driver})
	}
	c.mu.Unlock()
	switch {
	case unused:
		_ = old.driver.Close() // As in leave.
	case err == nil && closed:
		_ = driver.Close()
	}
}

func (c *client) close() error {
	c.mu.Lock()
	old := c.current
	unused := old != nil && c.replace(nil)
	c.mu.Unlock()
	if unused {
		return old.driver.Close()
	}
	return nil
}

// replace retires the current driver, and says whether it is to be closed now: else the last call on it does so. The caller holds the lock, and closes without it, for that may take time.
func (c *client) replace(next *connection) (unused bool) {
	old := c.current
	old.retired = true
	c.current = next
	return old.unused()
}

// unused says whether the driver is to be closed. The caller holds the lock.
func (conn *connection) unused() bool { return conn.retired && conn.users == 0 }
