package oracle

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"time"

	"github.com/chunkaside/chunkaside/catalog"
	"github.com/chunkaside/chunkaside/chunker"
	"github.com/chunkaside/chunkaside/internal/appsync"
	"github.com/chunkaside/chunkaside/resolver"
	"github.com/chunkaside/chunkaside/store"
	"github.com/chunkaside/chunkaside/store/storetest"
)

// program answers GraphQL requests: in this process, or over the network. calls are the handler's, where they can be seen.
type program interface {
	ask(t failer, query string, variables map[string]any) (body []byte, calls []call)
}

// call is one event of the handler, and what it answered.
type call struct{ event, answer []byte }

// local is the resolver behind the local AppSync.
type local struct {
	server http.Handler
	seen   *recorder
}

// recorder is a handler that keeps the calls of another.
type recorder struct {
	handler appsync.Handler
	mu      sync.Mutex
	calls   []call
}

func (r *recorder) Invoke(ctx context.Context, event []byte) ([]byte, error) {
	answer, err := r.handler.Invoke(ctx, event)
	if err == nil {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.calls = append(r.calls, call{slices.Clone(event), slices.Clone(answer)})
	}
	return answer, err
}

// startLocal builds a version of the case's records and answers from it.
func startLocal(t failer, c drawnCase) program {
	t.Helper()
	shot := build(t, c)
	handler, err := resolver.New(c.schema, source{shot}, &resolver.Options{FillPages: c.fill})
	must(t, err)
	seen := &recorder{handler: handler}
	server, err := appsync.New(c.schema, seen, nil)
	must(t, err)
	return local{server, seen}
}

func (p local) ask(_ failer, query string, variables map[string]any) ([]byte, []call) {
	p.seen.calls = nil
	w := httptest.NewRecorder()
	p.server.ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/graphql", bytes.NewReader(requestBody(query, variables))))
	return w.Body.Bytes(), p.seen.calls
}

func requestBody(query string, variables map[string]any) []byte {
	body, err := json.Marshal(map[string]any{"query": query, "variables": variables})
	if err != nil {
		panic(err)
	}
	return body
}

// remote is a server that answers over HTTP.
type remote struct{ url string }

func (p remote) ask(t failer, query string, variables map[string]any) ([]byte, []call) {
	t.Helper()
	response, err := http.Post(p.url+"/graphql", "application/json", bytes.NewReader(requestBody(query, variables)))
	must(t, err)
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	must(t, err)
	return body, nil
}

// source gives one snapshot.
type source struct{ snapshot *catalog.Snapshot }

func (s source) Current(context.Context) (*catalog.Snapshot, error) { return s.snapshot, nil }

func (s source) Within(context.Context, time.Duration) (*catalog.Snapshot, error) {
	return s.snapshot, nil
}

func (s source) Recover(context.Context, *catalog.Snapshot, error) (*catalog.Snapshot, error) {
	return nil, chunker.ErrDamaged
}

func (s source) At(context.Context, chunker.Digest) (*catalog.Snapshot, error) {
	return nil, chunker.ErrDamaged
}

func (s source) TokenKey() string { return "secret" }

// build makes a snapshot of a case's records, read as stores read them.
func build(t failer, c drawnCase) *catalog.Snapshot {
	t.Helper()
	chunks := map[chunker.Digest][]byte{}
	manifest, err := catalog.Build(context.Background(), tables(t, c), c.schema, &catalog.BuildOptions{Chunker: c.cut}, func(d chunker.Digest, data []byte) error {
		chunks[d] = data
		return nil
	})
	must(t, err)
	memory, err := catalog.NewMemory(func(_ context.Context, digests []chunker.Digest) ([][]byte, error) {
		data := make([][]byte, len(digests))
		for i, d := range digests {
			data[i] = chunks[d]
		}
		return data, nil
	}, nil)
	must(t, err)
	shot, err := catalog.NewSnapshot(c.schema, manifest, memory)
	must(t, err)
	return shot
}

func tables(t failer, c drawnCase) store.Store {
	t.Helper()
	tables := storetest.Tables{}
	for _, m := range c.schema.Models {
		for _, line := range c.records[m.Name] {
			var d store.Decoder
			item, err := d.Decode([]byte(line), m.Fields)
			must(t, err)
			entity, live, err := store.Encode(nil, m, item)
			must(t, err)
			if live {
				tables[m.Name] = append(tables[m.Name], string(entity))
			}
		}
	}
	return tables
}

func must(t failer, err error) {
	t.Helper()
	if err != nil {
		t.Fatalf("%v", err)
	}
}
