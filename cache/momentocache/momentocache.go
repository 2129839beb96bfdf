// Package momentocache keeps values in a Momento cache, with the vendor's SDK.
//
//	driver, err := momentocache.New("catalog", &momentocache.Options{APIKey: key})
//	...
//	defer driver.Close()
//	values, err := driver.Get(ctx, keys)
//
// New does not touch the network: an unreachable service shows as cache.ErrUnavailable from the calls, and is looked for again
// by later calls. Get, Set and Delete are tried up to four times within one timeout by the SDK, Touch twice by this package,
// when the connection fails. SetIfAbsent and CompareAndSet are tried once: after a lost answer a second try would tell the
// caller that somebody else stored the value. Throttled calls are not tried again here.
package momentocache

import (
	"context"
	"fmt"
	"time"

	"github.com/momentohq/client-sdk-go/momento"
	"github.com/momentohq/client-sdk-go/responses"

	"github.com/chunkaside/chunkaside/cache"
)

// maxTTL is the service's on-demand limit: longer TTLs are shortened to it.
const maxTTL = 24 * time.Hour

// Driver is a cache.Driver on one Momento cache. Make one with New.
type Driver struct {
	cacheName   string
	parallelism int
	connections *connections
}

var _ cache.Driver = (*Driver)(nil)

// New returns a driver for the cache of that name, which must exist. opts must hold an APIKey or an Endpoint. It does not wait
// for a connection.
func New(cacheName string, opts *Options) (*Driver, error) {
	o, err := complete(cacheName, opts)
	if err != nil {
		return nil, err
	}
	connections, err := connect(o)
	if err != nil {
		return nil, err
	}
	return &Driver{cacheName: cacheName, parallelism: o.Parallelism, connections: connections}, nil
}

// Set implements cache.Driver.
func (d *Driver) Set(ctx context.Context, key string, value []byte, ttl time.Duration) error {
	request := &momento.SetRequest{CacheName: d.cacheName, Key: momento.String(key), Value: momento.Bytes(value), Ttl: rounded(ttl)}
	err := d.write(ctx, ttl, func(c momento.CacheClient) error {
		_, err := c.Set(ctx, request)
		return err
	})
	if err != nil {
		return fmt.Errorf("set %q: %w", key, err)
	}
	return nil
}

// SetIfAbsent implements cache.Driver.
func (d *Driver) SetIfAbsent(ctx context.Context, key string, value []byte, ttl time.Duration) (bool, error) {
	request := &momento.SetIfAbsentRequest{CacheName: d.cacheName, Key: momento.String(key), Value: momento.Bytes(value), Ttl: rounded(ttl)}
	var stored bool
	err := d.write(ctx, ttl, func(c momento.CacheClient) error {
		response, err := c.SetIfAbsent(ctx, request)
		_, stored = response.(*responses.SetIfAbsentStored)
		return err
	})
	if err != nil {
		return false, fmt.Errorf("set %q if absent: %w", key, err)
	}
	return stored, nil
}

// CompareAndSet implements cache.Driver. It sends old and value, and the service counts both ways: meant for small values.
func (d *Driver) CompareAndSet(ctx context.Context, key string, old, value []byte, ttl time.Duration) (bool, error) {
	if len(old) == 0 {
		return false, fmt.Errorf("compare and set %q: no old value to compare with", key)
	}
	request := &momento.SetIfEqualRequest{
		CacheName: d.cacheName, Key: momento.String(key), Value: momento.Bytes(value), Equal: momento.Bytes(old), Ttl: rounded(ttl),
	}
	var stored bool
	err := d.write(ctx, ttl, func(c momento.CacheClient) error {
		response, err := c.SetIfEqual(ctx, request)
		_, stored = response.(*responses.SetIfEqualStored)
		return err
	})
	if err != nil {
		return false, fmt.Errorf("compare and set %q: %w", key, err)
	}
	return stored, nil
}

// Touch implements cache.Driver.
func (d *Driver) Touch(ctx context.Context, key string, ttl time.Duration) (bool, error) {
	request := &momento.UpdateTtlRequest{CacheName: d.cacheName, Key: momento.String(key), Ttl: rounded(ttl)}
	var found bool
	update := func(c momento.CacheClient) error {
		response, err := c.UpdateTtl(ctx, request)
		_, found = response.(*responses.UpdateTtlSet)
		return err
	}
	// The SDK does not repeat this call, though it may: a connection that died in a freeze of the process shows here first.
	err := d.write(ctx, ttl, func(c momento.CacheClient) error {
		err := update(c)
		if isUnavailable(err) {
			err = update(c)
		}
		return err
	})
	if err != nil {
		return false, fmt.Errorf("touch %q: %w", key, err)
	}
	return found, nil
}

// Delete implements cache.Driver.
func (d *Driver) Delete(ctx context.Context, key string) error {
	request := &momento.DeleteRequest{CacheName: d.cacheName, Key: momento.String(key)}
	err := d.connections.call(ctx, func(c momento.CacheClient) error {
		_, err := c.Delete(ctx, request)
		return err
	})
	if err != nil {
		return fmt.Errorf("delete %q: %w", key, err)
	}
	return nil
}

// Close closes the connection when the calls that still use it have ended.
func (d *Driver) Close() error {
	d.connections.close()
	return nil
}

// write makes a call that takes a TTL.
func (d *Driver) write(ctx context.Context, ttl time.Duration, f func(momento.CacheClient) error) error {
	if ttl <= 0 { // The SDK would take 0 for its own default.
		return fmt.Errorf("TTL %v is not positive", ttl)
	}
	return d.connections.call(ctx, f)
}

// rounded returns a TTL in whole milliseconds, up, for the SDK cuts down, and within maxTTL.
func rounded(ttl time.Duration) time.Duration {
	ttl = min(ttl, maxTTL)
	if rest := ttl % time.Millisecond; rest > 0 {
		ttl += time.Millisecond - rest
	}
	return ttl
}
