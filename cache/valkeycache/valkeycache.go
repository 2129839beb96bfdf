// Package valkeycache keeps values in a Valkey server or cluster, and in what speaks its protocol: Redis, ElastiCache.
//
//	driver, err := valkeycache.New("valkeys://user:password@cache.example:6379/0", nil)
//	...
//	defer driver.Close()
//	values, err := driver.Get(ctx, keys)
//
// New does not touch the network: the first call connects, and as long as nobody is there every call tries again and ends with
// cache.ErrUnavailable, naming the address. Get, Set, Touch and Delete are tried twice when the connection fails; SetIfAbsent and
// CompareAndSet once, for after a lost answer a second try would tell the caller that somebody else stored the value.
//
// The server's own settings decide what goes when its memory is full; a server that evicts nothing refuses writes, and that is
// cache.ErrUnavailable too.
package valkeycache

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/valkey-io/valkey-go"

	"github.com/chunkaside/chunkaside/cache"
)

// keysPerCall bounds one pipelined read. The server holds all its answers in memory until they are read: 16 of 1 MB are bearable,
// hundreds are not.
const keysPerCall = 16

// compareAndSet is one step on the server: ARGV is the old value, the new one, the TTL in milliseconds.
var compareAndSet = valkey.NewLuaScriptNoSha(`
if redis.call('GET', KEYS[1]) ~= ARGV[1] then
  return 0
end
redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
return 1`)

// Driver is a cache.Driver on one database. Make one with New.
type Driver struct {
	connection  *connection
	maxItemSize int
}

var _ cache.Driver = (*Driver)(nil)

// New returns a driver for the server that a URL names: valkey://[user:password@]host[:port][/database], or valkeys:// with TLS;
// redis:// and rediss:// mean the same. The port is 6379 and the database 0 if it names none. If the server is part of a cluster,
// the whole cluster is used. Of the library's URL parameters it takes addr, client_name, db, master_set, protocol and skip_verify; any
// other is an error. A nil opts means the defaults. It does not wait for a connection.
func New(rawURL string, opts *Options) (*Driver, error) {
	o, err := complete(opts)
	if err != nil {
		return nil, err
	}
	clientOption, err := parse(rawURL, o.Timeout)
	if err != nil {
		return nil, err
	}
	return &Driver{connection: newConnection(clientOption, o.Timeout), maxItemSize: o.MaxItemSize}, nil
}

// Get implements cache.Driver: GETs in a pipeline, not MGET, which in a cluster takes only keys of one slot.
func (d *Driver) Get(ctx context.Context, keys []string) ([][]byte, error) {
	values := make([][]byte, 0, len(keys))
	for some := range slices.Chunk(keys, keysPerCall) {
		got, err := d.get(ctx, some)
		if err != nil {
			return nil, fmt.Errorf("get %d keys: %w", len(some), err)
		}
		values = append(values, got...)
	}
	return values, ctx.Err()
}

// get reads a few keys.
func (d *Driver) get(ctx context.Context, keys []string) ([][]byte, error) {
	return call(ctx, d.connection, func(ctx context.Context, c valkey.Client) ([][]byte, error) {
		gets := make(valkey.Commands, len(keys))
		for i, key := range keys {
			gets[i] = repeatable(c.B().Get().Key(key).Build())
		}
		values := make([][]byte, len(keys))
		for i, result := range c.DoMulti(ctx, gets...) {
			value, err := result.AsBytes()
			switch {
			case valkey.IsValkeyNil(err):
			case err != nil:
				return nil, fmt.Errorf("%q: %w", keys[i], err)
			case value == nil:
				values[i] = []byte{}
			default:
				values[i] = value
			}
		}
		return values, nil
	})
}

// Set implements cache.Driver.
func (d *Driver) Set(ctx context.Context, key string, value []byte, ttl time.Duration) error {
	_, err := d.store(ctx, key, value, ttl, func(ctx context.Context, c valkey.Client, value string) (bool, error) {
		set := c.B().Set().Key(key).Value(value).PxMilliseconds(milliseconds(ttl)).Build()
		return true, c.Do(ctx, repeatable(set)).Error()
	})
	if err != nil {
		return fmt.Errorf("set %q: %w", key, err)
	}
	return nil
}

