package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chunkaside/chunkaside/cmd/internal/wiring"
	"github.com/chunkaside/chunkaside/internal/servertest"
)

// program is a running `chunkaside serve`.
type program struct {
	url    string
	output *lockedBuffer
}

// lockedBuffer is what a program prints, readable while it runs.
type lockedBuffer struct {
	mu     sync.Mutex
	buffer bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buffer.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buffer.String()
}

var listening = regexp.MustCompile(`GraphQL  (http://\S+)/graphql`)

// startServe runs the command on a free port until the test ends.
func startServe(t *testing.T, args ...string) program {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	output := &lockedBuffer{}
	done := make(chan error, 1)
	go func() {
		done <- run(ctx, append([]string{"serve", "--listen", "127.0.0.1:0"}, args...), output, output)
	}()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("serve ended with %v", err)
		}
	})
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); time.Sleep(10 * time.Millisecond) {
		if m := listening.FindStringSubmatch(output.String()); m != nil {
			return program{m[1], output}
		}
	}
	t.Fatalf("serve does not listen: %s", output)
	return program{}
}

// query is the body of the answer to a GraphQL query.
func (p program) query(t testing.TB, text string) string {
	t.Helper()
	body, err := json.Marshal(map[string]string{"query": text})
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.Post(p.url+"/graphql", "application/json", bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(answer)
}

func (p program) stats(t testing.TB) stats {
	t.Helper()
	response, err := http.Get(p.url + "/stats")
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	var s stats
	if err := json.NewDecoder(response.Body).Decode(&s); err != nil {
		t.Fatal(err)
	}
	return s
}

// command runs a command to its end.
func command(t testing.TB, args ...string) (stdout, stderr string, code int) {
	t.Helper()
	var out, errs bytes.Buffer
	err := run(t.Context(), args, &out, &errs)
	if err != nil {
		fmt.Fprintln(&errs, err)
	}
	return out.String(), errs.String(), exitCode(err)
}

func TestServeTheSample(t *testing.T) {
	p := startServe(t)
	got := p.query(t, `{ list: listPrograms(limit: 1) { items { __typename id groups(limit: 1) { items { id program { id } } } } nextToken } }`)
	var answer struct {
		Data struct {
			List struct {
				Items []struct {
					Typename string `json:"__typename"`
					ID       string
					Groups   struct {
						Items []struct{ Program struct{ ID string } }
					}
				}
				NextToken string
			}
		}
		Errors []any
	}
	if err := json.Unmarshal([]byte(got), &answer); err != nil || len(answer.Errors) > 0 {
		t.Fatalf("%v: %s", err, got)
	}
	list := answer.Data.List
	if len(list.Items) != 1 || list.Items[0].Typename != "Program" || list.Items[0].Groups.Items[0].Program.ID != list.Items[0].ID || list.NextToken == "" {
		t.Errorf("answer: %s", got)
	}
	response, err := http.Get(p.url + "/healthz")
	if err != nil || response.StatusCode != http.StatusOK {
		t.Errorf("healthz: %v, %v", response, err)
	}
	response.Body.Close()
	if s := p.stats(t); s.Cache.Builds != 1 || s.Store.Scans != 3 || s.Resolver.Answers != 1 {
		t.Errorf("stats: %+v", s)
	}
}

func TestTakenPort(t *testing.T) {
	busy := httptest.NewServer(http.NotFoundHandler())
	defer busy.Close()
	_, stderr, code := command(t, "serve", "--listen", strings.TrimPrefix(busy.URL, "http://"))
	if code != 2 || !strings.Contains(stderr, "choose another address with --listen") {
		t.Errorf("code %d: %s", code, stderr)
	}
}

// write makes a folder of these files.
func write(t testing.TB, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestBadInput(t *testing.T) {
	const sdl = `type Show @model { id: ID! n: Int }`
	good := write(t, map[string]string{"c.graphql": sdl, "Show.ndjson": `{"id":"a","n":1}`})
	schema := filepath.Join(good, "c.graphql")
	data := func(lines string) string { return "file:" + write(t, map[string]string{"Show.ndjson": lines}) }
	unknown := filepath.Join(write(t, map[string]string{"c.graphql": "type Show @model {\n  id: ID!\n  x: Nix\n}"}), "c.graphql")
	for _, test := range []struct {
		name string
		args []string
		code int
		want string
	}{
		{"no command", nil, 2, "see chunkaside --help"},
		{"unknown flag", []string{"warm", "--nope"}, 2, "--nope"},
		{"schema that is not there", []string{"warm", "--schema", good + "/x.graphql"}, 1, "x.graphql"},
		{"schema with a fault", []string{"warm", "--schema", unknown}, 3, "c.graphql:3:6: Show.x has the unknown type Nix"},
		{"store without schema", []string{"warm", "--store", "file:" + good}, 2, "give --schema"},
		{"unknown store", []string{"warm", "--schema", schema, "--store", "ftp:x"}, 2, "sample:, file:DIR or dynamodb:"},
		{"unknown cache", []string{"warm", "--cache", "memcached://secret@x"}, 2, "memory:, momento:NAME"},
		{"unknown parameter", []string{"warm", "--schema", schema, "--store", "dynamodb:?end=x"}, 2, `unknown parameter "end"`},
		{"namespace that is no name", []string{"warm", "--namespace", "a/b"}, 2, `the namespace "a/b" is no name`},
		{"table that is not there", []string{"warm", "--schema", schema, "--store", "file:" + t.TempDir()}, 4, "Show.ndjson"},
		{"line that is no JSON", []string{"warm", "--schema", schema, "--store", data("{\"id\":\"a\"}\nhello\n")}, 3, "Show.ndjson:2"},
		{"line without its key", []string{"warm", "--schema", schema, "--store", data(`{"n":1}`)}, 3, "Show.ndjson:1"},
		{"wrong type", []string{"warm", "--schema", schema, "--store", data(`{"id":"a","n":"one"}`)}, 3, "n"},
		{"the same key twice", []string{"warm", "--schema", schema, "--store", data("{\"id\":\"a\"}\n{\"id\":\"a\"}")}, 3, "the same primary key"},
		{"store that is away", []string{"warm", "--schema", schema, "--store", "dynamodb:?endpoint=http://127.0.0.1:1"}, 4, "127.0.0.1:1"},
		{"cache that is away", []string{"warm", "--cache", "valkey://user:secret@127.0.0.1:1/0"}, 5, "127.0.0.1:1"},
		{"Momento that is away", []string{"warm", "--cache", "momento:x?endpoint=127.0.0.1:1"}, 5, "127.0.0.1:1"},
		{"event that is not there", []string{"invoke", "--event", good + "/e.json"}, 2, "e.json"},
		{"inspect of nothing", []string{"inspect", "--cache", "valkey://127.0.0.1:1/0"}, 5, "127.0.0.1:1"},
		{"load to nowhere", []string{"load", "--to", "dynamodb:?endpoint=http://127.0.0.1:1"}, 4, "127.0.0.1:1"},
		{"load to what is no DynamoDB", []string{"load", "--to", "file:x"}, 2, "dynamodb:"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, stderr, code := command(t, test.args...)
			if code != test.code || !strings.Contains(stderr, test.want) || strings.Contains(stderr, "secret") {
				t.Errorf("%q: code %d, want %d and %q in:\n%s", test.args, code, test.code, test.want, stderr)
			}
		})
	}
}

// TestServeOutlivesBadData: a store that cannot be built from is an error of the query, not the end of the process; mended, it is served.
func TestServeOutlivesBadData(t *testing.T) {
	dir := write(t, map[string]string{"c.graphql": `type Show @model { id: ID! n: Int }`, "Show.ndjson": `{"id":"a","n":"x"}`})
	p := startServe(t, "--schema", filepath.Join(dir, "c.graphql"), "--store", "file:"+dir)
	if got := p.query(t, `{ getShow(id: "a") { n } }`); !strings.Contains(got, `"errorType":"CatalogInvalid"`) {
		t.Errorf("answer: %s", got)
	}
	if !strings.Contains(p.output.String(), "Show.ndjson:1") {
		t.Errorf("the log does not name the line: %s", p.output)
	}
	if err := os.WriteFile(filepath.Join(dir, "Show.ndjson"), []byte(`{"id":"a","n":7}`), 0o600); err != nil {
		t.Fatal(err)
	}
	if got, want := p.query(t, `{ getShow(id: "a") { n } }`), `{"data":{"getShow":{"n":7}}}`; strings.TrimSpace(got) != want {
		t.Errorf("answer: %s, want %s", got, want)
	}
}

func TestWarmAndInspect(t *testing.T) {
	url := "valkey://" + servertest.Valkey(t) + "/0"
	if _, stderr, code := command(t, "inspect", "--cache", url); code != 6 || !strings.Contains(stderr, "no version") {
		t.Errorf("inspect of an empty cache: code %d, %s", code, stderr)
	}
	out, stderr, code := command(t, "warm", "--json", "--cache", url)
	var published struct {
		Manifest           string
		Chunks, ChunksSent int
	}
	if err := json.Unmarshal([]byte(out), &published); err != nil || code != 0 || published.ChunksSent != published.Chunks || published.Chunks == 0 {
		t.Fatalf("warm: code %d, %v: %s%s", code, err, out, stderr)
	}
	out, _, code = command(t, "warm", "--cache", url)
	if code != 0 || !strings.Contains(out, "of which 0 were sent") {
		t.Errorf("warm again: code %d, %s", code, out)
	}
	out, _, code = command(t, "inspect", "--json", "--cache", url)
	var v view
	if err := json.Unmarshal([]byte(out), &v); err != nil || code != 0 || string(v.Version) != published.Manifest || len(v.Sections) != 3 {
		t.Errorf("inspect: code %d, %v: %s", code, err, out)
	}
	out, _, _ = command(t, "inspect", "--cache", url)
	if !strings.Contains(out, "version   "+published.Manifest) || !strings.Contains(out, "Episode") || !strings.Contains(out, "total") {
		t.Errorf("inspect: %s", out)
	}
}

func TestConfigNamesEveryFlag(t *testing.T) {
	// The Lambda functions and the program share their settings.
	env := map[string]string{
		"CHUNKASIDE_SCHEMA": "s", "CHUNKASIDE_STORE": "sample:", "CHUNKASIDE_CACHE": "memory:", "MOMENTO_API_KEY": "k", "CHUNKASIDE_NAMESPACE": "n",
		"CHUNKASIDE_CATALOG": "c", "CHUNKASIDE_MAX_AGE": "3s",
	}
	got, err := wiring.FromEnvironment(func(name string) string { return env[name] })
	if err != nil {
		t.Fatal(err)
	}
	want := (&commands{Schema: "s", Store: "sample:", Cache: "memory:", MomentoAPIKey: "k", Namespace: "n", Catalog: "c", MaxAge: 3 * time.Second}).config()
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("FromEnvironment = %+v, want %+v", got, want)
	}
	for _, missing := range []string{"CHUNKASIDE_STORE", "CHUNKASIDE_CACHE"} {
		if _, err := wiring.FromEnvironment(func(name string) string {
			if name == missing {
				return ""
			}
			return env[name]
		}); err == nil || !strings.Contains(err.Error(), missing) {
			t.Errorf("without %s: %v", missing, err)
		}
	}
}
