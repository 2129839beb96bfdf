package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chunkaside/chunkaside/cache/valkeycache"
	"github.com/chunkaside/chunkaside/catalog"
	"github.com/chunkaside/chunkaside/cmd/internal/wiring"
	"github.com/chunkaside/chunkaside/internal/servertest"
	"github.com/chunkaside/chunkaside/store/samplestore"
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
	p.await(t, "ready    version ")
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
	if code != 1 || !strings.Contains(stderr, "choose another address with --listen") || strings.Count(stderr, "listen tcp") != 1 || strings.Contains(stderr, "wrong setting") {
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
	unsetCredentials(t)
	const sdl = `type Show @model { id: ID! n: Int }`
	good := write(t, map[string]string{"c.graphql": sdl, "Show.ndjson": `{"id":"a","n":1}`})
	schema := filepath.Join(good, "c.graphql")
	data := func(lines string) string { return "file:" + write(t, map[string]string{"Show.ndjson": lines}) }
	unknown := filepath.Join(write(t, map[string]string{"c.graphql": "type Show @model {\n  id: ID!\n  x: Nix\n}"}), "c.graphql")
	unzipped := write(t, map[string]string{"Show.ndjson.gz": `{"id":"a"}`})
	model := filepath.Join(write(t, map[string]string{"c.graphql": `type Show { id: ID! }`}), "c.graphql")
	owned := filepath.Join(write(t, map[string]string{"c.graphql": "type Show @model @auth(rules: [{ allow: owner }]) { id: ID! }"}), "c.graphql")
	foreign := filepath.Join(write(t, map[string]string{"c.graphql": `type Show @model @sharded { id: ID! }`}), "c.graphql")
	events := write(t, map[string]string{
		"batch.json": `[{"fieldName":"nope","typeName":"Query"},5]`, "single.json": `{"request":"text"}`, "mixed.json": `[{"typeName":"Query","fieldName":"listPrograms"},5]`,
	})
	for _, test := range []struct {
		name string
		args []string
		code int
		want string
	}{
		{"no command", nil, 2, "see chunkaside --help"},
		{"unknown flag", []string{"warm", "--nope"}, 2, "--nope"},
		{"schema that is not there", []string{"warm", "--schema", good + "/x.graphql"}, 2, "--schema (CHUNKASIDE_SCHEMA): read schema: stat"},
		{"schema that is a folder", []string{"warm", "--schema", good}, 2, "--schema (CHUNKASIDE_SCHEMA): read schema: " + good + " is a folder"},
		{"schema without model", []string{"warm", "--schema", model}, 3, "c.graphql: the file declares no model"},
		{"schema whose readers see different records", []string{"warm", "--schema", owned}, 3, "c.graphql:1:32: type Show: a rule of @auth (allow: owner) lets each caller read other records"},
		{"schema with a foreign directive", []string{"warm", "--schema", foreign}, 3, "directive @sharded on type Show is not served; remove it, or"},
		{"schema to print that is not there", []string{"schema", "--schema", good + "/x.graphql"}, 2, "--schema (CHUNKASIDE_SCHEMA): read schema: stat"},
		{"schema to print with a fault", []string{"schema", "--schema", unknown}, 3, "c.graphql:3:6: Show.x has the unknown type Nix"},
		{"schema with a fault", []string{"warm", "--schema", unknown}, 3, "c.graphql:3:6: Show.x has the unknown type Nix"},
		{"store without schema", []string{"warm", "--store", "file:" + good}, 2, "give --schema"},
		{"unknown store", []string{"warm", "--schema", schema, "--store", "ftp:x"}, 2, `"ftp" is no store: use sample:, file:DIR or dynamodb:`},
		{"unknown store without schema", []string{"warm", "--store", "x"}, 2, `"x" is no store`},
		{"store in a folder that is not there", []string{"warm", "--schema", schema, "--store", "file:" + good + "/nope"}, 2, "--store (CHUNKASIDE_STORE)"},
		{"endpoint that is no URL", []string{"warm", "--schema", schema, "--store", "dynamodb:?endpoint=127.0.0.1:8000"}, 2, "http://127.0.0.1:8000"},
		{"no region", []string{"warm", "--schema", schema, "--store", "dynamodb:"}, 2, "no region"},
		{"no credentials", []string{"warm", "--schema", schema, "--store", "dynamodb:?region=eu-west-1"}, 4, "no AWS credentials: set AWS_ACCESS_KEY_ID, a profile, or a role"},
		{"load without credentials", []string{"load", "--to", "dynamodb:?region=eu-west-1"}, 4, "no AWS credentials: set AWS_ACCESS_KEY_ID"},
		{"unknown cache", []string{"warm", "--cache", "memcached://secret@x"}, 2, `unknown cache address "memcached:...": use memory:, momento:NAME`},
		{"cache without scheme", []string{"warm", "--cache", "secret"}, 2, "unknown cache address: use memory:"},
		{"cache with something before the scheme", []string{"warm", "--cache", "secret@valkey://x"}, 2, "unknown cache address: use memory:"},
		{"valkey without host", []string{"warm", "--cache", "valkey://:secret@/x"}, 2, "the URL is not valkey://"},
		{"Momento without key", []string{"warm", "--cache", "momento:x"}, 2, "momento:x needs an API key: set MOMENTO_API_KEY"},
		{"Momento's unknown parameter", []string{"warm", "--cache", "momento:x?key=secret"}, 2, `unknown parameter "key"`},
		{"unknown parameter", []string{"warm", "--schema", schema, "--store", "dynamodb:?end=x"}, 2, `unknown parameter "end"`},
		{"namespace that is no name", []string{"warm", "--namespace", "a/b"}, 2, `the namespace "a/b" is no name`},
		{"namespace that is empty", []string{"warm", "--namespace", ""}, 2, "--namespace (CHUNKASIDE_NAMESPACE) is empty"},
		{"catalog that is empty", []string{"warm", "--catalog", ""}, 2, "--catalog (CHUNKASIDE_CATALOG) is empty"},
		{"negative age", []string{"warm", "--max-age=-1s"}, 2, "the maximum age -1s is negative"},
		{"announcements over http", []string{"warm", "--announce", "http://api.example.com/graphql"}, 2, "--announce (CHUNKASIDE_ANNOUNCE): http is for this machine alone"},
		{"announcements with a password", []string{"rollback", "--announce", "https://user:secret@api.example.com/graphql"}, 2, "--announce (CHUNKASIDE_ANNOUNCE): it is no URL such as https://"},
		{"address that is none", []string{"serve", "--listen", "nowhere"}, 2, "--listen (CHUNKASIDE_LISTEN)"},
		{"gzip that is none", []string{"warm", "--schema", schema, "--store", "file:" + unzipped}, 3, "Show.ndjson.gz"},
		{"table that is not there", []string{"warm", "--schema", schema, "--store", "file:" + t.TempDir()}, 4, "Show.ndjson"},
		{"line that is no JSON", []string{"warm", "--schema", schema, "--store", data("{\"id\":\"a\"}\nhello\n")}, 3, "Show.ndjson:2"},
		{"line without its key", []string{"warm", "--schema", schema, "--store", data(`{"n":1}`)}, 3, "Show.ndjson:1"},
		{"wrong type", []string{"warm", "--schema", schema, "--store", data(`{"id":"a","n":"one"}`)}, 3, "n"},
		{"the same key twice", []string{"warm", "--schema", schema, "--store", data("{\"id\":\"a\"}\n{\"id\":\"a\"}")}, 3, `two records of Show have the primary key "a"`},
		{"store that is away", []string{"warm", "--schema", schema, "--store", "dynamodb:?endpoint=http://127.0.0.1:1"}, 4, "127.0.0.1:1"},
		{"cache that is away", []string{"warm", "--cache", "valkey://user:secret@127.0.0.1:1/0"}, 5,
			"^cache valkey://127.0.0.1:1/0 does not answer; check --cache (CHUNKASIDE_CACHE)"},
		{"Momento that is away", []string{"warm", "--cache", "momento:x?endpoint=127.0.0.1:1"}, 5, "^cache momento:x?endpoint=127.0.0.1:1 does not answer"},
		{"event that is not there", []string{"invoke", "--event", good + "/e.json"}, 2, "e.json"},
		{"event that is a folder", []string{"invoke", "--event", good}, 2, "is a directory"},
		{"event that is refused", []string{"invoke", "--event", events + "/single.json"}, 7, ""},
		{"batch of nothing but errors", []string{"invoke", "--event", events + "/batch.json"}, 7, ""},
		{"batch with an answer", []string{"invoke", "--event", events + "/mixed.json"}, 0, ""},
		{"inspect of nothing", []string{"inspect", "--cache", "valkey://127.0.0.1:1/0"}, 5, "127.0.0.1:1"},
		{"load to nowhere", []string{"load", "--to", "dynamodb:?endpoint=http://127.0.0.1:1"}, 4, "127.0.0.1:1"},
		{"load to what is no DynamoDB", []string{"load", "--to", "file:/tmp/x"}, 2, "load writes to dynamodb: addresses only"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, stderr, code := command(t, test.args...)
			want, first := strings.CutPrefix(test.want, "^")
			if code != test.code || !strings.Contains(stderr, want) || first && !strings.HasPrefix(stderr, want) || strings.Contains(stderr, "secret") {
				t.Errorf("%q: code %d, want %d and %q in:\n%s", test.args, code, test.code, test.want, stderr)
			}
		})
	}
}

