package valkeycache_test

import (
	"context"
	"errors"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/valkey-io/valkey-go"

	"github.com/chunkaside/chunkaside/cache"
	"github.com/chunkaside/chunkaside/cache/cachetest"
	"github.com/chunkaside/chunkaside/cache/valkeycache"
	"github.com/chunkaside/chunkaside/internal/servertest"
)

const maxItemSize = 1_000_000

// patient is a timeout that a busy machine does not meet by accident.
const patient = 10 * time.Second

func TestContract(t *testing.T) {
	server := servertest.Valkey(t)
	cachetest.Run(t, cachetest.Harness{
		Open: func(t testing.TB) cache.Driver {
			command(t, server, "FLUSHALL")
			return open(t, "valkey://"+server+"/0")
		},
		Advance:     time.Sleep,
		MaxItemSize: maxItemSize,
		Unreachable: func(t testing.TB) cache.Driver { return open(t, "valkey://"+freeAddress(t)) },
		Stalled: func(t testing.TB) cache.Driver {
			relay := servertest.StartRelay(t, "127.0.0.1:0", server)
			d := open(t, "valkey://"+relay.Address())
			t.Cleanup(relay.Close) // Before the driver's: it would wait for the answers.
			if _, err := d.Get(t.Context(), []string{"k"}); err != nil {
				t.Fatal(err)
			}
			relay.FreezeAll()
			return d
		},
	})
}

func open(t testing.TB, url string) *valkeycache.Driver {
	t.Helper()
	d, err := valkeycache.New(url, &valkeycache.Options{Timeout: patient, MaxItemSize: maxItemSize})
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

// command gives the server a command that the driver has no use for.
func command(t testing.TB, server string, words ...string) {
	t.Helper()
	client, err := valkey.NewClient(valkey.ClientOption{InitAddress: []string{server}, DisableCache: true})
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	if err := client.Do(t.Context(), client.B().Arbitrary(words...).Build()).Error(); err != nil {
		t.Fatalf("%v: %v", words, err)
	}
}

func freeAddress(t testing.TB) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().String()
}

// TestServerComesAndGoes starts without a server, then gets one, loses it, and gets it back.
func TestServerComesAndGoes(t *testing.T) {
	server := servertest.Valkey(t)
	address := freeAddress(t)
	d := open(t, "valkey://user-name:pass-word@"+address+"/3")
	for range 2 {
		_, err := d.Get(t.Context(), []string{"k"})
		if !errors.Is(err, cache.ErrUnavailable) || !strings.Contains(err.Error(), address) || strings.Contains(err.Error(), "pass-word") {
			t.Fatalf("Get without a server = %v, want cache.ErrUnavailable with %s and no password", err, address)
		}
		relay := servertest.StartRelay(t, address, server)
		command(t, server, "ACL", "SETUSER", "user-name", "on", ">pass-word", "~*", "+@all")
		if err := d.Set(t.Context(), "k", []byte("v"), time.Hour); err != nil {
			t.Fatalf("Set once the server is there = %v", err)
		}
		relay.Close()
	}
}

// TestConnectionCut cuts the connections under the driver: what may be repeated is.
func TestConnectionCut(t *testing.T) {
	relay := servertest.StartRelay(t, "127.0.0.1:0", servertest.Valkey(t))
	d := open(t, "valkey://"+relay.Address())
	for range 20 {
		if err := d.Set(t.Context(), "k", []byte("v"), time.Hour); err != nil {
			t.Errorf("Set = %v", err)
		}
		relay.Cut()
		values, err := d.Get(t.Context(), []string{"k", "l"})
		if err != nil || string(values[0]) != "v" {
			t.Errorf("Get = %q, %v", values, err)
		}
		relay.Cut()
	}
}

