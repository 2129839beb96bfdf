package main

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chunkaside/chunkaside/cache/valkeycache"
	"github.com/chunkaside/chunkaside/chunker"
	"github.com/chunkaside/chunkaside/internal/lambdatest"
	"github.com/chunkaside/chunkaside/internal/momentofake"
	"github.com/chunkaside/chunkaside/internal/servertest"
)

// frontEnd is what a front end asks for a whole catalog.
const frontEnd = `{ listPrograms(limit: 100) { items { id title groups(limit: 50) { items { id title ` +
	`episodes(limit: 200) { items { id title recorded speakers videos { type url } } } } } } nextToken } }`

// pyvideo is the address of the 10 MB of real data, and its schema's path.
func pyvideo(t testing.TB) (address, schema string) {
	dir := servertest.SharedData(t, "pyvideo-10mb")
	return "file:" + dir, filepath.Join(dir, "catalog.graphql")
}

func fakeMomento(t testing.TB) *momentofake.Server {
	t.Helper()
	fake, err := momentofake.Start("127.0.0.1:0", nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(fake.Close)
	return fake
}

// withoutTokens hides the nextTokens of an answer: each cache has its own secret.
func withoutTokens(answer string) string {
	return regexp.MustCompile(`"nextToken":"[^"]+"`).ReplaceAllString(answer, `"nextToken":"TOKEN"`)
}

// TestSameAnswersEverywhere: which store and which cache are behind the API is nothing that its users can see.
func TestSameAnswersEverywhere(t *testing.T) {
	files, schema := pyvideo(t)
	tables := "dynamodb:?endpoint=" + servertest.Dynalite(t) + "&suffix=-test"
	if out, stderr, code := command(t, "load", "--schema", schema, "--store", files, "--to", tables); code != 0 || !strings.Contains(out, "6,823") {
		t.Fatalf("load: code %d\n%s%s", code, out, stderr)
	}
	queries := []string{
		frontEnd,
		`{ listEpisodes(limit: 1000) { items { id related_urls duration copyright_text group { program { title } } } nextToken } }`,
		`{ a: episodesByProgram(programId: "djangocon-us", sortDirection: DESC, limit: 50) { items { id recorded } nextToken }` +
			` b: getEpisodeGroup(id: "djangocon-us-2016") { title start_date } }`,
	}
	var want []string
	for _, backend := range []struct{ name, store, cache string }{
		{"files, memory", files, "memory:"},
		{"DynamoDB, Momento", tables, "momento:test?endpoint=" + fakeMomento(t).Addr()},
		{"DynamoDB, Valkey", tables, "valkey://" + servertest.Valkey(t) + "/0"},
	} {
		p := startServe(t, "--schema", schema, "--store", backend.store, "--cache", backend.cache)
		p.await(t, "ready    version ")
		for i, q := range queries {
			got := withoutTokens(p.query(t, q))
			if len(want) <= i {
				if strings.Contains(got, `"errors"`) || len(got) < 2000 {
					t.Fatalf("%s: query %d: %.500s", backend.name, i, got)
				}
				want = append(want, got)
			}
			if got != want[i] {
				t.Errorf("%s: query %d has another answer: %d bytes, files and memory give %d", backend.name, i, len(got), len(want[i]))
			}
		}
	}
}

// TestEmptiedCache: a cache emptied under a running server costs one rebuild, whatever the number of queries.
func TestEmptiedCache(t *testing.T) {
	momento := fakeMomento(t)
	address := servertest.Valkey(t)
	for _, service := range []struct {
		name, cache string
		empty       func()
		keys        func() int
	}{
		{"Momento", "momento:test?endpoint=" + momento.Addr(), momento.Flush, momento.Len},
		{"Valkey", "valkey://" + address + "/0", func() { servertest.FlushValkey(t, address) }, func() int { return len(valkeyItems(t, address)) }},
	} {
		t.Run(service.name, func(t *testing.T) {
			p := startServe(t, "--cache", service.cache, "--max-age", "10ms")
			p.await(t, "ready    version ")
			const q = `{ getProgram(id: "detective-arthur") { id groups { items { id } } } }`
			want := p.query(t, q)
			if !strings.Contains(want, `"detective-arthur-s1"`) {
				t.Fatalf("answer: %s", want)
			}
			before, items := p.stats(t).Cache.Builds, service.keys()
			service.empty()
			time.Sleep(20 * time.Millisecond) // past MaxAge
			var group sync.WaitGroup
			for range 200 {
				group.Go(func() {
					if got := p.query(t, q); got != want {
						t.Errorf("answer: %.300s", got)
					}
				})
			}
			group.Wait()
			// Queries are answered from memory while the cache is filled. The lease may be there or not.
			full := items - 1
			for deadline := time.Now().Add(20 * time.Second); service.keys() < full && time.Now().Before(deadline); {
				time.Sleep(20 * time.Millisecond)
			}
			if got := service.keys(); got < full {
				t.Errorf("the cache holds %d items, had %d", got, items)
			}
			if got := p.stats(t).Cache.Builds - before; got != 1 {
				t.Errorf("%d rebuilds for 200 queries, want 1", got)
			}
		})
	}
}

// TestSameBytesEverywhere: an event has one answer, through the program, the local AppSync and the Lambda function.
func TestSameBytesEverywhere(t *testing.T) {
	function := lambdatest.Start(t, "./cmd/resolver", "CHUNKASIDE_STORE=sample:", "CHUNKASIDE_CACHE=memory:")
	p := startServe(t)
	p.await(t, "ready    version ")
	for name, event := range map[string]string{
		"nested": `{"arguments":{"limit":5},"identity":null,"source":null,"request":{"headers":{},"domainName":null},"prev":null,"info":{"selectionSetList":[],` +
			`"selectionSetGraphQL":"{ items { id title groups { items { id episodes(limit: 3) { items { title } } } } } nextToken }",` +
			`"parentTypeName":"Query","fieldName":"listPrograms","variables":{}},"stash":{}}`,
		"batch": `[{"arguments":{},"source":{"id":"detective-arthur"},"info":{"parentTypeName":"Program","fieldName":"groups","selectionSetList":["items","items/id"]}},{}]`,
		"error": `{"arguments":{},"info":{"parentTypeName":"Query","fieldName":"getProgram","selectionSetGraphQL":"{ id }"}}`,
		"junk":  `{"a":`,
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "event.json")
			if err := os.WriteFile(path, []byte(event), 0o600); err != nil {
				t.Fatal(err)
			}
			invoked, _, code := command(t, "invoke", "--event", path)
			invoked = withoutTokens(invoked)
			served, failed := p.invoke(t, event)
			served = withoutTokens(served)
			if served != invoked || failed != (code == 7) {
				t.Errorf("serve: %.500s (failed %v)\ninvoke: %.500s (code %d)", served, failed, invoked, code)
			}
			if name == "junk" {
				return // the runtime API carries JSON only
			}
			answer, failed := function.Invoke(t, []byte(event))
			if withoutTokens(string(answer)) != invoked || failed != (code == 7) {
				t.Errorf("bootstrap: %.500s (failed %v)\ninvoke: %.500s (code %d)", answer, failed, invoked, code)
			}
		})
	}
}

