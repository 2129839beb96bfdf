package simulation

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/chunkaside/chunkaside/cache"
	"github.com/chunkaside/chunkaside/catalog"
	"github.com/chunkaside/chunkaside/catalog/schema"
	"github.com/chunkaside/chunkaside/chunker"
	"github.com/chunkaside/chunkaside/store"
)

const sdl = `
type Show @model(timestamps: null) {
  id: ID!
  edit: Int!
  episodes: [Episode] @hasMany(indexName: "byShow", fields: ["id"])
}
type Episode @model(timestamps: null) {
  id: ID!
  edit: Int!
  showId: ID! @index(name: "byShow", sortKeyFields: ["number"], queryField: "episodesByShow")
  number: Int!
}`

// Source is the source of truth: shows and their episodes, all of which an edit writes anew, at once.
type Source struct {
	shows, episodes int
	load, read      time.Duration
	edit, loads     atomic.Int64
	built           sync.Map // the edit of each version that was built, by its digest
}

// Edit writes all entities anew, and returns its number.
func (s *Source) Edit() int64 { return s.edit.Add(1) }

// Loads is how often the whole catalog was read.
func (s *Source) Loads() int64 { return s.loads.Load() }

// EditOf is the edit that a version is of, 0 for one that was not built here.
func (s *Source) EditOf(version chunker.Digest) int64 {
	edit, _ := s.built.Load(version)
	n, _ := edit.(int64)
	return n
}

// build is the Build of the processes, which read the source by st. What a build reads is as it stood when the build began, and of one edit.
func (s *Source) build(model *schema.Schema, st store.Store) cache.Build {
	return func(ctx context.Context, emit func(chunker.Digest, []byte) error) (*chunker.Manifest, error) {
		s.loads.Add(1)
		edit := s.edit.Load()
		m, err := catalog.Build(context.WithValue(ctx, asOf{}, edit), st, model, nil, emit)
		if err == nil {
			s.built.Store(m.Digest, edit)
		}
		return m, err
	}
}

// asOf is the key of the edit that a ctx reads.
type asOf struct{}

// at is the edit that a ctx reads, and whether it is that of a build.
func (s *Source) at(ctx context.Context) (edit int64, whole bool) {
	if edit, ok := ctx.Value(asOf{}).(int64); ok {
		return edit, true
	}
	return s.edit.Load(), false
}

var _ store.Store = (*Source)(nil)

func show(n int, edit int64) store.Entity {
	return fmt.Appendf(nil, `{"id":"s%04d","edit":%d}`, n, edit)
}

func episode(show, n int, edit int64) store.Entity {
	return fmt.Appendf(nil, `{"id":"s%04de%04d","edit":%d,"showId":"s%04d","number":%d}`, show, n, edit, show, n)
}

func (s *Source) episodesOf(show int, edit int64) (all []store.Entity) {
	for n := range s.episodes {
		all = append(all, episode(show, n, edit))
	}
	return all
}

// Scan implements store.Store. A table of a build takes a half of load.
func (s *Source) Scan(ctx context.Context, m *schema.Model, o *store.ScanOptions, emit func([]store.Entity) error) error {
	edit, whole := s.at(ctx)
	takes := s.read
	if whole {
		takes = s.load / 2
	}
	if !pause(ctx, takes) {
		return ctx.Err()
	}
	var all []store.Entity
	for n := range s.shows {
		if m.Name == "Show" {
			all = append(all, show(n, edit))
		} else {
			all = append(all, s.episodesOf(n, edit)...)
		}
	}
	o.Report(store.Progress{Entities: int64(len(all)), ReadUnits: units(all)})
	return emit(all)
}

// Get implements store.Store.
func (s *Source) Get(ctx context.Context, m *schema.Model, keys []store.Key) ([]store.Entity, error) {
	if !pause(ctx, s.read) {
		return nil, ctx.Err()
	}
	edit, _ := s.at(ctx)
	found := make([]store.Entity, len(keys))
	for i, key := range keys {
		var of, n int
		switch parsed, _ := fmt.Sscanf(key[0], "s%04de%04d", &of, &n); {
		case m.Name == "Show" && parsed == 1:
			found[i] = show(of, edit)
		case m.Name == "Episode" && parsed == 2:
			found[i] = episode(of, n, edit)
		}
	}
	return found, nil
}

// Query implements store.Store. The episodes of a show are one page.
func (s *Source) Query(ctx context.Context, _ *schema.Model, q store.Query) (store.Page, error) {
	var of int
	if _, err := fmt.Sscanf(q.Partition, "s%04d", &of); err != nil || q.Limit != 0 && q.Limit < s.episodes {
		return store.Page{}, errors.ErrUnsupported
	}
	if !pause(ctx, s.read) {
		return store.Page{}, ctx.Err()
	}
	edit, _ := s.at(ctx)
	entities := s.episodesOf(of, edit)
	return store.Page{Entities: entities, ReadUnits: units(entities)}, nil
}

// Close implements store.Store.
func (*Source) Close() error { return nil }

// units is what DynamoDB charges for entities that are read together, eventually consistent: half a unit for each 4 KB that begins.
func units(entities []store.Entity) float64 {
	bytes := 0
	for _, e := range entities {
		bytes += len(e)
	}
	return float64((bytes+4095)/4096) / 2
}
