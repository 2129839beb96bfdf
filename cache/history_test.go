package cache_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/chunkaside/chunkaside/cache"
	"github.com/chunkaside/chunkaside/cache/memcache"
	"github.com/chunkaside/chunkaside/catalog"
	"github.com/chunkaside/chunkaside/chunker"
	"github.com/chunkaside/chunkaside/store"
)

// titled publishes versions with these titles, a minute after each other.
func titled(t testing.TB, c *cache.Cache, titles ...string) {
	t.Helper()
	for _, title := range titles {
		if _, err := c.Publish(t.Context(), version(show, title)); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Minute)
	}
}

func versions(t testing.TB, c *cache.Cache) cache.History {
	t.Helper()
	h, err := c.Versions(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// rollback and pin choose from the history as it is.
func rollback(ctx context.Context, c *cache.Cache, name string) (cache.Pointer, error) {
	h, v, err := choose(ctx, c, name)
	if err != nil {
		return cache.Pointer{}, err
	}
	return c.Rollback(ctx, h, v, nil)
}

func pin(ctx context.Context, c *cache.Cache, name string) (cache.Pointer, error) {
	h, v, err := choose(ctx, c, name)
	if err != nil {
		return cache.Pointer{}, err
	}
	return c.Pin(ctx, h, v, nil)
}

func choose(ctx context.Context, c *cache.Cache, name string) (cache.History, cache.Version, error) {
	h, err := c.Versions(ctx)
	if err != nil {
		return h, cache.Version{}, err
	}
	v, err := h.Find(name)
	return h, v, err
}

// titleOf is the title in a version of the history.
func titleOf(t testing.TB, c *cache.Cache, v cache.Version) string {
	t.Helper()
	s, err := c.Open(t.Context(), v)
	if err != nil {
		t.Fatal(err)
	}
	return title(t, s)
}

func TestHistory(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := memory(t)
		c := open(t, d, nil)
		if _, err := c.Versions(t.Context()); !errors.Is(err, cache.ErrNoVersion) {
			t.Errorf("versions of an empty cache: %v", err)
		}
		titled(t, c, "one", "two", "two", "three")
		h := versions(t, c)
		if len(h.Versions) != 3 {
			t.Fatalf("%d versions, want 3: the same again is no new one", len(h.Versions))
		}
		for i, want := range []string{"three", "two", "one"} {
			v := h.Versions[i]
			if got := titleOf(t, c, v); got != want || v.Entities != 400 || v.Bytes == 0 || i > 0 && (v.Until.IsZero() || v.Sequence >= h.Versions[i-1].Sequence) {
				t.Errorf("version %d: title %q, want %q: %+v", i, got, want, v)
			}
		}
		for name, want := range map[string]int{"current": 0, "newest": 0, "previous": 1, fmt.Sprint(h.Versions[2].Sequence): 2, string(h.Versions[2].Manifest[:6]): 2, string(h.Versions[1].Manifest): 1} {
			if v, err := h.Find(name); err != nil || v != h.Versions[want] {
				t.Errorf("Find(%q) = %+v, %v, want version %d", name, v, err, want)
			}
		}
		for _, name := range []string{"", "abc", "zzzz", "12345"} {
			if v, err := h.Find(name); !errors.Is(err, cache.ErrNoSuchVersion) {
				t.Errorf("Find(%q) = %+v, %v", name, v, err)
			}
		}
	})
}

func TestFindRefusesTwo(t *testing.T) {
	v := func(d string) cache.Version {
		return cache.Version{Manifest: chunker.Digest(d + strings.Repeat("0", 60))}
	}
	h := cache.History{Versions: []cache.Version{v("abc1"), v("abc2"), v("abcd"), v("abcd")}}
	if got, err := h.Find("abcd"); err != nil || got != v("abcd") {
		t.Errorf("one content twice: %v, %v", got, err)
	}
	h.Versions[2].Manifest = v("abc1").Manifest[:63] + "1"
	if _, err := h.Find("abc1"); !errors.Is(err, cache.ErrNoSuchVersion) || !strings.Contains(err.Error(), string(v("abc1").Manifest)) {
		t.Errorf("two that begin alike: %v", err)
	}
}

