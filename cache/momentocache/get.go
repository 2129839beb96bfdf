package momentocache

import (
	"bytes"
	"context"
	"fmt"

	"github.com/momentohq/client-sdk-go/momento"
	"github.com/momentohq/client-sdk-go/responses"
	"golang.org/x/sync/errgroup"
)

// Get implements cache.Driver: one call of the service for each different key, Options.Parallelism at a time.
//
// Not GetBatch, which moves and costs the same bytes: the SDK gives a whole batch the deadline of one value, does not repeat it
// when the connection fails, throws away what came before the failure, leaves out the read-concern header and the 5 MB message
// limit, and panics on an answer without a result. Single calls share a connection all the same: over loopback 12 values of 900 KB
// take 12 ms against a batch's 10, and 40 of 300 KB 14 ms against 14.
func (d *Driver) Get(ctx context.Context, keys []string) ([][]byte, error) {
	values := make([][]byte, len(keys))
	if len(keys) == 0 {
		return values, ctx.Err()
	}
	first := make(map[string]int, len(keys)) // Index of a key's first use: a repeated one is not paid twice.
	fetches, fetchCtx := errgroup.WithContext(ctx)
	fetches.SetLimit(d.parallelism)
	for i, key := range keys {
		if _, ok := first[key]; ok {
			continue
		}
		first[key] = i
		fetches.Go(func() (err error) {
			if values[i], err = d.get(fetchCtx, key); err != nil {
				return fmt.Errorf("get %q: %w", key, err)
			}
			return nil
		})
	}
	if err := fetches.Wait(); err != nil {
		return nil, err // Of the first that failed; the others were cancelled for it.
	}
	for i, key := range keys {
		if j := first[key]; j != i {
			values[i] = bytes.Clone(values[j])
		}
	}
	return values, nil
}

// get returns one value, nil if it is missing.
func (d *Driver) get(ctx context.Context, key string) (value []byte, err error) {
	request := &momento.GetRequest{CacheName: d.cacheName, Key: momento.String(key)}
	err = d.connections.call(ctx, func(c momento.CacheClient) error {
		response, err := c.Get(ctx, request)
		if hit, ok := response.(*responses.GetHit); ok {
			value = hit.ValueByte()
			if value == nil {
				value = []byte{} // The wire does not tell empty from nothing; the hit does.
			}
		}
		return err
	})
	return value, err
}
