package dynamostore

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"

	"github.com/chunkaside/chunkaside/catalog/schema"
	"github.com/chunkaside/chunkaside/store"
)

// fake is a client that keeps what it is asked and finds nothing. Its functions answer DescribeTable and CreateTable.
type fake struct {
	client
	describe func(table string) (*types.TableDescription, error)
	create   func() error

	mu        sync.Mutex
	scans     []*dynamodb.ScanInput
	queries   []*dynamodb.QueryInput
	gets      []*dynamodb.BatchGetItemInput
	described map[string]int
}

func (f *fake) Scan(_ context.Context, in *dynamodb.ScanInput, _ ...func(*dynamodb.Options)) (*dynamodb.ScanOutput, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.scans = append(f.scans, in)
	return &dynamodb.ScanOutput{}, nil
}

// Query finds one item.
func (f *fake) Query(_ context.Context, in *dynamodb.QueryInput, _ ...func(*dynamodb.Options)) (*dynamodb.QueryOutput, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.queries = append(f.queries, in)
	return &dynamodb.QueryOutput{Items: []attributes{{"id": &types.AttributeValueMemberS{Value: "x"}}}}, nil
}

func (f *fake) BatchGetItem(_ context.Context, in *dynamodb.BatchGetItemInput, _ ...func(*dynamodb.Options)) (*dynamodb.BatchGetItemOutput, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.gets = append(f.gets, in)
	return &dynamodb.BatchGetItemOutput{}, nil
}

func (f *fake) DescribeTable(_ context.Context, in *dynamodb.DescribeTableInput, _ ...func(*dynamodb.Options)) (*dynamodb.DescribeTableOutput, error) {
	name := aws.ToString(in.TableName)
	f.mu.Lock()
	if f.described == nil {
		f.described = map[string]int{}
	}
	f.described[name]++
	f.mu.Unlock()
	t, err := f.describe(name)
	return &dynamodb.DescribeTableOutput{Table: t}, err
}

func (f *fake) CreateTable(context.Context, *dynamodb.CreateTableInput, ...func(*dynamodb.Options)) (*dynamodb.CreateTableOutput, error) {
	return &dynamodb.CreateTableOutput{}, f.create()
}

// indexed is a table with an index byA of this projection.
func indexed(p *types.Projection) *types.TableDescription {
	return &types.TableDescription{GlobalSecondaryIndexes: []types.GlobalSecondaryIndexDescription{{IndexName: aws.String("byA"), Projection: p}}}
}

var whole = &types.Projection{ProjectionType: types.ProjectionTypeAll}

func byA(m *schema.Model) store.Query { return store.Query{Index: m.Index("byA"), Partition: "x"} }

// TestConsistent: a warm-up must see the edit that started it.
func TestConsistent(t *testing.T) {
	m := thing(t)
	f := &fake{describe: func(string) (*types.TableDescription, error) { return indexed(whole), nil }}
	s := newStore(f, Options{Attempts: 1}, "here")
	if err := s.Scan(t.Context(), m, &store.ScanOptions{Parallelism: 3}, func([]store.Entity) error { return nil }); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Get(t.Context(), m, []store.Key{{"x"}}); err != nil {
		t.Fatal(err)
	}
	for _, q := range []store.Query{{Index: m.Key, Partition: "x"}, byA(m)} {
		if _, err := s.Query(t.Context(), m, q); err != nil {
			t.Fatal(err)
		}
	}
	if len(f.scans) != 3 || len(f.gets) != 1 || len(f.queries) != 2 {
		t.Fatalf("%d scans, %d gets, %d queries, want 3, 1, 2", len(f.scans), len(f.gets), len(f.queries))
	}
	for _, in := range f.scans {
		if !aws.ToBool(in.ConsistentRead) {
			t.Errorf("segment %d is scanned eventually consistent", aws.ToInt32(in.Segment))
		}
	}
	if !aws.ToBool(f.gets[0].RequestItems["Thing"].ConsistentRead) {
		t.Error("Get reads eventually consistent")
	}
	if !aws.ToBool(f.queries[0].ConsistentRead) {
		t.Error("Query by primary key reads eventually consistent")
	}
	if f.queries[1].ConsistentRead != nil {
		t.Error("Query by an index asks for what DynamoDB refuses: a consistent read")
	}
}

// TestImpossibleKeys: DynamoDB refuses to look for what it could not hold, so it is not asked.
func TestImpossibleKeys(t *testing.T) {
	m, f := thing(t), &fake{}
	s := newStore(f, Options{Attempts: 1}, "here")
	for _, id := range []string{"", strings.Repeat("x", 2049)} {
		page, err := s.Query(t.Context(), m, store.Query{Index: m.Key, Partition: id})
		if err != nil || len(page.Entities) != 0 || len(f.queries) != 0 {
			t.Errorf("Query of %d bytes = %v, %v after %d calls, want nothing after none", len(id), page, err, len(f.queries))
		}
		entities, err := s.Get(t.Context(), m, []store.Key{{id}})
		if err != nil || len(entities) != 1 || entities[0] != nil || len(f.gets) != 0 {
			t.Errorf("Get of %d bytes = %s, %v after %d calls, want nothing after none", len(id), entities, err, len(f.gets))
		}
	}
}