// TestNobodyAnswers connects to a server that takes connections and is silent.
func TestNobodyAnswers(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	url := "valkey://" + listener.Addr().String()

	hasty, err := valkeycache.New(url, &valkeycache.Options{Timeout: 50 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	defer hasty.Close()
	_, err = hasty.Get(t.Context(), []string{"k"})
	if !errors.Is(err, cache.ErrUnavailable) || errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Get = %v, want cache.ErrUnavailable alone", err)
	}

	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	_, err = open(t, url).Get(ctx, []string{"k"})
	if !errors.Is(err, context.DeadlineExceeded) || errors.Is(err, cache.ErrUnavailable) {
		t.Errorf("Get with a deadline while connecting = %v, want the deadline", err)
	}
}

// TestConnectionDies is a freeze of the process: the connections look well and carry nothing. The driver must find out soon.
func TestConnectionDies(t *testing.T) {
	relay := servertest.StartRelay(t, "127.0.0.1:0", servertest.Valkey(t))
	d, err := valkeycache.New("valkey://"+relay.Address(), &valkeycache.Options{Timeout: 500 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	if err := d.Set(t.Context(), "k", []byte("v"), time.Hour); err != nil {
		t.Fatal(err)
	}
	relay.Freeze()
	deadline := time.Now().Add(8 * time.Second)
	for d.Set(t.Context(), "k", []byte("v"), time.Hour) != nil {
		if time.Now().After(deadline) {
			t.Fatal("the driver holds on to a dead connection")
		}
	}
}

func TestServerRefuses(t *testing.T) {
	server := servertest.Valkey(t)
	d := open(t, "valkey://"+server)

	command(t, server, "RPUSH", "list", "element")
	if _, err := d.Get(t.Context(), []string{"k", "list"}); err == nil || errors.Is(err, cache.ErrUnavailable) || !strings.Contains(err.Error(), `"list"`) {
		t.Errorf("Get of a list = %v, want an error that names the key", err)
	}

	if err := d.Set(t.Context(), "k", []byte("v"), time.Hour); err != nil {
		t.Fatal(err)
	}
	command(t, server, "CONFIG", "SET", "maxmemory", "1")
	if err := d.Set(t.Context(), "k", []byte("v"), time.Hour); !errors.Is(err, cache.ErrUnavailable) {
		t.Errorf("Set on a full server = %v, want cache.ErrUnavailable", err)
	}
	if _, err := d.CompareAndSet(t.Context(), "k", []byte("v"), []byte("w"), time.Hour); !errors.Is(err, cache.ErrUnavailable) {
		t.Errorf("CompareAndSet on a full server = %v, want cache.ErrUnavailable", err)
	}

	stranger := open(t, "valkey://nobody:wrong-secret@"+server)
	_, err := stranger.Get(t.Context(), []string{"k"})
	if !errors.Is(err, cache.ErrRefused) || errors.Is(err, cache.ErrUnavailable) || strings.Contains(err.Error(), "wrong-secret") {
		t.Errorf("Get with a wrong password = %v, want cache.ErrRefused, without the password", err)
	}

	// The default user's password changes under a connection; a new one has none, or the old one.
	command(t, server, "CONFIG", "SET", "requirepass", "right-secret")
	for _, user := range []string{"", ":wrong-secret@"} {
		_, err := open(t, "valkey://"+user+server).Get(t.Context(), []string{"k"})
		if !errors.Is(err, cache.ErrRefused) || strings.Contains(err.Error(), "secret") {
			t.Errorf("Get with the password %q = %v, want cache.ErrRefused, without the password", user, err)
		}
	}
	if _, err := open(t, "valkey://:right-secret@"+server).Get(t.Context(), []string{"k"}); errors.Is(err, cache.ErrRefused) {
		t.Error(err)
	}
}

func TestBadURL(t *testing.T) {
	for _, url := range []string{
		"", "valkey:", "valkey://", "http://127.0.0.1", "127.0.0.1:6379",
		"valkey://user:se/cret@127.0.0.1/0", "valkey://user:se#cret@127.0.0.1:1/0", "valkey://user:se%cret@127.0.0.1:1/0",
		"valkey://127.0.0.1:1/cret", "valkey://127.0.0.1:1/0/cret",
		"valkey://127.0.0.1:1/0?cret=1", "valkey://127.0.0.1:1/0?dial_timeout=1s", "valkey://user:1?cret@127.0.0.1/0",
	} {
		if _, err := valkeycache.New(url, nil); err == nil || strings.Contains(err.Error(), "cret") {
			t.Errorf("New(%q) = %v, want an error without the password", url, err)
		}
	}
}

func TestParameters(t *testing.T) {
	server := servertest.Valkey(t)
	d := open(t, "valkey://"+server+"/0?client_name=tester&protocol=2")
	if _, err := d.Get(t.Context(), []string{"k"}); err != nil {
		t.Errorf("Get with parameters in the URL = %v", err)
	}
}

func TestBadOptions(t *testing.T) {
	for _, opts := range []*valkeycache.Options{{Timeout: -1}, {MaxItemSize: -1}, {MaxItemSize: valkeycache.DefaultMaxItemSize + 1}} {
		if _, err := valkeycache.New("valkey://127.0.0.1:1", opts); err == nil {
			t.Errorf("New with %+v succeeded", *opts)
		}
	}
}
