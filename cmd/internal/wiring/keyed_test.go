package wiring

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/chunkaside/chunkaside/cache"
	"github.com/chunkaside/chunkaside/cache/guard"
	"github.com/chunkaside/chunkaside/cache/memcache"
	"github.com/chunkaside/chunkaside/cmd/internal/settings"
	"github.com/chunkaside/chunkaside/internal/momentofake"
	"github.com/chunkaside/chunkaside/internal/servertest"
)

// locked is a cache that lets in who has the right key.
type locked struct {
	cache.Driver
	key   string
	right *atomic.Value
}

func (l locked) Get(ctx context.Context, keys []string) ([][]byte, error) {
	if l.key != l.right.Load() {
		return nil, fmt.Errorf("a fake: %w", cache.ErrRefused)
	}
	return l.Driver.Get(ctx, keys)
}

// TestKeyIsRotated: a function goes on without a deployment. The key is read once, and again when it is refused; what refuses it still is not asked all the time.
func TestKeyIsRotated(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var stored, right atomic.Value
		stored.Store("old")
		right.Store("old")
		var reads atomic.Int64
		open := func() (cache.Driver, error) {
			memory, err := memcache.New(nil)
			return newKeyed(func(context.Context) (string, error) {
				reads.Add(1)
				time.Sleep(50 * time.Millisecond) // a call of the service
				return stored.Load().(string), nil
			}, func(key string) (cache.Driver, error) { return locked{memory, key, &right}, err }), err
		}
		first, err := open()
		if err != nil {
			t.Fatal(err)
		}
		d := guard.New(first, &guard.Options{Reopen: open})
		defer d.Close()
		if reads.Load() != 0 {
			t.Error("the key was read before it was needed")
		}
		get := func() error {
			_, err := d.Get(t.Context(), []string{"key"})
			return err
		}
		var group sync.WaitGroup
		for range 20 {
			group.Go(func() {
				if err := get(); err != nil {
					t.Error(err)
				}
			})
		}
		group.Wait()
		if reads.Load() != 1 {
			t.Errorf("the key was read %d times", reads.Load())
		}
		time.Sleep(time.Hour)
		right.Store("new")
		for range 600 { // a minute in which the secret is still the old one
			if err := get(); !errors.Is(err, cache.ErrRefused) {
				t.Fatalf("Get = %v", err)
			}
			time.Sleep(100 * time.Millisecond)
		}
		if n := reads.Load(); n < 2 || n > 4 {
			t.Errorf("the key was read %d times", n)
		}
		stored.Store("new")
		begin := time.Now()
		for err := get(); err != nil; err = get() {
			if time.Since(begin) > 31*time.Second {
				t.Fatalf("Get = %v, %v after the secret is the new one", err, time.Since(begin))
			}
			time.Sleep(100 * time.Millisecond)
		}
	})
}

// TestKeyCannotBeRead: nobody waits for it all the time, and it is found when it is there.
func TestKeyCannotBeRead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		reads := 0
		fault := fmt.Errorf("the secret catalog: %w", settings.ErrUnavailable)
		k := newKeyed(func(ctx context.Context) (string, error) {
			if reads++; reads < 3 {
				return "", fault
			}
			return "key", ctx.Err()
		}, func(string) (cache.Driver, error) { return memcache.New(nil) })
		ended, cancel := context.WithCancel(t.Context())
		cancel()
		for _, want := range []int{1, 1, 2} {
			for range 10 {
				if _, err := k.Touch(t.Context(), "key", time.Hour); !errors.Is(err, cache.ErrUnavailable) || !errors.Is(err, settings.ErrUnavailable) || reads != want {
					t.Errorf("Touch = %v after %d reads, want %d", err, reads, want)
				}
			}
			time.Sleep(keyPause / 2)
		}
		time.Sleep(keyPause)
		if err := k.Set(ended, "key", nil, time.Hour); !errors.Is(err, context.Canceled) {
			t.Errorf("Set = %v", err)
		}
		// Nobody else has to do with that one's end.
		if err := k.Delete(t.Context(), "key"); err != nil {
			t.Errorf("Delete = %v", err)
		}
		if err := k.Close(); err != nil {
			t.Error(err)
		}
	})
}

