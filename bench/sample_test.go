package bench

import (
	"bytes"
	"context"
	"fmt"
	"testing"

	"github.com/chunkaside/chunkaside/catalog"
	"github.com/chunkaside/chunkaside/catalog/schema"
	"github.com/chunkaside/chunkaside/store"
	"github.com/chunkaside/chunkaside/store/samplestore"
)

// repeated is the generated sample several times over: each copy's records have keys of their own. It holds no more than the sample, and makes the copies while it is read.
type repeated struct {
	store.Store
	copies int
}

func sampleOf(copies int) store.Store { return repeated{samplestore.New(), copies} }

func (r repeated) Scan(ctx context.Context, m *schema.Model, o *store.ScanOptions, emit func([]store.Entity) error) error {
	for n := range r.copies {
		if err := r.Store.Scan(ctx, m, o, func(entities []store.Entity) error {
			for i := range entities {
				entities[i] = renamed(entities[i], n)
			}
			return emit(entities)
		}); err != nil {
			return err
		}
	}
	return nil
}

// keyFields are the fields that name records. In every model of the sample those that it has come first, in this order.
var keyFields = [][]byte{[]byte(`"id":"`), []byte(`"programId":"`), []byte(`"episodeGroupId":"`)}

// renamed is an entity of the nth copy. The copy's number begins the keys, so that copies do not mix: the same text twice within a block would compress as no real catalog does.
func renamed(entity store.Entity, n int) store.Entity {
	if n == 0 {
		return entity
	}
	prefix := copyPrefix(n)
	out := make(store.Entity, 0, len(entity)+len(keyFields)*len(prefix))
	out, rest := append(out, '{'), entity[1:]
	for _, field := range keyFields {
		if bytes.HasPrefix(rest, field) {
			end := len(field) + bytes.IndexByte(rest[len(field):], '"') + len(`",`)
			out = append(append(append(out, field...), prefix...), rest[len(field):end]...)
			rest = rest[end:]
		}
	}
	return append(out, rest...)
}

func copyPrefix(n int) string { return fmt.Sprintf("%04d-", n) }

func parseSample() (*schema.Schema, error) { return schema.Parse("sample.graphql", samplestore.Schema) }

func sampleSchema(t testing.TB) *schema.Schema {
	t.Helper()
	s, err := parseSample()
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestRepeated builds two copies: each must be a sound catalog of its own.
func TestRepeated(t *testing.T) {
	s := sampleSchema(t)
	one, two := build(t, s, sampleOf(1)), build(t, s, sampleOf(2))
	snapshot := two.snapshot(t)
	for _, m := range s.Models {
		if got, want := two.manifest.Section(m.Name).Count, 2*one.manifest.Section(m.Name).Count; got != want {
			t.Errorf("two copies have %d of %s, want %d", got, m.Name, want)
		}
		if err := snapshot.Check(t.Context(), m); err != nil {
			t.Error(err)
		}
	}
	groups := s.Model("EpisodeGroup")
	prefix, _, err := catalog.Prefix(groups.Indexes[0], []byte(`"`+copyPrefix(1)+`detective-arthur"`))
	if err != nil {
		t.Fatal(err)
	}
	page, err := snapshot.Page(t.Context(), groups, catalog.Range{Index: groups.Indexes[0], Prefix: prefix, Limit: 1})
	if err != nil || len(page.Entities) != 1 {
		t.Errorf("the second copy of a program has %d groups, %v, want one at least", len(page.Entities), err)
	}
}
