package endtoend

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chunkaside/chunkaside/warmer"
)

var (
	edits  = flag.Int("edits", 3, "how many edits TestVisible measures")
	window = flag.Duration("window", 200*time.Millisecond, "the batching window of TestVisible and TestDemo")
	maxAge = flag.Duration("max-age", time.Second, "CHUNKASIDE_MAX_AGE of the resolver in TestVisible and TestDemo")
)

// edit is the times of one edit on its way, and what it brought.
type edit struct {
	put, read, sent, published, visible time.Time
	result                              warmer.Result
	announced                           announcement
}

// parts are what the time from the put to the answer is made of.
var parts = []struct {
	name string
	of   func(edit) time.Duration
}{
	{"edit to answer", func(e edit) time.Duration { return e.visible.Sub(e.put) }},
	{"stream: until the mapping has read the record", func(e edit) time.Duration { return e.read.Sub(e.put) }},
	{"window: it waits for company", func(e edit) time.Duration { return e.sent.Sub(e.read) }},
	{"publish: until the warmer has announced it", func(e edit) time.Duration { return e.published.Sub(e.sent) }},
	{"follow: until a query has it, from then", func(e edit) time.Duration { return max(0, e.visible.Sub(e.published)) }},
	{"all but the window and following", func(e edit) time.Duration {
		return e.visible.Sub(e.put) - e.sent.Sub(e.read) - max(0, e.visible.Sub(e.published))
	}},
	{"edit to subscription", func(e edit) time.Duration { return e.announced.at.Sub(e.put) }},
}

// TestVisible measures how soon an edit is in an answer, in a catalog of 10 MB. Queries come without a break meanwhile.
func TestVisible(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("%d edits, window %v, MaxAge %v, seed %d", *edits, *window, *maxAge, seed)
	random := rand.New(rand.NewPCG(seed, 0))
	h := open(t, settings{sample(t), *window, *maxAge})
	heard := h.subscribe(t)
	h.edit(t, heard, "Before the first") // connects, and reads what the first edit needs
	var done []edit
	for i := range *edits {
		// Without it each edit would begin just after a look at the pointer.
		time.Sleep(time.Duration(random.Int64N(int64(*maxAge))))
		done = append(done, h.edit(t, heard, fmt.Sprint("Edit ", i)))
	}
	var table strings.Builder
	for _, part := range parts {
		var took []time.Duration
		for _, e := range done {
			took = append(took, part.of(e))
		}
		slices.Sort(took)
		fmt.Fprintf(&table, "\n%-48s p50 %5d ms, p99 %5d ms", part.name, took[len(took)/2].Milliseconds(), took[(len(took)-1)*99/100].Milliseconds())
	}
	t.Log(table.String())
}

// edited is a record of the sample whose title edits change.
const edited = "detective-arthur"

// edit gives the record a title, and waits until the warmer has published it, a query has it, and the subscription has heard of it.
func (h *house) edit(t testing.TB, heard <-chan announcement, title string) edit {
	t.Helper()
	e := edit{put: time.Now()}
	must(t, h.tables.Set(t.Context(), "programs"+h.suffix, showKey(edited), "title", title))
	e.visible = h.await(t, fmt.Sprintf(`{ getProgram(id: %q) { title } }`, edited), `"`+title+`"`)
	b := h.batch(t)
	e.read, e.sent, e.published = b.Began, b.Sent, b.Done
	e.result = result(t, b.Answer)
	e.announced = hears(t, heard, e.result.Version)
	return e
}
