package catalog_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/chunkaside/chunkaside/catalog"
	"github.com/chunkaside/chunkaside/catalog/schema"
	"github.com/chunkaside/chunkaside/chunker"
	"github.com/chunkaside/chunkaside/store/samplestore"
	"github.com/chunkaside/chunkaside/store/storetest"
)

// changeText is a change on one line.
func changeText(c catalog.Change) string {
	text := fmt.Sprintf("%s %s %s", c.Model.Name, c.Key, c.Kind)
	if c.Kind != catalog.Added {
		text += " " + string(c.Before.JSON())
	}
	if c.Kind != catalog.Removed {
		text += " " + string(c.After.JSON())
	}
	for _, f := range c.Fields {
		text += fmt.Sprintf(" %s:%s->%s", f.Field.Name, f.Before, f.After)
	}
	return text
}

// diff is what differs between two snapshots, a line a change.
func diff(t testing.TB, before, after *catalog.Snapshot) ([]string, []catalog.DiffCounts) {
	t.Helper()
	var changes []string
	counts, err := catalog.Diff(t.Context(), before, after, nil, func(c catalog.Change) error {
		changes = append(changes, changeText(c))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return changes, counts
}

// edited is records with all kinds of changes.
func edited() storetest.Tables {
	return storetest.Tables{
		"Show": {records["Show"][0], `{"id":"s1","name":null}`},
		"Episode": append([]string{
			`{"id":"a","showId":"s1","number":10,"title":"Ten"}`,
			`{"id":"d","showId":"s2","title":"moved"}`,
			`{"id":"j","showId":"s2","number":2}`,
		}, slices.Concat(records["Episode"][1:3], records["Episode"][4:5], records["Episode"][6:])...),
	}
}

func TestDiff(t *testing.T) {
	want := []string{
		`Episode "f" removed {"id":"f","number":1}`,
		`Episode "d" changed {"id":"d","showId":"s1"} {"id":"d","showId":"s2","title":"moved"} showId:"s1"->"s2" title:->"moved"`,
		`Episode "a" changed {"id":"a","showId":"s1","number":10,"season":1,"title":"ten"} {"id":"a","showId":"s1","number":10,"title":"Ten"} season:1-> title:"ten"->"Ten"`,
		`Episode "j" added {"id":"j","showId":"s2","number":2}`,
		`Show "s1" changed {"id":"s1","name":"One, \"quoted\" \\"} {"id":"s1","name":null} name:"One, \"quoted\" \\"->null`,
	}
	for name, o := range map[string][2]*chunker.Options{
		"whole": {nil, nil}, "tiny": {tiny, tiny}, "other boundaries": {tiny, nil}, "other codecs": {nil, {Codec: chunker.Zstd}},
	} {
		t.Run(name, func(t *testing.T) {
			before, after := build(t, sdl, records, o[0]), build(t, sdl, edited(), o[1])
			changes, counts := diff(t, before.snapshot(t), after.snapshot(t))
			if diff := cmp.Diff(want, changes); diff != "" {
				t.Errorf("Diff (-want +got):\n%s", diff)
			}
			for i, c := range counts {
				counts[i].Read, counts[i].Blocks = 0, 0 // they depend on the boundaries
				if c.Read < 2 || c.Read > c.Blocks {
					t.Errorf("%s: %d blocks of %d read", c.Model.Name, c.Read, c.Blocks)
				}
			}
			if diff := cmp.Diff([]catalog.DiffCounts{
				{Model: before.schema.Model("Episode"), Added: 1, Changed: 2, Removed: 1}, {Model: before.schema.Model("Show"), Changed: 1},
			}, counts, cmp.Comparer(func(x, y *schema.Model) bool { return x == y })); diff != "" {
				t.Errorf("counts (-want +got):\n%s", diff)
			}
		})
	}
}

// TestDiffReadsWhatDiffers: no chunk that both versions have is fetched, not even ahead of others; and chunks come several at once.
func TestDiffReadsWhatDiffers(t *testing.T) {
	rows := storetest.Tables{}
	for i := range 100 {
		rows["Show"] = append(rows["Show"], fmt.Sprintf(`{"id":"s%02d"}`, i))
		rows["Episode"] = append(rows["Episode"], fmt.Sprintf(`{"id":"e%02d","showId":"s","number":%d}`, i, i))
	}
	before := build(t, sdl, rows, tiny)
	for _, i := range []int{20, 22, 24, 26} {
		rows["Episode"][i] = strings.Replace(rows["Episode"][i], "}", `,"title":"new"}`, 1)
	}
	rows["Show"] = slices.Concat(rows["Show"][:30], []string{`{"id":"s29b"}`}, rows["Show"][40:]) // a model in the order of its primary key needs no look-ups
	after := build(t, sdl, rows, tiny)
	log := &fetchLog{}
	changes, counts := diff(t, log.snapshot(t, before), log.snapshot(t, after))
	if len(changes) != 4+1+10 {
		t.Errorf("%d changes: %s", len(changes), changes)
	}
	for _, d := range log.fetched {
		if before.chunks[d] != nil && after.chunks[d] != nil {
			t.Errorf("the chunk %s was fetched, which both have", d.Short())
		}
	}
	if log.fetches != 5 { // one for each side of either model, another for what exceeds the blocks read at once of the ten shows
		t.Errorf("%d fetches of %d chunks", log.fetches, len(log.fetched))
	}
	if want := (catalog.DiffCounts{Model: before.schema.Model("Episode"), Changed: 4, Read: 8, Blocks: 104}); counts[0] != want {
		t.Errorf("counts of episodes: %+v, want %+v", counts[0], want)
	}
	if _, counts := diff(t, before.snapshot(t), before.snapshot(t)); counts[0].Read+counts[1].Read != 0 {
		t.Errorf("of a version and itself, %+v are read", counts)
	}
}

// fetchLog keeps what was fetched.
type fetchLog struct {
	mu      sync.Mutex
	fetched []chunker.Digest
	fetches int
}

func (l *fetchLog) fetch(from version) catalog.Fetch {
	return func(ctx context.Context, digests []chunker.Digest) ([][]byte, error) {
		l.mu.Lock()
		l.fetched = append(l.fetched, digests...)
		l.fetches++
		l.mu.Unlock()
		return from.fetch(ctx, digests)
	}
}

func (l *fetchLog) snapshot(t testing.TB, v version) *catalog.Snapshot {
	t.Helper()
	memory, err := catalog.NewMemory(l.fetch(v), nil)
	if err != nil {
		t.Fatal(err)
	}
	shot, err := catalog.NewSnapshot(v.schema, v.manifest, memory)
	if err != nil {
		t.Fatal(err)
	}
	return shot
}

func TestDiffProgress(t *testing.T) {
	before, after := build(t, sdl, records, tiny), build(t, sdl, edited(), tiny)
	last, total := 0, 0
	counts, err := catalog.Diff(t.Context(), before.snapshot(t), after.snapshot(t), func(done, of int) {
		if done <= last || done > of {
			t.Errorf("%d of %d after %d", done, of, last)
		}
		last, total = done, of
	}, func(catalog.Change) error { return nil })
	if err != nil || last != total || total != counts[0].Read+counts[1].Read {
		t.Errorf("the last progress is %d of %d, want all of %+v; %v", last, total, counts, err)
	}
}

func TestDiffEnds(t *testing.T) {
	before, after := build(t, sdl, records, tiny).snapshot(t), build(t, sdl, edited(), tiny).snapshot(t)
	diff(t, before, after) // all is in memory now: no fetch looks at the context
	broken := errors.New("broken")
	ctx, cancel := context.WithCancel(t.Context())
	for _, test := range []struct {
		name string
		each func() error
		want error
	}{
		{"by each", func() error { return broken }, broken},
		{"by its context", func() error { cancel(); return nil }, context.Canceled},
	} {
		calls := 0
		_, err := catalog.Diff(ctx, before, after, nil, func(catalog.Change) error {
			calls++
			return test.each()
		})
		if !errors.Is(err, test.want) || calls != 1 {
			t.Errorf("%s: %v after %d changes, want %v after 1", test.name, err, calls, test.want)
		}
	}
}

func TestDiffRefuses(t *testing.T) {
	before, after := build(t, sdl, records, nil), build(t, strings.Replace(sdl, "title: String", "title: Int", 1), storetest.Tables{}, nil)
	each := func(c catalog.Change) error {
		t.Errorf("a change %s", changeText(c))
		return nil
	}
	if _, err := catalog.Diff(t.Context(), before.snapshot(t), after.snapshot(t), nil, each); !errors.Is(err, catalog.ErrSchema) {
		t.Errorf("of two schemas: %v, want ErrSchema", err)
	}
	after = build(t, sdl, edited(), nil)
	clear(after.chunks)
	if _, err := catalog.Diff(t.Context(), before.snapshot(t), after.snapshot(t), nil, each); !errors.Is(err, chunker.ErrDamaged) {
		t.Errorf("without the chunks: %v, want ErrDamaged", err)
	}
}

// BenchmarkDiff compares two versions that differ by one record, with all chunks at hand, and reports the share of the blocks of entities that are read.
func BenchmarkDiff(b *testing.B) {
	before := build(b, samplestore.Schema, samplestore.New(), nil)
	after := build(b, samplestore.Schema, &editing{samplestore.New(), 3500}, nil)
	read, blocks := 0, 0
	b.ReportAllocs()
	for b.Loop() {
		changes, counts := diff(b, before.snapshot(b), after.snapshot(b))
		if len(changes) != 1 {
			b.Fatal(changes)
		}
		read, blocks = 0, 0
		for _, c := range counts {
			read += c.Read
			blocks += c.Blocks
		}
	}
	b.ReportMetric(100*float64(read)/float64(blocks), "%-read")
}
