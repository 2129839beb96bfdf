package dynamostore

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"
	"golang.org/x/sync/errgroup"

	"github.com/chunkaside/chunkaside/catalog/schema"
	"github.com/chunkaside/chunkaside/store"
)

// DynamoDB's limit of items in a batch, and how many batches of one Write are under way at once.
const (
	writeBatch       = 25
	writeParallelism = 8
)

// WriteOptions tunes a Write. A nil *WriteOptions has the defaults.
type WriteOptions struct {
	// Progress, if set, is called after each batch with the entities written so far, never concurrently, and must not block.
	Progress func(written int)
}

// Write puts the entities into the model's table, replacing those with the same key. On an error some may have been written;
// writing all again is safe. Of two entities with the same key in one call either may win.
//
// A scan of the table returns the same bytes, but for fields that are a key of an index and null: DynamoDB takes no null
// there, so they are left out. An empty text in such a field is a *store.RecordError.
func (s *Store) Write(ctx context.Context, m *schema.Model, entities []store.Entity, o *WriteOptions) error {
	var options WriteOptions
	if o != nil {
		options = *o
	}
	var mu sync.Mutex
	written := 0
	done := func(n int) {
		mu.Lock()
		defer mu.Unlock()
		if written += n; options.Progress != nil {
			options.Progress(written)
		}
	}
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(writeParallelism)
	for batch := range slices.Chunk(entities, writeBatch) {
		group.Go(func() error {
			items, err := decode(m, batch)
			if err != nil {
				return s.locate(m, err)
			}
			if err := s.putItems(ctx, m, items); err != nil {
				return err
			}
			done(len(batch))
			return nil
		})
	}
	return group.Wait()
}

func decode(m *schema.Model, entities []store.Entity) ([]store.Item, error) {
	var d store.Decoder
	items := make([]store.Item, len(entities))
	for i, entity := range entities {
		item, err := d.Decode(entity, m.Fields)
		if err != nil {
			return nil, fmt.Errorf("write %s: %w", m.Name, err)
		}
		items[i] = item
	}
	return items, nil
}

// putItems writes at most a batch.
func (s *Store) putItems(ctx context.Context, m *schema.Model, items []store.Item) error {
	requests := make([]types.WriteRequest, len(items))
	for i, item := range items {
		put, err := putItem(m, item)
		if err != nil {
			return s.locate(m, err)
		}
		requests[i] = types.WriteRequest{PutRequest: &types.PutRequest{Item: put}}
	}
	err := s.writeRequests(ctx, m, requests)
	if err == nil || !isValidation(err, "") {
		return err
	}
	if len(items) == 1 {
		return s.refused(m, items[0], err)
	}
	// DynamoDB does not say which item it refuses. One by one it shows, and two with the same key go through.
	for _, item := range items {
		if err := s.putItems(ctx, m, []store.Item{item}); err != nil {
			return err
		}
	}
	return nil
}

// refused names the item that DynamoDB does not take: it is too large, or nested too deeply.
func (s *Store) refused(m *schema.Model, item store.Item, err error) error {
	key, keyErr := store.PrimaryKey(m, item)
	if keyErr != nil {
		return s.locate(m, keyErr)
	}
	var api smithy.APIError
	errors.As(err, &api)
	return &store.RecordError{
		Table: s.table(m), Model: m.Name, Key: strings.Join(key, "#"), Reason: "DynamoDB refuses it: " + api.ErrorMessage(),
	}
}

// putItem is the item to write: the record's own attributes and those that its indexes need.
func putItem(m *schema.Model, item store.Item) (attributes, error) {
	put := attributesOf(item)
	for _, ix := range allIndexes(m) {
		key, err := store.IndexKey(m, ix, item)
		if err != nil {
			return nil, err
		}
		if len(ix.Sort) > 1 && key != nil {
			put[ix.SortAttribute()] = &types.AttributeValueMemberS{Value: key.SortValue()}
		}
		for _, f := range keyFields(ix) {
			if err := checkIndexKey(m, f, item, put); err != nil {
				return nil, err
			}
		}
	}
	return put, nil
}

// keyFields are the fields that are key attributes by themselves: joined ones are not.
func keyFields(ix *schema.Index) []*schema.Field {
	if len(ix.Sort) == 1 {
		return ix.Fields()
	}
	return []*schema.Field{ix.Partition}
}

// checkIndexKey removes a null from a key attribute and refuses an empty text.
func checkIndexKey(m *schema.Model, f *schema.Field, item store.Item, put attributes) error {
	v := item.Get(f.Name)
	switch {
	case v == nil:
	case v.Type == store.Null:
		delete(put, f.Name)
	case v.Type == store.String && len(v.Text) == 0:
		e := &store.RecordError{Model: m.Name, Field: f.Name, Reason: "is empty, which DynamoDB refuses in a key of an index"}
		if key, err := store.PrimaryKey(m, item); err == nil {
			e.Key = strings.Join(key, "#")
		}
		return e
	}
	return nil
}

// writeRequests sends the requests, and again those that DynamoDB leaves unprocessed.
func (s *Store) writeRequests(ctx context.Context, m *schema.Model, requests []types.WriteRequest) error {
	table := s.table(m)
	for attempt := 0; ; attempt++ {
		out, err := s.client.BatchWriteItem(ctx, &dynamodb.BatchWriteItemInput{
			RequestItems: map[string][]types.WriteRequest{table: requests},
		})
		if err != nil {
			return s.fail(ctx, "write to", table, err)
		}
		left := out.UnprocessedItems[table]
		if len(left) == 0 {
			return nil
		}
		if len(left) < len(requests) {
			attempt = 0
		}
		requests = left
		if err := s.again(ctx, "write to", table, attempt); err != nil {
			return err
		}
	}
}
