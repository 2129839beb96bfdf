package catalog_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/chunkaside/chunkaside/catalog"
	"github.com/chunkaside/chunkaside/chunker"
	"github.com/chunkaside/chunkaside/store/storetest"
)

const count = 2000

// episodes are those of one show, in blocks and chunks of a few. Those from..to were edited.
func episodes(t *testing.T, from, to int) version {
	t.Helper()
	tables := storetest.Tables{"Show": records["Show"]}
	for n := range count {
		title := "old"
		if from <= n && n < to {
			title = "new"
		}
		tables["Episode"] = append(tables["Episode"], fmt.Sprintf(`{"id":"e%04d","showId":"s1","number":%d,"title":%q}`, n, n, title))
	}
	return build(t, sdl, tables, &chunker.Options{BlockTarget: 400, BlockMin: 100, ChunkTarget: 800, ChunkMin: 200})
}

// pair is two versions over one memory.
type pair struct {
	old, next      *catalog.Snapshot
	fetched, calls int
	failing        int // the call that fails
}

var errAway = errors.New("away")

func newPair(t *testing.T, before, after version) *pair {
	t.Helper()
	p := &pair{}
	memory := newMemory(t, func(ctx context.Context, digests []chunker.Digest) ([][]byte, error) {
		if p.calls++; p.calls == p.failing {
			return nil, errAway
		}
		p.fetched += len(digests)
		if data, err := before.fetch(ctx, digests); err == nil {
			return data, nil
		}
		return after.fetch(ctx, digests)
	})
	var err error
	if p.old, err = catalog.NewSnapshot(before.schema, before.manifest, memory); err != nil {
		t.Fatal(err)
	}
	if p.next, err = catalog.NewSnapshot(before.schema, after.manifest, memory); err != nil {
		t.Fatal(err)
	}
	return p
}

// prepare is what Prepare fetches.
func (p *pair) prepare(t *testing.T) (fetched int, err error) {
	t.Helper()
	before := p.fetched
	err = p.next.Prepare(t.Context(), p.old)
	return p.fetched - before, err
}

func read(t *testing.T, s *catalog.Snapshot, ids ...string) {
	t.Helper()
	for _, id := range ids {
		if _, ok, err := s.Get(t.Context(), s.Schema().Model("Episode"), id+"\x00"); err != nil || !ok {
			t.Fatalf("Get %s = %v, %v", id, ok, err)
		}
	}
}

// TestPrepare: what was in memory of one version can be read of the next without a fetch, and nothing else is fetched.
func TestPrepare(t *testing.T) {
	before, after := episodes(t, 0, 0), episodes(t, 0, count/2)
	p := newPair(t, before, after)
	read(t, p.old, "e0010", "e1900")
	held := p.fetched
	prepared, err := p.prepare(t)
	if err != nil {
		t.Fatal(err)
	}
	read(t, p.next, "e0010", "e1900")
	if again := p.fetched - held - prepared; again != 0 {
		t.Errorf("%d chunks were fetched after Prepare", again)
	}
	if changed := chunksBut(after, before); prepared < 1 || prepared > held || prepared >= changed {
		t.Errorf("%d chunks were prepared of %d that changed, where %d were in memory", prepared, changed, held)
	}
}

// chunksBut is how many chunks a version has that another has not.
func chunksBut(v, other version) (n int) {
	for d := range v.chunks {
		if other.chunks[d] == nil {
			n++
		}
	}
	return n
}

// TestPrepareIsBounded: where all has changed, 64 chunks are read; what has come when one fails stays.
func TestPrepareIsBounded(t *testing.T) {
	before, after := episodes(t, 0, 0), episodes(t, 0, count)
	p := newPair(t, before, after)
	if all, err := p.old.Page(t.Context(), p.old.Schema().Model("Episode"), catalog.Range{Limit: count}); err != nil || len(all.Entities) != count {
		t.Fatalf("%d episodes, %v", len(all.Entities), err)
	}
	p.failing = p.calls + 3
	if prepared, err := p.prepare(t); !errors.Is(err, errAway) || prepared != 2*8 {
		t.Errorf("%d chunks were prepared, %v", prepared, err)
	}
	if prepared, err := p.prepare(t); err != nil || prepared != 6*8 {
		t.Errorf("%d more chunks were prepared, %v", prepared, err)
	}
	if changed := chunksBut(after, before); changed <= 64 {
		t.Errorf("%d chunks changed", changed)
	}
}
