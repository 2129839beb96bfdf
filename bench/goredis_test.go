package bench

import (
	"context"
	"testing"
	"time"

	rediscache "github.com/go-redis/cache/v9"
	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"
)

// openRedis makes the client that the other libraries use. What it would tell and ask the server at each start beyond HELLO is switched off: those are round trips that answer nothing.
func openRedis(address string) *redis.Client {
	return redis.NewClient(&redis.Options{
		Addr:                     address,
		DisableIdentity:          true,
		MaintNotificationsConfig: &maintnotifications.Config{Mode: maintnotifications.ModeDisabled},
	})
}

// openRedisCache makes a go-redis/cache. Without options it writes MessagePack, compressed by S2: its default. It gets no local cache: that one keeps values encoded, so it saves nothing
// before the second look at a value, and not the decoding even then.
func openRedisCache(client *redis.Client, o rediscache.Options) *rediscache.Cache {
	o.Redis = client
	return rediscache.New(&o)
}

// zstdOptions is the library's own way to choose another codec.
func zstdOptions(t testing.TB) rediscache.Options {
	z := newZstandard(t)
	return rediscache.Options{Marshal: z.marshal, Unmarshal: z.unmarshal}
}

func defaultOptions(testing.TB) rediscache.Options { return rediscache.Options{} }

func goRedisCache[H structs | lines](name string, options func(testing.TB) rediscache.Options) contender {
	key := "go-redis-cache/" + name
	return contender{
		name: key,
		fill: func(t testing.TB, address string) {
			client := openRedis(address)
			defer client.Close()
			if err := openRedisCache(client, options(t)).Set(&rediscache.Item{Ctx: t.Context(), Key: key, Value: newHolder[H](t), TTL: time.Hour}); err != nil {
				t.Fatal(err)
			}
		},
		open: func(t testing.TB, address string) reader {
			client := openRedis(address)
			c := openRedisCache(client, options(t))
			return whole{
				fetch: func(ctx context.Context) (holder, error) {
					var h H
					err := c.Get(ctx, key, &h)
					return any(h).(holder), err
				},
				end: func() { _ = client.Close() },
			}
		},
	}
}
