package cache_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"

	"github.com/chunkaside/chunkaside/cache"
	"github.com/chunkaside/chunkaside/catalog"
	"github.com/chunkaside/chunkaside/catalog/schema"
	"github.com/chunkaside/chunkaside/chunker"
)

// published is a cache with these versions, one after another, and their manifests.
func published(t *testing.T, titles ...string) (cache.Driver, []*chunker.Manifest) {
	t.Helper()
	d := memory(t)
	var manifests []*chunker.Manifest
	for _, title := range titles {
		titled(t, open(t, d, nil), title)
		manifests = append(manifests, manifest(t, d))
	}
	return d, manifests
}

// unlike is the chunk that a version has and another has not, and alike one that both have.
func unlike(t *testing.T, one, other *chunker.Manifest) (unlike, alike chunker.Digest) {
	t.Helper()
	had := map[chunker.Digest]bool{}
	for chunk := range other.Chunks {
		had[chunk.Digest] = true
	}
	for chunk := range one.Chunks {
		if had[chunk.Digest] {
			alike = chunk.Digest
		} else {
			unlike = chunk.Digest
		}
	}
	if unlike == "" || alike == "" {
		t.Fatalf("version %s has nothing of its own beside %s, or nothing in common", one.Digest, other.Digest)
	}
	return unlike, alike
}

// broken are the versions of the history that have faults.
func broken(t *testing.T, c *cache.Cache) []cache.Verified {
	t.Helper()
	all, err := c.VerifyAll(t.Context(), versions(t, c).Versions, nil)
	if err != nil {
		t.Fatal(err)
	}
	var found []cache.Verified
	for _, v := range all {
		if !v.Sound() {
			found = append(found, v)
		}
	}
	return found
}

// TestRepair: what is lost of the current version comes back byte for byte, and nothing else is sent.
func TestRepair(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d, manifests := published(t, "good")
		chunks := manifests[0].Sections[0].Chunks
		lost, damaged := chunks[1].Digest, chunks[2].Digest
		keys := []string{"chunkaside/catalog/c/" + string(lost), "chunkaside/catalog/c/" + string(damaged)}
		before, err := d.Get(t.Context(), keys)
		if err != nil {
			t.Fatal(err)
		}
		remove(t, d, "c/"+string(lost))
		set(t, d, "c/"+string(damaged), "hello")
		c := open(t, d, &cache.Options{Build: version(show, "good")})
		found := broken(t, c)
		if len(found) != 1 || found[0].Missing != 1 || found[0].Damaged != 1 || !cmp.Equal(found[0].Broken, []chunker.Digest{lost, damaged}) {
			t.Fatalf("verify: %+v", found)
		}
		done, err := c.Repair(t.Context(), found, nil)
		if err != nil || !done.Sound() || done.Published.Version.Manifest != manifests[0].Digest || done.Published.ChunksSent != 2 || done.Published.Repaired != 2 {
			t.Fatalf("Repair = %+v, %v", done, err)
		}
		if got := done.Versions[0].Restored; len(done.Versions) != 1 || !cmp.Equal(got, []chunker.Digest{lost, damaged}) {
			t.Errorf("restored %v", got)
		}
		after, err := d.Get(t.Context(), keys)
		if err != nil || !cmp.Equal(after, before) {
			t.Errorf("the chunks are not what they were: %v", err)
		}
		if h := versions(t, c); len(h.Versions) != 1 {
			t.Errorf("the history has %d versions, want the one", len(h.Versions))
		}
	})
}

// TestRepairFromAChangedStore publishes a new version. The older one gets back what both have, and what else it lost is named.
func TestRepairFromAChangedStore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d, _ := published(t, "old")
		c := open(t, d, &cache.Options{Build: version(show, "new")})
		next, manifests := published(t, "old", "new")
		_ = next.Close() // it was made to know what the store will make
		own, common := unlike(t, manifests[0], manifests[1])
		remove(t, d, "c/"+string(own))
		remove(t, d, "c/"+string(common))
		done, err := c.Repair(t.Context(), broken(t, c), nil)
		if err != nil || done.Sound() || len(done.Versions) != 1 {
			t.Fatalf("Repair = %+v, %v", done, err)
		}
		old := done.Versions[0]
		if !cmp.Equal(old.Restored, []chunker.Digest{common}) || !cmp.Equal(old.Broken, []chunker.Digest{own}) || old.Manifest != manifests[0].Digest {
			t.Errorf("restored %v, broken %v", old.Restored, old.Broken)
		}
		if got := current(t, open(t, d, nil)); got != "new" || done.Published.Version.Manifest != manifests[1].Digest {
			t.Errorf("title %q, published %+v", got, done.Published)
		}
	})
}

