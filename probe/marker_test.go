package probe_test

import (
	"context"
	"errors"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/chunkaside/chunkaside/probe"
	"github.com/chunkaside/chunkaside/store"
)

// shown is the file of the shows.
func (s *shop) shown() string {
	s.Helper()
	data, err := os.ReadFile(s.path("Show"))
	if err != nil {
		s.Fatal(err)
	}
	return string(data)
}

// TestVisibility counts from the write until another process reads it, and leaves the record as it was.
func TestVisibility(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newShop(t)
		before := s.shown()
		delay := time.Second
		o := probe.Options{Rounds: 10, Entities: -1, Pause: time.Minute, Marker: s.marker(), Warm: func(_ context.Context, whole bool) error {
			if whole {
				t.Error("the whole store was read for a marker")
			}
			time.Sleep(delay)
			delay += time.Second
			s.warm()
			return nil
		}}
		o.Marker.Begun = func(own string) {
			if own != "Show 7" || s.shown() != before {
				t.Errorf("begun with %q", own)
			}
		}
		r, err := s.run(t.Context(), o)
		if err != nil || !r.Sound() || r.Rounds != 10 {
			t.Fatalf("report: %+v, %v", r, err)
		}
		v := *r.Visibility
		// A warm-up after n seconds is seen by the next poll.
		for got, want := range map[float64]float64{v.Milliseconds.P50: 5000, v.Milliseconds.P90: 9000, v.Milliseconds.P99: 10000, v.Milliseconds.Max: 10000} {
			if got < want || got > want+100 {
				t.Errorf("%v ms, want %v: %+v", got, want, v.Milliseconds)
			}
		}
		if v.Markers != 10 || v.Seen != 10 || !v.Restored || s.shown() != before {
			t.Errorf("visibility %+v, shows %s", v, s.shown())
		}
		if got, err := s.marker().Read(t.Context()); got != "Show 7" || err != nil {
			t.Errorf("readers get %q, %v", got, err)
		}
	})
}

// TestUnseen: nobody warms up.
func TestUnseen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newShop(t)
		before := s.shown()
		o := probe.Options{Entities: -1, Marker: s.marker(), Patience: 5 * time.Second}
		r, err := s.run(t.Context(), o)
		if v := r.Visibility; err != nil || r.Sound() || v.Markers != 1 || v.Seen != 0 || !strings.Contains(v.Unseen[0], "after 5s: readers get an older text") || !v.Restored {
			t.Errorf("report: %+v, %v", r, err)
		}
		o.Marker.Read = func(context.Context) (string, error) {
			if s.shown() == before {
				return "", nil
			}
			return "", errRead
		}
		if r, err := s.run(t.Context(), o); err != nil || !strings.Contains(r.Visibility.Unseen[0], errRead.Error()) {
			t.Errorf("a reader in trouble: %+v, %v", r.Visibility, err)
		}
		if s.shown() != before {
			t.Errorf("shows %s", s.shown())
		}
	})
}

var errRead = errors.New("no answer")

// TestUnreadable: where readers get no answer, nothing is written.
func TestUnreadable(t *testing.T) {
	s := newShop(t)
	o := probe.Options{Marker: s.marker()}
	o.Marker.Read = func(context.Context) (string, error) { return "", errRead }
	o.Marker.Write = func(context.Context, string, string) (bool, error) {
		t.Error("a marker was written")
		return false, nil
	}
	if r, err := s.run(t.Context(), o); !errors.Is(err, errRead) || r.Rounds != 0 {
		t.Errorf("Run = %+v, %v", r, err)
	}
}

// TestInterrupted: whenever the probe ends, the record has its own text again.
func TestInterrupted(t *testing.T) {
	for _, at := range []string{"write", "warm", "read", "store"} {
		t.Run(at, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newShop(t)
				before := s.shown()
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				reached := func(here string) {
					if at == here {
						cancel()
					}
				}
				m := s.marker()
				o := probe.Options{Rounds: 3, Marker: m, Entities: -1, Warm: func(ctx context.Context, _ bool) error {
					if at == "store" && ctx.Err() == nil {
						s.warm()
					}
					reached("warm")
					return ctx.Err()
				}}
				m.Write = func(ctx context.Context, was, is string) (bool, error) {
					if err := ctx.Err(); err != nil {
						return false, err
					}
					ok, err := s.title(ctx, was, is)
					reached("write")
					return ok, errors.Join(err, ctx.Err()) // the answer is lost
				}
				m.Read = func(ctx context.Context) (string, error) {
					if s.shown() != before {
						reached("read")
					}
					return "", ctx.Err()
				}
				if at == "store" {
					m.Read = s.marker().Read
					o.Rounds, o.Pause = 2, time.Hour
					time.AfterFunc(time.Minute, cancel)
				}
				r, err := s.run(ctx, o)
				if !errors.Is(err, context.Canceled) || s.shown() != before || !r.Visibility.Restored {
					t.Errorf("Run = %+v, %v; the shows are as before: %v", r.Visibility, err, s.shown() == before)
				}
			})
		})
	}
}

