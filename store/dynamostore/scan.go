package dynamostore

import (
	"context"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"golang.org/x/sync/errgroup"

	"github.com/chunkaside/chunkaside/catalog/schema"
	"github.com/chunkaside/chunkaside/store"
)

// Scan reads the table in as many segments at once as the options say, each page by page, and emits page by page. At most one
// page, 1 MB, of each segment is in memory. The reads are strongly consistent: a warm-up that a write has started must see it. They
// cost a unit for each 4 KB, twice as much as eventually consistent ones.
func (s *Store) Scan(ctx context.Context, m *schema.Model, o *store.ScanOptions, emit func([]store.Entity) error) error {
	group, ctx := errgroup.WithContext(ctx)
	sink := &sink{options: o, emit: emit}
	segments := o.Segments()
	for segment := range segments {
		group.Go(func() error { return s.scanSegment(ctx, m, segment, segments, sink) })
	}
	return group.Wait()
}

func (s *Store) scanSegment(ctx context.Context, m *schema.Model, segment, segments int, sink *sink) error {
	in := &dynamodb.ScanInput{
		TableName: aws.String(s.table(m)), ConsistentRead: aws.Bool(true),
		Segment: aws.Int32(int32(segment)), TotalSegments: aws.Int32(int32(segments)),
		ReturnConsumedCapacity: types.ReturnConsumedCapacityTotal,
	}
	for {
		out, err := s.client.Scan(ctx, in)
		if err != nil {
			return s.fail(ctx, "scan", s.table(m), err)
		}
		entities, err := s.encodeAll(m, out.Items)
		if err != nil {
			return err
		}
		if err := sink.put(ctx, entities, units(out.ConsumedCapacity)); err != nil {
			return err
		}
		if len(out.LastEvaluatedKey) == 0 {
			return nil
		}
		in.ExclusiveStartKey = out.LastEvaluatedKey
	}
}

// encodeAll leaves out the tombstones.
func (s *Store) encodeAll(m *schema.Model, items []attributes) ([]store.Entity, error) {
	entities := make([]store.Entity, 0, len(items))
	for _, item := range items {
		entity, err := s.encode(m, item)
		if err != nil {
			return nil, err
		}
		if entity != nil {
			entities = append(entities, entity)
		}
	}
	return entities, nil
}

// units is what a call was charged.
func units(c *types.ConsumedCapacity) float64 {
	if c == nil {
		return 0
	}
	return aws.ToFloat64(c.CapacityUnits)
}

// sink lets the segments emit one after another.
type sink struct {
	options *store.ScanOptions
	emit    func([]store.Entity) error

	mu       sync.Mutex
	progress store.Progress
	failed   error
}

func (s *sink) put(ctx context.Context, entities []store.Entity, readUnits float64) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	// Whoever has waited while emit failed must not call it again: the group's context may end a little later.
	if s.failed != nil {
		return s.failed
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	s.progress.ReadUnits += readUnits
	s.progress.Entities += int64(len(entities))
	for _, entity := range entities {
		s.progress.Bytes += int64(len(entity))
	}
	if len(entities) > 0 {
		if err := s.emit(entities); err != nil {
			s.failed = err
			return err
		}
	}
	s.options.Report(s.progress)
	return nil
}
