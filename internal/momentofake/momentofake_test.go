package momentofake_test

import (
	"context"
	"errors"
	"net"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/momentohq/client-sdk-go/auth"
	"github.com/momentohq/client-sdk-go/config"
	"github.com/momentohq/client-sdk-go/config/logger"
	"github.com/momentohq/client-sdk-go/momento"
	"google.golang.org/grpc/codes"

	"github.com/chunkaside/chunkaside/internal/momentofake"
)

// The tests of cache/momentocache exercise the calls; these are the fake's own, through the same SDK.

func start(t *testing.T, opts *momentofake.Options) (*momentofake.Server, momento.CacheClient) {
	t.Helper()
	server, err := momentofake.Start("127.0.0.1:0", opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Close)
	_, portText, err := net.SplitHostPort(server.Addr())
	if err != nil {
		t.Fatal(err)
	}
	port, err := strconv.ParseUint(portText, 10, 16)
	if err != nil {
		t.Fatal(err)
	}
	provider, err := auth.NewMomentoLocalProvider(&auth.MomentoLocalConfig{Port: uint(port)})
	if err != nil {
		t.Fatal(err)
	}
	client, err := momento.NewCacheClientWithEagerConnectTimeout( // 0: eagerly it would Ping
		config.LaptopLatestWithLogger(logger.NewNoopMomentoLoggerFactory()), provider, time.Hour, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	return server, client
}

func set(t *testing.T, client momento.CacheClient, key, value string) {
	t.Helper()
	if _, err := client.Set(t.Context(), &momento.SetRequest{CacheName: "catalog", Key: momento.String(key), Value: momento.String(value)}); err != nil {
		t.Fatal(err)
	}
}

func TestTTLAndEviction(t *testing.T) {
	server, client := start(t, nil)
	for _, key := range []string{"a", "b", "c"} {
		set(t, client, key, "v")
	}
	server.Advance(40 * time.Minute)
	server.Evict("catalog", "a", "nobody")
	if diff := cmp.Diff([]string{"b", "c"}, server.Keys("catalog")); diff != "" {
		t.Errorf("keys after an eviction (-want +got):\n%s", diff)
	}
	if n := server.Len(); n != 2 {
		t.Errorf("%d items after an eviction, want 2", n)
	}
	server.Advance(20 * time.Minute)
	if n := server.Len(); n != 0 {
		t.Errorf("%d items after their TTL", n)
	}
	set(t, client, "d", "v")
	server.Flush()
	if n := server.Len(); n != 0 {
		t.Errorf("%d items after Flush", n)
	}
}

// TestOtherCalls: what no driver sends is refused by name, so that one that begins to send it is told.
func TestOtherCalls(t *testing.T) {
	_, client := start(t, nil)
	_, err := client.ItemGetTtl(t.Context(), &momento.ItemGetTtlRequest{CacheName: "catalog", Key: momento.String("k")})
	if err == nil || !strings.Contains(err.Error(), "not part of this fake") {
		t.Errorf("ItemGetTtl = %v", err)
	}
	for _, call := range []func() error{
		func() error {
			_, err := client.SetIfPresent(t.Context(), &momento.SetIfPresentRequest{CacheName: "catalog", Key: momento.String("k"), Value: momento.String("v")})
			return err
		},
		func() error {
			set(t, client, "k", "v")
			_, err := client.IncreaseTtl(t.Context(), &momento.IncreaseTtlRequest{CacheName: "catalog", Key: momento.String("k"), Ttl: time.Hour})
			return err
		},
	} {
		if err := call(); err == nil || !strings.Contains(err.Error(), "not part of this fake") {
			t.Errorf("a condition that no driver sends = %v", err)
		}
	}
}

func TestFaults(t *testing.T) {
	server, client := start(t, nil)
	get := func(ctx context.Context) string {
		_, err := client.Get(ctx, &momento.GetRequest{CacheName: "catalog", Key: momento.String("k")})
		if refused, ok := errors.AsType[momento.MomentoError](err); ok {
			return refused.Code()
		}
		return ""
	}
	server.Inject(momentofake.Fault{Method: "Set", Code: codes.Internal})
	server.Inject(momentofake.Fault{Method: "Get", Code: codes.PermissionDenied, Times: 2})
	throttle := momentofake.Throttle
	throttle.Times = 1
	server.Inject(throttle)
	server.Inject(momentofake.Fault{Method: "Get", Hang: true})
	for i, want := range []string{momento.PermissionError, momento.PermissionError, momento.LimitExceededError} {
		if got := get(t.Context()); got != want {
			t.Errorf("Get %d = %q, want %q", i, got, want)
		}
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if got := get(ctx); got != momento.TimeoutError {
		t.Errorf("Get that hangs = %q", got)
	}
	server.Heal()
	if got := get(t.Context()); got != "" {
		t.Errorf("Get after Heal = %q", got)
	}
	if n := server.Calls("Get"); n != 5 {
		t.Errorf("%d calls of Get, want 5", n)
	}
}

func TestPortTaken(t *testing.T) {
	server, _ := start(t, nil)
	if _, err := momentofake.Start(server.Addr(), nil); err == nil {
		t.Error("a second server started on the same port")
	}
}
