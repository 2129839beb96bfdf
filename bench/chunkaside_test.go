package bench

import (
	"context"
	"fmt"
	"testing"

	"github.com/chunkaside/chunkaside/cache"
	"github.com/chunkaside/chunkaside/cache/valkeycache"
	"github.com/chunkaside/chunkaside/catalog"
	"github.com/chunkaside/chunkaside/catalog/schema"
	"github.com/chunkaside/chunkaside/chunker"
	"github.com/chunkaside/chunkaside/resolver"
	"github.com/chunkaside/chunkaside/store"
)

// viaResolver answers as the Lambda function does: an event of AppSync in, the answer's JSON out.
type viaResolver struct {
	driver   cache.Driver
	resolver *resolver.Resolver
}

const getEvent = `{"arguments":{"id":%q},"info":{"parentTypeName":"Query","fieldName":"getEpisode","selectionSetList":[
	"id","programId","episodeGroupId","number","title","titleJa","synopsis","synopsisJa","airedOn","duration","score","free"]}}`

const pageEvent = `{"arguments":{"limit":%d},"info":{"parentTypeName":"Query","fieldName":"listEpisodes","selectionSetList":["items",
	"items/id","items/programId","items/episodeGroupId","items/number","items/title","items/titleJa","items/synopsis","items/synopsisJa","items/airedOn",
	"items/duration","items/score","items/free"]}}`

func fillChunkaside(t testing.TB, address string) {
	t.Helper()
	s := sampleSchema(t)
	c, driver := openCache(t, address, s)
	defer driver.Close()
	publish(t, c, s, sampleOf(1))
}

// openChunkaside takes all defaults. Where the others have Go types, it has a schema, which is read at the start: so that is a part of it.
func openChunkaside(t testing.TB, address string) reader {
	s := sampleSchema(t)
	c, driver := openCache(t, address, s)
	r, err := resolver.New(s, c, nil)
	if err != nil {
		t.Fatal(err)
	}
	return viaResolver{driver, r}
}

func openCache(t testing.TB, address string, s *schema.Schema) (*cache.Cache, cache.Driver) {
	t.Helper()
	driver, err := valkeycache.New("redis://"+address, nil)
	if err != nil {
		t.Fatal(err)
	}
	c, err := cache.New(driver, s, nil)
	if err != nil {
		t.Fatal(err)
	}
	return c, driver
}

func publish(t testing.TB, c *cache.Cache, s *schema.Schema, from store.Store) {
	t.Helper()
	if _, err := c.Publish(t.Context(), func(ctx context.Context, emit func(chunker.Digest, []byte) error) (*chunker.Manifest, error) {
		return catalog.Build(ctx, from, s, nil, emit)
	}); err != nil {
		t.Fatal(err)
	}
}

func (v viaResolver) get(ctx context.Context, id string) ([]byte, error) {
	return v.resolver.Invoke(ctx, fmt.Appendf(nil, getEvent, id))
}

func (v viaResolver) page(ctx context.Context) ([]byte, error) {
	return v.resolver.Invoke(ctx, fmt.Appendf(nil, pageEvent, pageSize))
}

func (v viaResolver) close() { _ = v.driver.Close() }
