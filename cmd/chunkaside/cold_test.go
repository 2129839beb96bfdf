package main

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/chunkaside/chunkaside/internal/servertest"
)

// TestColdProcesses: a hundred processes of the built program start with nothing in the cache, and are asked one query each at the same moment. The store is loaded once, as by one process alone.
func TestColdProcesses(t *testing.T) {
	const processes = 100
	folder := t.TempDir()
	for name, text := range map[string]string{
		"catalog.graphql": "type Show @model(timestamps: null) { id: ID! title: String! }",
		"Show.ndjson":     `{"id":"s1","title":"one"}` + "\n" + `{"id":"s2","title":"two"}` + "\n",
	} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	valkey, counter := servertest.Valkey(t), countScans(t, servertest.Dynalite(t))
	schema, store := filepath.Join(folder, "catalog.graphql"), "dynamodb:?endpoint="+counter.url
	if _, stderr, code := command(t, "load", "--schema", schema, "--store", "file:"+folder, "--to", store); code != 0 {
		t.Fatalf("load: code %d: %s", code, stderr)
	}
	program := buildProgram(t)
	// The load takes a second, so that all the others come while it goes on.
	args := []string{"invoke", "--event", "-", "--schema", schema, "--store", store, "--cache", "valkey://" + valkey + "/0", "--store-faults", "scan delay 1s"}

	alone := invokeAtOnce(t, 1, program, append(args, "--namespace", "alone"))
	scans := counter.scans.Load()
	if scans == 0 {
		t.Fatal("a cold process alone does not scan the store")
	}
	together := invokeAtOnce(t, processes, program, append(args, "--namespace", "together"))
	for _, answer := range together {
		if answer != alone[0] || answer != `{"id":"s1","title":"one"}` {
			t.Errorf("answer %s, that of one alone is %s", answer, alone[0])
		}
	}
	loads := float64(counter.scans.Load()-scans) / float64(scans)
	t.Logf("%d processes: %v loads of the store, %d requests to it in all", processes, loads, counter.all.Load())
	if loads != 1 {
		t.Errorf("%v loads of the store, want 1", loads)
	}
}

// buildProgram builds this very program, for what needs processes of it.
func buildProgram(t *testing.T) string {
	t.Helper()
	program := filepath.Join(t.TempDir(), "chunkaside")
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", program, ".").CombinedOutput(); err != nil {
		t.Fatalf("build: %v\n%s", err, out)
	}
	return program
}

// counter stands before DynamoDB and counts what passes.
type counter struct {
	url        string
	scans, all atomic.Int64
}

func countScans(t *testing.T, endpoint string) *counter {
	t.Helper()
	target, err := url.Parse(endpoint)
	if err != nil {
		t.Fatal(err)
	}
	c, proxy := &counter{}, httputil.NewSingleHostReverseProxy(target)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c.all.Add(1)
		if strings.HasSuffix(r.Header.Get("X-Amz-Target"), ".Scan") {
			c.scans.Add(1)
		}
		proxy.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	c.url = server.URL
	return c
}

// invokeAtOnce starts so many processes, and gives them the event when all of them read.
func invokeAtOnce(t *testing.T, n int, program string, args []string) []string {
	t.Helper()
	const event = `{"arguments":{"id":"s1"},"identity":null,"source":null,"request":{"headers":{}},"info":{"selectionSetList":["id","title"],"selectionSetGraphQL":"{ id title }",` +
		`"parentTypeName":"Query","fieldName":"getShow","variables":{}}}`
	// More than a pipe holds: what is written is being read.
	blanks := bytes.Repeat([]byte(" "), 1<<17)
	answers, ready, asked := make([]string, n), sync.WaitGroup{}, make(chan struct{})
	var group sync.WaitGroup
	ready.Add(n)
	for i := range n {
		group.Go(func() {
			cmd := exec.CommandContext(t.Context(), program, args...)
			in, out := io.Pipe()
			var answer, problems bytes.Buffer
			cmd.Stdin, cmd.Stdout, cmd.Stderr = in, &answer, &problems
			go func() {
				_, _ = out.Write(blanks)
				ready.Done()
				<-asked
				_, _ = out.Write([]byte(event))
				_ = out.Close()
			}()
			if err := cmd.Run(); err != nil {
				t.Errorf("%v: %s", err, problems.Bytes())
			}
			_ = in.Close() // one that could not start reads nothing
			answers[i] = answer.String()
		})
	}
	ready.Wait()
	close(asked)
	group.Wait()
	return answers
}
