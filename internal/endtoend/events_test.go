package endtoend

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chunkaside/chunkaside/internal/streamtest"
	"github.com/chunkaside/chunkaside/warmer"
)

// TestEvents: what is done to a table shows in answers, and whoever has subscribed hears of it.
func TestEvents(t *testing.T) {
	const window = 200 * time.Millisecond
	h := open(t, settings{shows(t), window, 100 * time.Millisecond})
	heard := h.subscribe(t)
	h.await(t, titleOf("s1"), `"Show 1"`)

	t.Run("put", func(t *testing.T) {
		must(t, h.tables.Put(t.Context(), "shows"+h.suffix, show("new", "A new show")))
		h.announces(t, heard, "Show")
		h.await(t, titleOf("new"), `"A new show"`)
	})
	t.Run("edit of a nested record", func(t *testing.T) {
		key := streamtest.Item{"showId": {"S": "s2"}, "season#number": {"S": "1#2"}}
		must(t, h.tables.Set(t.Context(), "episodes"+h.suffix, key, "title", "Edited"))
		h.announces(t, heard, "Episode")
		h.await(t, `{ getShow(id: "s2") { episodes { items { title } } } }`, `{"items":[{"title":"Episode 1 of show 2"},{"title":"Edited"}]}`)
	})
	t.Run("delete", func(t *testing.T) {
		must(t, h.tables.Delete(t.Context(), "shows"+h.suffix, showKey("new")))
		h.announces(t, heard, "Show")
		h.await(t, titleOf("new"), `{"getShow":null}`)
	})
	t.Run("burst", func(t *testing.T) { h.burst(t, heard, window) })
	t.Run("bad record", func(t *testing.T) { h.badRecord(t) })
	t.Run("twice and in another order", func(t *testing.T) { h.again(t) })
	t.Run("triggers", func(t *testing.T) { h.triggers(t) })
}

// announces: the warmer's next publish is heard of, with the one type of which entities differ.
func (h *house) announces(t *testing.T, heard <-chan announcement, types string) {
	t.Helper()
	b := h.batch(t)
	if a := hears(t, heard, result(t, b.Answer).Version); !slices.Equal(a.Types, []string{types}) {
		t.Errorf("heard of %+v, want the type %s: %s", a, types, b.Answer)
	}
}

// burst: 50 edits are few publishes.
func (h *house) burst(t *testing.T, heard <-chan announcement, window time.Duration) {
	began := time.Now()
	for half := range 2 {
		var edits []streamtest.Item
		for i := half * 25; i < half*25+25; i++ {
			edits = append(edits, show(fmt.Sprint("s", i), fmt.Sprint("Burst ", i)))
		}
		must(t, h.tables.PutAll(t.Context(), "shows"+h.suffix, edits...))
	}
	took := time.Since(began)
	records, publishes := 0, 0
	var last warmer.Result
	for records < 50 {
		b := h.batch(t)
		records, publishes, last = records+b.Records, publishes+1, result(t, b.Answer)
	}
	hears(t, heard, last.Version)
	for _, i := range []int{0, 24, 25, 49} {
		h.await(t, titleOf(fmt.Sprint("s", i)), fmt.Sprintf(`"Burst %d"`, i))
	}
	t.Logf("50 edits in %v are %d publishes", took.Round(time.Millisecond), publishes)
	// A batch gathers for a window at least, so however slow this machine is there are no more.
	if most := 2 + int(took/window); publishes > most || records != 50 {
		t.Errorf("%d edits in %v are %d publishes, want at most %d", records, took, publishes, most)
	}
}

// badRecord: a key that the schema cannot have takes nothing else with it, be it in its batch or later.
func (h *house) badRecord(t *testing.T) {
	episode := func(sort, title string) streamtest.Item {
		return streamtest.Item{"showId": {"S": "s3"}, "season#number": {"S": sort}, "season": {"N": "1"}, "number": {"N": "1"}, "title": {"S": title}}
	}
	edit := func(title string, more ...streamtest.Item) {
		t.Helper()
		must(t, h.tables.PutAll(t.Context(), "episodes"+h.suffix, append(more, episode("1#1", title))...))
		h.await(t, `{ getEpisode(showId: "s3", season: 1, number: 1) { title } }`, `"`+title+`"`)
	}
	edit("Beside a bad one", episode("1", "It has no number in its key"))
	for b := h.batch(t); !b.GaveUp; b = h.batch(t) {
		if b.Failed || b.Attempt > attempts {
			t.Fatalf("attempt %d: %s", b.Attempt, b.Answer)
		}
	}
	edit("After a bad one")
	h.batch(t)
	bad := episode("1", "")
	must(t, h.tables.Delete(t.Context(), "episodes"+h.suffix, streamtest.Item{"showId": bad["showId"], "season#number": bad["season#number"]}))
	for b := h.batch(t); !b.GaveUp; b = h.batch(t) { // for later builds it is gone
	}
}

// again: events that come again, and with the newest first, change nothing.
func (h *house) again(t *testing.T) {
	var events []streamtest.Batch
	for _, title := range []string{"First", "Second"} {
		must(t, h.tables.Set(t.Context(), "shows"+h.suffix, showKey("s4"), "title", title))
		events = append(events, h.batch(t))
	}
	last := result(t, events[1].Answer)
	var records []json.RawMessage
	for _, b := range events {
		var e struct{ Records []json.RawMessage }
		if err := json.Unmarshal(b.Event, &e); err != nil {
			t.Fatal(err)
		}
		records = append(records, e.Records...)
	}
	slices.Reverse(records)
	data, err := json.Marshal(map[string]any{"Records": append(records, records...)})
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		answer, failed := h.warmer.Invoke(t, data)
		if r := result(t, answer); failed || r.Version != last.Version || r.Announced != nil {
			t.Errorf("sent again: %s, want version %s", answer, last.Version)
		}
	}
	h.await(t, titleOf("s4"), `"Second"`)
}

// result is what the warmer has answered.
func result(t testing.TB, answer []byte) (r warmer.Result) {
	t.Helper()
	if err := json.Unmarshal(answer, &r); err != nil || strings.Contains(string(answer), "errorType") {
		t.Fatalf("the warmer answers %s", answer)
	}
	return r
}
