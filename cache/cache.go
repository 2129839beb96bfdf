// Package cache keeps versions of a catalog in a shared cache and answers which one is current. Users hold a Cache; drivers for one service each
// live below it (memcache, momentocache, valkeycache), and cachetest holds them to their contract.
//
//	c, err := cache.New(driver, schema, &cache.Options{Build: build})
//	snapshot, err := c.Current(ctx)
//
// The life of a call of Current: if the pointer was looked at within MaxAge, the snapshot in memory is the answer. Else one goroutine of the process looks at
// the pointer, and the others wait for it. If the pointer moved, the new version's manifest is fetched; its chunks are when they are looked into, and those that two versions
// share are fetched once. If there is no version, the first process to take the lease builds one and publishes it, the others wait for its pointer.
// Whatever fails, the last good snapshot stays the answer as long as there is one.
//
// A Cache may be used by any number of goroutines.
package cache

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/chunkaside/chunkaside/catalog"
	"github.com/chunkaside/chunkaside/catalog/schema"
	"github.com/chunkaside/chunkaside/chunker"
)

// Errors of a Cache, wrapped with what is known.
var (
	// ErrNoVersion: there is no version in the cache, and no Build to make one. Publish one.
	ErrNoVersion = errors.New("the cache has no version")
	// ErrConflict: another publisher moved the pointer first; nothing was changed. Its version is the current one.
	ErrConflict = errors.New("another version was published meanwhile")
	// ErrIncomplete: a chunk or manifest of the version is not in the cache: evicted, or not visible yet.
	ErrIncomplete = errors.New("the version is incomplete")
)

// Options tunes a Cache. The zero value of each field means its default.
type Options struct {
	// Namespace and Catalog are the first two parts of every key, so that several deployments and catalogs can share a cache. Letters, digits, "-", "_" and ".", at
	// most 64. Defaults: "chunkaside" and "catalog".
	Namespace, Catalog string
	// TTL is how long chunks live without a warm-up; a manifest lives 1/24 less, the pointer 2/24 less, so that what is announced is never gone before its
	// announcement. Default 24 h, which is also Momento's most. At least 24 times BuildTimeout.
	TTL time.Duration
	// MaxAge is how long the pointer's last look is good for; in the last fifth of it, from a random moment on, one caller looks early. Default 1 s; negative looks at every call.
	MaxAge time.Duration
	// MaxStale is how long the last good version is an answer while the cache cannot be looked at, or has none. Default 24 h.
	MaxStale time.Duration
	// SoftTimeout is how long a caller waits for a newer version where there is one in memory. Default 200 ms. HardTimeout is how long he waits where there is none. Default 20 s.
	SoftTimeout, HardTimeout time.Duration
	// Resident says that the process runs on between calls: then what takes longer than its callers wait goes on for the next one, a build above all. Lambda freezes a function between calls, so
	// there nothing runs on, and a build is a part of the call that begins it.
	Resident bool
	// Build makes a version from the source of truth. Nil: a missing version is ErrNoVersion.
	Build Build
	// Ask, if set, asks somebody else for a warm-up, and comes back at once: then no build is a part of a query. It is called for a missing version, by one process in half a minute; callers
	// that have nothing to answer wait for what comes of it.
	Ask func(ctx context.Context) error
	// BuildTimeout bounds a build with its publishing. Default 2 min. A builder that dies keeps others waiting for LeaseTime.
	BuildTimeout time.Duration
	// Rules are what a version must be like to be announced. Their zero value has defaults.
	Rules catalog.Rules
	// Keep is how many of the last versions a warm-up keeps alive, for a rollback: chunks that only they have get a new TTL too. Default 10, at most 100; negative keeps none.
	Keep int
	// Parallelism is how many chunks a publish writes at once. Default 8.
	Parallelism int
	// Memory bounds what is held of versions in memory; nil means its defaults.
	Memory *catalog.MemoryOptions
	// Notify, if set, is told what happens, from the goroutine it happens to: it must not block, and may be called concurrently.
	Notify func(Event)
	// Trace, if set, is told of works: "refresh" is a look at the pointer, and what follows of it; "load" reads chunks; "lease" asks for the lease; "build" makes a version of the store, within "publish".
	Trace Trace
	// Clock is the wall clock by which a publisher numbers and dates versions. It may be wrong by a day, so that tests can see what comes of that. Default: time.Now.
	Clock func() time.Time
	// Log gets what goes wrong and is mended: damage, failed looks and builds. Default: nothing is logged.
	Log *slog.Logger
}

