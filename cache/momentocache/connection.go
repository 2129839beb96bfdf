package momentocache

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/momentohq/client-sdk-go/config"
	"github.com/momentohq/client-sdk-go/config/logger"
	"github.com/momentohq/client-sdk-go/momento"
)

const (
	// renewAfter is how many calls in a row must find nobody before the client is replaced.
	renewAfter = 3
	// renewEvery is the least time between two clients.
	renewEvery = 2 * time.Second
)

// connections hands out the SDK's client, and makes a new one when the old one seems dead. gRPC reconnects by itself, but a
// connection that died in a freeze of the process takes it up to half a minute to notice, and after a long outage it waits two
// minutes between two attempts.
type connections struct {
	// newClient makes a client. It does not touch the network.
	newClient func() (momento.CacheClient, error)

	mu       sync.Mutex
	current  *connection // nil after close
	failures int         // calls in a row that found nobody
	made     time.Time   // when current was made
}

// connection counts the calls on a client, so that it is closed under none of them.
type connection struct {
	client  momento.CacheClient
	users   int // calls that run
	retired bool
}

// connect makes the first client.
func connect(o Options) (*connections, error) {
	credentials, err := o.credentials()
	if err != nil {
		return nil, err
	}
	// Silent, because the SDK's own logger writes to the process's output; for Lambda, because its keep-alive pings would find
	// themselves unanswered after each freeze.
	configuration := config.LambdaLatestWithLogger(logger.NewNoopMomentoLoggerFactory()).WithClientTimeout(o.Timeout)
	return newConnections(func() (momento.CacheClient, error) {
		// It connects with its first call: without eager connect, which waits, and fails for good.
		return momento.NewCacheClientWithEagerConnectTimeout(configuration, credentials, maxTTL, 0)
	})
}

func newConnections(newClient func() (momento.CacheClient, error)) (*connections, error) {
	client, err := newClient()
	if err != nil {
		return nil, fmt.Errorf("momento: %w", err)
	}
	return &connections{newClient: newClient, current: &connection{client: client}, made: time.Now()}, nil
}

// errUnfinished is how a call ends in which the SDK panics: it says nothing of the connection.
var errUnfinished = errors.New("momento: the call did not end")

// call runs f with a client, and returns its error in the terms of the contract.
func (c *connections) call(ctx context.Context, f func(momento.CacheClient) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	conn, err := c.acquire()
	if err != nil {
		return err
	}
	err = errUnfinished
	defer func() { c.release(conn, err) }()
	err = translate(ctx, f(conn.client))
	return err
}

func (c *connections) acquire() (*connection, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.current == nil {
		return nil, errors.New("momento: the driver is closed")
	}
	c.current.users++
	return c.current, nil
}

// release ends a call that returned err.
func (c *connections) release(conn *connection, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	conn.users--
	conn.closeIfUnused()
	if conn != c.current {
		return
	}
	switch {
	case err == nil:
		c.failures = 0
	case foundNobody(err):
		c.failures++
		c.renew()
	}
}

// renew replaces the client if it failed often enough and the last replacement is not too new. The caller holds the lock.
func (c *connections) renew() {
	if c.failures < renewAfter || time.Since(c.made) < renewEvery {
		return
	}
	client, err := c.newClient()
	if err != nil {
		return // The old one may yet recover.
	}
	c.retire()
	c.current, c.made, c.failures = &connection{client: client}, time.Now(), 0
}

func (c *connections) close() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.retire()
	c.current = nil
}

// retire lets the current client close with its last call. The caller holds the lock.
func (c *connections) retire() {
	if c.current == nil {
		return
	}
	c.current.retired = true
	c.current.closeIfUnused()
}

// closeIfUnused closes a retired client when nobody uses it. The caller holds the lock of its connections.
func (conn *connection) closeIfUnused() {
	if conn.retired && conn.users == 0 {
		conn.client.Close()
	}
}
