package warmer_test

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/chunkaside/chunkaside/announce"
	"github.com/chunkaside/chunkaside/cache"
	"github.com/chunkaside/chunkaside/chunker"
	"github.com/chunkaside/chunkaside/warmer"
)

// TestAnnounce: whatever moves the pointer is handed on, with the version before it. That it cannot be announced is told, and no failure.
func TestAnnounce(t *testing.T) {
	f := open(t)
	var moves [][2]chunker.Digest
	var failure error
	f.Warmer = warmer.New(f.schema, f.cache, f.update, f.renew, &warmer.Options{
		Log: slog.New(slog.NewTextHandler(&f.log, nil)),
		Announce: func(_ context.Context, before chunker.Digest, now cache.Pointer) announce.Outcome {
			moves = append(moves, [2]chunker.Digest{before, now.Manifest})
			return announce.OutcomeOf(failure)
		},
	})
	invoke := func(event string) chunker.Digest {
		t.Helper()
		r, failed := f.invoke(t, event)
		if failed != "" || r.Announced == nil || *r.Announced != (failure == nil) || failure != nil && r.NotAnnounced != failure.Error() {
			t.Errorf("%s: %s, %+v", event, failed, r.Outcome)
		}
		return r.Version
	}
	first := invoke(`{}`)
	f.write(t, "shows", `{"id":"a","title":"Z"}`, `{"id":"b","title":"B"}`)
	second := invoke(`{"mode":"incremental","records":["Show/a"]}`)
	failure = errors.New("the API is away")
	invoke(`{"mode":"rollback","to":"` + string(first) + `"}`)
	if diff := cmp.Diff([][2]chunker.Digest{{"", first}, {first, second}, {second, first}}, moves); diff != "" {
		t.Errorf("moves (-want +got):\n%s", diff)
	}
	if log := f.log.String(); strings.Count(log, "level=WARN") != 1 || !strings.Contains(log, `cause="the API is away"`) {
		t.Errorf("log:\n%s", log)
	}
	if r, _ := f.invoke(t, `{"mode":"verify"}`); r.Announced != nil || len(moves) != 3 {
		t.Errorf("verify: %+v, %d moves", r.Outcome, len(moves))
	}
}
