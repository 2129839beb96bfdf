// Package catalog knows what a version means: it builds one from a store's entities, and answers look-ups from one held in memory.
//
//	v, err := catalog.Build(ctx, store, schema, nil)            // store -> chunks and manifest
//	s, err := catalog.NewSnapshot(schema, v.Manifest, v.Chunks) // chunks -> indexes
//	e, ok := s.Get(schema.Model("Episode"), key)
//
// A Snapshot is immutable: any number of goroutines may read it.
package catalog

import (
	"errors"
	"fmt"
	"math"
	"runtime"
	"sort"
	"strings"

	"golang.org/x/sync/errgroup"

	"github.com/chunkaside/chunkaside/catalog/schema"
	"github.com/chunkaside/chunkaside/chunker"
)

// ErrSchema: a version was built with another schema than the one at hand. Build it anew with this one, or read it with the other.
var ErrSchema = errors.New("the version has another schema")

// Snapshot is a version in memory, inflated and indexed.
type Snapshot struct {
	schema   *schema.Schema
	manifest *chunker.Manifest
	sections map[*schema.Model]*section
}

// NewSnapshot inflates and indexes a version. chunks holds the verified bytes of every chunk of the manifest; they are not needed afterwards.
// The error matches ErrSchema or chunker.ErrDamaged.
func NewSnapshot(s *schema.Schema, m *chunker.Manifest, chunks map[chunker.Digest][]byte) (*Snapshot, error) {
	if m.Schema != s.Digest {
		return nil, fmt.Errorf("version %s: %w", m.Digest.Short(), ErrSchema)
	}
	snapshot := &Snapshot{schema: s, manifest: m, sections: make(map[*schema.Model]*section, len(s.Models))}
	for _, model := range s.Models {
		part := m.Section(model.Name)
		if part == nil {
			return nil, &chunker.DamageError{Part: "manifest", Digest: m.Digest, Reason: "it has no section " + model.Name}
		}
		loaded, err := loadSection(model, part, chunks)
		if err != nil {
			return nil, fmt.Errorf("section %s: %w", model.Name, err)
		}
		snapshot.sections[model] = loaded
	}
	return snapshot, nil
}

// Schema is the schema that the snapshot follows.
func (s *Snapshot) Schema() *schema.Schema { return s.schema }

// Manifest is the version that the snapshot holds.
func (s *Snapshot) Manifest() *chunker.Manifest { return s.manifest }

// Entity is one record of a snapshot. It stays valid, and its bytes unchanged, as long as anyone holds it.
type Entity struct {
	section *section
	n       int32
}

// JSON is the whole entity.
func (e Entity) JSON() []byte { return e.section.entity(e.n) }

// Field is the value of a stored field of the entity's model as canonical JSON; nil if the entity lacks it.
func (e Entity) Field(f *schema.Field) []byte {
	sp := e.section.spans[int(e.n)*len(e.section.fields)+f.Ordinal]
	if sp.end == 0 {
		return nil
	}
	return e.section.data[sp.start:sp.end]
}

// Get returns the entity with this primary key, made by Prefix of the model's Key and all its values.
func (s *Snapshot) Get(m *schema.Model, key string) (Entity, bool) {
	sec := s.sections[m]
	entries := sec.indexes[m.Key]
	i := sort.Search(len(entries), func(i int) bool { return entries[i].key >= key })
	if i == len(entries) || entries[i].key != key {
		return Entity{}, false
	}
	return Entity{sec, entries[i].n}, true
}

// Range is a run of a model's entities.
type Range struct {
	// Index gives the order; nil is the section's own order, which has every entity. An entity that lacks a field of a secondary index is
	// not in it.
	Index *schema.Index
	// Prefix limits the run to the keys that begin with it: see the function Prefix. "" has all.
	Prefix string
	// After continues a run behind this key: an earlier page's Next.
	After string
	// Descending reverses the order.
	Descending bool
	// Limit is the most entities to return, at least 1.
	Limit int
}

// Page is a part of a range.
type Page struct {
	Entities []Entity
	// Next continues the range, as its After; "" if nothing follows.
	Next string
}

