package dynamostore

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"golang.org/x/sync/errgroup"

	"github.com/chunkaside/chunkaside/catalog/schema"
	"github.com/chunkaside/chunkaside/store"
)

// DynamoDB's limit of keys in a batch, and how many batches of one Get are under way at once.
const (
	getBatch       = 100
	getParallelism = 4
)

// Get reads by BatchGetItem, 100 keys a call, some calls at once. A key that occurs twice is asked for once.
func (s *Store) Get(ctx context.Context, m *schema.Model, keys []store.Key) ([]store.Entity, error) {
	wanted := make([]attributes, len(keys))
	for i, key := range keys {
		if err := key.Check(m.Key); err != nil {
			return nil, fmt.Errorf("get %s: %w", m.Name, err)
		}
		if key.Possible() {
			wanted[i] = keyAttributes(m, key)
		}
	}
	items, _, err := s.getItems(ctx, m, wanted)
	if err != nil {
		return nil, err
	}
	entities := make([]store.Entity, len(keys))
	for i, item := range items {
		if item == nil {
			continue
		}
		if entities[i], err = s.encode(m, item); err != nil {
			return nil, err
		}
	}
	return entities, nil
}

// getItems returns the items with these key attributes, by index: nil where there is none and where the key is nil. It also
// returns the read units charged.
func (s *Store) getItems(ctx context.Context, m *schema.Model, keys []attributes) ([]attributes, float64, error) {
	places := map[string][]int{}
	var distinct []attributes
	for i, key := range keys {
		if key == nil {
			continue
		}
		id := identity(m, key)
		if places[id] == nil {
			distinct = append(distinct, key)
		}
		places[id] = append(places[id], i)
	}
	batches, charged, err := s.getBatches(ctx, m, distinct)
	if err != nil {
		return nil, 0, err
	}
	items := make([]attributes, len(keys))
	for _, batch := range batches {
		for _, item := range batch {
			for _, i := range places[identity(m, keyOf(m, item))] {
				items[i] = item
			}
		}
	}
	return items, charged, nil
}

// getBatches reads distinct keys. The items come in batches, each in any order.
func (s *Store) getBatches(ctx context.Context, m *schema.Model, keys []attributes) ([][]attributes, float64, error) {
	chunks := slices.Collect(slices.Chunk(keys, getBatch))
	batches, charges := make([][]attributes, len(chunks)), make([]float64, len(chunks))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(getParallelism)
	for i, chunk := range chunks {
		group.Go(func() (err error) {
			batches[i], charges[i], err = s.getBatch(ctx, m, chunk)
			return err
		})
	}
	err := group.Wait()
	charged := 0.0
	for _, charge := range charges {
		charged += charge
	}
	return batches, charged, err
}

// getBatch reads one batch, asking again for what DynamoDB leaves unprocessed: a call answers at most 16 MB.
func (s *Store) getBatch(ctx context.Context, m *schema.Model, keys []attributes) ([]attributes, float64, error) {
	table, charged := s.table(m), 0.0
	var items []attributes
	for attempt := 0; ; attempt++ {
		out, err := s.client.BatchGetItem(ctx, &dynamodb.BatchGetItemInput{
			RequestItems: map[string]types.KeysAndAttributes{
				table: {Keys: keys, ConsistentRead: aws.Bool(true)},
			},
			ReturnConsumedCapacity: types.ReturnConsumedCapacityTotal,
		})
		if err != nil {
			return nil, charged, s.fail(ctx, "get from", table, err)
		}
		items = append(items, out.Responses[table]...)
		for i := range out.ConsumedCapacity {
			charged += units(&out.ConsumedCapacity[i])
		}
		left := out.UnprocessedKeys[table].Keys
		if len(left) == 0 {
			return items, charged, nil
		}
		if len(left) < len(keys) {
			attempt = 0
		}
		keys = left
		if err := s.again(ctx, "get from", table, attempt); err != nil {
			return nil, charged, err
		}
	}
}

var errUnprocessed = errors.New("throttled: a part of the batch stays unprocessed")

// again waits before a batch's unprocessed part is sent again, or says that it was tried often enough. attempt counts those
// without any progress, from 0.
func (s *Store) again(ctx context.Context, verb, table string, attempt int) error {
	if attempt+1 >= s.options.Attempts {
		return &callError{verb: verb, table: table, where: s.where, kind: store.ErrUnavailable, cause: errUnprocessed}
	}
	if err := pause(ctx, attempt); err != nil {
		return s.fail(ctx, verb, table, err)
	}
	return nil
}
