// Package wiring puts the rooms together: it is the one place, for all commands, that knows every driver and the addresses they are named by.
//
//	app, err := wiring.Open(ctx, config)
//	defer app.Close()
//	app.Queries.Invoke(ctx, event)
package wiring

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"time"

	"github.com/chunkaside/chunkaside/announce"
	"github.com/chunkaside/chunkaside/cache"
	cacheguard "github.com/chunkaside/chunkaside/cache/guard"
	"github.com/chunkaside/chunkaside/catalog"
	"github.com/chunkaside/chunkaside/catalog/schema"
	"github.com/chunkaside/chunkaside/chunker"
	"github.com/chunkaside/chunkaside/cmd/internal/settings"
	"github.com/chunkaside/chunkaside/resolver"
	"github.com/chunkaside/chunkaside/store"
	storeguard "github.com/chunkaside/chunkaside/store/guard"
)

// Config is everything that can be set, with the names of its environment variables. cmd/chunkaside has a flag for each.
type Config struct {
	// Schema is the path of the catalog's SDL file; "" is the sample's, for the store "sample:" only. CHUNKASIDE_SCHEMA.
	Schema string
	// Store is "sample:", "file:DIR" or "dynamodb:?endpoint=URL&region=R&suffix=S". CHUNKASIDE_STORE.
	Store string
	// LazyStore: the SDK that a store needs is set up when the store is first read. What is wrong with its own sources, such as a region, is found out then.
	LazyStore bool
	// Cache is "memory:", "momento:NAME?endpoint=HOST:PORT" or "valkey://HOST:PORT/DB". CHUNKASIDE_CACHE.
	Cache string
	// MomentoAPIKey is the key of a "momento:" cache. MOMENTO_API_KEY. It is never logged.
	MomentoAPIKey string
	// CacheSecret is where that key, or the password of a "valkey:" cache, is read instead, when it is first needed and when the cache refuses it: see settings.ParseSecret. "" is nowhere.
	// CHUNKASIDE_CACHE_SECRET. Extension is who reads it, and a Policy that is no file; nil is the one that the environment names.
	CacheSecret string
	Extension   *settings.Extension
	// Namespace and Catalog begin every key in the cache: see cache.Options. CHUNKASIDE_NAMESPACE, CHUNKASIDE_CATALOG.
	Namespace, Catalog string
	// MaxAge is how old a look at the pointer may be: see cache.Options. CHUNKASIDE_MAX_AGE.
	MaxAge time.Duration
	// MaxStale, SoftTimeout and HardTimeout say how long an old version is an answer, and how long callers wait: see cache.Options. 0 is the default. CHUNKASIDE_MAX_STALE,
	// CHUNKASIDE_SOFT_TIMEOUT, CHUNKASIDE_HARD_TIMEOUT.
	MaxStale, SoftTimeout, HardTimeout time.Duration
	// Resident: the process runs on between queries, see cache.Options. A Lambda function does not.
	Resident bool
	// BuildTimeout bounds a build with its publishing: see cache.Options. CHUNKASIDE_BUILD_TIMEOUT.
	BuildTimeout time.Duration
	// StoreUnits is how many read units a second narrow reads may cost this process, 0 the default of 100, negative any number; BuildUnits is the same for builds, where 0 is any number too: see
	// store/guard.Options. CHUNKASIDE_STORE_UNITS, CHUNKASIDE_BUILD_UNITS.
	StoreUnits, BuildUnits float64
	// Codec compresses the chunks: "gzip", the default for "", or "zstd"; Level is the codec's, 0 its default. Readers need neither. CHUNKASIDE_CODEC, CHUNKASIDE_LEVEL.
	Codec string
	Level int
	// FillPages, MaxEntities and MaxDepth are the resolver's options: see resolver.Options. CHUNKASIDE_FILL_PAGES (true or false), CHUNKASIDE_MAX_ENTITIES, CHUNKASIDE_MAX_DEPTH.
	FillPages             bool
	MaxEntities, MaxDepth int
	// Policy is where that is read which may change while queries are answered: see settings.ParseSource and settings.Policy. "" is nowhere. CHUNKASIDE_POLICY. PolicyInterval is the time between two
	// looks, 0 the default of 30 s. CHUNKASIDE_POLICY_INTERVAL.
	Policy         string
	PolicyInterval time.Duration
	// Rules are what a version must be like to be announced: see catalog.Rules. CHUNKASIDE_MIN_COUNT ("Program=10;Episode=100"), CHUNKASIDE_MAX_SHRINK, CHUNKASIDE_MAX_GROWTH,
	// CHUNKASIDE_MAX_CHANGE (shares: 0.5 is half), CHUNKASIDE_MISSING, CHUNKASIDE_DANGLING (report, refuse or ignore).
	Rules catalog.Rules
	// Announce is the GraphQL endpoint of the API whose subscribers are told of new versions, "" for none: https, or http on this machine. CHUNKASIDE_ANNOUNCE. AnnounceKey is its key; without one,
	// requests are signed with what the AWS SDK finds, but for a server on this machine. CHUNKASIDE_ANNOUNCE_KEY. It is never logged.
	Announce, AnnounceKey string
	// CacheFaults and StoreFaults are rules of faultcache and faultstore, "" for none; FaultSeed is their seed. CHUNKASIDE_CACHE_FAULTS, CHUNKASIDE_STORE_FAULTS and CHUNKASIDE_FAULT_SEED, which the
	// Lambda functions do not read: nothing goes wrong there on purpose.
	CacheFaults, StoreFaults string
	FaultSeed                uint64
	// Progress, if set, is told how far a build has come: see catalog.BuildOptions.
	Progress func(*schema.Model, store.Progress)
	// Notify, if set, is told what happens to the cache: see cache.Options.
	Notify func(cache.Event)
	// Trace, if set, is told of works: see cache.Options and resolver.Options.
	Trace cache.Trace
	// Log gets what users of the API are not told; nil logs nothing.
	Log *slog.Logger
}

