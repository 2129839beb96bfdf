package cache_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/chunkaside/chunkaside/cache"
	"github.com/chunkaside/chunkaside/catalog"
	"github.com/chunkaside/chunkaside/chunker"
)

// rebuilt hands over all chunks of a version, as a renewal of all tables does.
func rebuilt(title string) cache.Merge {
	return func(ctx context.Context, _ *catalog.Snapshot, emit func(chunker.Digest, []byte) error) (*chunker.Manifest, error) {
		return version(show, title)(ctx, emit)
	}
}

// TestRenew: what is handed over is repaired, what is kept must be there, and all that a warm-up keeps alive goes on living.
func TestRenew(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := memory(t)
		c := open(t, d, &cache.Options{Build: version(show, "one")})
		if _, err := c.Renew(t.Context(), retitle("two"), nil); !cache.NeedsWarm(err) {
			t.Errorf("of nothing: %v", err)
		}
		titled(t, c, "one")
		oldest := versions(t, c).Current()
		titled(t, c, "two")
		p, err := c.Renew(t.Context(), retitle("three"), nil)
		if err != nil || p.ChunksSent != 1 || p.Changed() != 1 || c.Stats().Drifted != 1 || c.Stats().Builds != 1 {
			t.Fatalf("%+v, %v; %+v", p, err, c.Stats())
		}

		for chunk := range manifest(t, d).Chunks {
			remove(t, d, "c/"+string(chunk.Digest))
		}
		before, begin := versions(t, c), time.Now()
		if _, err := c.Renew(t.Context(), retitle("four"), nil); !errors.Is(err, cache.ErrIncomplete) || !cache.NeedsWarm(err) || versions(t, c).Pointer != before.Pointer {
			t.Errorf("of what is gone: %v", err)
		}
		if p, err := c.Renew(t.Context(), rebuilt("four"), nil); err != nil || p.Repaired != p.Chunks-1 {
			t.Errorf("with all of it at hand: %+v, %v", p, err)
		}
		if waited := time.Since(begin); waited >= time.Second {
			t.Errorf("the one after that which needs a warm-up waited %v for the lease", waited)
		}

		for range 3 {
			time.Sleep(20 * time.Hour)
			if _, err := c.Renew(t.Context(), rebuilt("four"), nil); err != nil {
				t.Fatal(err)
			}
		}
		if v, err := c.Verify(t.Context(), oldest, nil); err != nil || !v.Sound() {
			t.Errorf("the oldest version after 60 hours: %+v, %v", v, err)
		}
	})
}

// TestRenewHoldsTheLease: nobody else publishes while it reads, so what it keeps is the last there is.
func TestRenewHoldsTheLease(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := memory(t)
		titled(t, open(t, d, nil), "one")
		began := make(chan struct{})
		go func() {
			_, err := open(t, d, nil).Renew(t.Context(), func(ctx context.Context, last *catalog.Snapshot, emit func(chunker.Digest, []byte) error) (*chunker.Manifest, error) {
				close(began)
				time.Sleep(time.Minute)
				return retitle("renewed")(ctx, last, emit)
			}, nil)
			if err != nil {
				t.Error(err)
			}
		}()
		<-began
		_, err := open(t, d, nil).Update(t.Context(), func(ctx context.Context, last *catalog.Snapshot, emit func(chunker.Digest, []byte) error) (*chunker.Manifest, error) {
			if got := title(t, last); got != "renewed" {
				t.Errorf("an update follows %q", got)
			}
			return retitle("updated")(ctx, last, emit)
		}, nil)
		if got := current(t, open(t, d, nil)); err != nil || got != "updated" {
			t.Errorf("title %q: %v", got, err)
		}
	})
}