// SetIfAbsent implements cache.Driver.
func (d *Driver) SetIfAbsent(ctx context.Context, key string, value []byte, ttl time.Duration) (bool, error) {
	stored, err := d.store(ctx, key, value, ttl, func(ctx context.Context, c valkey.Client, value string) (bool, error) {
		set := c.B().Set().Key(key).Value(value).Nx().PxMilliseconds(milliseconds(ttl)).Build()
		err := c.Do(ctx, set).Error()
		if valkey.IsValkeyNil(err) {
			return false, nil
		}
		return true, err
	})
	if err != nil {
		return false, fmt.Errorf("set %q if absent: %w", key, err)
	}
	return stored, nil
}

// CompareAndSet implements cache.Driver. It sends both values, and the server's scripts must not be forbidden.
func (d *Driver) CompareAndSet(ctx context.Context, key string, old, value []byte, ttl time.Duration) (bool, error) {
	if len(old) == 0 {
		return false, fmt.Errorf("compare and set %q: no old value to compare with", key)
	}
	oldCopy := string(old)
	stored, err := d.store(ctx, key, value, ttl, func(ctx context.Context, c valkey.Client, value string) (bool, error) {
		args := []string{oldCopy, value, strconv.FormatInt(milliseconds(ttl), 10)}
		answer, err := compareAndSet.Exec(ctx, c, []string{key}, args).AsInt64()
		return answer == 1, err
	})
	if err != nil {
		return false, fmt.Errorf("compare and set %q: %w", key, err)
	}
	return stored, nil
}

// Touch implements cache.Driver.
func (d *Driver) Touch(ctx context.Context, key string, ttl time.Duration) (bool, error) {
	if err := checkTTL(ttl); err != nil {
		return false, fmt.Errorf("touch %q: %w", key, err)
	}
	found, err := call(ctx, d.connection, func(ctx context.Context, c valkey.Client) (bool, error) {
		expire := c.B().Pexpire().Key(key).Milliseconds(milliseconds(ttl)).Build()
		answer, err := c.Do(ctx, repeatable(expire)).AsInt64()
		return answer == 1, err
	})
	if err != nil {
		return false, fmt.Errorf("touch %q: %w", key, err)
	}
	return found, nil
}

// Delete implements cache.Driver.
func (d *Driver) Delete(ctx context.Context, key string) error {
	_, err := call(ctx, d.connection, func(ctx context.Context, c valkey.Client) (struct{}, error) {
		remove := c.B().Del().Key(key).Build()
		return struct{}{}, c.Do(ctx, repeatable(remove)).Error()
	})
	if err != nil {
		return fmt.Errorf("delete %q: %w", key, err)
	}
	return nil
}

// Close closes the connections. Calls that wait for an answer get it, or an error, first.
func (d *Driver) Close() error {
	d.connection.close()
	return nil
}

// store makes a call that sends a value. f gets a copy of it: the library may still read it after the call was cancelled, when the
// value is the caller's again.
func (d *Driver) store(
	ctx context.Context, key string, value []byte, ttl time.Duration, f func(context.Context, valkey.Client, string) (bool, error),
) (bool, error) {
	if err := checkTTL(ttl); err != nil {
		return false, err
	}
	if size := len(key) + len(value); size > d.maxItemSize {
		return false, fmt.Errorf("%w: %d bytes, the limit is %d", cache.ErrTooLarge, size, d.maxItemSize)
	}
	sent := string(value)
	return call(ctx, d.connection, func(ctx context.Context, c valkey.Client) (bool, error) { return f(ctx, c, sent) })
}

// repeatable marks a command that may be tried again when its connection fails. It is pinned, which keeps the library from reusing
// its memory: the writer of the connection that failed may still read it when the second try has succeeded.
func repeatable(command valkey.Completed) valkey.Completed {
	return command.Pin().ToRetryable()
}

func checkTTL(ttl time.Duration) error {
	if ttl <= 0 {
		return fmt.Errorf("TTL %v is not positive", ttl)
	}
	return nil
}

// milliseconds returns a TTL in the server's unit, rounded up.
func milliseconds(ttl time.Duration) int64 {
	ms := ttl.Milliseconds()
	if ttl%time.Millisecond != 0 {
		ms++
	}
	return ms
}