// App is the rooms, put together.
type App struct {
	Schema *schema.Schema
	// Store is for narrow reads; builds read Store.Builds(). Reads counts what reaches the store of both.
	Store *storeguard.Store
	Reads *store.Counting
	Cache *cache.Cache
	// Guard is what stands between Cache and the shared cache.
	Guard    *cacheguard.Driver
	Resolver *resolver.Resolver
	// Queries is what answers events: Resolver, at the policy of the moment.
	Queries *Queries
	// Faults say what goes wrong on purpose; none, unless Config has rules.
	Faults []fmt.Stringer

	driver    cache.Driver
	build     *catalog.BuildOptions
	announcer *announce.Announcer      // nil for none
	tables    map[string]*schema.Model // by their names in the store
}

// Open opens the schema, the store and the cache. It reaches out to neither: a cache or store that is away is found out, and may come back, when it is used.
// The error matches ErrUsage where a setting is wrong.
func Open(ctx context.Context, c Config) (*App, error) {
	if c.Extension == nil {
		c.Extension = settings.NewExtension(os.Getenv)
	}
	if err := c.check(); err != nil {
		return nil, err
	}
	s, err := OpenSchema(c)
	if err != nil {
		return nil, err
	}
	app := &App{Schema: s}
	if app.tables, err = tables(c, s); err != nil {
		return nil, err
	}
	if app.announcer, err = openAnnouncer(c); err != nil {
		return nil, err
	}
	if err := app.stackStore(ctx, c); err != nil {
		return nil, err
	}
	if err := app.stackCache(c); err != nil {
		return nil, errors.Join(err, app.Store.Close())
	}
	if err := app.connect(c); err != nil {
		return nil, errors.Join(err, app.Close())
	}
	return app, nil
}

func (a *App) connect(c Config) (err error) {
	packing := &chunker.Options{Codec: chunker.Codec(c.Codec), Level: c.Level}
	if err := packing.Check(); err != nil {
		return fmt.Errorf("%w: %w", ErrUsage, err)
	}
	a.build = &catalog.BuildOptions{Catalog: c.Catalog, Progress: c.Progress, Chunker: packing}
	a.Cache, err = cache.New(a.driver, a.Schema, &cache.Options{
		Namespace: c.Namespace, Catalog: c.Catalog, MaxAge: c.MaxAge, MaxStale: c.MaxStale, SoftTimeout: c.SoftTimeout, HardTimeout: c.HardTimeout, Resident: c.Resident, BuildTimeout: c.BuildTimeout,
		Rules: c.Rules, Notify: c.Notify, Trace: c.Trace, Log: c.Log,
		Build: func(ctx context.Context, emit func(chunker.Digest, []byte) error) (*chunker.Manifest, error) {
			return catalog.Build(ctx, a.Store.Builds(), a.Schema, a.build, emit)
		},
	})
	if err != nil {
		return fmt.Errorf("%w: %w", ErrUsage, err)
	}
	narrow, err := catalog.NewNarrow(a.Store, nil)
	if err != nil {
		return err
	}
	options := resolver.Options{FillPages: c.FillPages, MaxEntities: c.MaxEntities, MaxDepth: c.MaxDepth, Narrow: narrow, Trace: c.Trace, Log: c.Log}
	if a.Resolver, err = resolver.New(a.Schema, a.Cache, &options); err != nil {
		return fmt.Errorf("%w: %w", ErrUsage, err)
	}
	policy, err := a.openPolicy(c, settable{cache.Policy{MaxAge: c.MaxAge, MaxStale: c.MaxStale, SoftTimeout: c.SoftTimeout, HardTimeout: c.HardTimeout}, options})
	a.Queries = &Queries{a.Resolver, policy}
	return err
}

// Close frees the store and the cache.
func (a *App) Close() error {
	if a.announcer != nil {
		a.announcer.Close()
	}
	return errors.Join(a.Store.Close(), a.driver.Close())
}
