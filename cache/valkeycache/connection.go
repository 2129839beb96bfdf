package valkeycache

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/valkey-io/valkey-go"
	"golang.org/x/sync/singleflight"

	"github.com/chunkaside/chunkaside/cache"
)

// connection makes the library's client with the first call that finds a server: the library itself would not start without one.
// From then on the library reconnects by itself.
type connection struct {
	option  valkey.ClientOption
	timeout time.Duration
	dialing singleflight.Group

	mu     sync.Mutex
	client valkey.Client // nil until connected
	closed bool
}

var errClosed = errors.New("valkey: the driver is closed")

func newConnection(option valkey.ClientOption, timeout time.Duration) *connection {
	return &connection{option: option, timeout: timeout}
}

// call runs f with the client, within the timeout, and returns its answer, its error in the terms of the contract.
//
// f runs in a goroutine and does not see ctx end: the library heeds no cancellation while it connects, and calls that wait for the
// same connection would all fail with the one whose context ended. A call that ends early leaves the goroutine behind, until
// the timeout at most, so f must not write to what the caller reads.
func call[T any](ctx context.Context, c *connection, f func(context.Context, valkey.Client) (T, error)) (T, error) {
	type result struct {
		answer T
		err    error
	}
	var none T
	if err := ctx.Err(); err != nil {
		return none, err
	}
	results := make(chan result, 1)
	go func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), c.timeout)
		defer cancel()
		var r result
		client, err := c.connect(ctx)
		if err == nil {
			r.answer, err = f(ctx, client)
		}
		r.err = c.translate(err)
		results <- r
	}()
	select {
	case r := <-results:
		return r.answer, r.err
	case <-ctx.Done():
		return none, ctx.Err()
	}
}

// connect returns the client, made now if there is none. Callers that come while it is made wait for the same one, each as long
// as its own ctx.
func (c *connection) connect(ctx context.Context) (valkey.Client, error) {
	if client, err := c.current(); client != nil || err != nil {
		return client, err
	}
	select {
	case result := <-c.dialing.DoChan("", c.dial):
		if result.Err != nil {
			return nil, result.Err
		}
		return result.Val.(valkey.Client), nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (c *connection) current() (valkey.Client, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return nil, errClosed
	}
	return c.client, nil
}

// dial makes the client. It runs in a goroutine that may outlive the call that began it, by a few timeouts at most.
func (c *connection) dial() (any, error) {
	// The flight before this one may have ended between a caller's look and its joining.
	if client, err := c.current(); client != nil || err != nil {
		return client, err
	}
	client, err := valkey.NewClient(c.option)
	if err != nil {
		return nil, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		client.Close()
		return nil, errClosed
	}
	c.client = client
	return client, nil
}

func (c *connection) close() {
	c.mu.Lock()
	client := c.client
	c.client, c.closed = nil, true
	c.mu.Unlock()
	if client != nil {
		client.Close()
	}
}

// translate turns an error of the library into one of the contract.
func (c *connection) translate(err error) error {
	if err == nil || errors.Is(err, errClosed) {
		return err
	}
	address := strings.Join(c.option.InitAddress, ",")
	var answer *valkey.ValkeyError
	switch {
	case errors.As(err, &answer) && isRefusal(answer.Error()):
		return fmt.Errorf("%w: valkey %s: %w", cache.ErrRefused, address, err)
	case errors.As(err, &answer) && !isTransient(answer.Error()):
		return fmt.Errorf("valkey %s: %w", address, err)
	}
	if errors.Is(err, context.DeadlineExceeded) {
		// The timeout's, not the caller's: so it must not match.
		return fmt.Errorf("%w: valkey %s: no answer within %v", cache.ErrUnavailable, address, c.timeout)
	}
	return fmt.Errorf("%w: valkey %s: %w", cache.ErrUnavailable, address, err)
}

// isTransient reports whether an error that the server answered goes away by itself: it starts, fails over, has its hands or its
// memory full. The others are mistakes: a wrong password, a key of another type.
func isTransient(answer string) bool {
	code, _, _ := strings.Cut(answer, " ")
	switch code {
	case "LOADING", "BUSY", "OOM", "TRYAGAIN", "CLUSTERDOWN", "MASTERDOWN", "READONLY", "NOREPLICAS", "MISCONF", "MOVED", "ASK":
		return true
	}
	return strings.HasPrefix(answer, "ERR max number of clients reached")
}

// isRefusal reports whether the server does not take the user or the password. Servers before 6 have no code of its own for that.
func isRefusal(answer string) bool {
	code, text, _ := strings.Cut(answer, " ")
	switch code {
	case "WRONGPASS", "NOAUTH", "NOPERM":
		return true
	}
	return code == "ERR" && (strings.HasPrefix(text, "invalid password") || strings.HasPrefix(text, "AUTH "))
}