// secretIn is an extension that has this as any secret.
func secretIn(t *testing.T, value string) *settings.Extension {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintf(w, `{"SecretString":%q}`, value)
	}))
	t.Cleanup(server.Close)
	u, err := url.Parse(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	return settings.NewExtension(func(string) string { return u.Port() })
}

// TestSecretOfTheCache opens both kinds of caches, which know whether the key is the right one.
func TestSecretOfTheCache(t *testing.T) {
	server, err := momentofake.Start("127.0.0.1:0", &momentofake.Options{APIKey: "right-secret"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Close)
	valkey := servertest.Valkey(t)
	ask := func(address, secret string) error {
		app := openApp(t, Config{Cache: address, CacheSecret: "catalog#key", Extension: secretIn(t, secret)})
		_, err := app.driver.Get(t.Context(), []string{"key"})
		return err
	}
	momento := "momento:catalog?endpoint=" + server.Addr()
	if err := ask(momento, `{"key":"right-secret"}`); err != nil {
		t.Errorf("Get = %v", err)
	}
	// Before it has a password, a server lets in the default user with any.
	for name, err := range map[string]error{
		"momento":        ask(momento, `{"key":"wrong-secret"}`),
		"valkey":         ask("valkey://nobody@"+valkey, `{"key":"wrong-secret"}`),
		"no JSON":        ask(momento, "wrong-secret"),
		"another field":  ask(momento, `{"other":"wrong-secret"}`),
		"a key in clear": ask("momento:catalog?endpoint=192.0.2.1:1", `{"key":"wrong-secret"}`),
	} {
		var failed *CacheError
		if !errors.As(err, &failed) || errors.Is(err, cache.ErrUnavailable) || strings.Contains(Explain(err).Error(), "wrong-secret") {
			t.Errorf("%s: Get = %v", name, err)
		}
	}
}

// TestValkeySecret: the password is the secret, the user the address's.
func TestValkeySecret(t *testing.T) {
	c := Config{Cache: "valkeys://app@cache.example:6379/3?client_name=x", CacheSecret: "catalog"}.withKey("p@ss:/#?")
	if c.Cache != "valkeys://app:p%40ss%3A%2F%23%3F@cache.example:6379/3?client_name=x" || c.CacheSecret != "" {
		t.Errorf("the cache is %s", c.Cache)
	}
	if c := (Config{Cache: "valkey://cache.example", CacheSecret: "catalog"}).withKey("pass"); c.Cache != "valkey://:pass@cache.example" {
		t.Errorf("the cache is %s", c.Cache)
	}
}

// TestBadSecretAddresses are found out at once, and quote no password.
func TestBadSecretAddresses(t *testing.T) {
	for _, c := range []Config{
		{Cache: memory, CacheSecret: "catalog"},
		{Cache: "canary", CacheSecret: "catalog"},
		{Cache: "momento:", CacheSecret: "catalog"},
		{Cache: "momento:catalog?canary=1", CacheSecret: "ssm:"},
		{Cache: "momento:catalog?endpiont=x", CacheSecret: "catalog"},
		{Cache: "momento:catalog", CacheSecret: "catalog", MomentoAPIKey: "canary"},
		{Cache: "valkey://user:canary@127.0.0.1", CacheSecret: "catalog"},
		{Cache: "valkey://user:can ary@127.0.0.1", CacheSecret: "catalog"},
		{Cache: "valkey://127.0.0.1/x/canary", CacheSecret: "catalog"},
	} {
		c.Store = sample
		if _, err := Open(t.Context(), c); !errors.Is(err, ErrUsage) || strings.Contains(err.Error(), "canary") {
			t.Errorf("Open of %s with the secret %s = %v", c.Cache, c.CacheSecret, err)
		}
	}
}
