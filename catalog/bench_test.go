package catalog_test

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/chunkaside/chunkaside/catalog"
	"github.com/chunkaside/chunkaside/catalog/schema"
	"github.com/chunkaside/chunkaside/chunker"
	"github.com/chunkaside/chunkaside/store/samplestore"
)

// sample is a version of the generated catalog of 10 MB.
func sample(b *testing.B) (version, []string) {
	b.Helper()
	v := build(b, samplestore.Schema, samplestore.New(), nil)
	m := v.schema.Model("Episode")
	p := page(b, v.snapshot(b), m, catalog.Range{Limit: 1 << 30})
	var keys []string
	for _, e := range p.Entities {
		key, _, err := catalog.Prefix(m.Key, e.Field(m.Field("id")))
		if err != nil {
			b.Fatal(err)
		}
		keys = append(keys, key)
	}
	return v, keys
}

// BenchmarkFirstGet is what a fresh process does for one get by key, with its chunks at hand: decode the manifest, inflate an index block and one of entities.
func BenchmarkFirstGet(b *testing.B) {
	v, keys := sample(b)
	r := rand.New(rand.NewPCG(1, 1))
	b.ReportAllocs()
	for b.Loop() {
		get(b, fresh(b, v), keys[r.IntN(len(keys))])
	}
}

// BenchmarkWholeRead is the same for one who inflates everything first.
func BenchmarkWholeRead(b *testing.B) {
	v, _ := sample(b)
	raw := 0
	for _, s := range v.manifest.Sections {
		raw += s.Raw
	}
	b.SetBytes(int64(raw))
	b.ReportAllocs()
	for b.Loop() {
		shot := fresh(b, v)
		for _, m := range v.schema.Models {
			page(b, shot, m, catalog.Range{Limit: 1 << 30})
		}
	}
}

// BenchmarkInflate is inflating all of it and nothing else, on one core.
func BenchmarkInflate(b *testing.B) {
	v, _ := sample(b)
	raw, buffer := 0, []byte(nil)
	for _, s := range v.manifest.Sections {
		raw += s.Raw
	}
	b.SetBytes(int64(raw))
	b.ReportAllocs()
	for b.Loop() {
		for chunk := range v.manifest.Chunks {
			for i := range chunk.Blocks {
				var err error
				if buffer, err = v.manifest.Codec.Inflate(buffer[:0], v.chunks[chunk.Digest], chunk.Digest, &chunk.Blocks[i]); err != nil {
					b.Fatal(err)
				}
			}
		}
	}
}

// BenchmarkGet is a get by key with everything in memory.
func BenchmarkGet(b *testing.B) {
	v, keys := sample(b)
	shot := v.snapshot(b)
	r := rand.New(rand.NewPCG(1, 1))
	for _, key := range keys {
		get(b, shot, key)
	}
	b.ReportAllocs()
	for b.Loop() {
		get(b, shot, keys[r.IntN(len(keys))])
	}
}

// BenchmarkBuild builds a version of entities at hand.
func BenchmarkBuild(b *testing.B) {
	s, err := schema.Parse("sample.graphql", samplestore.Schema)
	if err != nil {
		b.Fatal(err)
	}
	st := samplestore.New()
	b.SetBytes(9_937_532)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := catalog.Build(context.Background(), st, s, nil, func(chunker.Digest, []byte) error { return nil }); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkEdit reports what one edited record makes new: the share of the stored bytes that must be sent.
func BenchmarkEdit(b *testing.B) {
	v, _ := sample(b)
	stored := 0
	for _, data := range v.chunks {
		stored += len(data)
	}
	r := rand.New(rand.NewPCG(1, 1))
	var shares []float64
	for b.Loop() {
		edited := build(b, samplestore.Schema, &editing{samplestore.New(), r.IntN(6991)}, nil)
		sent := len(edited.manifest.Encoded)
		for d, data := range edited.chunks {
			if v.chunks[d] == nil {
				sent += len(data)
			}
		}
		shares = append(shares, 100*float64(sent)/float64(stored))
	}
	b.ReportMetric(median(shares), "%-sent")
}

func fresh(b *testing.B, v version) *catalog.Snapshot {
	b.Helper()
	m, err := chunker.DecodeManifest(v.manifest.Encoded, v.manifest.Digest)
	if err != nil {
		b.Fatal(err)
	}
	v.manifest = m
	return v.snapshot(b)
}

func get(b *testing.B, s *catalog.Snapshot, key string) catalog.Entity {
	b.Helper()
	e, ok, err := s.Get(b.Context(), s.Schema().Model("Episode"), key)
	if !ok || err != nil {
		b.Fatal(fmt.Sprintf("%q", key), ok, err)
	}
	return e
}

// BenchmarkMerge makes the version that follows one edited record, of the last version at hand.
func BenchmarkMerge(b *testing.B) {
	v, keys := sample(b)
	m := v.schema.Model("Episode")
	shot := v.snapshot(b)
	r := rand.New(rand.NewPCG(1, 1))
	b.ReportAllocs()
	for b.Loop() {
		e := get(b, shot, keys[r.IntN(len(keys))])
		edited := bytes.Replace(e.JSON(), []byte(`"title":"`), []byte(`"title":"Edited `), 1)
		edits := []catalog.Edit{{Model: m, Key: primaryKey(b, m, edited), Entity: edited}}
		if _, err := catalog.Merge(context.Background(), shot, edits, nil, func(chunker.Digest, []byte) error { return nil }); err != nil {
			b.Fatal(err)
		}
	}
}
