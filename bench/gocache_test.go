package bench

import (
	"context"
	"testing"
	"unsafe"

	"github.com/eko/gocache/lib/v4/cache"
	"github.com/eko/gocache/lib/v4/marshaler"
	"github.com/redis/go-redis/v9"

	redisstore "github.com/eko/gocache/store/redis/v4"
)

// gocacheDocumented is gocache's way for structs: its marshaler, which writes MessagePack and does not compress, before its store for Redis.
func gocacheDocumented() contender {
	const key = "gocache/documented"
	open := func(client *redis.Client) *marshaler.Marshaler {
		return marshaler.New(cache.New[any](redisstore.NewRedis(client)))
	}
	return contender{
		name: key,
		fill: func(t testing.TB, address string) {
			client := openRedis(address)
			defer client.Close()
			if err := open(client).Set(t.Context(), key, newHolder[structs](t)); err != nil {
				t.Fatal(err)
			}
		},
		open: func(_ testing.TB, address string) reader {
			client := openRedis(address)
			c := open(client)
			return whole{
				fetch: func(ctx context.Context) (holder, error) {
					var h structs
					_, err := c.Get(ctx, key, &h)
					return h, err
				},
				end: func() { _ = client.Close() },
			}
		},
	}
}

// gocacheTuned keeps a string, which is what gocache's store for Redis reads, and does the encoding itself: the library has no place for another codec.
func gocacheTuned() contender {
	const key = "gocache/tuned"
	open := func(client *redis.Client) *cache.Cache[string] { return cache.New[string](redisstore.NewRedis(client)) }
	return contender{
		name: key,
		fill: func(t testing.TB, address string) {
			client := openRedis(address)
			defer client.Close()
			data, err := newZstandard(t).marshal(newHolder[lines](t))
			if err == nil {
				err = open(client).Set(t.Context(), key, string(data))
			}
			if err != nil {
				t.Fatal(err)
			}
		},
		open: func(t testing.TB, address string) reader {
			client := openRedis(address)
			c, z := open(client), newZstandard(t)
			return whole{
				fetch: func(ctx context.Context) (holder, error) {
					var h lines
					data, err := c.Get(ctx, key)
					if err == nil {
						err = z.unmarshal(unsafe.Slice(unsafe.StringData(data), len(data)), &h) // no copy: it is only read
					}
					return h, err
				},
				end: func() { _ = client.Close() },
			}
		},
	}
}
