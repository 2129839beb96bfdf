//go:build unix

package cache_test

import (
	"bytes"
	"context"
	"math/rand/v2"
	"syscall"
	"testing"
	"time"

	"github.com/chunkaside/chunkaside/cache"
	"github.com/chunkaside/chunkaside/catalog"
	"github.com/chunkaside/chunkaside/catalog/schema"
	"github.com/chunkaside/chunkaside/chunker"
	"github.com/chunkaside/chunkaside/store"
	"github.com/chunkaside/chunkaside/store/samplestore"
)

// BenchmarkPublish publishes a version that differs by one record of 10 MB from the last one: by a warm-up, which builds it from the whole store, and by an update, which merges the record into the
// last version. Both look at every chunk that is there already.
func BenchmarkPublish(b *testing.B) {
	for _, update := range []bool{false, true} {
		name := "warm"
		if update {
			name = "update"
		}
		b.Run(name, func(b *testing.B) { benchmarkPublish(b, update) })
	}
}

func benchmarkPublish(b *testing.B, update bool) {
	c, st := sampleCache(b)
	r := rand.New(rand.NewPCG(1, 1))
	b.ReportAllocs()
	before := processorTime(b)
	for b.Loop() {
		edit := st.edit(r.IntN(len(st.episodes)))
		var err error
		if update {
			_, err = c.Update(b.Context(), func(ctx context.Context, last *catalog.Snapshot, emit func(chunker.Digest, []byte) error) (*chunker.Manifest, error) {
				return catalog.Merge(ctx, last, []catalog.Edit{edit}, nil, emit)
			}, nil)
		} else {
			_, err = c.Warm(b.Context(), nil)
		}
		if err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(processorTime(b)-before)/float64(time.Millisecond)/float64(b.N), "cpu-ms/op")
}

func sampleCache(b *testing.B) (*cache.Cache, *edited) {
	b.Helper()
	s, err := schema.Parse("sample.graphql", samplestore.Schema)
	if err != nil {
		b.Fatal(err)
	}
	st := &edited{Store: samplestore.New(), model: s.Model("Episode")}
	if err := st.Store.Scan(b.Context(), st.model, nil, func(entities []store.Entity) error {
		st.episodes = append(st.episodes, entities...)
		return nil
	}); err != nil {
		b.Fatal(err)
	}
	c, err := cache.New(memory(b), s, &cache.Options{Build: func(ctx context.Context, emit func(chunker.Digest, []byte) error) (*chunker.Manifest, error) {
		return catalog.Build(ctx, st, s, nil, emit)
	}})
	if err != nil {
		b.Fatal(err)
	}
	if _, err := c.Warm(b.Context(), nil); err != nil {
		b.Fatal(err)
	}
	return c, st
}

// edited is the sample's store with titles of episodes edited.
type edited struct {
	store.Store
	model    *schema.Model
	episodes []store.Entity
}

func (e *edited) Scan(ctx context.Context, m *schema.Model, o *store.ScanOptions, emit func([]store.Entity) error) error {
	if m == e.model {
		return emit(e.episodes)
	}
	return e.Store.Scan(ctx, m, o, emit)
}

// edit edits an episode.
func (e *edited) edit(at int) catalog.Edit {
	entity := bytes.Replace(e.episodes[at], []byte(`"title":"`), []byte(`"title":"Edited `), 1)
	e.episodes[at] = entity
	_, id, _ := bytes.Cut(entity, []byte(`"id":`))
	id, _, _ = bytes.Cut(id, []byte(","))
	key, _, _ := catalog.Prefix(e.model.Key, id) // an id of the sample makes a key
	return catalog.Edit{Model: e.model, Key: key, Entity: entity}
}

// processorTime is what this process has used, on all cores.
func processorTime(b *testing.B) time.Duration {
	b.Helper()
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		b.Fatal(err)
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}