// Page reads a range of a model.
func (s *Snapshot) Page(m *schema.Model, r Range) Page {
	sec := s.sections[m]
	entries := sec.entries
	if r.Index != nil {
		entries = sec.indexes[r.Index]
	}
	low := sort.Search(len(entries), func(i int) bool { return entries[i].key >= r.Prefix })
	high := low + sort.Search(len(entries)-low, func(i int) bool { return !strings.HasPrefix(entries[low+i].key, r.Prefix) })
	run := entries[low:high]
	if r.After != "" {
		if r.Descending {
			run = run[:sort.Search(len(run), func(i int) bool { return run[i].key >= r.After })]
		} else {
			run = run[sort.Search(len(run), func(i int) bool { return run[i].key > r.After }):]
		}
	}
	n := min(r.Limit, len(run))
	page := Page{Entities: make([]Entity, n)}
	for i := range n {
		page.Entities[i] = Entity{sec, at(run, i, r.Descending).n}
	}
	if n > 0 && n < len(run) {
		page.Next = at(run, n-1, r.Descending).key
	}
	return page
}

func at(run []entry, i int, descending bool) entry {
	if descending {
		return run[len(run)-1-i]
	}
	return run[i]
}

// Count is the number of a model's entities.
func (s *Snapshot) Count(m *schema.Model) int { return len(s.sections[m].entries) }

// section is all entities of a model.
type section struct {
	fields  []*schema.Field // the stored ones
	data    []byte
	starts  []uint32 // of each entity in data; one more for the end
	spans   []span   // of each entity's fields
	entries []entry  // every entity, by cluster key
	indexes map[*schema.Index][]entry
}

// entry is an entity's place in an order.
type entry struct {
	key string
	n   int32
}

func (s *section) entity(n int32) []byte {
	return s.data[s.starts[n] : s.starts[n+1]-1]
}

func loadSection(m *schema.Model, part *chunker.Section, chunks map[chunker.Digest][]byte) (*section, error) {
	if part.Raw > math.MaxUint32 {
		return nil, fmt.Errorf("it has %d bytes, more than the 4 GiB that fit in memory", part.Raw)
	}
	sec := &section{fields: m.Stored(), data: make([]byte, part.Raw), indexes: map[*schema.Index][]entry{}}
	if err := inflateSection(sec.data, part, chunks); err != nil {
		return nil, err
	}
	if err := sec.split(part.Count); err != nil {
		return nil, err
	}
	return sec, sec.index(m)
}

// inflateSection inflates every block to its place, as many at once as there are cores.
func inflateSection(data []byte, part *chunker.Section, chunks map[chunker.Digest][]byte) error {
	var group errgroup.Group
	group.SetLimit(runtime.GOMAXPROCS(0))
	offset := 0
	for c := range part.Chunks {
		chunk := &part.Chunks[c]
		for b := range chunk.Blocks {
			block, place := &chunk.Blocks[b], data[offset:offset:offset+chunk.Blocks[b].Raw]
			offset += block.Raw
			group.Go(func() error {
				_, err := chunker.Inflate(place, chunks[chunk.Digest], chunk.Digest, block)
				return err
			})
		}
	}
	return group.Wait()
}

// split finds the entities and their fields.
func (s *section) split(count int) error {
	s.starts = make([]uint32, 1, count+1)
	s.spans = make([]span, count*len(s.fields))
	for n := range count {
		start := s.starts[n]
		end := start
		for s.data[end] != '\n' { // the blocks' counts are checked: there is one for each entity
			end++
		}
		s.starts = append(s.starts, end+1)
		if err := scanSpans(s.spans[n*len(s.fields):(n+1)*len(s.fields)], s.fields, s.data[start:end], start); err != nil {
			return &chunker.DamageError{Part: "block", Reason: fmt.Sprintf("entity %d", n), Err: err}
		}
	}
	return nil
}

// index makes the orders.
func (s *section) index(m *schema.Model) error {
	count := int32(len(s.starts) - 1)
	for n := range count {
		e := Entity{s, n}
		key, err := clusterKey(m, e.Field)
		if err != nil {
			return &chunker.DamageError{Part: "block", Reason: fmt.Sprintf("entity %d has no sound key", n), Err: err}
		}
		if n > 0 && key <= s.entries[n-1].key {
			return &chunker.DamageError{Part: "block", Reason: fmt.Sprintf("entity %d is out of order", n)}
		}
		s.entries = append(s.entries, entry{key, n})
	}
	for _, ix := range append([]*schema.Index{m.Key}, m.Indexes...) {
		entries := make([]entry, 0, count)
		for n := range count {
			if key, ok, err := indexKey(m, ix, Entity{s, n}.Field); err != nil {
				return &chunker.DamageError{Part: "block", Reason: fmt.Sprintf("entity %d has no sound key", n), Err: err}
			} else if ok {
				entries = append(entries, entry{key, n})
			}
		}
		sort.Slice(entries, func(i, j int) bool { return entries[i].key < entries[j].key })
		s.indexes[ix] = entries
	}
	return nil
}