// unsetCredentials hides those that the machine may have.
func unsetCredentials(t *testing.T) {
	t.Helper()
	for _, name := range []string{"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE", "AWS_REGION", "AWS_DEFAULT_REGION", "AWS_WEB_IDENTITY_TOKEN_FILE",
		"AWS_CONTAINER_CREDENTIALS_FULL_URI", "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "MOMENTO_API_KEY"} {
		t.Setenv(name, "")
	}
	t.Setenv("AWS_EC2_METADATA_DISABLED", "true")
	t.Setenv("AWS_CONFIG_FILE", filepath.Join(t.TempDir(), "none"))
	t.Setenv("AWS_SHARED_CREDENTIALS_FILE", filepath.Join(t.TempDir(), "none"))
}

// TestCacheThatRefuses: a wrong setting of the cache is told from a cache that is away.
func TestCacheThatRefuses(t *testing.T) {
	address := servertest.Valkey(t)
	refused := func(url, want string) {
		t.Helper()
		_, stderr, code := command(t, "inspect", "--cache", url)
		if code != 5 || !strings.HasPrefix(stderr, "cache valkey://"+address) || !strings.Contains(stderr, "refuses; check --cache") ||
			!strings.Contains(stderr, want) || strings.Contains(stderr, "secret") {
			t.Errorf("%s: code %d, %s", url, code, stderr)
		}
	}
	refused("valkey://user:secret@"+address+"/0", "WRONGPASS")
	refused("valkey://"+address+"/99", "out of range")
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	fmt.Fprint(conn, "CONFIG SET requirepass other\r\n")
	if _, err := conn.Read(make([]byte, 64)); err != nil {
		t.Fatal(err)
	}
	refused("valkey://"+address+"/0", "NOAUTH")
}

