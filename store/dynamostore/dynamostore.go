// Package dynamostore is the store on DynamoDB: a table a model, with the schema's keys and indexes, as Amplify makes them.
//
//	s, err := dynamostore.New(ctx, &dynamostore.Options{Region: "eu-west-1", Suffix: "-prod"})
//	page, err := s.Query(ctx, m, store.Query{Index: m.Index("byProgram"), Partition: "pycon"})
//
// A call that DynamoDB throttles, or that fails on the way, is tried again within the context's deadline, up to Attempts times
// with a jittered back-off of at most 2 s; then it is a store.ErrUnavailable. Keys that a batch leaves unprocessed are asked
// for again in the same way, counted anew whenever some were processed.
//
// Scan, Get and queries by primary key are strongly consistent: they see all writes that came before them, such as the edit that
// started a warm-up, for twice the read units. Queries by a secondary index follow within moments; DynamoDB has no other.
//
// Entities with the same sort value in a secondary index come in an order that is DynamoDB's own: stable, so that paging is
// sound, but not promised to be that of the primary key.
//
// CreateTables and Write fill a database from a catalog, for development and tests. SetText is for a probe, which edits one field of one record.
package dynamostore

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/chunkaside/chunkaside/catalog/schema"
	"github.com/chunkaside/chunkaside/store"
)

// Options say which tables are meant and how they are reached. The zero value takes everything from the SDK's own sources.
type Options struct {
	// Endpoint is the URL of a server with DynamoDB's protocol; "" means the service itself. One that begins with http:// is a
	// local server: it looks at neither region nor credentials, so neither is needed, and it is never given real ones. For
	// https:// both are the SDK's, as for the service.
	Endpoint string
	// Region is such as "eu-west-1"; "" means the environment's.
	Region string
	// Suffix follows each table's name: the deployment's, such as "-dev".
	Suffix string
	// Attempts is how often a call is tried; 0 means 10, which takes 5 s on average.
	Attempts int
}

// Check refuses what New would refuse without looking at the SDK's own sources.
func (o *Options) Check() error { return checkEndpoint(o.Endpoint) }

// Store reads and writes tables in DynamoDB. Its methods may be called concurrently.
type Store struct {
	client   client
	options  Options
	describe describer
	// where names the place in messages.
	where string
}

var _ store.Store = (*Store)(nil)

// client is what this package needs of *dynamodb.Client.
type client interface {
	Scan(context.Context, *dynamodb.ScanInput, ...func(*dynamodb.Options)) (*dynamodb.ScanOutput, error)
	Query(context.Context, *dynamodb.QueryInput, ...func(*dynamodb.Options)) (*dynamodb.QueryOutput, error)
	BatchGetItem(context.Context, *dynamodb.BatchGetItemInput, ...func(*dynamodb.Options)) (*dynamodb.BatchGetItemOutput, error)
	UpdateItem(context.Context, *dynamodb.UpdateItemInput, ...func(*dynamodb.Options)) (*dynamodb.UpdateItemOutput, error)
	BatchWriteItem(context.Context, *dynamodb.BatchWriteItemInput, ...func(*dynamodb.Options)) (*dynamodb.BatchWriteItemOutput, error)
	CreateTable(context.Context, *dynamodb.CreateTableInput, ...func(*dynamodb.Options)) (*dynamodb.CreateTableOutput, error)
	dynamodb.DescribeTableAPIClient
}

// New returns the store that options describe; nil stands for the zero Options. It does not talk to DynamoDB yet.
func New(ctx context.Context, options *Options) (*Store, error) {
	var o Options
	if options != nil {
		o = *options
	}
	if o.Attempts <= 0 {
		o.Attempts = 10
	}
	c, region, err := newClient(ctx, o)
	if err != nil {
		return nil, err
	}
	where := "region " + region
	if o.Endpoint != "" {
		where = o.Endpoint
	}
	return newStore(c, o, where), nil
}

func newStore(c client, o Options, where string) *Store {
	return &Store{client: c, options: o, where: where}
}

// Close does nothing: idle connections end by themselves.
func (s *Store) Close() error { return nil }

func (s *Store) table(m *schema.Model) string { return Table(m, s.options.Suffix) }

// Table is the name of a model's table in the deployment of this suffix.
func Table(m *schema.Model, suffix string) string { return m.Table + suffix }
