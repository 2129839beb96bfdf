package endtoend

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"os"
	"os/exec"
	"sync"
	"testing"
	"time"

	"github.com/chunkaside/chunkaside/catalog/schema"
	"github.com/chunkaside/chunkaside/internal/appsync"
	"github.com/chunkaside/chunkaside/internal/lambdatest"
	"github.com/chunkaside/chunkaside/internal/momentofake"
	"github.com/chunkaside/chunkaside/internal/servertest"
	"github.com/chunkaside/chunkaside/internal/streamtest"
)

// patience is how long anything may take that a test waits for. It is no measure of anything.
const patience = time.Minute

// attempts is how often a batch that fails is sent.
const attempts = 2

// settings are what a house can be asked to be like.
type settings struct {
	catalog        catalog
	window, maxAge time.Duration
}

// house is everything between a table and those who read or watch the catalog, running until the test ends.
type house struct {
	api    string // the local AppSync's URL
	tables streamtest.Tables
	suffix string // of the tables' names
	warmer *lambdatest.Runtime
	// batches are the calls of the warmer by its streams.
	batches chan streamtest.Batch
}

// open builds both functions, fills the tables, publishes the first version and starts the rest.
func open(t testing.TB, s settings) *house {
	t.Helper()
	h := &house{tables: streamtest.Tables{Endpoint: endpoint(t)}, suffix: fmt.Sprintf("-%d", time.Now().UnixNano()), batches: make(chan streamtest.Batch, 10_000)}
	momento, err := momentofake.Start("127.0.0.1:0", nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(momento.Close)
	table, cache := "dynamodb:?endpoint="+h.tables.Endpoint+"&region=us-east-1&suffix="+h.suffix, "momento:catalog?endpoint="+momento.Addr()

	chunkaside := lambdatest.Build(t, "./cmd/chunkaside")
	run(t, chunkaside, "load", "--schema", s.catalog.schema, "--store", s.catalog.store, "--to", table)
	// Built from what the tables were filled from: moto takes a minute to scan ten megabytes.
	run(t, chunkaside, "warm", "--schema", s.catalog.schema, "--store", s.catalog.store, "--cache", cache)

	api := httptest.NewUnstartedServer(nil)
	h.api = "http://" + api.Listener.Addr().String()
	function := func(path string, more ...string) *lambdatest.Runtime {
		return lambdatest.Start(t, path, append(more, "CHUNKASIDE_SCHEMA="+s.catalog.schema, "CHUNKASIDE_STORE="+table, "CHUNKASIDE_CACHE="+cache)...)
	}
	resolver := function("./cmd/resolver", "CHUNKASIDE_MAX_AGE="+s.maxAge.String())
	h.warmer = function("./cmd/warmer", "CHUNKASIDE_ANNOUNCE="+h.api+"/graphql")

	loaded, err := schema.Load(s.catalog.schema)
	if err != nil {
		t.Fatal(err)
	}
	channel := appsync.NewChannel()
	api.Config.Handler, err = appsync.New(loaded, functions{lambdatest.Handler{Runtime: resolver}, lambdatest.Handler{Runtime: h.warmer}}, &appsync.Options{Announcements: channel})
	if err != nil {
		t.Fatal(err)
	}
	api.Start()
	t.Cleanup(func() { channel.Close(); api.Close() })
	h.follow(t, loaded, s.window)
	return h
}

// endpoint is that of DynamoDB Local, if CHUNKASIDE_DYNAMODB_LOCAL names it, or of a moto for this test.
func endpoint(t testing.TB) string {
	t.Helper()
	if url := os.Getenv("CHUNKASIDE_DYNAMODB_LOCAL"); url != "" {
		return url
	}
	return servertest.Moto(t)
}

// run runs the program chunkaside.
func run(t testing.TB, program string, args ...string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), program, args...)
	if output, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%q: %v\n%s", args, err, output)
	}
}

// functions are both, behind one API: fields of Query are the resolver's, and warmCatalog is the warmer's.
type functions struct{ resolver, warmer lambdatest.Handler }

func (f functions) Invoke(ctx context.Context, event []byte) ([]byte, error) {
	var e struct {
		Info struct{ ParentTypeName string }
	}
	if err := json.Unmarshal(event, &e); err == nil && e.Info.ParentTypeName == "Mutation" {
		return f.warmer.Invoke(ctx, event)
	}
	return f.resolver.Invoke(ctx, event)
}

// follow attaches the stream of each table to the warmer, until the test ends.
func (h *house) follow(t testing.TB, loaded *schema.Schema, window time.Duration) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	var mappings sync.WaitGroup
	t.Cleanup(func() { cancel(); mappings.Wait() })
	for _, m := range loaded.Models {
		stream, err := h.tables.EnableStream(ctx, m.Table+h.suffix)
		if err != nil {
			t.Fatal(err)
		}
		o := &streamtest.Options{Window: window, Poll: 50 * time.Millisecond, Attempts: attempts, Report: func(b streamtest.Batch) { h.batches <- b }}
		mappings.Go(func() {
			if err := streamtest.Follow(ctx, stream, h.warmer.Call, o); err != nil {
				t.Errorf("the stream of %s: %v", m.Table, err)
			}
		})
	}
}

// batch waits for the warmer's next call by a stream.
func (h *house) batch(t testing.TB) streamtest.Batch {
	t.Helper()
	select {
	case b := <-h.batches:
		return b
	case <-time.After(patience):
		t.Fatal("no stream calls the warmer")
	}
	return streamtest.Batch{}
}

// must ends the test where an edit of a table fails.
func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// compact is JSON for messages.
func compact(data []byte) string {
	var out bytes.Buffer
	if json.Compact(&out, data) != nil {
		return string(data)
	}
	return out.String()
}
