package bench

import (
	"bytes"
	"context"
	"math/rand/v2"
	"testing"

	"github.com/chunkaside/chunkaside/catalog/schema"
	"github.com/chunkaside/chunkaside/store"
)

// edited is a store in which the title of one episode is another.
type edited struct {
	store.Store
	at int
}

func (e edited) Scan(ctx context.Context, m *schema.Model, o *store.ScanOptions, emit func([]store.Entity) error) error {
	n := 0
	return e.Store.Scan(ctx, m, o, func(entities []store.Entity) error {
		if m.Name == "Episode" && e.at >= n && e.at < n+len(entities) {
			entities[e.at-n] = bytes.Replace(entities[e.at-n], []byte(`"title":"`), []byte(`"title":"Edited `), 1)
		}
		n += len(entities)
		return emit(entities)
	})
}

// BenchmarkEdit changes one record, each time another one, and reports medians of what the full build then makes new: the share of the stored bytes that would be sent.
func BenchmarkEdit(b *testing.B) {
	for _, source := range sources() {
		b.Run(source.name, func(b *testing.B) {
			s, from := source.open(b)
			before := build(b, s, from)
			stored, count := float64(before.stored()), before.manifest.Section("Episode").Count
			dice := rand.New(rand.NewPCG(1, 1))
			type made struct{ chunks, manifest int }
			var edits []made
			b.ReportAllocs()
			for b.Loop() {
				after := build(b, s, edited{from, dice.IntN(count)})
				edits = append(edits, made{after.sizeBeyond(before), len(after.manifest.Encoded)})
			}
			b.ReportMetric(median(edits, func(e made) float64 { return 100 * float64(e.chunks) / stored }), "%-rewritten")
			b.ReportMetric(median(edits, func(e made) float64 { return 100 * float64(e.chunks+e.manifest) / stored }), "%-with-manifest")
		})
	}
}

// sizeBeyond is the bytes of the chunks that another version does not have.
func (v version) sizeBeyond(other version) int {
	size := 0
	for d, data := range v.chunks {
		if other.chunks[d] == nil {
			size += len(data)
		}
	}
	return size
}
