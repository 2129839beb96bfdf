package momentocache_test

import (
	"context"
	"errors"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/momentohq/client-sdk-go/momento"
	"google.golang.org/grpc/codes"

	"github.com/chunkaside/chunkaside/cache"
	"github.com/chunkaside/chunkaside/cache/cachetest"
	"github.com/chunkaside/chunkaside/cache/momentocache"
	"github.com/chunkaside/chunkaside/internal/momentofake"
	"github.com/chunkaside/chunkaside/internal/servertest"
)

func TestContract(t *testing.T) {
	var server *momentofake.Server
	cachetest.Run(t, cachetest.Harness{
		Open: func(t testing.TB) cache.Driver {
			server = start(t, nil)
			return open(t, server.Addr())
		},
		Advance:     func(d time.Duration) { server.Advance(d) },
		MaxItemSize: momentofake.DefaultMaxItemSize,
		Unreachable: func(t testing.TB) cache.Driver { return open(t, refused(t)) },
		Stalled: func(t testing.TB) cache.Driver {
			server := start(t, nil)
			server.Inject(momentofake.Fault{Hang: true})
			return open(t, server.Addr())
		},
	})
}

func start(t testing.TB, opts *momentofake.Options) *momentofake.Server {
	t.Helper()
	server, err := momentofake.Start("127.0.0.1:0", opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Close)
	return server
}

// patient is a timeout that a busy machine does not meet by accident.
const patient = 10 * time.Second

func open(t testing.TB, endpoint string) *momentocache.Driver {
	t.Helper()
	return openWith(t, "catalog", &momentocache.Options{Endpoint: endpoint, Timeout: patient})
}

func openWith(t testing.TB, cacheName string, opts *momentocache.Options) *momentocache.Driver {
	t.Helper()
	d, err := momentocache.New(cacheName, opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	})
	return d
}

// refused returns an address where nobody listens.
func refused(t testing.TB) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().String()
}

func get(d cache.Driver, ctx context.Context, keys ...string) error {
	_, err := d.Get(ctx, keys)
	return err
}

func TestThrottledIsNotTriedAgain(t *testing.T) {
	server := start(t, nil)
	d := open(t, server.Addr())
	server.Inject(momentofake.Throttle)
	err := get(d, t.Context(), "k")
	if !errors.Is(err, cache.ErrUnavailable) || !strings.Contains(err.Error(), "Request rate limit exceeded") {
		t.Errorf("Get = %v, want cache.ErrUnavailable with the limit's name", err)
	}
	var cause momento.MomentoError
	if !errors.As(err, &cause) || cause.Code() != momento.LimitExceededError {
		t.Errorf("the cause of %v is %v", err, cause)
	}
	if n := server.Calls("Get"); n != 1 {
		t.Errorf("%d attempts", n)
	}
}

func TestUnavailable(t *testing.T) {
	value := []byte("v")
	for _, test := range []struct {
		method   string
		failures int
		attempts int // 0: the call must fail
		call     func(ctx context.Context, d cache.Driver) error
	}{
		{"Get", 3, 4, func(ctx context.Context, d cache.Driver) error { return get(d, ctx, "k") }},
		{"Set", 3, 4, func(ctx context.Context, d cache.Driver) error { return d.Set(ctx, "k", value, time.Hour) }},
		{"Delete", 3, 4, func(ctx context.Context, d cache.Driver) error { return d.Delete(ctx, "k") }},
		{"UpdateTtl", 1, 2, func(ctx context.Context, d cache.Driver) error {
			_, err := d.Touch(ctx, "k", time.Hour)
			return err
		}},
		{"SetIf", 1, 0, func(ctx context.Context, d cache.Driver) error {
			_, err := d.SetIfAbsent(ctx, "k", value, time.Hour)
			return err
		}},
		{"SetIf", 1, 0, func(ctx context.Context, d cache.Driver) error {
			_, err := d.CompareAndSet(ctx, "k", value, value, time.Hour)
			return err
		}},
	} {
		server := start(t, nil)
		server.Inject(momentofake.Fault{Method: test.method, Code: codes.Unavailable, Times: test.failures})
		err := test.call(t.Context(), open(t, server.Addr()))
		switch attempts := server.Calls(test.method); {
		case test.attempts == 0 && (attempts != 1 || !errors.Is(err, cache.ErrUnavailable)):
			t.Errorf("%s = %v after %d attempts, want cache.ErrUnavailable after one", test.method, err, attempts)
		case test.attempts > 0 && (attempts != test.attempts || err != nil):
			t.Errorf("%s = %v after %d attempts, want success after %d", test.method, err, attempts, test.attempts)
		}
	}
}

func TestLostAnswer(t *testing.T) {
	server := start(t, nil)
	d := open(t, server.Addr())
	server.Inject(momentofake.Fault{Method: "SetIf", Code: codes.Unavailable, Times: 1, Late: true})
	if stored, err := d.SetIfAbsent(t.Context(), "lease", []byte("me"), time.Hour); stored || !errors.Is(err, cache.ErrUnavailable) {
		t.Errorf("SetIfAbsent = %v, %v, want cache.ErrUnavailable", stored, err)
	}
	values, err := d.Get(t.Context(), []string{"lease"})
	if err != nil || string(values[0]) != "me" {
		t.Errorf("Get = %q, %v: the caller must be able to find out", values, err)
	}
}

