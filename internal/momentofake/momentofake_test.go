package momentofake_test

import (
	"context"
	"errors"
	"net"
	"strconv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/momentohq/client-sdk-go/auth"
	"github.com/momentohq/client-sdk-go/config"
	"github.com/momentohq/client-sdk-go/config/logger"
	"github.com/momentohq/client-sdk-go/momento"
	"github.com/momentohq/client-sdk-go/responses"
	"google.golang.org/grpc/codes"

	"github.com/chunkaside/chunkaside/internal/momentofake"
)

// The tests of cache/momentocache exercise the calls that the driver makes; these are the others, through the same SDK.

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
	client, err := momento.NewCacheClientWithDefaultCache(
		config.LaptopLatestWithLogger(logger.NewNoopMomentoLoggerFactory()), provider, time.Hour, "catalog")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	return server, client
}

func set(t *testing.T, client momento.CacheClient, key, value string) {
	t.Helper()
	if _, err := client.Set(t.Context(), &momento.SetRequest{Key: momento.String(key), Value: momento.String(value)}); err != nil {
		t.Fatal(err)
	}
}

func TestBatches(t *testing.T) {
	server, client := start(t, nil)
	_, err := client.SetBatch(t.Context(), &momento.SetBatchRequest{Items: []momento.BatchSetItem{
		{Key: momento.String("a"), Value: momento.String("A")},
		{Key: momento.String("c"), Value: momento.String("C")},
	}})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"a", "c"}, server.Keys("catalog")); diff != "" {
		t.Errorf("keys (-want +got):\n%s", diff)
	}
	response, err := client.GetBatch(t.Context(), &momento.GetBatchRequest{
		Keys: []momento.Value{momento.String("a"), momento.String("b"), momento.String("c")},
	})
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{"a": "A", "c": "C"}
	if diff := cmp.Diff(want, response.(responses.GetBatchSuccess).ValueMap()); diff != "" {
		t.Errorf("batch (-want +got):\n%s", diff)
	}
}

func TestHashes(t *testing.T) {
	_, client := start(t, nil)
	set(t, client, "k", "one")
	response, err := client.GetWithHash(t.Context(), &momento.GetWithHashRequest{Key: momento.String("k")})
	if err != nil {
		t.Fatal(err)
	}
	hit, ok := response.(*responses.GetWithHashHit)
	if !ok || hit.ValueString() != "one" {
		t.Fatalf("GetWithHash = %T", response)
	}
	for i, want := range []bool{true, false} { // The second time the value has another hash.
		answer, err := client.SetIfPresentAndHashEqual(t.Context(), &momento.SetIfPresentAndHashEqualRequest{
			Key: momento.String("k"), Value: momento.String("two"), HashEqual: momento.Bytes(hit.HashByte()),
		})
		if err != nil {
			t.Fatal(err)
		}
		if _, stored := answer.(*responses.SetIfPresentAndHashEqualStored); stored != want {
			t.Errorf("SetIfPresentAndHashEqual %d = %T, want stored %v", i, answer, want)
		}
	}
}

func TestTTLAndEviction(t *testing.T) {
	server, client := start(t, nil)
	for _, key := range []string{"a", "b", "c"} {
		set(t, client, key, "v")
	}
	server.Advance(40 * time.Minute)
	answer, err := client.ItemGetTtl(t.Context(), &momento.ItemGetTtlRequest{Key: momento.String("a")})
	if err != nil {
		t.Fatal(err)
	}
	if hit, ok := answer.(*responses.ItemGetTtlHit); !ok || hit.RemainingTtl().Round(time.Minute) != 20*time.Minute {
		t.Errorf("ItemGetTtl = %+v, want 20 minutes", answer)
	}
	server.Evict("catalog", "a", "nobody")
	exist, err := client.KeysExist(t.Context(), &momento.KeysExistRequest{Keys: []momento.Value{momento.String("a"), momento.String("b")}})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]bool{false, true}, exist.(*responses.KeysExistSuccess).Exists()); diff != "" {
		t.Errorf("KeysExist (-want +got):\n%s", diff)
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

func TestControl(t *testing.T) {
	_, client := start(t, &momentofake.Options{Caches: []string{"catalog"}})
	if _, err := client.Ping(t.Context()); err != nil {
		t.Errorf("Ping = %v", err)
	}
	if _, err := client.CreateCache(t.Context(), &momento.CreateCacheRequest{CacheName: "other"}); err != nil {
		t.Errorf("CreateCache = %v", err)
	}
	again, err := client.CreateCache(t.Context(), &momento.CreateCacheRequest{CacheName: "other"})
	if _, ok := again.(*responses.CreateCacheAlreadyExists); !ok {
		t.Errorf("CreateCache again = %T, %v", again, err)
	}
	if _, err := client.DeleteCache(t.Context(), &momento.DeleteCacheRequest{CacheName: "catalog"}); err != nil {
		t.Errorf("DeleteCache = %v", err)
	}
	list, err := client.ListCaches(t.Context(), &momento.ListCachesRequest{})
	if err != nil {
		t.Fatal(err)
	}
	if caches := list.(*responses.ListCachesSuccess).Caches(); len(caches) != 1 || caches[0].Name() != "other" {
		t.Errorf("ListCaches = %v", caches)
	}
}

func TestFaults(t *testing.T) {
	server, client := start(t, nil)
	get := func(ctx context.Context) string {
		_, err := client.Get(ctx, &momento.GetRequest{Key: momento.String("k")})
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