// TestRepairOfAnOlderVersion: the current one is whole and stays as it is, and what only the older one had cannot be restored.
func TestRepairOfAnOlderVersion(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d, manifests := published(t, "old", "new")
		own, _ := unlike(t, manifests[0], manifests[1])
		remove(t, d, "c/"+string(own))
		c := open(t, d, &cache.Options{Build: version(show, "new")})
		found := broken(t, c)
		done, err := c.Repair(t.Context(), found, nil)
		if err != nil || len(found) != 1 || done.Sound() || done.Published.ChunksSent != 0 || !cmp.Equal(done.Versions[0].Broken, []chunker.Digest{own}) {
			t.Errorf("Repair = %+v, %v", done, err)
		}
		if h := versions(t, c); h.Manifest != manifests[1].Digest || len(h.Versions) != 2 {
			t.Errorf("history %+v", h)
		}
	})
}

// TestRepairOfAManifest: without it the chunks are not known, and with it all is as it was.
func TestRepairOfAManifest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d, manifests := published(t, "good")
		m := manifests[0]
		for name, harm := range map[string]func(){
			"missing": func() { remove(t, d, "m/"+string(m.Digest)) },
			"damaged": func() { set(t, d, "m/"+string(m.Digest), "hello") },
		} {
			harm()
			c := open(t, d, &cache.Options{Build: version(show, "good")})
			found := broken(t, c)
			if len(found) != 1 || !cmp.Equal(found[0].Broken, []chunker.Digest{m.Digest}) || !strings.Contains(found[0].Faults[0], name) {
				t.Fatalf("%s: %+v", name, found)
			}
			done, err := c.Repair(t.Context(), found, nil)
			if err != nil || !done.Sound() || !cmp.Equal(done.Versions[0].Restored, []chunker.Digest{m.Digest}) {
				t.Errorf("%s: Repair = %+v, %v", name, done, err)
			}
		}
	})
}

// TestRepairThatRulesRefuse: nothing is announced, but what the last version has in common with what was built is whole again.
func TestRepairThatRulesRefuse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d, manifests := published(t, "good")
		lost := manifests[0].Sections[0].Chunks[1].Digest
		remove(t, d, "c/"+string(lost))
		c := open(t, d, &cache.Options{Build: version(show, "good"), Rules: catalog.Rules{Minimum: map[string]int{"Show": 1000}}})
		pointer := versions(t, c).Pointer
		done, err := c.Repair(t.Context(), broken(t, c), nil)
		var refused *catalog.RefusedError
		if !errors.As(err, &refused) || done.Published != nil || !done.Sound() || !cmp.Equal(done.Versions[0].Restored, []chunker.Digest{lost}) {
			t.Errorf("Repair = %+v, %v", done, err)
		}
		if after := versions(t, c).Pointer; after != pointer {
			t.Errorf("the pointer moved to %+v", after)
		}
	})
}

// TestRepairLeavesAPin: a pinned version that the store does not make any more stays what the operator chose.
func TestRepairLeavesAPin(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d, manifests := published(t, "old", "new")
		c := open(t, d, &cache.Options{Build: version(show, "new")})
		if _, err := pin(t.Context(), c, "previous"); err != nil {
			t.Fatal(err)
		}
		own, _ := unlike(t, manifests[0], manifests[1])
		remove(t, d, "c/"+string(own))
		done, err := c.Repair(t.Context(), broken(t, c), nil)
		if h := versions(t, c); err != nil || done.Sound() || !h.Pinned || h.Manifest != manifests[0].Digest {
			t.Errorf("Repair = %+v, %v; history %+v", done, err, h)
		}
	})
}

