package catalog_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/chunkaside/chunkaside/catalog"
	"github.com/chunkaside/chunkaside/catalog/schema"
	"github.com/chunkaside/chunkaside/store"
	"github.com/chunkaside/chunkaside/store/storetest"
)

// compare adds a copy of a table to a new Likeness.
func compare(ctx context.Context, version *catalog.Snapshot, m *schema.Model, most int, entities []string) ([]catalog.Record, error) {
	l, err := catalog.NewLikeness(ctx, version, m, most)
	if err != nil {
		return nil, err
	}
	for _, e := range entities {
		if err := l.Add(store.Entity(e)); err != nil {
			return nil, err
		}
	}
	return l.Differing(ctx)
}

// TestLikeness: just those records differ that do, and the version that they make of the last one is the one that is built of the copy.
func TestLikeness(t *testing.T) {
	s, err := schema.Parse("items.graphql", itemSDL)
	if err != nil {
		t.Fatal(err)
	}
	colliding := sameTag()
	rapid.Check(t, func(t *rapid.T) {
		draw := rapid.SliceOfNDistinct(drawItem(colliding), 0, 30, func(i item) string { return i.id })
		items, others := draw.Draw(t, "items"), draw.Draw(t, "others")
		cut := drawCut(t)
		cut.ChunkTarget = 1
		o := &catalog.BuildOptions{Chunker: cut}
		last, copied := buildItems(t, s, items, o), slices.Concat(others, items[:rapid.IntRange(0, len(items)).Draw(t, "same")])
		slices.SortStableFunc(copied, func(a, b item) int { return strings.Compare(a.id, b.id) })
		copied = slices.CompactFunc(copied, func(a, b item) bool { return a.id == b.id })
		copied = rapid.Permutation(copied).Draw(t, "order")

		memory, err := catalog.NewMemory(last.fetch, nil)
		if err != nil {
			t.Fatal(err)
		}
		shot, err := catalog.NewSnapshot(s, last.manifest, memory)
		if err != nil {
			t.Fatal(err)
		}
		records, err := compare(context.Background(), shot, s.Model("Item"), 100, tablesOf(copied)["Item"])
		if err != nil {
			t.Fatal(err)
		}
		if got, want := firstValues(records), differing(items, copied); !slices.Equal(got, want) {
			t.Fatalf("%q differ, want %q", got, want)
		}
		var edits []catalog.Edit
		for _, r := range records {
			now := catalog.Edit{Model: r.Model, Key: r.Key}
			if i := slices.IndexFunc(copied, func(i item) bool { return i.id == r.Values[0] }); i >= 0 {
				now.Entity = store.Entity(copied[i].json())
			}
			edits = append(edits, now)
		}
		checkMerge(t, last, edits, o, buildItems(t, s, copied, o))
	})
}

func firstValues(records []catalog.Record) []string {
	var list []string
	for _, r := range records {
		list = append(list, r.Values[0])
	}
	slices.Sort(list)
	return list
}

// differing are the keys of those that are not in both, or not the same.
func differing(items, others []item) []string {
	var list []string
	for _, i := range slices.Concat(items, others) {
		if slices.Contains(items, i) != slices.Contains(others, i) {
			list = append(list, i.id)
		}
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// TestUnlike: what would be many records is refused, wherever they are; a record that comes twice differs, so the store is asked.
func TestUnlike(t *testing.T) {
	v := build(t, sdl, storetest.Tables{"Show": {`{"id":"a"}`, `{"id":"b"}`, `{"id":"c"}`}}, nil)
	m := v.schema.Model("Show")
	for name, test := range map[string]struct {
		most int
		copy []string
		want []string
	}{
		"the same":        {0, []string{`{"id":"c"}`, `{"id":"a"}`, `{"id":"b"}`}, nil},
		"one is gone":     {1, []string{`{"id":"c"}`, `{"id":"b"}`}, []string{"a"}},
		"two are gone":    {1, []string{`{"id":"c"}`}, nil},
		"two have come":   {1, []string{`{"id":"a"}`, `{"id":"b"}`, `{"id":"c"}`, `{"id":"d"}`, `{"id":"e"}`}, nil},
		"one has changed": {1, []string{`{"id":"a","name":"A"}`, `{"id":"b"}`, `{"id":"c"}`}, []string{"a"}},
		"one comes twice": {1, []string{`{"id":"a"}`, `{"id":"b"}`, `{"id":"c"}`, `{"id":"b"}`}, []string{"b"}},
	} {
		t.Run(name, func(t *testing.T) {
			records, err := compare(t.Context(), v.snapshot(t), m, test.most, test.copy)
			if unlike := test.most > 0 && test.want == nil; errors.Is(err, catalog.ErrUnlike) != unlike || !unlike && err != nil {
				t.Fatalf("error %v", err)
			}
			if diff := cmp.Diff(test.want, firstValues(records)); diff != "" {
				t.Error(diff)
			}
		})
	}
	if _, err := compare(t.Context(), v.snapshot(t), m, 1, []string{`{"name":"x"}`}); err == nil || errors.Is(err, catalog.ErrUnlike) {
		t.Errorf("an entity without a key: %v", err)
	}
}
