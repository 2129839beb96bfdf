package cost_test

import (
	"bytes"
	"context"
	"math"
	"sync"
	"testing"
	"time"

	"github.com/chunkaside/chunkaside/cache"
	"github.com/chunkaside/chunkaside/cache/memcache"
	"github.com/chunkaside/chunkaside/catalog"
	"github.com/chunkaside/chunkaside/catalog/schema"
	"github.com/chunkaside/chunkaside/chunker"
	"github.com/chunkaside/chunkaside/cmd/internal/cost"
	"github.com/chunkaside/chunkaside/store/samplestore"
)

// meter counts operations as Momento does.
type meter struct {
	cache.Driver

	mu      sync.Mutex
	count   float64
	history int // the size of the last one that was written
}

func (m *meter) add(factor float64, size int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.count += factor * cost.Operations(size)
}

// since is what was counted since the last call.
func (m *meter) since() float64 {
	m.mu.Lock()
	defer m.mu.Unlock()
	count := m.count
	m.count = 0
	return count
}

func (m *meter) Get(ctx context.Context, keys []string) ([][]byte, error) {
	values, err := m.Driver.Get(ctx, keys)
	for _, v := range values {
		m.add(1, len(v))
	}
	return values, err
}

func (m *meter) Set(ctx context.Context, key string, value []byte, ttl time.Duration) error {
	m.add(1, len(value))
	if bytes.Contains([]byte(key), []byte("/h/")) {
		m.history = len(value)
	}
	return m.Driver.Set(ctx, key, value, ttl)
}

func (m *meter) SetIfAbsent(ctx context.Context, key string, value []byte, ttl time.Duration) (bool, error) {
	m.add(2, len(value))
	return m.Driver.SetIfAbsent(ctx, key, value, ttl)
}

func (m *meter) CompareAndSet(ctx context.Context, key string, old, value []byte, ttl time.Duration) (bool, error) {
	m.add(2, len(value))
	return m.Driver.CompareAndSet(ctx, key, old, value, ttl)
}

func (m *meter) Touch(ctx context.Context, key string, ttl time.Duration) (bool, error) {
	m.add(1, 0)
	return m.Driver.Touch(ctx, key, ttl)
}

func (m *meter) Delete(ctx context.Context, key string) error {
	m.add(1, 0)
	return m.Driver.Delete(ctx, key)
}

// TestMeasured holds the formulas of publishes against what the cache does with the sample.
func TestMeasured(t *testing.T) {
	s, err := schema.Parse("sample.graphql", samplestore.Schema)
	if err != nil {
		t.Fatal(err)
	}
	memory, err := memcache.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	m := &meter{Driver: memory}
	// Each publish is by a process of its own, which has nothing in memory.
	process := func() *cache.Cache {
		c, err := cache.New(m, s, &cache.Options{Build: func(ctx context.Context, emit func(chunker.Digest, []byte) error) (*chunker.Manifest, error) {
			return catalog.Build(ctx, samplestore.New(), s, nil, emit)
		}})
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	warm := func() {
		t.Helper()
		if _, err := process().Warm(t.Context(), nil); err != nil {
			t.Fatal(err)
		}
	}
	warm()
	var sizes cost.Catalog
	near := func(what string, got, want float64) {
		t.Helper()
		if math.Abs(got-want) > 0.05*want {
			t.Errorf("%s takes %v operations, the formula says %v", what, got, want)
		}
	}
	update := func(title string) cache.Published {
		t.Helper()
		published, err := process().Update(t.Context(), retitled(title), nil)
		if err != nil {
			t.Fatal(err)
		}
		return published
	}
	measure := func() {
		shot, err := process().Current(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		sizes = cost.Catalog{Manifest: len(shot.Manifest().Encoded), History: m.history}
		for chunk := range shot.Manifest().Chunks {
			sizes.Chunks = append(sizes.Chunks, chunk.Size())
		}
	}
	update("A First Title")
	m.since()
	published := update("A Second Title")
	used := m.since()
	measure()
	near("an incremental publish", used, sizes.Publish(float64(published.ChunksSent)))
	warm()
	m.since()
	warm()
	near("a warm-up", m.since(), sizes.Warm(1, 3))
}

// retitled gives one program another title.
func retitled(title string) cache.Merge {
	return func(ctx context.Context, last *catalog.Snapshot, emit func(chunker.Digest, []byte) error) (*chunker.Manifest, error) {
		model := last.Schema().Model("Program")
		key, _, err := catalog.Prefix(model.Key, []byte(`"detective-arthur"`))
		if err != nil {
			return nil, err
		}
		entity, _, err := last.Get(ctx, model, key)
		if err != nil {
			return nil, err
		}
		edited := bytes.Replace(entity.JSON(), entity.Field(model.Field("title")), []byte(`"`+title+`"`), 1)
		return catalog.Merge(ctx, last, []catalog.Edit{{Model: model, Key: key, Entity: edited}}, nil, emit)
	}
}