func TestRollback(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := memory(t)
		c, reader := open(t, d, &cache.Options{Build: version(show, "three")}), open(t, d, nil)
		titled(t, c, "one", "two", "three")
		before := versions(t, c)
		if got := current(t, reader); got != "three" {
			t.Fatal(got)
		}
		read := 0
		p, err := c.Rollback(t.Context(), before, before.Versions[1], func(done, _ int) { read = done })
		if err != nil || p.Sequence <= before.Sequence || read == 0 {
			t.Fatalf("rollback: %+v, %v, %d chunks read", p, err, read)
		}
		time.Sleep(2 * time.Second)
		if got := current(t, reader); got != "two" {
			t.Errorf("a reader that had the newer version reads %q", got)
		}
		h := versions(t, c)
		if h.Current().Of != before.Versions[1].Sequence || len(h.Versions) != 4 || titleOf(t, c, h.Newest()) != "three" {
			t.Errorf("history: %+v", h)
		}
		// It lasts until the next warm-up.
		if _, err := c.Warm(t.Context(), nil); err != nil {
			t.Fatal(err)
		}
		if got := current(t, open(t, d, nil)); got != "three" {
			t.Errorf("after a warm-up: %q", got)
		}
	})
}

func TestRollbackOfWhatIsGone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := memory(t)
		c := open(t, d, nil)
		titled(t, c, "one")
		old := manifest(t, d)
		titled(t, c, "two")
		shared := map[chunker.Digest]bool{}
		for chunk := range manifest(t, d).Chunks {
			shared[chunk.Digest] = true
		}
		for chunk := range old.Chunks {
			if !shared[chunk.Digest] {
				remove(t, d, "c/"+string(chunk.Digest))
			}
		}
		before := versions(t, c)
		if _, err := rollback(t.Context(), c, "previous"); !errors.Is(err, cache.ErrIncomplete) || !strings.Contains(err.Error(), "is missing") {
			t.Errorf("rollback: %v", err)
		}
		if after := versions(t, c); after.Pointer != before.Pointer {
			t.Errorf("the pointer moved: %+v", after.Pointer)
		}
		// Nobody has to wait after such a failure.
		began := time.Now()
		if _, err := pin(t.Context(), c, "current"); err != nil || time.Since(began) > time.Second {
			t.Errorf("pin: %v after %v", err, time.Since(began))
		}
	})
}

func TestPin(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := memory(t)
		titled(t, open(t, d, nil), "one", "two")
		built := "three"
		c := open(t, d, &cache.Options{Build: func(ctx context.Context, emit func(chunker.Digest, []byte) error) (*chunker.Manifest, error) {
			return version(show, built)(ctx, emit)
		}})
		if p, err := pin(t.Context(), c, "previous"); err != nil || !p.Pinned {
			t.Fatalf("pin: %+v, %v", p, err)
		}
		for _, built = range []string{"three", "four"} {
			p, err := c.Warm(t.Context(), nil)
			if err != nil || !p.Pinned || p.Manifest == p.Version.Manifest {
				t.Fatalf("warm: %+v, %v", p, err)
			}
			for _, reader := range []*cache.Cache{c, open(t, d, nil)} {
				if got := current(t, reader); got != "one" {
					t.Errorf("while one is pinned: %q", got)
				}
			}
		}
		h := versions(t, c)
		if titleOf(t, c, h.Current()) != "one" || titleOf(t, c, h.Newest()) != "four" {
			t.Errorf("history: %+v", h)
		}
		if p, err := c.Unpin(t.Context(), nil); err != nil || p.Pinned {
			t.Fatalf("unpin: %+v, %v", p, err)
		}
		if got := current(t, open(t, d, nil)); got != "four" {
			t.Errorf("after unpin: %q", got)
		}
		if again, err := c.Unpin(t.Context(), nil); err != nil || again != versions(t, c).Pointer {
			t.Errorf("unpin again: %+v, %v", again, err)
		}
	})
}