// TestEditedMeanwhile: an editor's text is not overwritten.
func TestEditedMeanwhile(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newShop(t)
		o := probe.Options{Rounds: 2, Entities: -1, Marker: s.marker(), Patience: time.Second}
		o.Marker.Read = func(context.Context) (string, error) {
			data := s.shown()
			begin := strings.Index(data, "chunkaside probe ")
			if begin >= 0 {
				marker, _, _ := strings.Cut(data[begin:], `"`)
				s.edit("Show", marker, "Edited")
			}
			return "", nil
		}
		r, err := s.run(t.Context(), o)
		if err == nil || !strings.Contains(err.Error(), "somebody else edits title of Show/s07") || r.Visibility.Restored || !strings.Contains(s.shown(), `"Edited"`) {
			t.Errorf("Run = %+v, %v; shows %s", r.Visibility, err, s.shown())
		}
	})
}

// TestStuckMarker: what keeps the record from being restored says what to do.
func TestStuckMarker(t *testing.T) {
	s := newShop(t)
	o := probe.Options{Entities: -1, Marker: s.marker(), Patience: time.Millisecond, Poll: time.Millisecond}
	writes := 0
	o.Marker.Write = func(ctx context.Context, was, is string) (bool, error) {
		if writes++; writes > 1 {
			return false, store.ErrUnavailable
		}
		return s.title(ctx, was, is)
	}
	_, err := s.run(t.Context(), o)
	if !errors.Is(err, store.ErrUnavailable) || !strings.Contains(err.Error(), `title of Show/s07 keeps the text of a marker: restore it to "Show 7"`) {
		t.Errorf("Run: %v", err)
	}
	// The next probe does not take the marker for the record's own text.
	o.Marker.Write = s.title
	if _, err := s.run(t.Context(), o); !errors.Is(err, probe.ErrMarker) || !strings.Contains(err.Error(), "was killed") {
		t.Errorf("the next Run: %v", err)
	}
}

func TestNoPlaceForAMarker(t *testing.T) {
	s := newShop(t)
	show, group := s.schema.Model("Show"), s.schema.Model("Group")
	for name, m := range map[string]probe.Marker{
		"is no String":        {Model: show, Field: show.Field("year")},
		"tags is no String":   {Model: group, Field: group.Field("tags")},
		"id is no String":     {Model: show, Field: show.Field("id")},
		"groups is no String": {Model: show, Field: show.Field("groups")},
	} {
		if _, err := probe.New(s.schema, s.cache, s.store, &probe.Options{Marker: &m}); !errors.Is(err, probe.ErrMarker) || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v", name, err)
		}
	}
	m := s.marker()
	m.Key = store.Key{"none"}
	if _, err := s.run(t.Context(), probe.Options{Marker: m}); !errors.Is(err, probe.ErrMarker) || !strings.Contains(err.Error(), "no record Show/none") {
		t.Errorf("a record that is not there: %v", err)
	}
	s.edit("Show", `"id":"s07","title":"Show 7"`, `"id":"s07"`)
	if _, err := s.run(t.Context(), probe.Options{Marker: s.marker()}); !errors.Is(err, probe.ErrMarker) || !strings.Contains(err.Error(), "no text in title") {
		t.Errorf("a record without a text: %v", err)
	}
	if _, err := probe.New(s.schema, s.cache, s.store, &probe.Options{Rounds: -1}); err == nil {
		t.Error("a negative number of rounds is taken")
	}
}

func TestMarkerInAKey(t *testing.T) {
	s := parse(t, `type T @model { id: ID! a: String @index(name: "byA", sortKeyFields: ["b"]) b: String c: String u: U @belongsTo(fields: ["c"]) }
type U @model { id: String! }`)
	m := s.Model("T")
	for field, want := range map[string]string{"a": "part of a key", "b": "part of a key", "c": "part of a relation"} {
		if _, err := probe.New(s, nil, nil, &probe.Options{Marker: &probe.Marker{Model: m, Field: m.Field(field)}}); !errors.Is(err, probe.ErrMarker) || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", field, err, want)
		}
	}
}
