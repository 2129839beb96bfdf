package momentocache

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/momentohq/client-sdk-go/momento"
)

// client is one of the SDK's that counts how often it is closed.
type client struct {
	momento.CacheClient
	closed int
}

func (c *client) Close() { c.closed++ }

// clients returns connections and, in the order they were made, their clients.
func clients(t *testing.T) (*connections, *[]*client) {
	t.Helper()
	var made []*client
	c, err := newConnections(func() (momento.CacheClient, error) {
		made = append(made, new(client))
		return made[len(made)-1], nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return c, &made
}

// fail makes calls that find nobody.
func fail(t *testing.T, c *connections, times int) {
	t.Helper()
	for range times {
		lost := momento.NewMomentoError(momento.ServerUnavailableError, "nobody", nil)
		if err := c.call(t.Context(), func(momento.CacheClient) error { return lost }); !errors.Is(err, error(lost)) {
			t.Fatalf("call = %v, want the SDK's error", err)
		}
	}
}

func TestRenewal(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, made := clients(t)
		fail(t, c, 2*renewAfter)
		if len(*made) != 1 {
			t.Fatalf("%d clients at once: the service would get a storm of new connections", len(*made))
		}
		time.Sleep(renewEvery)
		if err := c.call(t.Context(), func(momento.CacheClient) error { return nil }); err != nil {
			t.Fatal(err)
		}
		fail(t, c, renewAfter-1) // the success in between starts the count anew
		if len(*made) != 1 {
			t.Errorf("%d clients after %d failures", len(*made), renewAfter-1)
		}
		fail(t, c, 1)
		if len(*made) != 2 || (*made)[0].closed != 1 || (*made)[1].closed != 0 {
			t.Errorf("clients %+v, want two, the first closed once", *made)
		}
		fail(t, c, 2*renewAfter)
		if len(*made) != 2 {
			t.Errorf("%d clients within %v", len(*made), renewEvery)
		}
		c.close()
		c.close()
		if (*made)[0].closed != 1 || (*made)[1].closed != 1 {
			t.Errorf("clients %+v after close, want each closed once", *made)
		}
	})
}

// TestReplacedClientIsInUse: a client is closed with its last call, not under it; a call that panics has ended too.
func TestReplacedClientIsInUse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, made := clients(t)
		time.Sleep(renewEvery)
		end, ended := make(chan struct{}), make(chan any, 2)
		for _, crash := range []bool{false, true} {
			go func() {
				defer func() { ended <- recover() }()
				_ = c.call(t.Context(), func(momento.CacheClient) error {
					<-end
					if crash {
						panic("the SDK's")
					}
					return nil
				})
			}()
		}
		synctest.Wait()
		fail(t, c, renewAfter)
		if len(*made) != 2 || (*made)[0].closed != 0 {
			t.Errorf("clients %+v, want two, the first open: calls use it", *made)
		}
		close(end)
		<-ended
		<-ended
		if (*made)[0].closed != 1 {
			t.Errorf("the first client is closed %d times after its last call, want once", (*made)[0].closed)
		}
	})
}

// due is a context whose deadline has passed, but whose timer has not fired.
type due struct {
	context.Context //nolint:containedctx // it is one itself
	done            chan struct{}
}

func (d due) Deadline() (time.Time, bool) { return time.Now().Add(-time.Millisecond), true }
func (d due) Done() <-chan struct{}       { return d.done }
func (d due) Err() error {
	select {
	case <-d.done:
		return context.DeadlineExceeded
	default:
		return nil
	}
}

// TestDeadlineIsDue: the server may end a call a moment before the caller's own timer: that is the deadline, not a fault of the cache.
func TestDeadlineIsDue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx := due{t.Context(), make(chan struct{})}
		time.AfterFunc(time.Millisecond, func() { close(ctx.done) })
		err := translate(ctx, momento.NewMomentoError(momento.TimeoutError, "deadline", nil))
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("translate = %v, want the deadline", err)
		}
	})
}