// TestLostPinnedVersion: a pinned version that cannot be read any more is given up for one that can.
func TestLostPinnedVersion(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := memory(t)
		titled(t, open(t, d, nil), "one")
		old := manifest(t, d)
		titled(t, open(t, d, nil), "two")
		if _, err := pin(t.Context(), open(t, d, nil), "previous"); err != nil {
			t.Fatal(err)
		}
		remove(t, d, "m/"+string(old.Digest))
		remove(t, d, "manifest")
		reader := open(t, d, &cache.Options{Build: version(show, "two")})
		if got := current(t, reader); got != "two" {
			t.Errorf("title %q, want two", got)
		}
		if h := versions(t, reader); h.Pinned {
			t.Errorf("still pinned: %+v", h.Pointer)
		}
	})
}

func TestLostHistoryBeginsAnew(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for name, spoil := range map[string]func(d cache.Driver, key string){
			"missing": func(d cache.Driver, key string) { remove(t, d, key) },
			"damaged": func(d cache.Driver, key string) { set(t, d, key, "junk") },
		} {
			d := memory(t)
			c := open(t, d, nil)
			titled(t, c, "one", "two")
			spoil(d, "h/"+string(versions(t, c).History))
			if h := versions(t, c); len(h.Versions) != 1 || titleOf(t, c, h.Current()) != "two" {
				t.Errorf("%s: %+v", name, h)
			}
			titled(t, c, "three")
			if h := versions(t, c); len(h.Versions) != 2 {
				t.Errorf("%s: after another: %+v", name, h)
			}
		}
	})
}

// TestWarmKeepsVersionsAlive beyond the TTL that they were written with.
func TestWarmKeepsVersionsAlive(t *testing.T) {
	for keep, want := range map[int]error{0: nil, -1: cache.ErrIncomplete} {
		synctest.Test(t, func(t *testing.T) {
			d := memory(t)
			titled(t, open(t, d, nil), "one")
			c := open(t, d, &cache.Options{Keep: keep, Build: version(show, "two")})
			for range 9 {
				if _, err := c.Warm(t.Context(), nil); err != nil {
					t.Fatal(err)
				}
				time.Sleep(8 * time.Hour)
			}
			if _, err := rollback(t.Context(), c, "previous"); !errors.Is(err, want) || (err == nil) != (want == nil) {
				t.Errorf("keep %d: rollback after three days: %v", keep, err)
			}
		})
	}
}

func TestCollect(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d, err := memcache.New(nil)
		if err != nil {
			t.Fatal(err)
		}
		c := open(t, d, nil)
		titled(t, c, "one", "two", "three", "four")
		time.Sleep(58*time.Minute + 30*time.Second) // "three" ended 59:30 ago, "two" 60:30 ago
		reader := open(t, d, nil)
		if got := current(t, reader); got != "four" {
			t.Fatal(got)
		}
		dry, err := c.Collect(t.Context(), cache.CollectOptions{Keep: 1, DryRun: true})
		if err != nil || len(dry.Versions) != 2 || dry.Chunks == 0 {
			t.Fatalf("dry run: %+v, %v", dry, err)
		}
		if h := versions(t, c); len(h.Versions) != 4 {
			t.Errorf("a dry run changed the history: %+v", h)
		}
		done, err := c.Collect(t.Context(), cache.CollectOptions{Keep: 1})
		if err != nil || len(done.Versions) != 2 || done.Chunks != dry.Chunks || done.Bytes != dry.Bytes {
			t.Fatalf("collect: %+v, %v", done, err)
		}
		h := versions(t, c)
		if len(h.Versions) != 2 || h.Manifest != versions(t, reader).Manifest {
			t.Errorf("history: %+v", h)
		}
		for _, v := range h.Versions {
			if result, err := c.Verify(t.Context(), v, nil); err != nil || !result.Sound() {
				t.Errorf("version %d after collecting: %+v, %v", v.Sequence, result, err)
			}
		}
		for _, v := range done.Versions {
			if _, err := open(t, d, nil).Manifest(t.Context(), v); !errors.Is(err, cache.ErrIncomplete) {
				t.Errorf("version %d is still there: %v", v.Sequence, err)
			}
		}
		if again, err := c.Collect(t.Context(), cache.CollectOptions{Keep: 1}); err != nil || len(again.Versions) != 0 {
			t.Errorf("collect again: %+v, %v", again, err)
		}
	})
}

