package wiring

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"

	"github.com/chunkaside/chunkaside/cache"
	"github.com/chunkaside/chunkaside/cache/memcache"
	"github.com/chunkaside/chunkaside/cache/momentocache"
	"github.com/chunkaside/chunkaside/cache/valkeycache"
	"github.com/chunkaside/chunkaside/catalog/schema"
	"github.com/chunkaside/chunkaside/store"
	"github.com/chunkaside/chunkaside/store/dynamostore"
	"github.com/chunkaside/chunkaside/store/filestore"
	"github.com/chunkaside/chunkaside/store/samplestore"
)

const (
	storeForms = "sample:, file:DIR or dynamodb:?endpoint=URL&region=R&suffix=S"
	cacheForms = "memory:, momento:NAME?endpoint=HOST:PORT or valkey://HOST:PORT/DB"
)

// check refuses what can be seen without opening anything.
func (c Config) check() error {
	// cache.Options has a meaning for it, in tests.
	if c.MaxAge < 0 {
		return fmt.Errorf("%w: the maximum age %v is negative: give --max-age (CHUNKASIDE_MAX_AGE) a time such as 1s", ErrUsage, c.MaxAge)
	}
	return checkStore(c.Store)
}

// OpenSchema reads the schema that the settings name. The error matches ErrUsage where the file is not there, and is of *schema.Error where it is wrong.
func OpenSchema(c Config) (*schema.Schema, error) {
	if c.Schema == "" && c.Store == sample {
		return schema.Parse("sample.graphql", samplestore.Schema)
	}
	if c.Schema == "" {
		return nil, fmt.Errorf("%w: a %s store needs a schema: give --schema FILE (CHUNKASIDE_SCHEMA)", ErrUsage, scheme(c.Store))
	}
	s, err := schema.Load(c.Schema)
	if fault := (*schema.Error)(nil); err != nil && !errors.As(err, &fault) {
		return nil, fmt.Errorf("%w: --schema (CHUNKASIDE_SCHEMA): %w", ErrUsage, err)
	}
	return s, err
}

// sample is the address of the generated catalog, memory that of the cache in this process.
const (
	sample = "sample:"
	memory = "memory:"
)

func checkStore(address string) error {
	scheme, rest, _ := strings.Cut(address, ":")
	if address == sample || scheme == "file" && rest != "" || scheme == "dynamodb" {
		return nil
	}
	return fmt.Errorf("%w: %q is no store: use %s", ErrUsage, scheme, storeForms)
}

// scheme is the part of an address that can be shown: what follows may hold a password.
func scheme(address string) string {
	scheme, _, _ := strings.Cut(address, ":")
	return scheme
}

// OpenStore opens the store at an address.
func OpenStore(ctx context.Context, address string) (store.Store, error) {
	if err := checkStore(address); err != nil {
		return nil, err
	}
	switch scheme, rest, _ := strings.Cut(address, ":"); scheme {
	case "file":
		files, err := filestore.New(strings.TrimPrefix(rest, "//"))
		if err != nil {
			return nil, fmt.Errorf("%w: --store (CHUNKASIDE_STORE): %w", ErrUsage, err)
		}
		return packed{files}, nil
	case "dynamodb":
		return OpenDynamoDB(ctx, address)
	}
	return samplestore.New(), nil
}

// openLazily opens the store at an address when it is first read, if that takes time. What is wrong with the address itself is found out now.
func openLazily(ctx context.Context, address string) (store.Store, error) {
	if scheme(address) != "dynamodb" {
		return OpenStore(ctx, address)
	}
	if _, err := dynamoOptions(address); err != nil {
		return nil, err
	}
	return &lazy{open: func(ctx context.Context) (store.Store, error) { return OpenStore(ctx, address) }}, nil
}