// TestVerifyAll reads what versions have in common once, and no further into one of another schema than its chunks.
func TestVerifyAll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d, manifests := published(t, "old", "new")
		other, err := schema.Parse("o", `type Show @model { id: ID! title: String year: Int }`)
		if err != nil {
			t.Fatal(err)
		}
		foreign, err := cache.New(d, other, &cache.Options{Build: version(other, "new")})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := foreign.Warm(t.Context(), &cache.WarmOptions{NewSchema: true}); err != nil {
			t.Fatal(err)
		}
		chunks := map[chunker.Digest]bool{}
		for _, m := range manifests {
			for chunk := range m.Chunks {
				chunks[chunk.Digest] = true
			}
		}
		once := &gets{Driver: d, keys: map[string]int{}}
		c := open(t, once, nil)
		last := 0
		all, err := c.VerifyAll(t.Context(), versions(t, c).Versions, func(done, of int) {
			if of != len(chunks) || done != last+1 {
				t.Errorf("progress: %d of %d, want %d", done, of, len(chunks))
			}
			last = done
		})
		if err != nil || len(all) != 3 || !all[0].Foreign || all[1].Foreign || !all[0].Sound() || !all[1].Sound() || !all[2].Sound() {
			t.Fatalf("VerifyAll = %+v, %v", all, err)
		}
		for d := range chunks {
			// Once by the walk, once to look into it.
			if n := once.keys["chunkaside/catalog/c/"+string(d)]; n > 2 {
				t.Errorf("chunk %s was read %d times", d.Short(), n)
			}
		}
		if _, err := c.Verify(t.Context(), all[0].Version, nil); !errors.Is(err, catalog.ErrSchema) {
			t.Errorf("Verify of a version of another schema: %v, want ErrSchema", err)
		}
	})
}

// TestCheckChunks says of each chunk what is wrong with it.
func TestCheckChunks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d, manifests := published(t, "good")
		chunks := manifests[0].Sections[0].Chunks
		remove(t, d, "c/"+string(chunks[1].Digest))
		set(t, d, "c/"+string(chunks[2].Digest), "hello")
		faults, err := open(t, d, nil).CheckChunks(t.Context(), []chunker.Digest{chunks[2].Digest, chunks[0].Digest, chunks[1].Digest}, nil)
		if err != nil || !errors.Is(faults[0], chunker.ErrDamaged) || faults[1] != nil || !errors.Is(faults[2], cache.ErrIncomplete) {
			t.Errorf("CheckChunks = %v, %v", faults, err)
		}
		out := &outage{Driver: d}
		out.down.Store(true)
		if _, err := open(t, out, nil).CheckChunks(t.Context(), []chunker.Digest{chunks[0].Digest}, nil); !errors.Is(err, cache.ErrUnavailable) {
			t.Errorf("with the cache down: %v", err)
		}
	})
}

// TestKept: what warm-ups do not keep alive is not asked about.
func TestKept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d, manifests := published(t, "a", "b", "c", "d")
		c := open(t, d, &cache.Options{Keep: 1})
		kept := func() (digests []chunker.Digest) {
			for _, v := range c.Kept(versions(t, c)) {
				digests = append(digests, v.Manifest)
			}
			return digests
		}
		if _, err := pin(t.Context(), c, string(manifests[0].Digest)); err != nil {
			t.Fatal(err)
		}
		if got, want := kept(), []chunker.Digest{manifests[0].Digest, manifests[3].Digest}; !cmp.Equal(got, want) {
			t.Errorf("an older version is pinned: kept %v, want %v", got, want)
		}
		titled(t, c, "e")
		if got, want := kept(), []chunker.Digest{versions(t, c).Newest().Manifest, manifests[0].Digest}; !cmp.Equal(got, want) {
			t.Errorf("another was built: kept %v, want %v", got, want)
		}
	})
}

// gets is a driver that counts how often each key is read.
type gets struct {
	cache.Driver
	mu   sync.Mutex
	keys map[string]int
}

func (g *gets) Get(ctx context.Context, keys []string) ([][]byte, error) {
	g.mu.Lock()
	for _, key := range keys {
		g.keys[key]++
	}
	g.mu.Unlock()
	return g.Driver.Get(ctx, keys)
}