// TestCollectSparesWhatIsPinned, and the newest, and what both share with others.
func TestCollectSparesWhatIsPinned(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := memory(t)
		c := open(t, d, &cache.Options{Build: version(show, "five")})
		titled(t, c, "one", "two", "three", "four")
		if _, err := pin(t.Context(), c, fmt.Sprint(versions(t, c).Versions[3].Sequence)); err != nil {
			t.Fatal(err)
		}
		if _, err := c.Warm(t.Context(), nil); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Hour)
		if _, err := c.Collect(t.Context(), cache.CollectOptions{Keep: -1, Grace: -1}); err != nil {
			t.Fatal(err)
		}
		h := versions(t, c)
		for _, v := range h.Versions {
			if got := titleOf(t, c, v); got != "one" && got != "five" {
				t.Errorf("%q was kept", got)
			}
			if result, err := c.Verify(t.Context(), v, nil); err != nil || !result.Sound() {
				t.Errorf("version %d: %+v, %v", v.Sequence, result, err)
			}
		}
		if !h.Pinned || titleOf(t, c, h.Current()) != "one" || titleOf(t, c, h.Newest()) != "five" {
			t.Errorf("history: %+v", h)
		}
	})
}

// TestCollectorAndLostManifests: where it cannot tell what readers need, nothing goes; another version that is lost leaves the history.
func TestCollectorAndLostManifests(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := memory(t)
		c := open(t, d, nil)
		titled(t, c, "one", "two", "three")
		h := versions(t, c)
		remove(t, d, "m/"+string(h.Versions[1].Manifest))
		if _, err := c.Collect(t.Context(), cache.CollectOptions{Keep: 2, Grace: -1}); err != nil {
			t.Errorf("collect: %v", err)
		}
		if after := versions(t, c); len(after.Versions) != 1 || after.Manifest != h.Manifest {
			t.Errorf("history: %+v", after)
		}
		titled(t, c, "four")
		remove(t, d, "m/"+string(versions(t, c).Manifest))
		if _, err := c.Collect(t.Context(), cache.CollectOptions{Keep: -1, Grace: -1}); !errors.Is(err, cache.ErrIncomplete) || !strings.Contains(err.Error(), "nothing was deleted") {
			t.Errorf("collect: %v", err)
		}
		if after := versions(t, c); len(after.Versions) != 2 {
			t.Errorf("history: %+v", after)
		}
	})
}

// TestCollectKeepsAlive what the pointer names: it gives the pointer a new TTL.
func TestCollectKeepsAlive(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := memory(t)
		c := open(t, d, nil)
		titled(t, c, "one", "two")
		time.Sleep(20 * time.Hour)
		if _, err := c.Collect(t.Context(), cache.CollectOptions{Keep: -1}); err != nil {
			t.Fatal(err)
		}
		time.Sleep(20 * time.Hour)
		if got := current(t, open(t, d, nil)); got != "two" {
			t.Errorf("title %q", got)
		}
	})
}

// TestTwoRollbacks: the second operator has not seen what the first one did.
func TestTwoRollbacks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := memory(t)
		c := open(t, d, nil)
		titled(t, c, "one", "good", "bad")
		h := versions(t, c)
		previous, err := h.Previous()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := c.Rollback(t.Context(), h, previous, nil); err != nil {
			t.Fatal(err)
		}
		if _, err := c.Rollback(t.Context(), h, previous, nil); !errors.Is(err, cache.ErrConflict) {
			t.Errorf("the second rollback: %v", err)
		}
		if got := current(t, open(t, d, nil)); got != "good" {
			t.Errorf("title %q", got)
		}
		// Nothing is pinned: unpin does not undo a rollback.
		if _, err := c.Unpin(t.Context(), nil); err != nil {
			t.Fatal(err)
		}
		if got := current(t, open(t, d, nil)); got != "good" {
			t.Errorf("after unpin: title %q", got)
		}
		// Who rolls back again goes back further.
		if _, err := rollback(t.Context(), c, "previous"); err != nil {
			t.Fatal(err)
		}
		if got := current(t, open(t, d, nil)); got != "one" {
			t.Errorf("after another rollback: title %q", got)
		}
	})
}

