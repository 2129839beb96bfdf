package endtoend

import (
	"flag"
	"fmt"
	"os/signal"
	"slices"
	"syscall"
	"testing"
	"time"
)

var (
	demo  = flag.Bool("demo", false, "let TestDemo edit a record every few seconds, until it is interrupted, and not once")
	every = flag.Duration("every", 4*time.Second, "the time between two edits of TestDemo")
)

// TestDemo shows a person the path of an edit. It is a test because all that it starts is for tests.
func TestDemo(t *testing.T) {
	ctx, stop := signal.NotifyContext(t.Context(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	fmt.Println("building both functions, and filling the tables with 10 MB: some 20 seconds")
	h := open(t, settings{sample(t), *window, *maxAge})
	heard := h.subscribe(t)
	fmt.Printf("GraphQL  %[1]s/graphql   (a page to try it: %[1]s/)\n", h.api)
	fmt.Printf("tables   %s, of which programs%s is edited\n", h.tables.Endpoint, h.suffix)
	fmt.Printf("window   %v; MaxAge %v; Ctrl-C ends it\n", *window, *maxAge)
	for i := 1; ; i++ {
		title := fmt.Sprint("Detective Arthur, take ", i)
		fmt.Printf("\n%s  put           title of program %s: %q\n", time.Now().Format("15:04:05.000"), edited, title)
		h.edit(t, heard, title).print()
		if !*demo {
			return
		}
		select {
		case <-ctx.Done():
			fmt.Println("\nended")
			return
		case <-time.After(*every):
		}
	}
}

// print prints what came after the put, in its order.
func (e edit) print() {
	steps := []step{
		{e.read, "stream        has the record, which waits for company"},
		{e.sent, "warmer        is called"},
		{e.published, fmt.Sprintf("warmer        published version %s: %d of %d chunks sent", e.result.Version.Short(), e.result.ChunksSent, e.result.Chunks)},
		{e.announced.at, "subscription  heard of version " + e.announced.Version.Short()},
		{e.visible, "query         answers the new title"},
	}
	slices.SortStableFunc(steps, func(a, b step) int { return a.at.Compare(b.at) })
	for _, s := range steps {
		fmt.Printf("%+10.3f s  %s\n", s.at.Sub(e.put).Seconds(), s.text)
	}
}

// step is one line of what happened.
type step struct {
	at   time.Time
	text string
}
