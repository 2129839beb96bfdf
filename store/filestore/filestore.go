// Package filestore is a store of plain files: a folder with one <table>.ndjson or <table>.ndjson.gz a table, one record a
// line. A line is the record as a JSON object, or as DynamoDB's export to S3 writes it:
//
//	{"id":"pycon-2019","title":"PyCon 2019"}
//	{"Item":{"id":{"S":"pycon-2019"},"title":{"S":"PyCon 2019"}}}
//
// Both may stand in one file. Lines end with "\n" or "\r\n", blank ones do not count. Where a table has both files the plain
// one is read.
//
// It is a store for development and tests: every call reads the whole file. What it answers is what DynamoDB would answer for
// the same records. Nothing is held between calls, so a file may be replaced (not rewritten) at any time.
package filestore

import (
	"bytes"
	"context"
	"fmt"
	"os"

	"github.com/chunkaside/chunkaside/catalog/schema"
	"github.com/chunkaside/chunkaside/store"
)

// Store reads the files of one folder.
type Store struct {
	folder      string
	maxInflated int64
}

var _ store.Store = (*Store)(nil)

// New returns the store of a folder, which must exist.
func New(folder string) (*Store, error) {
	info, err := os.Stat(folder)
	if err != nil {
		return nil, fmt.Errorf("open file store: %w", err)
	}
	if !info.IsDir() {
		return nil, fmt.Errorf("open file store: %s is no folder", folder)
	}
	return &Store{folder: folder, maxInflated: maxInflated}, nil
}

// Close does nothing: no file stays open between calls.
func (s *Store) Close() error { return nil }

// batchBytes is how many bytes of entities are emitted at once.
const batchBytes = 256 << 10

// Scan reads the file once, from start to end, and emits in the file's order, whatever the Parallelism. Records with the same
// primary key are all emitted.
func (s *Store) Scan(ctx context.Context, m *schema.Model, o *store.ScanOptions, emit func([]store.Entity) error) error {
	b := batch{options: o, emit: emit}
	err := s.read(ctx, m, func(item store.Item) error { return b.add(m, item) })
	if err != nil {
		return err
	}
	return b.flush()
}

// batch gathers entities for emit.
type batch struct {
	options  *store.ScanOptions
	emit     func([]store.Entity) error
	progress store.Progress

	// buffer holds the entities end to end and is used again; ends are where each one ends.
	buffer []byte
	ends   []int
}

func (b *batch) add(m *schema.Model, item store.Item) error {
	out, live, err := store.Encode(b.buffer, m, item)
	if err != nil || !live {
		return err
	}
	b.buffer, b.ends = out, append(b.ends, len(out))
	if len(out) >= batchBytes {
		return b.flush()
	}
	return nil
}

// flush emits what has come together. The entities of one call share an array of just their size, for most are kept together.
func (b *batch) flush() error {
	if len(b.ends) == 0 {
		return nil
	}
	kept, start := bytes.Clone(b.buffer), 0
	entities := make([]store.Entity, len(b.ends))
	for i, end := range b.ends {
		entities[i], start = kept[start:end:end], end
	}
	b.progress.Entities += int64(len(entities))
	b.progress.Bytes += int64(len(kept))
	b.buffer, b.ends = b.buffer[:0], b.ends[:0]
	if err := b.emit(entities); err != nil {
		return err
	}
	b.options.Report(b.progress)
	return nil
}

// Get reads the file once for all keys. Of records with the same key the last one counts, as if the lines had been written to
// DynamoDB one after another.
func (s *Store) Get(ctx context.Context, m *schema.Model, keys []store.Key) ([]store.Entity, error) {
	places := make(map[string][]int, len(keys))
	for i, key := range keys {
		if err := key.Check(m.Key); err != nil {
			return nil, fmt.Errorf("get %s: %w", m.Name, err)
		}
		places[key.Identity()] = append(places[key.Identity()], i)
	}
	found := make([]store.Entity, len(keys))
	if len(keys) == 0 {
		return found, nil
	}
	err := s.read(ctx, m, func(item store.Item) error {
		key, err := store.PrimaryKey(m, item)
		if err != nil {
			return err
		}
		wanted := places[key.Identity()]
		if len(wanted) == 0 {
			return nil
		}
		entity, err := encode(m, item)
		for _, i := range wanted {
			found[i] = entity
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return found, nil
}

// encode returns nil for a tombstone.
func encode(m *schema.Model, item store.Item) (store.Entity, error) {
	entity, live, err := store.Encode(nil, m, item)
	if err != nil || !live {
		return nil, err
	}
	return entity, nil
}