// TestUpdateWithoutHistory: after a rollback, only the history tells what was built last. Without it an update would lose edits.
func TestUpdateWithoutHistory(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := memory(t)
		c := open(t, d, nil)
		titled(t, c, "one", "two")
		if _, err := rollback(t.Context(), c, "previous"); err != nil {
			t.Fatal(err)
		}
		remove(t, d, "h/"+string(versions(t, c).History))
		if _, err := c.Update(t.Context(), retitle("three"), nil); !errors.Is(err, cache.ErrIncomplete) {
			t.Errorf("update: %v", err)
		}
	})
}

// TestPinnedVersionIsKeptAlive, or the publish fails: its pointer would outlive it.
func TestPinnedVersionIsKeptAlive(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := memory(t)
		titled(t, open(t, d, nil), "one", "two")
		if _, err := pin(t.Context(), open(t, d, nil), "previous"); err != nil {
			t.Fatal(err)
		}
		pinned := versions(t, open(t, d, nil)).Pointer
		c := open(t, &untouchable{Driver: d, chunks: chunksOfTitle(t, d)}, &cache.Options{Build: version(show, "two")})
		if _, err := c.Warm(t.Context(), nil); !errors.Is(err, errDead) {
			t.Errorf("warm: %v", err)
		}
		if now := versions(t, open(t, d, nil)).Pointer; now != pinned {
			t.Errorf("the pointer moved: %+v", now)
		}
	})
}

// chunksOfTitle are the chunks of the current version that the newest does not have.
func chunksOfTitle(t *testing.T, d cache.Driver) map[string]bool {
	c := open(t, d, nil)
	h := versions(t, c)
	chunks := map[string]bool{}
	for i, v := range []cache.Version{h.Current(), h.Newest()} {
		m, err := c.Manifest(t.Context(), v)
		if err != nil {
			t.Fatal(err)
		}
		for chunk := range m.Chunks {
			key := "chunkaside/catalog/c/" + string(chunk.Digest)
			chunks[key] = i == 0
		}
	}
	return chunks
}

// untouchable is a driver that fails to touch some chunks.
type untouchable struct {
	cache.Driver
	chunks map[string]bool
}

func (u *untouchable) Touch(ctx context.Context, key string, ttl time.Duration) (bool, error) {
	if u.chunks[key] {
		return false, errDead
	}
	return u.Driver.Touch(ctx, key, ttl)
}

// TestOperatorDies: whatever write a rollback, a pin, a collection or an update dies at, readers see a whole version, the old one or the new one.
func TestOperatorDies(t *testing.T) {
	for name, operate := range map[string]func(ctx context.Context, c *cache.Cache) error{
		"rollback": func(ctx context.Context, c *cache.Cache) error {
			_, err := rollback(ctx, c, "previous")
			return err
		},
		"pin": func(ctx context.Context, c *cache.Cache) error { _, err := pin(ctx, c, "previous"); return err },
		"collect": func(ctx context.Context, c *cache.Cache) error {
			_, err := c.Collect(ctx, cache.CollectOptions{Keep: 1, Grace: -1})
			return err
		},
		"update": func(ctx context.Context, c *cache.Cache) error {
			_, err := c.Update(ctx, retitle("four"), nil)
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			for writes := 0; ; writes++ {
				d := memory(t)
				for _, title := range []string{"one", "two", "three"} {
					if _, err := open(t, d, nil).Publish(t.Context(), version(show, title)); err != nil {
						t.Fatal(err)
					}
				}
				err := operate(t.Context(), open(t, &mortal{Driver: d, left: writes}, nil))
				got := current(t, open(t, d, nil))
				if got != "three" && got != "two" && got != "four" {
					t.Errorf("died after %d writes: title %q", writes, got)
				}
				c := open(t, d, nil)
				if result, err := c.Verify(t.Context(), versions(t, c).Current(), nil); err != nil || !result.Sound() {
					t.Errorf("died after %d writes: %+v, %v", writes, result, err)
				}
				if err == nil {
					return
				}
			}
		})
	}
}

// retitle gives the show that differs between versions another title.
func retitle(title string) cache.Merge {
	return func(ctx context.Context, last *catalog.Snapshot, emit func(chunker.Digest, []byte) error) (*chunker.Manifest, error) {
		entity := store.Entity(`{"id":"s007","title":"` + title + `"}`)
		return catalog.Merge(ctx, last, []catalog.Edit{{Model: last.Schema().Model("Show"), Key: "s007\x00", Entity: entity}},
			&catalog.BuildOptions{Chunker: &chunker.Options{BlockTarget: 512, BlockMin: 128}}, emit)
	}
}

