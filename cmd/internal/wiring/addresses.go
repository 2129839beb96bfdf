package wiring

import (
	"context"
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

func openSchema(c Config) (*schema.Schema, error) {
	if c.Schema != "" {
		return schema.Load(c.Schema)
	}
	if c.Store != "sample:" {
		return nil, fmt.Errorf("%w: the store %s needs a schema: give --schema FILE (CHUNKASIDE_SCHEMA)", ErrUsage, c.Store)
	}
	return schema.Parse("sample.graphql", samplestore.Schema)
}

// OpenStore opens the store at an address.
func OpenStore(ctx context.Context, address string) (store.Store, error) {
	scheme, rest, _ := strings.Cut(address, ":")
	switch {
	case address == "sample:":
		return samplestore.New(), nil
	case scheme == "file" && rest != "":
		return filestore.New(strings.TrimPrefix(rest, "//"))
	case scheme == "dynamodb":
		return OpenDynamoDB(ctx, address)
	}
	return nil, fmt.Errorf("%w: the store %q is none: use %s", ErrUsage, address, storeForms)
}

// OpenDynamoDB opens a "dynamodb:" address.
func OpenDynamoDB(ctx context.Context, address string) (*dynamostore.Store, error) {
	values, err := query(address, "dynamodb:", "endpoint", "region", "suffix")
	if err != nil {
		return nil, err
	}
	return dynamostore.New(ctx, &dynamostore.Options{Endpoint: values.Get("endpoint"), Region: values.Get("region"), Suffix: values.Get("suffix")})
}

func openCache(c Config) (cache.Driver, error) {
	switch scheme, _, _ := strings.Cut(c.Cache, ":"); {
	case c.Cache == "memory:":
		return memcache.New(nil)
	case scheme == "momento":
		return openMomento(c)
	case scheme == "valkey" || scheme == "valkeys" || scheme == "redis" || scheme == "rediss":
		d, err := valkeycache.New(c.Cache, nil)
		if err != nil {
			return nil, fmt.Errorf("%w: %w", ErrUsage, err)
		}
		return d, nil
	}
	// The address is not repeated: it may hold a password.
	return nil, fmt.Errorf("%w: the cache's address is none: use %s", ErrUsage, cacheForms)
}

func openMomento(c Config) (cache.Driver, error) {
	name, _, _ := strings.Cut(strings.TrimPrefix(c.Cache, "momento:"), "?")
	values, err := query(c.Cache, "momento:"+name, "endpoint")
	if err != nil {
		return nil, err
	}
	d, err := momentocache.New(name, &momentocache.Options{APIKey: c.MomentoAPIKey, Endpoint: values.Get("endpoint")})
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrUsage, err)
	}
	return d, nil
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
