package wiring

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

const (
	getProgram   = `{"arguments":{"id":"detective-arthur"},"info":{"parentTypeName":"Query","fieldName":"getProgram","selectionSetList":["id","title"]}}`
	listEpisodes = `{"arguments":{},"info":{"parentTypeName":"Query","fieldName":"listEpisodes","selectionSetList":["items","items/id"]}}`
)

// TestPolicy: what a document says holds from the next query on, and what was deployed without it.
func TestPolicy(t *testing.T) {
	var log bytes.Buffer
	path := filepath.Join(t.TempDir(), "policy.json")
	write := func(document string) {
		t.Helper()
		if err := os.WriteFile(path, []byte(document), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	app := openApp(t, Config{Cache: memory, Policy: "file:" + path, PolicyInterval: 1, MaxDepth: 9, MaxAge: time.Hour, MaxStale: 10 * time.Hour, Log: slog.New(slog.NewTextHandler(&log, nil))})
	ask := func(event, want string) {
		t.Helper()
		answer, err := app.Queries.Invoke(t.Context(), []byte(event))
		if got := fmt.Sprintf("%s %v", answer, err); !strings.Contains(got, want) {
			t.Errorf("%s is answered by %.200s, want %s", event, got, want)
		}
	}
	logged := func(want string) {
		t.Helper()
		if text := log.String(); !strings.Contains(text, want) || strings.Count(text, "policy") > 2 {
			t.Errorf("the log has %q, want one line with %q", text, want)
		}
		log.Reset()
	}
	ask(getProgram, `"title":`)
	logged("what was deployed holds")

	write(`{"answerBytes":10}`)
	ask(getProgram, "ResponseTooLarge")
	write(`{"maxEntities":100}`)
	ask(listEpisodes, `"items":`)
	log.Reset()
	hits := func() int64 { return app.Cache.Stats().Hits }
	before := hits()
	ask(getProgram, `"title":`)
	if hits() != before+1 {
		t.Errorf("%d hits, before %d: the deployed age is %v", hits(), before, time.Hour)
	}

	// What fits the deployed settings not is refused as a whole.
	write(`{"maxAge":"11h","answerBytes":10}`)
	ask(getProgram, `"title":`)
	logged("may be stale for 10h0m0s, less than the 11h0m0s")
	write(`{"answerBytes":10000000,"maxEntities":1}`)
	ask(listEpisodes, `"items":`)
	logged("10000000 bytes is out of bounds")

	write(`{"bypassCache":true}`)
	ask(getProgram, `"title":`)
	ask(listEpisodes, "CatalogUnavailable")
	if s, reads := app.Resolver.Stats(), app.Reads.Stats(); s.Narrow != 2 || reads.Gets == 0 || hits() != before+3 {
		t.Errorf("Stats = %+v, of the store %+v", s, reads)
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	ask(listEpisodes, `"items":`)
}

func TestBadPolicyAddresses(t *testing.T) {
	for _, c := range []Config{{Policy: "policy.json"}, {Policy: "file:policy.json", PolicyInterval: -1}} {
		c.Store, c.Cache = sample, memory
		if _, err := Open(t.Context(), c); !errors.Is(err, ErrUsage) {
			t.Errorf("Open with the policy %s every %v = %v", c.Policy, c.PolicyInterval, err)
		}
	}
}
