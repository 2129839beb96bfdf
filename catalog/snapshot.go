// Package catalog knows what a version means: it builds one from a store's entities, and answers look-ups from one, of which it holds in memory what was looked into.
//
//	manifest, err := catalog.Build(ctx, store, schema, nil, emit) // store -> chunks and manifest
//	memory, err := catalog.NewMemory(fetch, nil)                  // shared by all versions
//	s, err := catalog.NewSnapshot(schema, manifest, memory)
//	e, ok, err := s.Get(ctx, schema.Model("Episode"), key)
//
// A Snapshot is immutable: any number of goroutines may read it.
package catalog

import (
	"context"
	"errors"
	"fmt"

	"github.com/chunkaside/chunkaside/catalog/schema"
	"github.com/chunkaside/chunkaside/chunker"
)

// ErrSchema: a version was built with another schema than the one at hand. Build it anew with this one, or read it with the other.
var ErrSchema = errors.New("the version has another schema")

// Snapshot is a version that can be read: its manifest, over a Memory that fetches and keeps the blocks that are looked into. It is cheap to make. Reading it may fetch, so it may fail:
// with the Memory's fetch error, or chunker.ErrDamaged.
type Snapshot struct {
	schema   *schema.Schema
	manifest *chunker.Manifest
	memory   *Memory
	sections map[*schema.Model]*section
}

// section is a model's entities and indexes.
type section struct {
	model    *schema.Model
	entities *run
	indexes  map[*schema.Index]*run // of those that are not the section's own order
}

// NewSnapshot makes a version readable. The error matches ErrSchema or chunker.ErrDamaged.
func NewSnapshot(s *schema.Schema, m *chunker.Manifest, memory *Memory) (*Snapshot, error) {
	if m.Schema != s.Digest {
		return nil, fmt.Errorf("version %s: %w", m.Digest.Short(), ErrSchema)
	}
	snapshot := &Snapshot{schema: s, manifest: m, memory: memory, sections: make(map[*schema.Model]*section, len(s.Models))}
	for _, model := range s.Models {
		sec, err := newSection(model, m, memory)
		if err != nil {
			return nil, err
		}
		snapshot.sections[model] = sec
	}
	return snapshot, nil
}

func newSection(model *schema.Model, m *chunker.Manifest, memory *Memory) (*section, error) {
	lacks := func(name string) error {
		return &chunker.DamageError{Part: "manifest", Digest: m.Digest, Reason: "it has no section " + name}
	}
	part := m.Section(model.Name)
	if part == nil {
		return nil, lacks(model.Name)
	}
	sec := &section{model: model, entities: newRun(memory, m.Codec, model, nil, part), indexes: map[*schema.Index]*run{}}
	for _, ix := range model.AllIndexes() {
		if !stored(model, ix) {
			continue
		}
		if part = m.IndexSection(model.Name, ix.Name); part == nil {
			return nil, lacks(indexName(model, ix))
		}
		sec.indexes[ix] = newRun(memory, m.Codec, model, ix, part)
	}
	return sec, nil
}

// Schema is the schema that the snapshot follows.
func (s *Snapshot) Schema() *schema.Schema { return s.schema }

// Manifest is the version that the snapshot reads.
func (s *Snapshot) Manifest() *chunker.Manifest { return s.manifest }

// Chunks returns the stored bytes of chunks of the manifest, by index, verified by their digests. They are the Memory's: they must not be changed.
func (s *Snapshot) Chunks(ctx context.Context, digests []chunker.Digest) ([][]byte, error) {
	return s.memory.Chunks(ctx, digests)
}

// Count is the number of a model's entities.
func (s *Snapshot) Count(m *schema.Model) int { return s.sections[m].entities.len() }

// Get returns the entity with this primary key, made by Prefix of the model's Key and all its values.
func (s *Snapshot) Get(ctx context.Context, m *schema.Model, key string) (e Entity, ok bool, err error) {
	sec := s.sections[m]
	index := sec.indexes[m.Key]
	switch {
	case index == nil:
		return sec.getClustered(ctx, key)
	case !hashed(m, m.Key):
		page, err := sec.indexed(ctx, index, Range{Index: m.Key, Prefix: key, Limit: 1})
		if err != nil || len(page.Entities) == 0 {
			return Entity{}, false, err
		}
		return page.Entities[0], true, nil
	}
	return sec.getHashed(ctx, index, key)
}

// getHashed is Get where the primary key has a section in the order of hashes.
func (s *section) getHashed(ctx context.Context, index *run, key string) (e Entity, ok bool, err error) {
	from, to, err := index.equal(ctx, lineKey(s.model, s.model.Key, key, key))
	if err != nil {
		return Entity{}, false, err
	}
	places, err := index.lines(ctx, from, to)
	if err != nil {
		return Entity{}, false, err
	}
	for _, p := range places {
		if e, ok, err = s.getIn(ctx, p.block.locators[p.n], key); ok || err != nil {
			return e, ok, err
		}
	}
	return Entity{}, false, nil
}

// getClustered is Get where the section is in the order of the primary key.
func (s *section) getClustered(ctx context.Context, key string) (Entity, bool, error) {
	n, err := s.entities.search(ctx, key)
	if err != nil || n == s.entities.len() {
		return Entity{}, false, err
	}
	places, err := s.entities.lines(ctx, n, n+1)
	if err != nil || string(places[0].block.key(places[0].n)) != key {
		return Entity{}, false, err
	}
	return places[0], true, nil
}

// getIn looks for a primary key where a locator says.
func (s *section) getIn(ctx context.Context, l locator, key string) (Entity, bool, error) {
	for _, i := range s.entities.ids()[l.block] {
		b, err := s.entities.at(ctx, i)
		if err != nil {
			return Entity{}, false, err
		}
		for n, tag := range b.tags {
			if tag != l.tag {
				continue
			}
			e := Entity{b, n}
			if k, err := entityKey(s.model, s.model.Key, e.Field); err == nil && k == key {
				return e, true, nil
			}
		}
	}
	return Entity{}, false, nil
}
