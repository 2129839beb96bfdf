package valkeycache_test

import (
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/chunkaside/chunkaside/cache"
	"github.com/chunkaside/chunkaside/cache/valkeycache"
	"github.com/chunkaside/chunkaside/internal/servertest"
)

// TestSlowServer: calls whose time is up leave the connection to the others, so a server that is merely slow gets no new ones.
func TestSlowServer(t *testing.T) {
	server := servertest.Valkey(t)
	relay := servertest.StartRelay(t, "127.0.0.1:0", server)
	d, err := valkeycache.New("valkey://"+relay.Address(), &valkeycache.Options{Timeout: 150 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	if err := d.Set(t.Context(), "k", []byte("v"), time.Hour); err != nil {
		t.Fatal(err)
	}
	var paused sync.WaitGroup
	paused.Go(func() { command(t, server, "CLIENT", "PAUSE", "900", "ALL") }) // it says goodbye, and waits for that
	time.Sleep(100 * time.Millisecond)
	for range 4 {
		if err := d.Set(t.Context(), "k", []byte("v"), time.Hour); !errors.Is(err, cache.ErrUnavailable) {
			t.Errorf("Set while the server pauses = %v, want cache.ErrUnavailable", err)
		}
	}
	paused.Wait()
	if n := relay.Connections(); n != 1 {
		t.Errorf("%d connections after 4 calls on a slow server, want the one", n)
	}
}

// TestOneConnection: of several connections that died together, a second try would meet the next dead one.
func TestOneConnection(t *testing.T) {
	relay := servertest.StartRelay(t, "127.0.0.1:0", servertest.Valkey(t))
	d := open(t, "valkey://"+relay.Address())
	var wait sync.WaitGroup
	for i := range 50 {
		wait.Go(func() {
			if err := d.Set(t.Context(), fmt.Sprint("key ", i), []byte("v"), time.Hour); err != nil {
				t.Errorf("Set = %v", err)
			}
		})
	}
	wait.Wait()
	if n := relay.Connections(); n != 1 {
		t.Errorf("%d connections for 50 calls at once, want one", n)
	}
}

// TestCutUnderCalls cuts the connection under many calls. The library reuses the memory of commands that have ended, though the
// writer of a connection that failed may still read it: the race detector sees that where commands are not pinned.
func TestCutUnderCalls(t *testing.T) {
	relay := servertest.StartRelay(t, "127.0.0.1:0", servertest.Valkey(t))
	d := open(t, "valkey://"+relay.Address())
	stop, value := make(chan struct{}), make([]byte, 2000)
	var wait sync.WaitGroup
	for i := range 24 {
		wait.Go(func() {
			key := fmt.Sprint("key ", i)
			for {
				select {
				case <-stop:
					return
				default:
				}
				// They may fail: the second try is cut too.
				_ = d.Set(t.Context(), key, value, time.Hour)
				if values, err := d.Get(t.Context(), []string{key, "nobody"}); err == nil && values[1] != nil {
					t.Error("Get returns another key's value")
				}
			}
		})
	}
	for range 250 {
		time.Sleep(4 * time.Millisecond) // A real connection, a real clock.
		relay.Cut()
	}
	close(stop)
	wait.Wait()
}
