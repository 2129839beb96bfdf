package dynamostore

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/chunkaside/chunkaside/catalog/schema"
	"github.com/chunkaside/chunkaside/store"
)

// CreateTables creates the table of each model, with its indexes, paid by request, and waits until all can be used. A table that
// is there already is left as it is, if its keys and indexes are the schema's; others are an error that names the difference.
func (s *Store) CreateTables(ctx context.Context, catalog *schema.Schema) error {
	for _, m := range catalog.Models {
		if err := s.createTable(ctx, m); err != nil {
			return err
		}
	}
	for _, m := range catalog.Models {
		if err := s.awaitTable(ctx, m); err != nil {
			return err
		}
	}
	return nil
}

func (s *Store) createTable(ctx context.Context, m *schema.Model) error {
	name := aws.String(s.table(m))
	out, err := s.client.DescribeTable(ctx, &dynamodb.DescribeTableInput{TableName: name})
	var missing *types.ResourceNotFoundException
	switch {
	case err == nil:
		return s.compare(m, out.Table)
	case !errors.As(err, &missing):
		return s.fail(ctx, "describe", *name, err)
	}
	in := &dynamodb.CreateTableInput{
		TableName: name, BillingMode: types.BillingModePayPerRequest,
		KeySchema: keySchema(m.Key), AttributeDefinitions: definitions(m),
	}
	for _, ix := range m.Indexes {
		in.GlobalSecondaryIndexes = append(in.GlobalSecondaryIndexes, types.GlobalSecondaryIndex{
			IndexName: aws.String(ix.Name), KeySchema: keySchema(ix),
			Projection: &types.Projection{ProjectionType: types.ProjectionTypeAll},
		})
	}
	_, err = s.client.CreateTable(ctx, in)
	var exists *types.ResourceInUseException
	switch {
	case errors.As(err, &exists):
		// The SDK has tried again after an answer that was lost, or somebody else was faster.
		if out, err = s.client.DescribeTable(ctx, &dynamodb.DescribeTableInput{TableName: name}); err != nil {
			return s.fail(ctx, "describe", *name, err)
		}
		return s.compare(m, out.Table)
	case err != nil:
		return s.fail(ctx, "create", *name, err)
	}
	return nil
}

// awaitTable returns when the table and its indexes are active: with indexes that takes DynamoDB some ten seconds.
func (s *Store) awaitTable(ctx context.Context, m *schema.Model) error {
	const longest = 10 * time.Minute
	waiter := dynamodb.NewTableExistsWaiter(s.client, func(o *dynamodb.TableExistsWaiterOptions) {
		o.MinDelay, o.MaxDelay = 50*time.Millisecond, 5*time.Second
	})
	if err := waiter.Wait(ctx, &dynamodb.DescribeTableInput{TableName: aws.String(s.table(m))}, longest); err != nil {
		return s.fail(ctx, "wait for", s.table(m), err)
	}
	return nil
}

func keySchema(ix *schema.Index) []types.KeySchemaElement {
	key := []types.KeySchemaElement{{AttributeName: aws.String(ix.Partition.Name), KeyType: types.KeyTypeHash}}
	if name := ix.SortAttribute(); name != "" {
		key = append(key, types.KeySchemaElement{AttributeName: aws.String(name), KeyType: types.KeyTypeRange})
	}
	return key
}

// definitions are the types of all attributes that keys are made of, each once.
func definitions(m *schema.Model) []types.AttributeDefinition {
	var list []types.AttributeDefinition
	defined := map[string]bool{}
	define := func(name string, t types.ScalarAttributeType) {
		if name != "" && !defined[name] {
			defined[name] = true
			list = append(list, types.AttributeDefinition{AttributeName: aws.String(name), AttributeType: t})
		}
	}
	for _, ix := range allIndexes(m) {
		define(ix.Partition.Name, partitionType(ix))
		define(ix.SortAttribute(), sortType(ix))
	}
	return list
}

func allIndexes(m *schema.Model) []*schema.Index {
	return append([]*schema.Index{m.Key}, m.Indexes...)
}

// compare holds an existing table against the model.
func (s *Store) compare(m *schema.Model, have *types.TableDescription) error {
	name := aws.ToString(have.TableName)
	kinds := map[string]types.ScalarAttributeType{}
	for _, d := range have.AttributeDefinitions {
		kinds[aws.ToString(d.AttributeName)] = d.AttributeType
	}
	want := map[string]types.ScalarAttributeType{}
	for _, d := range definitions(m) {
		want[aws.ToString(d.AttributeName)] = d.AttributeType
	}
	if got, need := describeKey(have.KeySchema, kinds), describeKey(keySchema(m.Key), want); got != need {
		return fmt.Errorf("create %s at %s: the table is there with the key %s, but the schema wants %s", name, s.where, got, need)
	}
	indexes := map[string]string{}
	for _, index := range have.GlobalSecondaryIndexes {
		indexes[aws.ToString(index.IndexName)] = describeKey(index.KeySchema, kinds)
	}
	for _, index := range have.LocalSecondaryIndexes {
		indexes[aws.ToString(index.IndexName)] = describeKey(index.KeySchema, kinds)
	}
	for _, ix := range m.Indexes {
		need := describeKey(keySchema(ix), want)
		got, ok := indexes[ix.Name]
		switch {
		case !ok:
			return fmt.Errorf("create %s at %s: %w: the table is there, but without the index %s", name, s.where, store.ErrNoTable, ix.Name)
		case got != need:
			return fmt.Errorf("create %s at %s: the table is there, but its index %s has the key %s where the schema wants %s",
				name, s.where, ix.Name, got, need)
		}
	}
	return nil
}

// describeKey is a key's attributes for people, and for comparing: "programId (S), recorded (S)".
func describeKey(key []types.KeySchemaElement, kinds map[string]types.ScalarAttributeType) string {
	parts := make([]string, len(key))
	for i, e := range key {
		parts[i] = fmt.Sprintf("%s (%s)", aws.ToString(e.AttributeName), kinds[aws.ToString(e.AttributeName)])
	}
	return strings.Join(parts, ", ")
}
