// Package memcache is the embedded cache: the values live in this process, within a bound of bytes, and end with it. It is the
// default of the local server and of tests; processes that must share a cache use another driver.
//
//	driver, err := memcache.New(&memcache.Options{MaxBytes: 64 << 20})
//	...
//	defer driver.Close()
//	err = driver.Set(ctx, "greeting", []byte("hello"), time.Minute)
package memcache

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/chunkaside/chunkaside/cache"
)

// DefaultMaxBytes is the bound when Options names none: 256 MiB.
const DefaultMaxBytes = 256 << 20

// EntryOverhead is what an entry counts beside its key and its value, in bytes: the entry, its key's header and its share of the
// map, rounded up.
const EntryOverhead = 160

// Options bounds the memory. The zero value gives the defaults.
type Options struct {
	// MaxBytes bounds the sum of keys, values and EntryOverhead for each entry. When a value does not fit, the least recently
	// used entries go. Default DefaultMaxBytes; negative is an error.
	MaxBytes int64
}

// Driver is a cache.Driver in memory. Make one with New.
type Driver struct {
	entries *lru
}

var _ cache.Driver = (*Driver)(nil)

// New returns an empty cache. A nil opts means the defaults.
func New(opts *Options) (*Driver, error) {
	var o Options
	if opts != nil {
		o = *opts
	}
	if o.MaxBytes < 0 {
		return nil, errors.New("memcache: a negative bound")
	}
	if o.MaxBytes == 0 {
		o.MaxBytes = DefaultMaxBytes
	}
	return &Driver{entries: newLRU(o.MaxBytes)}, nil
}

// Get implements cache.Driver. Every key found counts as used.
func (d *Driver) Get(ctx context.Context, keys []string) ([][]byte, error) {
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("get %d keys: %w", len(keys), err)
	}
	values := d.entries.lookup(keys, time.Now())
	for i, value := range values {
		if value != nil {
			// A stored value never changes, so it is copied outside the lock.
			values[i] = copyOf(value)
		}
	}
	return values, nil
}

// Set implements cache.Driver.
func (d *Driver) Set(ctx context.Context, key string, value []byte, ttl time.Duration) error {
	if _, err := d.store(ctx, key, value, ttl, always); err != nil {
		return fmt.Errorf("set %q: %w", key, err)
	}
	return nil
}

// SetIfAbsent implements cache.Driver.
func (d *Driver) SetIfAbsent(ctx context.Context, key string, value []byte, ttl time.Duration) (bool, error) {
	stored, err := d.store(ctx, key, value, ttl, func(current []byte) bool { return current == nil })
	if err != nil {
		return false, fmt.Errorf("set %q if absent: %w", key, err)
	}
	return stored, nil
}

// CompareAndSet implements cache.Driver.
func (d *Driver) CompareAndSet(ctx context.Context, key string, old, value []byte, ttl time.Duration) (bool, error) {
	if len(old) == 0 {
		return false, fmt.Errorf("compare and set %q: no old value to compare with", key)
	}
	stored, err := d.store(ctx, key, value, ttl, func(current []byte) bool { return bytes.Equal(current, old) })
	if err != nil {
		return false, fmt.Errorf("compare and set %q: %w", key, err)
	}
	return stored, nil
}

// Touch implements cache.Driver. The key counts as used.
func (d *Driver) Touch(ctx context.Context, key string, ttl time.Duration) (bool, error) {
	if err := check(ctx, ttl); err != nil {
		return false, fmt.Errorf("touch %q: %w", key, err)
	}
	return d.entries.touch(key, time.Now(), ttl), nil
}

// Delete implements cache.Driver.
func (d *Driver) Delete(ctx context.Context, key string) error {
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("delete %q: %w", key, err)
	}
	d.entries.remove(key)
	return nil
}

// Close forgets every entry.
func (d *Driver) Close() error {
	d.entries.clear()
	return nil
}

// store puts a copy of value under key if condition holds for the current value, which is nil when there is none.
func (d *Driver) store(ctx context.Context, key string, value []byte, ttl time.Duration, condition func(current []byte) bool) (bool, error) {
	if err := check(ctx, ttl); err != nil {
		return false, err
	}
	if size := sizeOf(key, value); size > d.entries.maxBytes {
		return false, fmt.Errorf("%w: it would count %d bytes, the whole cache is %d", cache.ErrTooLarge, size, d.entries.maxBytes)
	}
	return d.entries.store(key, copyOf(value), time.Now(), ttl, condition), nil
}

func always([]byte) bool { return true }

// check refuses what every write refuses.
func check(ctx context.Context, ttl time.Duration) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if ttl <= 0 {
		return fmt.Errorf("TTL %v is not positive", ttl)
	}
	return nil
}

// copyOf returns a copy that is never nil, for nil means missing.
func copyOf(value []byte) []byte {
	return append(make([]byte, 0, len(value)), value...)
}
