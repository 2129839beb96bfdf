package wiring

import (
	"context"
	"errors"
	"fmt"
	"net/url"

	"github.com/chunkaside/chunkaside/cache"
	"github.com/chunkaside/chunkaside/cache/valkeycache"
	"github.com/chunkaside/chunkaside/cmd/internal/settings"
)

// openKeyed is the cache whose key or password is a secret. What is wrong with the addresses is found out now.
func openKeyed(c Config) (cache.Driver, error) {
	secret, err := settings.ParseSecret(c.CacheSecret)
	if err == nil {
		err = checkKeyed(c)
	}
	if err != nil {
		return nil, fmt.Errorf("%w: CHUNKASIDE_CACHE_SECRET: %w", ErrUsage, err)
	}
	read := func(ctx context.Context) (string, error) { return secret.Read(ctx, c.Extension) }
	return newKeyed(read, func(key string) (cache.Driver, error) {
		d, err := openCache(c.withKey(key))
		if err != nil {
			return nil, fmt.Errorf("with the secret %s: %w", secret, err)
		}
		return d, nil
	}), nil
}

// checkKeyed refuses a cache that has no key, or another one.
func checkKeyed(c Config) error {
	scheme := scheme(c.Cache)
	switch {
	case scheme == "momento" && c.MomentoAPIKey != "":
		return errors.New("MOMENTO_API_KEY is set too: name one of the two")
	case scheme == "momento":
		name, _, err := momentoAddress(c.Cache)
		if err == nil && name == "" {
			err = errors.New("the cache has no name")
		}
		return err
	case !isValkey(scheme):
		return fmt.Errorf("the cache%s has no key: only momento:NAME and valkey://HOST:PORT/DB have", quotedScheme(c.Cache))
	}
	d, err := valkeycache.New(c.Cache, nil) // it quotes nothing of the address
	if err != nil {
		return err
	}
	if u, err := url.Parse(c.Cache); err == nil && hasPassword(u) {
		return errors.Join(errors.New("the cache's address has a password too: leave it out, but for the user, as in valkeys://USER@HOST:PORT/DB"), d.Close())
	}
	return d.Close()
}

func hasPassword(u *url.URL) bool {
	_, has := u.User.Password()
	return has
}

// withKey is a Config that has the key itself.
func (c Config) withKey(key string) Config {
	c.CacheSecret = ""
	if !isValkey(scheme(c.Cache)) {
		c.MomentoAPIKey = key
		return c
	}
	u, err := url.Parse(c.Cache)
	if err != nil {
		return c // checkKeyed has seen it
	}
	u.User = url.UserPassword(u.User.Username(), key)
	c.Cache = u.String()
	return c
}
