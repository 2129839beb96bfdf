package dynamostore

import (
	"context"
	"fmt"
	"math"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/chunkaside/chunkaside/catalog/schema"
	"github.com/chunkaside/chunkaside/store"
)

// Query makes one call for a page. Where the index does not hold all attributes (its projection is not ALL) the entities are
// read from the table in a second call, by their keys. The first query by an index of a table asks for the projections, with
// DescribeTable; without the permission to (dynamodb:DescribeTable) they are taken to be ALL, as Amplify makes them, and fields that
// an index does not hold are missing from its entities.
func (s *Store) Query(ctx context.Context, m *schema.Model, q store.Query) (store.Page, error) {
	in, err := s.queryInput(m, q)
	if err != nil {
		return store.Page{}, fmt.Errorf("query %s: %w", m.Name, err)
	}
	if !(store.Key{q.Partition}).Possible() {
		return store.Page{}, nil
	}
	partial := false
	if in.IndexName != nil {
		if partial, err = s.partial(ctx, m, q.Index); err != nil {
			return store.Page{}, err
		}
	}
	out, err := s.client.Query(ctx, in)
	if err != nil {
		return store.Page{}, s.fail(ctx, "query", s.table(m), err)
	}
	page := store.Page{ReadUnits: units(out.ConsumedCapacity)}
	items := out.Items
	if partial {
		var charged float64
		if items, charged, err = s.reread(ctx, m, items); err != nil {
			return store.Page{}, err
		}
		page.ReadUnits += charged
	}
	if page.Entities, err = s.encodeAll(m, items); err != nil {
		return store.Page{}, err
	}
	if len(out.LastEvaluatedKey) > 0 {
		page.Next = cursorOf(m, q.Index, out.LastEvaluatedKey).Token(q)
	}
	return page, nil
}

func (s *Store) queryInput(m *schema.Model, q store.Query) (*dynamodb.QueryInput, error) {
	if err := q.Check(); err != nil {
		return nil, err
	}
	in := &dynamodb.QueryInput{
		TableName:                 aws.String(s.table(m)),
		KeyConditionExpression:    aws.String("#p = :p"),
		ExpressionAttributeNames:  map[string]string{"#p": q.Index.Partition.Name},
		ExpressionAttributeValues: attributes{":p": scalar(partitionType(q.Index), q.Partition)},
		ScanIndexForward:          aws.Bool(!q.Descending),
		ReturnConsumedCapacity:    types.ReturnConsumedCapacityTotal,
	}
	if q.Limit > 0 {
		in.Limit = aws.Int32(int32(min(q.Limit, math.MaxInt32)))
	}
	if q.Index.Name == "" {
		in.ConsistentRead = aws.Bool(true)
	} else {
		in.IndexName = aws.String(q.Index.Name)
	}
	start, err := q.Cursor(m)
	if err != nil || start == nil {
		return in, err
	}
	in.ExclusiveStartKey = attributes{}
	setKey(in.ExclusiveStartKey, m.Key, start.Partition, start.PrimarySort)
	setKey(in.ExclusiveStartKey, q.Index, q.Partition, start.Sort)
	return in, nil
}

// cursorOf reads the place from DynamoDB's LastEvaluatedKey.
func cursorOf(m *schema.Model, ix *schema.Index, last attributes) store.Cursor {
	return store.Cursor{
		Sort:        keyText(last[ix.SortAttribute()]),
		Partition:   keyText(last[m.Key.Partition.Name]),
		PrimarySort: keyText(last[m.Key.SortAttribute()]),
	}
}

// reread reads the whole items for those of a partial index, in the same order. One that has vanished in between is left out.
func (s *Store) reread(ctx context.Context, m *schema.Model, found []attributes) ([]attributes, float64, error) {
	keys := make([]attributes, len(found))
	for i, item := range found {
		keys[i] = keyOf(m, item)
	}
	items, charged, err := s.getItems(ctx, m, keys)
	whole := make([]attributes, 0, len(items))
	for _, item := range items {
		if item != nil {
			whole = append(whole, item)
		}
	}
	return whole, charged, err
}