func TestUpdate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := memory(t)
		c := open(t, d, &cache.Options{Build: version(show, "one")})
		if _, err := c.Update(t.Context(), retitle("two"), nil); !errors.Is(err, cache.ErrNoVersion) || !cache.NeedsWarm(err) {
			t.Errorf("update of nothing: %v", err)
		}
		titled(t, c, "one")
		p, err := c.Update(t.Context(), retitle("two"), nil)
		if err != nil || p.ChunksSent != 1 || p.Chunks < 10 {
			t.Fatalf("update: %+v, %v", p, err)
		}
		if got := current(t, open(t, d, nil)); got != "two" {
			t.Errorf("title %q", got)
		}
		whole, err := open(t, memory(t), nil).Publish(t.Context(), version(show, "two"))
		if err != nil || whole.Manifest != p.Manifest || whole.Bytes != p.Bytes || whole.Chunks != p.Chunks {
			t.Errorf("updated to %+v, built %+v", p, whole)
		}
		// A chunk that is gone is told, nothing changes, and a warm-up mends it.
		for chunk := range manifest(t, d).Chunks {
			remove(t, d, "c/"+string(chunk.Digest))
		}
		before := versions(t, c)
		if _, err := c.Update(t.Context(), retitle("three"), nil); !errors.Is(err, cache.ErrIncomplete) || !cache.NeedsWarm(err) || cache.NeedsWarm(cache.ErrUnavailable) {
			t.Errorf("update of what is gone: %v", err)
		}
		if after := versions(t, c); after.Pointer != before.Pointer {
			t.Error("the pointer moved")
		}
		if p, err := c.Warm(t.Context(), nil); err != nil || p.Repaired != p.Chunks-1 { // the chunk of the title is still there
			t.Errorf("warm: %+v, %v", p, err)
		}
		if got := current(t, open(t, d, nil)); got != "one" {
			t.Errorf("title %q", got)
		}
	})
}

func FuzzHistory(f *testing.F) {
	d, err := memcache.New(nil)
	if err != nil {
		f.Fatal(err)
	}
	digest := strings.Repeat("0a", 32)
	f.Add([]byte(`{"magic":"chunkaside history","format":1,"versions":[{"sequence":12,"manifest":"` + digest + `","published":"2026-01-02T03:04:05Z","entities":1,"bytes":2}]}`))
	f.Add([]byte(`{"magic":"chunkaside history","format":2}`))
	f.Add([]byte(`{"magic":"chunkaside history","format":1,"versions":[]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		set(t, d, "h/"+string(chunker.DigestOf(data)), string(data))
		set(t, d, "current", `{"magic":"chunkaside pointer","format":1,"sequence":12,"manifest":"`+digest+`","published":"2026-01-02T03:04:05Z","history":"`+string(chunker.DigestOf(data))+`"}`)
		h, err := open(t, d, nil).Versions(t.Context())
		if err != nil && !errors.Is(err, chunker.ErrFormat) {
			t.Errorf("untyped error: %v", err)
		}
		if err == nil && (len(h.Versions) == 0 || h.Manifest != chunker.Digest(digest)) {
			t.Errorf("history: %+v", h)
		}
		_, _ = h.Find("previous")
	})
}

// TestPublishedBefore: a publish says which version readers had, the pinned one too.
func TestPublishedBefore(t *testing.T) {
	c := open(t, memory(t), nil)
	var last cache.Published
	publish := func(title string) {
		t.Helper()
		before := last
		var err error
		if last, err = c.Publish(t.Context(), version(show, title)); err != nil {
			t.Fatal(err)
		}
		if last.Before != before.Manifest {
			t.Errorf("%s: before = %q, want %q", title, last.Before, before.Manifest)
		}
	}
	publish("one")
	publish("two")
	if _, err := pin(t.Context(), c, "current"); err != nil {
		t.Fatal(err)
	}
	publish("three")
	if last.Before != last.Manifest || last.Version.Manifest == last.Manifest {
		t.Errorf("while one is pinned: before %s, now %s, built %s", last.Before, last.Manifest, last.Version.Manifest)
	}
}