// TestDescribedOnce: each table's indexes are asked for once, by however many queries, and one table does not wait for another.
func TestDescribedOnce(t *testing.T) {
	asked, answer := make(chan struct{}), make(chan struct{})
	f := &fake{describe: func(name string) (*types.TableDescription, error) {
		if name == "Slow" {
			close(asked)
			<-answer
		}
		return indexed(whole), nil
	}}
	s := newStore(f, Options{Attempts: 1}, "here")
	models := parse(t, `type Slow @model { id: ID! a: String @index(name: "byA") } type Fast @model { id: ID! a: String @index(name: "byA") }`).Models
	ask := func(m *schema.Model) {
		if _, err := s.Query(t.Context(), m, byA(m)); err != nil {
			t.Error(err)
		}
	}
	var wait sync.WaitGroup
	for range 5 {
		wait.Go(func() { ask(models[0]) })
	}
	<-asked
	for range 5 {
		ask(models[1]) // with one lock for all tables this never ends
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.Query(ended, models[0], byA(models[0])); !errors.Is(err, context.Canceled) {
		t.Errorf("Query that waits for another's DescribeTable, cancelled = %v", err)
	}
	close(answer)
	wait.Wait()
	if f.described["Slow"] != 1 || f.described["Fast"] != 1 || len(f.queries) != 10 {
		t.Errorf("DescribeTable calls %v for %d queries, want one a table for 10", f.described, len(f.queries))
	}
}

func TestDescribeDenied(t *testing.T) {
	m := thing(t)
	f := &fake{describe: func(string) (*types.TableDescription, error) {
		return nil, &smithy.GenericAPIError{Code: "AccessDeniedException", Message: "not authorized to perform: dynamodb:DescribeTable"}
	}}
	s := newStore(f, Options{Attempts: 1}, "here")
	for range 3 {
		page, err := s.Query(t.Context(), m, byA(m))
		if err != nil || len(page.Entities) != 1 {
			t.Errorf("Query = %v, %v, want the index taken to be whole", page, err)
		}
	}
	if f.described["Thing"] != 1 || len(f.gets) != 0 {
		t.Errorf("%d calls of DescribeTable and %d of BatchGetItem, want 1 and none", f.described["Thing"], len(f.gets))
	}
}

// TestProjections: an index that does not say that it is whole is read again from the table.
func TestProjections(t *testing.T) {
	m := thing(t)
	for name, test := range map[string]struct {
		table *types.TableDescription
		reads int // of the table; -1: there is no such index
	}{
		"all":      {indexed(whole), 0},
		"keys":     {indexed(&types.Projection{ProjectionType: types.ProjectionTypeKeysOnly}), 1},
		"untold":   {indexed(nil), 1},
		"local":    {&types.TableDescription{LocalSecondaryIndexes: []types.LocalSecondaryIndexDescription{{IndexName: aws.String("byA")}}}, 1},
		"no index": {&types.TableDescription{}, -1},
		"no table": {nil, -1},
	} {
		f := &fake{describe: func(string) (*types.TableDescription, error) { return test.table, nil }}
		_, err := newStore(f, Options{Attempts: 1}, "here").Query(t.Context(), m, byA(m))
		if errors.Is(err, store.ErrNoTable) != (test.reads < 0) || test.reads >= 0 && (err != nil || len(f.gets) != test.reads) {
			t.Errorf("%s: Query = %v after %d reads of the table, want %d", name, err, len(f.gets), test.reads)
		}
	}
}

// TestCreatedMeanwhile: CreateTable says that the table is there already, for it was tried again after an answer that was lost.
func TestCreatedMeanwhile(t *testing.T) {
	m := thing(t)
	for index, want := range map[string]string{"byA": "", "byB": "without the index byA"} {
		var have *types.TableDescription
		f := &fake{
			describe: func(string) (*types.TableDescription, error) {
				if have == nil {
					return nil, &types.ResourceNotFoundException{}
				}
				return have, nil
			},
			create: func() error {
				have = &types.TableDescription{
					TableName: aws.String("Thing"), TableStatus: types.TableStatusActive,
					KeySchema: keySchema(m.Key), AttributeDefinitions: definitions(m),
					GlobalSecondaryIndexes: []types.GlobalSecondaryIndexDescription{{IndexName: aws.String(index), KeySchema: keySchema(m.Index("byA"))}},
				}
				return &types.ResourceInUseException{Message: aws.String("Table already exists: Thing")}
			},
		}
		err := newStore(f, Options{Attempts: 1}, "here").CreateTables(t.Context(), &schema.Schema{Models: []*schema.Model{m}})
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("CreateTables with the index %s there = %v, want %q", index, err, want)
		}
	}
}

// TestEmitFailsOnce: a segment that waited while another's emit failed does not call it again, though its context is alive.
func TestEmitFailsOnce(t *testing.T) {
	enough, calls := errors.New("enough"), 0
	s := &sink{emit: func([]store.Entity) error { calls++; return enough }}
	for range 2 {
		if err := s.put(t.Context(), []store.Entity{store.Entity("{}")}, 1); !errors.Is(err, enough) {
			t.Errorf("put = %v, want emit's error", err)
		}
	}
	if calls != 1 {
		t.Errorf("emit is called %d times, want once", calls)
	}
}

// TestCredentials: real ones go over https only.
func TestCredentials(t *testing.T) {
	t.Setenv("AWS_ACCESS_KEY_ID", "REAL")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "real-secret")
	t.Setenv("AWS_SESSION_TOKEN", "")
	t.Setenv("AWS_REGION", "eu-west-1")
	for endpoint, want := range map[string]string{
		"http://127.0.0.1:8000": "local", "HTTP://dynamodb.example.com": "local", "https://dynamodb.example.com": "REAL", "": "REAL",
	} {
		s, err := New(t.Context(), &Options{Endpoint: endpoint})
		if err != nil {
			t.Fatal(err)
		}
		got, err := s.client.(*dynamodb.Client).Options().Credentials.Retrieve(t.Context())
		if err != nil || got.AccessKeyID != want {
			t.Errorf("endpoint %q gets the credentials of %q, %v, want %q", endpoint, got.AccessKeyID, err, want)
		}
	}
}