// TestNewerFormat: what a newer release wrote is not overwritten, and the message says what to do.
func TestNewerFormat(t *testing.T) {
	url := "valkey://" + servertest.Valkey(t) + "/0"
	driver, err := valkeycache.New(url, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer driver.Close()
	pointer := `{"magic":"chunkaside pointer","format":2}`
	if err := driver.Set(t.Context(), "chunkaside/catalog/current", []byte(pointer), time.Minute); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"inspect", "warm"} {
		if _, stderr, code := command(t, name, "--cache", url); code != 6 || !strings.Contains(stderr, "deploy the newer release") {
			t.Errorf("%s: code %d, %s", name, code, stderr)
		}
	}
}

// TestWarmSaysThatItWaits for another process, and goes on when that one's lease has ended.
func TestWarmSaysThatItWaits(t *testing.T) {
	url := "valkey://" + servertest.Valkey(t) + "/0"
	driver, err := valkeycache.New(url, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer driver.Close()
	const note = "another process builds; waiting for it"
	if _, err := driver.SetIfAbsent(t.Context(), "chunkaside/catalog/lease", []byte("another"), 2500*time.Millisecond); err != nil {
		t.Fatal(err)
	}
	if _, stderr, code := command(t, "warm", "--cache", url); code != 0 || strings.Count(stderr, note) != 1 {
		t.Errorf("warm: code %d, %s", code, stderr)
	}
	if _, stderr, code := command(t, "warm", "--cache", url); code != 0 || strings.Contains(stderr, note) {
		t.Errorf("warm alone: code %d, %s", code, stderr)
	}
}

func TestVersion(t *testing.T) {
	if out, stderr, code := command(t, "--version"); code != 0 || !strings.HasPrefix(out, "chunkaside ") || stderr != "" {
		t.Errorf("--version: code %d, %q, %s", code, out, stderr)
	}
}

// TestFlagsFromEnvironment: every flag, those of the commands too, has a variable.
func TestFlagsFromEnvironment(t *testing.T) {
	event := filepath.Join(write(t, map[string]string{"e.json": `{"typeName":"Query","fieldName":"getProgram","arguments":{"id":"nope"}}`}), "e.json")
	t.Setenv("CHUNKASIDE_EVENT", event)
	if out, stderr, code := command(t, "invoke"); code != 0 || out != "null" {
		t.Errorf("invoke: code %d, %s%s", code, out, stderr)
	}
	t.Setenv("CHUNKASIDE_JSON", "true")
	if out, _, code := command(t, "inspect"); code != 0 || !strings.HasPrefix(out, "{") {
		t.Errorf("inspect: code %d, %s", code, out)
	}
	t.Setenv("CHUNKASIDE_TO", "file:x")
	if _, stderr, code := command(t, "load"); code != 2 || !strings.Contains(stderr, "--to file:x: load writes to") {
		t.Errorf("load: code %d, %s", code, stderr)
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
	if status, reason := p.get(t, "/readyz"); status != http.StatusServiceUnavailable || !strings.Contains(reason, "Show.ndjson:1") {
		t.Errorf("readyz: %d, %s", status, reason)
	}
	if status, _ := p.get(t, "/healthz"); status != http.StatusOK {
		t.Errorf("healthz: %d", status)
	}
	if err := os.WriteFile(filepath.Join(dir, "Show.ndjson"), []byte(`{"id":"a","n":7}`), 0o600); err != nil {
		t.Fatal(err)
	}
	// A build that failed is not tried again at once.
	const want = `{"data":{"getShow":{"n":7}}}`
	got := ""
	for deadline := time.Now().Add(20 * time.Second); got != want && time.Now().Before(deadline); time.Sleep(100 * time.Millisecond) {
		got = strings.TrimSpace(p.query(t, `{ getShow(id: "a") { n } }`))
	}
	if got != want {
		t.Errorf("answer: %s, want %s", got, want)
	}
	// That may have come from the store itself; a version takes until the next build.
	status, text := 0, ""
	for deadline := time.Now().Add(20 * time.Second); status != http.StatusOK && time.Now().Before(deadline); time.Sleep(100 * time.Millisecond) {
		status, text = p.get(t, "/readyz")
	}
	if status != http.StatusOK {
		t.Errorf("readyz: %d, %s", status, text)
	}
	p.await(t, "ready    version ")
}

// get is the status and the body at a path.
func (p program) get(t testing.TB, path string) (int, string) {
	t.Helper()
	response, err := http.Get(p.url + path)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, string(body)
}

// await returns when the program has printed a text.
func (p program) await(t testing.TB, text string) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); time.Sleep(10 * time.Millisecond) {
		if strings.Contains(p.output.String(), text) {
			return
		}
	}
	t.Fatalf("no %q in the output: %s", text, p.output)
}

