package dynamostore

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"

	"github.com/chunkaside/chunkaside/catalog/schema"
	"github.com/chunkaside/chunkaside/store"
)

// describer asks DynamoDB about each table once.
type describer struct {
	mu     sync.Mutex
	tables map[string]*table
}

// table is what is known of a table's indexes. A secondary index cannot change its projection, so what is known stays true.
type table struct {
	// turn is held while the rest is used, and while DynamoDB is asked, so that many queries at once ask once.
	turn chan struct{}
	// partial says by name which indexes hold only some of the attributes.
	partial map[string]bool
	// denied: we may not ask.
	denied bool
}

func (d *describer) table(name string) *table {
	d.mu.Lock()
	defer d.mu.Unlock()
	t := d.tables[name]
	if t == nil {
		t = &table{turn: make(chan struct{}, 1)}
		if d.tables == nil {
			d.tables = map[string]*table{}
		}
		d.tables[name] = t
	}
	return t
}

// partial reports whether the index holds only some of the attributes. An index that is not there is a store.ErrNoTable; it is
// looked for again with each query. Where we may not ask, all indexes are taken to be whole.
func (s *Store) partial(ctx context.Context, m *schema.Model, ix *schema.Index) (bool, error) {
	name := s.table(m)
	t := s.describe.table(name)
	select {
	case t.turn <- struct{}{}:
		defer func() { <-t.turn }()
	case <-ctx.Done():
		return false, s.fail(ctx, "describe", name, context.Cause(ctx))
	}
	if partial, ok := t.partial[ix.Name]; ok || t.denied {
		return partial, nil
	}
	out, err := s.client.DescribeTable(ctx, &dynamodb.DescribeTableInput{TableName: aws.String(name)})
	if isDenied(err) {
		t.denied = true
		return false, nil
	}
	if err != nil {
		return false, s.fail(ctx, "describe", name, err)
	}
	t.partial = partialIndexes(out.Table)
	partial, ok := t.partial[ix.Name]
	if !ok {
		return false, fmt.Errorf("query %s at %s: %w: the table has no index %s, which the schema declares on %s.%s",
			name, s.where, store.ErrNoTable, ix.Name, m.Name, ix.Partition.Name)
	}
	return partial, nil
}

func isDenied(err error) bool {
	var api smithy.APIError
	return errors.As(err, &api) && api.ErrorCode() == "AccessDeniedException"
}

// partialIndexes has all indexes of a table. One whose projection is not told is taken to be partial: that costs a read, no data.
func partialIndexes(t *types.TableDescription) map[string]bool {
	known := map[string]bool{}
	if t == nil {
		return known
	}
	note := func(name *string, p *types.Projection) {
		known[aws.ToString(name)] = p == nil || p.ProjectionType != types.ProjectionTypeAll
	}
	for _, ix := range t.GlobalSecondaryIndexes {
		note(ix.IndexName, ix.Projection)
	}
	for _, ix := range t.LocalSecondaryIndexes {
		note(ix.IndexName, ix.Projection)
	}
	return known
}
