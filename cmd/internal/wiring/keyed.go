package wiring

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/chunkaside/chunkaside/cache"
	"github.com/chunkaside/chunkaside/cmd/internal/settings"
)

// keyed is a cache's driver that is opened with a secret, which is read when the cache is first called: the extension answers nobody while the function is set up. The guard makes another one when the
// cache refuses that secret.
type keyed struct {
	key  func(context.Context) (string, error)
	open func(key string) (cache.Driver, error)

	turn   chan struct{} // holds one while somebody opens, or looks at what follows
	driver cache.Driver  // nil until it is open
	failed error
	until  time.Time // when the failure has been long enough ago
}

var _ cache.Driver = (*keyed)(nil)

// keyPause is how long a secret that could not be read is not asked for again: it is a call of a service with a limit for the whole account.
const keyPause = 5 * time.Second

func newKeyed(key func(context.Context) (string, error), open func(key string) (cache.Driver, error)) *keyed {
	return &keyed{key: key, open: open, turn: make(chan struct{}, 1)}
}

// opened is the driver. Callers that come while it is opened wait, each as long as its own ctx.
func (k *keyed) opened(ctx context.Context) (cache.Driver, error) {
	select {
	case k.turn <- struct{}{}:
		defer func() { <-k.turn }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	switch {
	case k.driver != nil:
		return k.driver, nil
	case time.Now().Before(k.until):
		return nil, k.failed
	}
	key, err := k.key(ctx)
	if err == nil {
		k.driver, err = k.open(key)
	}
	switch {
	case err == nil:
		return k.driver, nil
	case done(ctx, err):
		return nil, ctx.Err() // it is this caller's alone
	case errors.Is(err, settings.ErrUnavailable):
		err = fmt.Errorf("%w: %w", cache.ErrUnavailable, err)
	}
	k.failed, k.until = err, time.Now().Add(keyPause)
	return nil, err
}

func (k *keyed) Get(ctx context.Context, keys []string) ([][]byte, error) {
	d, err := k.opened(ctx)
	if err != nil {
		return nil, err
	}
	return d.Get(ctx, keys)
}

func (k *keyed) Set(ctx context.Context, key string, value []byte, ttl time.Duration) error {
	d, err := k.opened(ctx)
	if err != nil {
		return err
	}
	return d.Set(ctx, key, value, ttl)
}

func (k *keyed) SetIfAbsent(ctx context.Context, key string, value []byte, ttl time.Duration) (bool, error) {
	d, err := k.opened(ctx)
	if err != nil {
		return false, err
	}
	return d.SetIfAbsent(ctx, key, value, ttl)
}

func (k *keyed) CompareAndSet(ctx context.Context, key string, old, value []byte, ttl time.Duration) (bool, error) {
	d, err := k.opened(ctx)
	if err != nil {
		return false, err
	}
	return d.CompareAndSet(ctx, key, old, value, ttl)
}

func (k *keyed) Touch(ctx context.Context, key string, ttl time.Duration) (bool, error) {
	d, err := k.opened(ctx)
	if err != nil {
		return false, err
	}
	return d.Touch(ctx, key, ttl)
}

func (k *keyed) Delete(ctx context.Context, key string) error {
	d, err := k.opened(ctx)
	if err != nil {
		return err
	}
	return d.Delete(ctx, key)
}

// Close frees the driver, if there was need of one.
func (k *keyed) Close() error {
	k.turn <- struct{}{}
	defer func() { <-k.turn }()
	if k.driver == nil {
		return nil
	}
	return k.driver.Close()
}