// TestServeNamesItsStoreAndCache, the cache without its password.
func TestServeNamesItsStoreAndCache(t *testing.T) {
	p := startServe(t, "--cache", "valkey://user:secret@127.0.0.1:1/3")
	p.await(t, "catalog  sample.graphql from store sample:, cache valkey://127.0.0.1:1/3\n")
	p.await(t, "not ready: cache valkey://127.0.0.1:1/3 does not answer")
	if strings.Contains(p.output.String(), "secret") {
		t.Errorf("the password is shown: %s", p.output)
	}
}

// TestServeDrains: a query in flight is answered before the program ends, unless it takes too long.
func TestServeDrains(t *testing.T) {
	for _, test := range []struct {
		name  string
		drain time.Duration
		whole bool
	}{{"in time", time.Minute, true}, {"too long", 50 * time.Millisecond, false}} {
		t.Run(test.name, func(t *testing.T) {
			listener, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			const clients = 20
			arrived, release := make(chan struct{}, clients), make(chan struct{})
			slow := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				arrived <- struct{}{}
				<-release
				_, _ = w.Write([]byte("whole"))
			})
			ctx, stop := context.WithCancel(t.Context())
			ended := make(chan error, 1)
			go func() { ended <- serveUntil(ctx, listener, slow, test.drain) }()
			answers := make(chan string, clients)
			for range clients {
				go func() {
					response, err := http.Get("http://" + listener.Addr().String())
					if err != nil {
						answers <- err.Error()
						return
					}
					defer response.Body.Close()
					body, _ := io.ReadAll(response.Body)
					answers <- string(body)
				}()
			}
			for range clients {
				<-arrived
			}
			stop()
			if test.whole {
				select {
				case err := <-ended:
					t.Fatalf("it ended with queries in flight: %v", err)
				case <-time.After(100 * time.Millisecond):
				}
				close(release)
			}
			err = <-ended
			if test.whole != (err == nil) {
				t.Errorf("ended with %v", err)
			}
			for range clients {
				if got := <-answers; test.whole != (got == "whole") {
					t.Errorf("answer: %s", got)
				}
			}
			if !test.whole {
				close(release)
			}
		})
	}
}

