package main

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/chunkaside/chunkaside/cmd/internal/bench"
)

// documentedQueries is the file of queries that docs/operations.md shows.
func documentedQueries(t *testing.T) string {
	t.Helper()
	for _, b := range document(t, filepath.Join("docs", "operations.md")) {
		if b.language == "graphql" && strings.HasPrefix(b.text, "# weight") {
			return b.text
		}
	}
	t.Fatal("docs/operations.md shows no queries for bench")
	return ""
}

// queriesFile is of the sample, whose programs are the variables.
func queriesFile(t *testing.T, text string) string {
	t.Helper()
	dir := write(t, map[string]string{"q.graphql": text})
	if _, stderr, code := command(t, "export", "--out", dir); code != 0 {
		t.Fatalf("export: code %d, %s", code, stderr)
	}
	return filepath.Join(dir, "q.graphql")
}

// TestBench loads what is served of the sample, as docs/operations.md does.
func TestBench(t *testing.T) {
	p := startServe(t)
	p.await(t, "ready    version ")
	queries, page := queriesFile(t, documentedQueries(t)), filepath.Join(t.TempDir(), "report.html")
	args := []string{"bench", "--endpoint", p.url + "/graphql", "--queries", queries, "--rate", "6000/m", "--ramp", "1s", "--duration", "1s", "--slo", "p50=20s,availability=100"}
	out, stderr, code := command(t, append(args, "--json", "--report", page)...)
	var r bench.Report
	if err := json.Unmarshal([]byte(out), &r); err != nil || code != 0 {
		t.Fatalf("code %d, %v: %s%s", code, err, out, stderr)
	}
	if r.Requests != 100 || r.Failed != 0 || r.Ramp.Requests != 50 || len(r.Queries) != 2 || r.Queries[0].Requests <= r.Queries[1].Requests || len(r.Verdicts) != 2 || !r.Met() {
		t.Errorf("report: %s", out)
	}
	for _, want := range []string{"150 queries: 100 a second for 1s, after 1s in which the rate grows\n", "query Page, weight 3, 60 sets of variables\n", "query Dramas, weight 1, 1 sets"} {
		if !strings.Contains(stderr, want) {
			t.Errorf("what is announced lacks %q: %s", want, stderr)
		}
	}
	if text, err := os.ReadFile(page); err != nil || !strings.Contains(string(text), "p50 20s</text>") {
		t.Errorf("the page: %v, %.200s", err, text)
	}
	// What no server can do is missed, and that is an exit code of its own.
	out, stderr, code = command(t, append(args, "--slo", "p99=1us")...)
	if code != 10 || !strings.Contains(out, "slo         p99=1µs: MISSED, by 0.00 % of all queries; 99 % are wanted\n") || !strings.Contains(stderr, "an objective was missed") {
		t.Errorf("code %d: %s%s", code, out, stderr)
	}
	for _, want := range []string{" a second of 100, without an error", "while the rate grew, 50 queries, 0 of them failed", "          Page ", "           all      100       0 "} {
		if !strings.Contains(out, want) {
			t.Errorf("the report lacks %q: %s", want, out)
		}
	}
}

// TestBenchTriesFirst: queries that are answered with errors are no load, unless one wants that.
func TestBenchTriesFirst(t *testing.T) {
	var asked atomic.Int64
	api := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		if r.Header.Get("X-Api-Key") != "key" || r.Header.Get("X-Tenant") != "a b" || r.Header.Get("X-Other") != "c" {
			t.Errorf("headers: %v", r.Header)
		}
		io.WriteString(w, `{"errors":[{"errorType":"UnknownField","message":"no \u001b[31mtitel"}]}`)
	}))
	defer api.Close()
	t.Setenv("CHUNKASIDE_API_KEY", "key")
	args := []string{
		"bench", "--endpoint", api.URL, "--queries", filepath.Join(write(t, map[string]string{"q.graphql": "query Page { titel }"}), "q.graphql"), "--rate", "10", "--duration", "1s",
		"--header", "X-Tenant: a b", "--header", "X-Other:c",
	}
	_, stderr, code := command(t, args...)
	if code != 7 || asked.Load() != 1 || !strings.Contains(stderr, "correct it, or say --allow-errors: query Page: graphql UnknownField: no  [31mtitel\n") {
		t.Errorf("code %d after %d requests: %q", code, asked.Load(), stderr)
	}
	out, _, code := command(t, append(args, "--allow-errors")...)
	if code != 0 || asked.Load() != 12 || !strings.Contains(out, "failed      10 x graphql: UnknownField  no  [31mtitel\n") {
		t.Errorf("code %d after %d requests: %q", code, asked.Load(), out)
	}
}

func TestBenchInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	var asked atomic.Int64
	api := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if asked.Add(1) == 20 {
			cancel()
		}
		io.WriteString(w, `{"data":{}}`)
	}))
	defer api.Close()
	queries := filepath.Join(write(t, map[string]string{"q.graphql": "query Page { a }"}), "q.graphql")
	var out strings.Builder
	err := run(ctx, []string{"bench", "--endpoint", api.URL, "--queries", queries, "--rate", "50", "--duration", "1h"}, &out, io.Discard)
	if exitCode(err) != 1 || !strings.Contains(out.String(), "Page") || !strings.Contains(err.Error(), "interrupted") {
		t.Errorf("code %d, %v: %s", exitCode(err), err, out.String())
	}
}

