// Package store is the contract for the source of truth: the tables that a catalog is built from, and that are read directly
// when no cached version can answer. Drivers live below it (dynamostore, filestore, samplestore). storetest runs the whole
// contract on those that hold what they are given; samplestore, which holds only its own catalog, has tests of its own.
//
// A driver hands out entities: one JSON object a record, compact UTF-8, the schema's stored fields only, in the schema's order
// (see Encode). A field that the record lacks is absent, one that is null is null. The same record gives the same bytes from
// every driver.
package store

import (
	"context"
	"errors"

	"github.com/chunkaside/chunkaside/catalog/schema"
)

// Errors that drivers return, wrapped with what they know. Others come from the medium (network, files).
var (
	// ErrUnavailable: the store could not be reached or did not answer in time, throttling included. Trying later may help.
	ErrUnavailable = errors.New("store unavailable")
	// ErrNoTable: a model's table (or file) does not exist, or an index of the schema is missing in it. Trying again does not
	// help: create it, or correct the schema.
	ErrNoTable = errors.New("no such table")
	// ErrInvalid: a record does not fit the schema (see RecordError), or a key that is asked for does not.
	ErrInvalid = errors.New("does not fit the schema")
	// ErrStart: a Query.Start that is not from a page of the same query. Start again without one.
	ErrStart = errors.New("not a start of this query")
)

// Store reads the tables of a catalog. All methods may be called concurrently.
type Store interface {
	// Scan calls emit with every entity of the model, in no particular order, and returns the first error, its own or emit's.
	// emit is never called concurrently and never with none; it may keep the entities. Tombstones (a true "_deleted") are left
	// out.
	Scan(ctx context.Context, m *schema.Model, o *ScanOptions, emit func([]Entity) error) error
	// Get returns the entities with these primary keys, by index: nil where there is none.
	Get(ctx context.Context, m *schema.Model, keys []Key) ([]Entity, error)
	// Query returns a page of the entities that an index holds for one partition value, in the order of the sort key, ties in
	// an order of the store's own that stays the same. Records that lack one of the index's fields are not in a secondary index.
	Query(ctx context.Context, m *schema.Model, q Query) (Page, error)
	// Close frees what the driver holds. No other call may follow.
	Close() error
}

// Entity is one record as compact JSON, see the package comment.
type Entity []byte

// Key is the values of a key's fields, partition first: a string's text as it is, a number's canonical digits (see
// CanonicalNumber).
type Key []string

// ScanOptions tunes a Scan. A nil *ScanOptions has the defaults.
type ScanOptions struct {
	// Parallelism is how many segments are read at once; 0 means 4. At most 64.
	Parallelism int
	// Progress, if set, is called now and then, never concurrently, and must not block.
	Progress func(Progress)
}

// Segments is the Parallelism to use: the default for 0, at most 64. It may be called on nil.
func (o *ScanOptions) Segments() int {
	if o == nil || o.Parallelism <= 0 {
		return 4
	}
	return min(o.Parallelism, 64)
}

// Report calls Progress if there is one. It may be called on nil.
func (o *ScanOptions) Report(p Progress) {
	if o != nil && o.Progress != nil {
		o.Progress(p)
	}
}

// Progress tells how far a Scan has come. The numbers only grow.
type Progress struct {
	// Entities handed to emit.
	Entities int64
	// Bytes of those entities.
	Bytes int64
	// ReadUnits the store has charged; 0 where it does not charge.
	ReadUnits float64
}

// Query asks for one partition of an index.
type Query struct {
	// Index is one of the model's, or its Key.
	Index *schema.Index
	// Partition is the value of the index's partition field, written as in Key.
	Partition string
	// Descending reverses the order.
	Descending bool
	// Limit is the most entities to return; 0 means as many as the driver reads at once.
	Limit int
	// Start continues after an earlier page: that page's Next, unchanged.
	Start string
}

// Page is a part of a Query's answer.
type Page struct {
	Entities []Entity
	// Next continues the query where this page ended; "" on the last page. A page may be empty and yet have a Next.
	Next string
	// ReadUnits the store has charged; 0 where it does not charge.
	ReadUnits float64
}