// invoke posts an event to the path of Lambda's Invoke API.
func (p program) invoke(t testing.TB, event string) (body string, failed bool) {
	t.Helper()
	response, err := http.Post(p.url+"/2015-03-31/functions/resolver/invocations", "application/json", strings.NewReader(event))
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	data, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(data), response.Header.Get("X-Amz-Function-Error") != ""
}

// TestWarmerFunction: what the warmer publishes, another process reads.
func TestWarmerFunction(t *testing.T) {
	url := "valkey://" + servertest.Valkey(t) + "/0"
	function := lambdatest.Start(t, "./cmd/warmer", "CHUNKASIDE_STORE=sample:", "CHUNKASIDE_CACHE="+url)
	answer, failed := function.Invoke(t, []byte(`{}`))
	if failed || !strings.Contains(string(answer), `"mode":"full"`) || !strings.Contains(string(answer), `"entities":7469`) {
		t.Fatalf("warmer: %s", answer)
	}
	if out, stderr, code := command(t, "inspect", "--cache", url); code != 0 {
		t.Errorf("inspect: code %d\n%s%s", code, out, stderr)
	}
}

func TestFunctionWithoutSettingsEnds(t *testing.T) {
	function := lambdatest.Start(t, "./cmd/resolver", "CHUNKASIDE_STORE=", "CHUNKASIDE_CACHE=")
	if out := function.Ended(t); !strings.Contains(out, "CHUNKASIDE_") || !strings.Contains(out, "is not set") {
		t.Errorf("output: %s", out)
	}
}

// TestItems: no item of the cache is over 1 MB, and the chunks one after another are gzip of the NDJSON.
func TestItems(t *testing.T) {
	files, schema := pyvideo(t)
	address := servertest.Valkey(t)
	url := "valkey://" + address + "/0"
	if _, stderr, code := command(t, "warm", "--schema", schema, "--store", files, "--cache", url); code != 0 {
		t.Fatalf("warm: code %d, %s", code, stderr)
	}
	items := valkeyItems(t, address)
	for key, value := range items {
		if len(key)+len(value) > 1_000_000 {
			t.Errorf("item %s has %d bytes", key, len(value))
		}
	}
	manifest := manifestOf(t, items)
	for _, section := range manifest.Sections {
		var zipped bytes.Buffer
		for _, c := range section.Chunks {
			zipped.Write(items["chunkaside/catalog/c/"+string(c.Digest)])
		}
		r, err := gzip.NewReader(&zipped)
		if err != nil {
			t.Fatal(err)
		}
		lines, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		if len(lines) != section.Raw || bytes.Count(lines, []byte("\n")) != section.Count {
			t.Errorf("%s: gzip gives %d bytes and %d lines, want %d and %d", section.Name, len(lines), bytes.Count(lines, []byte("\n")), section.Raw, section.Count)
		}
		if section.Name == "Program" && !slices.Contains(strings.Split(string(lines), "\n"), `{"id":"djangocon-us","title":"DjangoCon US"}`) {
			t.Errorf("Program: %s", lines)
		}
	}
}

func manifestOf(t testing.TB, items map[string][]byte) *chunker.Manifest {
	t.Helper()
	for key, value := range items {
		if digest, ok := strings.CutPrefix(key, "chunkaside/catalog/m/"); ok {
			m, err := chunker.DecodeManifest(value, chunker.Digest(digest))
			if err != nil {
				t.Fatal(err)
			}
			return m
		}
	}
	t.Fatal("there is no manifest")
	return nil
}

// valkeyItems is everything that a server holds.
func valkeyItems(t testing.TB, address string) map[string][]byte {
	t.Helper()
	keys := servertest.ValkeyKeys(t, address)
	driver, err := valkeycache.New("valkey://"+address+"/0", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer driver.Close()
	values, err := driver.Get(t.Context(), keys)
	if err != nil {
		t.Fatal(err)
	}
	items := map[string][]byte{}
	for i, key := range keys {
		if values[i] != nil {
			items[key] = values[i]
		}
	}
	return items
}