func TestTimeout(t *testing.T) {
	server := start(t, nil)
	server.Inject(momentofake.Fault{Hang: true})
	d := openWith(t, "catalog", &momentocache.Options{Endpoint: server.Addr(), Timeout: 50 * time.Millisecond})
	for _, keys := range [][]string{{"k"}, {"k", "l", "m"}} {
		if err := get(d, t.Context(), keys...); !errors.Is(err, cache.ErrUnavailable) || errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Get(%v) = %v, want cache.ErrUnavailable alone", keys, err)
		}
	}
}

// TestServerComesBack is the outage of a server at one address: calls fail meanwhile, and succeed afterwards without a new driver.
func TestServerComesBack(t *testing.T) {
	server := start(t, nil)
	d := open(t, server.Addr())
	if err := d.Set(t.Context(), "k", []byte("v"), time.Hour); err != nil {
		t.Fatal(err)
	}
	server.Close()
	for range 5 {
		if err := get(d, t.Context(), "k", "l"); !errors.Is(err, cache.ErrUnavailable) {
			t.Errorf("Get without a server = %v, want cache.ErrUnavailable", err)
		}
	}
	again, err := momentofake.Start(server.Addr(), nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(again.Close)
	deadline := time.Now().Add(20 * time.Second)
	for get(d, t.Context(), "k") != nil {
		if time.Now().After(deadline) {
			t.Fatal("the driver did not find the server again")
		}
		time.Sleep(20 * time.Millisecond) // A real server, a real clock.
	}
}

// TestConnectionDies is a freeze of the process: the connection looks well and carries nothing. gRPC takes half a minute to notice;
// the driver must be faster.
func TestConnectionDies(t *testing.T) {
	relay := servertest.StartRelay(t, "127.0.0.1:0", start(t, nil).Addr())
	d := openWith(t, "catalog", &momentocache.Options{Endpoint: relay.Address(), Timeout: 500 * time.Millisecond})
	if err := d.Set(t.Context(), "k", []byte("v"), time.Hour); err != nil {
		t.Fatal(err)
	}
	relay.Freeze()
	deadline := time.Now().Add(8 * time.Second)
	for get(d, t.Context(), "k") != nil {
		if time.Now().After(deadline) {
			t.Fatal("the driver holds on to a dead connection")
		}
	}
}

func TestRefusals(t *testing.T) {
	server := start(t, &momentofake.Options{APIKey: "right-secret", Caches: []string{"catalog"}})
	try := func(cacheName, key string) error {
		return get(openWith(t, cacheName, &momentocache.Options{Endpoint: server.Addr(), APIKey: key}), t.Context(), "k")
	}
	if err := try("catalog", "right-secret"); err != nil {
		t.Errorf("Get with key and cache = %v", err)
	}
	for code, err := range map[string]error{
		momento.AuthenticationError: try("catalog", "wrong-secret"),
		momento.CacheNotFoundError:  try("nobody", "right-secret"),
	} {
		var cause momento.MomentoError
		if !errors.As(err, &cause) || cause.Code() != code || errors.Is(err, cache.ErrUnavailable) {
			t.Errorf("Get = %v, want %s, which waiting does not mend", err, code)
		}
		if refused := code == momento.AuthenticationError; errors.Is(err, cache.ErrRefused) != refused {
			t.Errorf("Get = %v; it is cache.ErrRefused: %v", err, !refused)
		}
		if strings.Contains(err.Error(), "secret") {
			t.Errorf("the key is in the error: %v", err)
		}
	}
}

func TestRepeatedKeysAreFetchedOnce(t *testing.T) {
	server := start(t, nil)
	d := open(t, server.Addr())
	if err := get(d, t.Context(), "a", "b", "a", "a", "b"); err != nil {
		t.Fatal(err)
	}
	if n := server.Calls("Get"); n != 2 {
		t.Errorf("%d calls for 2 keys", n)
	}
}

func TestBadOptions(t *testing.T) {
	for _, test := range []struct {
		cacheName string
		opts      *momentocache.Options
		want      string // in the error
	}{
		{"", &momentocache.Options{Endpoint: "127.0.0.1:1"}, "name"},
		{"catalog", nil, "neither"},
		{"catalog", &momentocache.Options{APIKey: "not-a-secret-key"}, "API key"},
		{"catalog", &momentocache.Options{Endpoint: "127.0.0.1"}, `"127.0.0.1" is not host:port`},
		{"catalog", &momentocache.Options{Endpoint: "127.0.0.1:http"}, "is not host:port"},
		{"catalog", &momentocache.Options{Endpoint: "cache.example:80", APIKey: "not-a-secret-key"}, "loopback"},
		{"catalog", &momentocache.Options{Endpoint: "127.0.0.1:1", Timeout: -1}, "negative"},
	} {
		_, err := momentocache.New(test.cacheName, test.opts)
		if err == nil || !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), "secret") {
			t.Errorf("New(%q, %+v) = %v, want an error with %q and no key", test.cacheName, test.opts, err, test.want)
		}
	}
}