// OpenDynamoDB opens a "dynamodb:" address.
func OpenDynamoDB(ctx context.Context, address string) (*dynamostore.Store, error) {
	o, err := dynamoOptions(address)
	if err != nil {
		return nil, err
	}
	st, err := dynamostore.New(ctx, o)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrUsage, err)
	}
	return st, nil
}

func dynamoOptions(address string) (*dynamostore.Options, error) {
	values, err := query(address, "dynamodb:", "endpoint", "region", "suffix")
	if err != nil {
		return nil, err
	}
	o := &dynamostore.Options{Endpoint: values.Get("endpoint"), Region: values.Get("region"), Suffix: values.Get("suffix")}
	if err := o.Check(); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrUsage, err)
	}
	return o, nil
}

// openCache opens the cache's driver, which does not know its own address.
func openCache(c Config) (d cache.Driver, err error) {
	if c.CacheSecret != "" {
		return openKeyed(c)
	}
	switch scheme, _, _ := strings.Cut(c.Cache, ":"); {
	case c.Cache == memory:
		return memcache.New(nil)
	case scheme == "momento":
		d, err = openMomento(c)
	case isValkey(scheme):
		d, err = valkeycache.New(c.Cache, nil)
	default:
		return nil, fmt.Errorf("%w: unknown cache address%s: use %s", ErrUsage, quotedScheme(c.Cache), cacheForms)
	}
	switch {
	case errors.Is(err, ErrUsage):
		return nil, err
	case err != nil:
		return nil, fmt.Errorf("%w: %w", ErrUsage, err)
	}
	return d, nil
}

func isValkey(scheme string) bool {
	return scheme == "valkey" || scheme == "valkeys" || scheme == "redis" || scheme == "rediss"
}

// quotedScheme is as much of an address as can be shown: what follows may hold a password.
func quotedScheme(address string) string {
	scheme, _, found := strings.Cut(address, ":")
	if !found || strings.Trim(scheme, "abcdefghijklmnopqrstuvwxyz0123456789+-.") != "" {
		return ""
	}
	return fmt.Sprintf(" %q", scheme+":...")
}

// CacheName is a cache's address as it can be shown: without user and password.
func CacheName(address string) string {
	scheme, _, _ := strings.Cut(address, ":")
	if !isValkey(scheme) {
		return address
	}
	u, err := url.Parse(address)
	if err != nil {
		return scheme + "://..."
	}
	return (&url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path}).String()
}

// momentoAddress is what a "momento:" address names.
func momentoAddress(address string) (name, endpoint string, err error) {
	name, _, _ = strings.Cut(strings.TrimPrefix(address, "momento:"), "?")
	values, err := query(address, "momento:"+name, "endpoint")
	return name, values.Get("endpoint"), err
}

func openMomento(c Config) (cache.Driver, error) {
	name, endpoint, err := momentoAddress(c.Cache)
	if err != nil {
		return nil, err
	}
	if c.MomentoAPIKey == "" && endpoint == "" {
		return nil, fmt.Errorf("the cache momento:%s needs an API key: set MOMENTO_API_KEY or CHUNKASIDE_CACHE_SECRET, or name a local server with ?endpoint=HOST:PORT", name)
	}
	return momentocache.New(name, &momentocache.Options{APIKey: c.MomentoAPIKey, Endpoint: endpoint})
}

// query is the parameters of an address, of which only these are known.
func query(address, prefix string, known ...string) (url.Values, error) {
	rest := strings.TrimPrefix(strings.TrimPrefix(address, prefix), "?")
	values, err := url.ParseQuery(rest)
	if err != nil {
		return nil, fmt.Errorf("%w: the address %s...: its parameters cannot be read: %w", ErrUsage, prefix, err)
	}
	for name := range values {
		found := false
		for _, k := range known {
			found = found || k == name
		}
		if !found {
			return nil, fmt.Errorf("%w: the address %s... has the unknown parameter %q: known are %s", ErrUsage, prefix, name, strings.Join(known, ", "))
		}
	}
	return values, nil
}