// TestServeEndsWithIdleConnections, such as a browser opens for later: they are no queries in flight.
func TestServeEndsWithIdleConnections(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- serveUntil(ctx, listener, http.NotFoundHandler(), 20*time.Second) }()
	conn, err := net.Dial("tcp", listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	response, err := http.Get("http://" + listener.Addr().String()) // the connection before it has been accepted
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	began := time.Now()
	stop()
	if err := <-ended; err != nil || time.Since(began) > 10*time.Second {
		t.Errorf("ended after %v with %v", time.Since(began), err)
	}
}

func TestWarmAndInspect(t *testing.T) {
	url := "valkey://" + servertest.Valkey(t) + "/0"
	if _, stderr, code := command(t, "inspect", "--cache", url); code != 6 ||
		!strings.Contains(stderr, "the cache has no version under chunkaside/catalog: run chunkaside warm") {
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
	if err := json.Unmarshal([]byte(out), &v); err != nil || code != 0 || string(v.Version) != published.Manifest || v.Sections[0].Name != "Episode" {
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
		"CHUNKASIDE_CATALOG": "c", "CHUNKASIDE_MAX_AGE": "3s", "CHUNKASIDE_BUILD_TIMEOUT": "9m", "CHUNKASIDE_MAX_STALE": "5h", "CHUNKASIDE_SOFT_TIMEOUT": "4ms", "CHUNKASIDE_HARD_TIMEOUT": "6s", "CHUNKASIDE_STORE_UNITS": "12.5", "CHUNKASIDE_BUILD_UNITS": "900", "CHUNKASIDE_CODEC": "zstd", "CHUNKASIDE_LEVEL": "3", "CHUNKASIDE_FILL_PAGES": "true", "CHUNKASIDE_MAX_ENTITIES": "7", "CHUNKASIDE_MAX_DEPTH": "8",
		"CHUNKASIDE_MIN_COUNT": "A=1;B=2", "CHUNKASIDE_MAX_SHRINK": "0.25", "CHUNKASIDE_MAX_GROWTH": "3", "CHUNKASIDE_MAX_CHANGE": "-1", "CHUNKASIDE_MISSING": "refuse", "CHUNKASIDE_DANGLING": "ignore",
		"CHUNKASIDE_ANNOUNCE": "https://api.example.com/graphql", "CHUNKASIDE_ANNOUNCE_KEY": "da2",
		"CHUNKASIDE_POLICY": "file:p", "CHUNKASIDE_POLICY_INTERVAL": "11s",
	}
	got, err := wiring.FromEnvironment(func(name string) string { return env[name] })
	if err != nil {
		t.Fatal(err)
	}
	want := (&commands{Schema: "s", Store: "sample:", Cache: "memory:", MomentoAPIKey: "k", Namespace: "n", Catalog: "c", MaxAge: 3 * time.Second, BuildTimeout: 9 * time.Minute, MaxStale: 5 * time.Hour, SoftTimeout: 4 * time.Millisecond, HardTimeout: 6 * time.Second, StoreUnits: 12.5, BuildUnits: 900,
		Codec: "zstd", Level: 3, Announce: "https://api.example.com/graphql", AnnounceKey: "da2", Policy: "file:p", PolicyInterval: 11 * time.Second,
		MinCount: map[string]int{"A": 1, "B": 2}, MaxShrink: 0.25, MaxGrowth: 3, MaxChange: -1, Missing: catalog.Refuse, Dangling: catalog.Ignore, FillPages: true, MaxEntities: 7, MaxDepth: 8}).config()
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("FromEnvironment = %+v, want %+v", got, want)
	}
	for name, bad := range map[string]string{"CHUNKASIDE_MIN_COUNT": "A", "CHUNKASIDE_MAX_SHRINK": "half", "CHUNKASIDE_MISSING": "no"} {
		if _, err := wiring.FromEnvironment(func(asked string) string {
			if asked == name {
				return bad
			}
			return env[asked]
		}); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s=%s: %v", name, bad, err)
		}
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

func TestVerifyAndExport(t *testing.T) {
	address := servertest.Valkey(t)
	url := "valkey://" + address + "/0"
	if _, _, code := command(t, "verify", "--cache", url); code != 6 {
		t.Errorf("verify of an empty cache: code %d, want 6", code)
	}
	if _, _, code := command(t, "export", "--out", t.TempDir(), "--cache", url); code != 6 {
		t.Errorf("export of an empty cache: code %d, want 6", code)
	}
	if _, stderr, code := command(t, "warm", "--cache", url); code != 0 {
		t.Fatal(stderr)
	}
	if out, stderr, code := command(t, "verify", "--cache", url); code != 0 || !strings.Contains(out, "0 missing, 0 damaged") {
		t.Errorf("verify: code %d, %s%s", code, out, stderr)
	}

	// What is exported is the same catalog.
	dir := t.TempDir()
	if out, stderr, code := command(t, "export", "--out", dir, "--cache", url); code != 0 || !strings.Contains(out, "6,991") {
		t.Fatalf("export: code %d, %s%s", code, out, stderr)
	}
	sdl := filepath.Join(dir, "sample.graphql")
	if err := os.WriteFile(sdl, []byte(samplestore.Schema), 0o600); err != nil {
		t.Fatal(err)
	}
	out, stderr, code := command(t, "warm", "--schema", sdl, "--store", "file:"+dir, "--cache", url)
	if code != 0 || !strings.Contains(out, "of which 0 were sent") {
		t.Errorf("warm of the export: code %d, %s%s", code, out, stderr)
	}

	// A flipped byte and a lost chunk are found, named, and mended by the next warm-up.
	var damaged, lost string
	for key, value := range valkeyItems(t, address) {
		switch {
		case !strings.Contains(key, "/c/"):
		case damaged == "":
			damaged = key
			value[len(value)/2] ^= 1
			servertest.SetValkey(t, address, key, value)
		case lost == "":
			lost = key
			servertest.SetValkey(t, address, key, nil)
		}
	}
	out, stderr, code = command(t, "verify", "--cache", url)
	short := strings.TrimPrefix(damaged, "chunkaside/catalog/c/")[:12]
	if code != 6 || !strings.Contains(out, "1 missing, 1 damaged") || !strings.Contains(out, short) ||
		!strings.Contains(out, strings.TrimPrefix(lost, "chunkaside/catalog/c/")) || !strings.Contains(stderr, "chunkaside warm") {
		t.Errorf("verify of a damaged version: code %d, %s%s", code, out, stderr)
	}
	if out, stderr, code = command(t, "warm", "--json", "--cache", url); code != 0 || !strings.Contains(out, `"repaired":2`) {
		t.Errorf("warm: code %d, %s%s", code, out, stderr)
	}
	if out, stderr, code = command(t, "verify", "--json", "--cache", url); code != 0 || !strings.Contains(out, `"faults":[]`) {
		t.Errorf("verify of the mended version: code %d, %s%s", code, out, stderr)
	}
}
