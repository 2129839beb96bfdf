package cachetest

import (
	"context"
	"time"

	"github.com/chunkaside/chunkaside/cache"
)

// call is one call of a driver, its answer left out.
type call struct {
	op string
	do func(ctx context.Context) error
}

// calls returns every call of the contract, in an order that gives each of them work to do.
func calls(d cache.Driver, key string) []call {
	return append(writes(d, key, long),
		call{"Get", func(ctx context.Context) error { _, err := d.Get(ctx, []string{key}); return err }},
		call{"Get of many", func(ctx context.Context) error {
			_, err := d.Get(ctx, []string{key, "another", key, "third"})
			return err
		}},
		call{"Delete", func(ctx context.Context) error { return d.Delete(ctx, key) }},
	)
}

// getNothing is a Get without work: it heeds its context all the same.
func getNothing(d cache.Driver) call {
	return call{"Get of nothing", func(ctx context.Context) error { _, err := d.Get(ctx, nil); return err }}
}

// writes returns the calls that take a TTL. The conditional ones have a key of their own, as the contract wants it.
func writes(d cache.Driver, key string, ttl time.Duration) []call {
	value, conditional := []byte("value"), key+"/conditional"
	return []call{
		{"SetIfAbsent", func(ctx context.Context) error { _, err := d.SetIfAbsent(ctx, conditional, value, ttl); return err }},
		{"CompareAndSet", func(ctx context.Context) error {
			_, err := d.CompareAndSet(ctx, conditional, value, value, ttl)
			return err
		}},
		{"Set", func(ctx context.Context) error { return d.Set(ctx, key, value, ttl) }},
		{"Touch", func(ctx context.Context) error { _, err := d.Touch(ctx, key, ttl); return err }},
	}
}
