package cache

import (
	"context"
	"errors"
	"time"
)

// Errors that drivers return, wrapped with what they know.
var (
	// ErrUnavailable: the cache could not be reached, refused the call for load, or did not answer in time. Trying later may
	// help.
	ErrUnavailable = errors.New("cache unavailable")
	// ErrTooLarge: the cache does not take a value of this size.
	ErrTooLarge = errors.New("value too large for the cache")
	// ErrRefused: the cache does not take the caller's key or password, or does not any more. Another one may help.
	ErrRefused = errors.New("the cache refuses the key or password")
)

// Driver is what a cache must be able to do: the contract for implementers. Users hold a Cache. All methods may be called
// concurrently. cachetest runs the whole contract on every driver.
//
// Keys are printable ASCII of at most MaxKeySize bytes. Values belong to the caller before and after a call; a driver copies
// what it keeps. A TTL must be positive; drivers may shorten it to what the service allows, and round it up to a millisecond.
// A done ctx ends a call with an error that matches ctx.Err(). A SetIfAbsent or CompareAndSet that ends with an error may still
// have stored its value: read the key to know.
type Driver interface {
	// Get returns the values by index; nil where a key is missing. An empty value is empty, not nil. Keys may repeat; no two
	// values share memory.
	Get(ctx context.Context, keys []string) ([][]byte, error)
	// Set stores a value, whatever was there.
	Set(ctx context.Context, key string, value []byte, ttl time.Duration) error
	// SetIfAbsent stores a value if the key is missing, and reports whether it did.
	SetIfAbsent(ctx context.Context, key string, value []byte, ttl time.Duration) (bool, error)
	// CompareAndSet stores a value if the key holds exactly old, and reports whether it did. A nil or empty old is an error.
	// Keys written by SetIfAbsent and CompareAndSet are never written by Set.
	CompareAndSet(ctx context.Context, key string, old, value []byte, ttl time.Duration) (bool, error)
	// Touch gives a key a new TTL, counted from now, and reports whether the key was there.
	Touch(ctx context.Context, key string, ttl time.Duration) (bool, error)
	// Delete removes a key; a missing one is no error.
	Delete(ctx context.Context, key string) error
	// Close frees what the driver holds. No other call may follow.
	Close() error
}

// MaxKeySize is the longest key a driver must take, in bytes.
const MaxKeySize = 512