// Build makes a version: it hands each chunk to emit, which owns the bytes from then on, and returns the manifest. See catalog.Build.
type Build func(ctx context.Context, emit func(chunker.Digest, []byte) error) (*chunker.Manifest, error)

func (o *Options) withDefaults() (Options, error) {
	full := Options{}
	if o != nil {
		full = *o
	}
	if full.Namespace == "" {
		full.Namespace = "chunkaside"
	}
	if full.Catalog == "" {
		full.Catalog = "catalog"
	}
	if full.TTL == 0 {
		full.TTL = 24 * time.Hour
	}
	if full.BuildTimeout == 0 {
		full.BuildTimeout = 2 * time.Minute
	}
	if full.Keep == 0 {
		full.Keep = 10
	}
	full.Keep = min(max(full.Keep, 0), maxVersions)
	if full.Parallelism == 0 {
		full.Parallelism = 8
	}
	if full.Clock == nil {
		full.Clock = time.Now
	}
	if full.Log == nil {
		full.Log = slog.New(slog.DiscardHandler)
	}
	for name, value := range map[string]string{"namespace": full.Namespace, "catalog": full.Catalog} {
		if !validName(value) {
			return full, fmt.Errorf("the %s %q is no name: use at most 64 letters, digits, \"-\", \"_\" and \".\"", name, value)
		}
	}
	switch {
	case full.TTL < 24*full.BuildTimeout:
		// The pointer's life is the chunks' less two parts of 24, and the first chunk is written a build before the pointer.
		return full, fmt.Errorf("a TTL of %v is too short for builds of %v: it must be at least 24 times as long", full.TTL, full.BuildTimeout)
	case full.BuildTimeout < 0:
		return full, fmt.Errorf("a build timeout of %v is out of bounds: it is positive", full.BuildTimeout)
	case full.Parallelism < 0 || full.Parallelism > 256:
		return full, fmt.Errorf("a parallelism of %d is out of bounds: 1 to 256", full.Parallelism)
	}
	return full, nil
}

func validName(s string) bool {
	for _, c := range []byte(s) {
		if (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && c != '-' && c != '_' && c != '.' {
			return false
		}
	}
	return s != "" && len(s) <= 64
}

// Cache is a catalog in a shared cache.
type Cache struct {
	driver  Driver
	schema  *schema.Schema
	options Options // policy has what may change of them
	policy  atomic.Pointer[Policy]
	keys    keys
	held    atomic.Pointer[held] // nil before the first
	earlier earlier
	before  before
	memory  *catalog.Memory
	first   sync.Mutex // held by the one who looks early
	works   flights[*held]
	reading flights[*catalog.Snapshot]
	failure atomic.Pointer[failure]   // nil after a success
	lower   atomic.Pointer[time.Time] // since when looks find pointers of lower sequences only; nil if the last one did not
	coming  coming
	trouble trouble
	counts  counts
}

// New makes a Cache of the schema's catalog over a driver, which the Cache does not close.
func New(d Driver, s *schema.Schema, o *Options) (*Cache, error) {
	options, err := o.withDefaults()
	if err == nil {
		err = options.Rules.Check(s)
	}
	if err != nil {
		return nil, err
	}
	c := &Cache{driver: d, schema: s, options: options, keys: keys{options.Namespace + "/" + options.Catalog + "/"}}
	if err := c.SetPolicy(options.policy()); err != nil {
		return nil, err
	}
	c.trouble.log, c.works.resident = options.Log, options.Resident
	c.memory, err = catalog.NewMemory(c.fetchChunks, options.Memory)
	return c, err
}
