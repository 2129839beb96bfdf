package dynamostore

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/chunkaside/chunkaside/catalog/schema"
	"github.com/chunkaside/chunkaside/store"
)

// table is what is known of a table's indexes: by name, whether they hold only some of the attributes. A secondary index
// cannot change its projection, so what is known stays true.
type table map[string]bool

// describer asks DynamoDB about each table once.
type describer struct {
	// turn is held while known is used, and while DynamoDB is asked, so that many queries at once ask once.
	turn  chan struct{}
	known map[string]table
}

// partial reports whether the index holds only some of the attributes. An index that is not there is a store.ErrNoTable; it is
// looked for again with each query.
func (s *Store) partial(ctx context.Context, m *schema.Model, ix *schema.Index) (bool, error) {
	name := s.table(m)
	select {
	case s.describe.turn <- struct{}{}:
		defer func() { <-s.describe.turn }()
	case <-ctx.Done():
		return false, s.fail(ctx, "describe", name, context.Cause(ctx))
	}
	if partial, ok := s.describe.known[name][ix.Name]; ok {
		return partial, nil
	}
	out, err := s.client.DescribeTable(ctx, &dynamodb.DescribeTableInput{TableName: aws.String(name)})
	if err != nil {
		return false, s.fail(ctx, "describe", name, err)
	}
	known := table{}
	for _, index := range out.Table.GlobalSecondaryIndexes {
		known[aws.ToString(index.IndexName)] = index.Projection.ProjectionType != types.ProjectionTypeAll
	}
	for _, index := range out.Table.LocalSecondaryIndexes {
		known[aws.ToString(index.IndexName)] = index.Projection.ProjectionType != types.ProjectionTypeAll
	}
	s.describe.known[name] = known
	partial, ok := known[ix.Name]
	if !ok {
		return false, fmt.Errorf("query %s at %s: %w: the table has no index %s, which the schema declares on %s.%s",
			name, s.where, store.ErrNoTable, ix.Name, m.Name, ix.Partition.Name)
	}
	return partial, nil
}
