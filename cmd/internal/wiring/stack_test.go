package wiring

import (
	"context"
	"errors"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/chunkaside/chunkaside/cache"
	"github.com/chunkaside/chunkaside/internal/momentofake"
	"github.com/chunkaside/chunkaside/internal/servertest"
	"github.com/chunkaside/chunkaside/store"
)

func openApp(t *testing.T, c Config) *App {
	t.Helper()
	c.Store = sample
	app, err := Open(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := app.Close(); err != nil {
			t.Error(err)
		}
	})
	return app
}

// TestCacheIsGuarded: the guard's own errors name the cache too.
func TestCacheIsGuarded(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	listener.Close() // nobody listens there now
	app := openApp(t, Config{Cache: "valkey://user:secret@" + listener.Addr().String()})
	for range 20 {
		_, err = app.driver.Get(t.Context(), []string{"key"})
	}
	var failed *CacheError
	if s := app.Guard.Stats(); s.Breaker != "open" || s.Rejected == 0 || !errors.Is(err, cache.ErrUnavailable) || !errors.As(err, &failed) {
		t.Errorf("Get = %v, Stats = %+v, want a CacheError of an open breaker", err, s)
	}
	if text := Explain(err).Error(); !strings.Contains(text, "left alone") || !strings.Contains(text, "CHUNKASIDE_CACHE") || strings.Contains(text, "secret") {
		t.Errorf("the error is explained as %q", text)
	}
}

// TestFrozenCacheIsOpenedAnew: the callers of a Cache give up before a driver's own timeout, so the driver never learns that its connection is dead.
func TestFrozenCacheIsOpenedAnew(t *testing.T) {
	server, err := momentofake.Start("127.0.0.1:0", nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Close)
	relay := servertest.StartRelay(t, "127.0.0.1:0", server.Addr())
	app := openApp(t, Config{Cache: "momento:catalog?endpoint=" + relay.Address()})
	get := func() error {
		ctx, cancel := context.WithCancel(t.Context())
		timer := time.AfterFunc(200*time.Millisecond, cancel) // as a Cache does after its soft timeout
		defer timer.Stop()
		defer cancel()
		_, err := app.driver.Get(ctx, []string{"key"})
		return err
	}
	deadline := time.Now().Add(20 * time.Second)
	await := func(what string) {
		for err := get(); err != nil; err = get() {
			if time.Now().After(deadline) {
				t.Fatalf("%s: %v; Stats = %+v", what, err, app.Guard.Stats())
			}
		}
	}
	await("the first call")
	relay.Freeze()
	await("the connection is frozen")
	if s := app.Guard.Stats(); s.Reopened == 0 {
		t.Errorf("Stats = %+v", s)
	}
}

// TestStoreIsGuarded: narrow reads are bounded, builds are not.
func TestStoreIsGuarded(t *testing.T) {
	app := openApp(t, Config{Cache: memory, StoreUnits: 1})
	m := app.Schema.Models[0]
	keys := make([]store.Key, 60)
	for i := range keys {
		keys[i] = store.Key{"nobody"}
	}
	if _, err := app.Store.Get(t.Context(), m, keys); err != nil {
		t.Fatal(err)
	}
	var throttled *store.ThrottledError
	if _, err := app.Store.Get(t.Context(), m, keys); !errors.As(err, &throttled) {
		t.Errorf("Get = %v, want a store.ThrottledError after 60 units where there is one a second", err)
	}
	if _, err := app.Cache.Current(t.Context()); err != nil {
		t.Errorf("a build beside it = %v", err)
	}
	if s, reads := app.Store.Stats(), app.Reads.Stats(); s.Units != 60 || s.BuildUnits < 1000 || s.Throttled != 1 || reads.Gets != 1 || reads.Scans == 0 {
		t.Errorf("Stats = %+v, of the store itself %+v", s, reads)
	}
}