// TestBenchRefuses what it must not send, and what it cannot.
func TestBenchRefuses(t *testing.T) {
	queries := filepath.Join(write(t, map[string]string{"q.graphql": "query Page { a }"}), "q.graphql")
	for _, test := range []struct {
		args []string
		want string
	}{
		{[]string{"--endpoint", "https://api.example.com/graphql", "--rate", "5000/s", "--duration", "1m", "--ramp", "30s"},
			"another machine. This would send it 375,000 queries: 5,000 a second for 1m0s, after 30s in which the rate grows; at AppSync they cost $1.50"},
		{[]string{"--endpoint", "http://127.0.0.1.example.com/graphql"}, "say --remote"},
		{[]string{"--endpoint", "http://192.168.0.1/graphql"}, "say --remote"},
		{[]string{"--endpoint", "http://user:secret@127.0.0.1/"}, "without user and password"},
		{[]string{"--endpoint", "127.0.0.1:8080"}, "the endpoint is no URL"},
		{[]string{"--queries", "none.graphql"}, "--queries (CHUNKASIDE_QUERIES): "},
		{[]string{"--rate", "many"}, `"many" is no rate, such as 5000/s or 90/m`},
		{[]string{"--rate", "5/h"}, `is no rate`},
		{[]string{"--rate", "0"}, "a rate of 0 a second is out of bounds"},
		{[]string{"--duration", "1ms"}, "no request is due in 1ms"},
		{[]string{"--slo", "p95"}, `p95= is no time`},
		{[]string{"--timeout", "2h"}, "a timeout of 2h0m0s"},
		{[]string{"--header", "secret"}, "is not of the form 'Name: value'"},
		{[]string{"--report", "none/there/report.html"}, "there is no folder for none/there/report.html"},
	} {
		if _, stderr, code := command(t, append([]string{"bench", "--queries", queries}, test.args...)...); code != 2 || !strings.Contains(stderr, test.want) || strings.Contains(stderr, "secret") {
			t.Errorf("%q: code %d, %s", test.args, code, stderr)
		}
	}
	for _, local := range []string{"http://127.0.0.1:1", "http://[::1]:1/graphql", "http://localhost/graphql", "http://127.9.9.9"} {
		if !isLocal(local) {
			t.Errorf("%s is this machine", local)
		}
	}
}

// TestBenchRemote: another machine needs the flag, and then is told of; a name that ends at once stands for it here.
func TestBenchRemote(t *testing.T) {
	queries := filepath.Join(write(t, map[string]string{"q.graphql": "query Page { a }"}), "q.graphql")
	_, stderr, code := command(t, "bench", "--queries", queries, "--endpoint", "http://nowhere.invalid/graphql", "--remote", "--rate", "1", "--duration", "1s")
	if code != 7 || !strings.Contains(stderr, "1 queries: 1 a second for 1s; at AppSync they cost < $0.01") || !strings.Contains(stderr, "query Page: transport ") {
		t.Errorf("code %d, %s", code, stderr)
	}
}

// TestSigner signs for the region in the endpoint's name.
func TestSigner(t *testing.T) {
	t.Setenv("AWS_ACCESS_KEY_ID", "AKID")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "secret")
	t.Setenv("AWS_SESSION_TOKEN", "session")
	t.Setenv("AWS_CONFIG_FILE", filepath.Join(t.TempDir(), "none"))
	t.Setenv("AWS_REGION", "us-east-1")
	for endpoint, region := range map[string]string{"https://id.appsync-api.eu-west-1.amazonaws.com/graphql": "eu-west-1", "https://api.example.com/graphql": "us-east-1"} {
		sign, err := newSigner(t.Context(), endpoint)
		if err != nil {
			t.Fatal(err)
		}
		signatures := map[string]bool{}
		for _, body := range []string{"{}", "[]"} {
			r := httptest.NewRequest(http.MethodPost, endpoint, strings.NewReader(body))
			if err := sign(r, []byte(body)); err != nil {
				t.Fatal(err)
			}
			if got := r.Header.Get("Authorization"); !strings.HasPrefix(got, "AWS4-HMAC-SHA256 Credential=AKID/") || !strings.Contains(got, "/"+region+"/appsync/aws4_request") {
				t.Errorf("%s: %s", endpoint, got)
			}
			if r.Header.Get("X-Amz-Security-Token") != "session" {
				t.Errorf("headers: %v", r.Header)
			}
			signatures[r.Header.Get("Authorization")] = true
		}
		if len(signatures) != 2 {
			t.Error("two bodies have one signature")
		}
	}
	t.Setenv("AWS_REGION", "")
	if _, err := newSigner(t.Context(), "https://api.example.com/graphql"); exitCode(err) != 2 {
		t.Errorf("without a region: %v", err)
	}
}
