package main

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chunkaside/chunkaside/cmd/internal/wiring"
	"github.com/chunkaside/chunkaside/internal/servertest"
	"github.com/chunkaside/chunkaside/probe"
	"github.com/chunkaside/chunkaside/store"
	"github.com/chunkaside/chunkaside/store/dynamostore"
)

// database is the shop in DynamoDB.
type database struct {
	shop
	tables string // its address
}

func newDatabase(t testing.TB) database {
	t.Helper()
	s := newShop(t)
	d := database{s, "dynamodb:?endpoint=" + servertest.Dynalite(t)}
	s.run("load", "--to", d.tables)
	d.ok(0, "warm")
	return d
}

// ok runs a command that must end with this code.
func (d database) ok(code int, args ...string) (out, stderr string) {
	d.Helper()
	out, stderr, got := command(d, append(args, d.args()...)...)
	if got != code {
		d.Fatalf("%q: code %d, want %d: %s%s", args, got, code, out, stderr)
	}
	return out, stderr
}

func (d database) args() []string {
	return []string{"--schema", filepath.Join(d.dir, "shop.graphql"), "--store", d.tables, "--cache", "valkey://" + d.address + "/0"}
}

// probe runs the command, which must end with this code.
func (d database) probe(code int, args ...string) (r probe.Report, stderr string) {
	d.Helper()
	out, stderr := d.ok(code, append([]string{"probe", "--json"}, args...)...)
	if err := json.Unmarshal([]byte(out), &r); err != nil {
		d.Fatalf("%v: %s", err, out)
	}
	d.Logf("seed %d", r.Seed)
	return r, stderr
}

// product is the record in the table.
func (d database) product(id string) string {
	d.Helper()
	st, s := d.open()
	found, err := st.Get(d.Context(), s.Schema.Model("Product"), []store.Key{{id}})
	if err != nil {
		d.Fatal(err)
	}
	return string(found[0])
}

func (d database) open() (*dynamostore.Store, *wiring.App) {
	d.Helper()
	st, err := wiring.OpenDynamoDB(d.Context(), d.tables)
	if err != nil {
		d.Fatal(err)
	}
	app, err := wiring.Open(d.Context(), wiring.Config{Schema: filepath.Join(d.dir, "shop.graphql"), Store: d.tables, Cache: "memory:"})
	if err != nil {
		d.Fatal(err)
	}
	d.Cleanup(func() { app.Close() })
	return st, app
}

// TestProbe writes through DynamoDB and reads through a resolver of its own, and through one that is served.
func TestProbe(t *testing.T) {
	d := newDatabase(t)
	before := d.product("p7")
	args := []string{"--marker", "Product/p7", "--field", "title", "--warm", "--count", "2"}
	served := startServe(t, append([]string{"--max-age", "50ms"}, d.args()...)...)
	for name, more := range map[string][]string{"in this process": nil, "served": {"--endpoint", served.url + "/graphql"}} {
		r, stderr := d.probe(0, append(args, more...)...)
		v := r.Visibility
		if v.Markers != 2 || v.Seen != 2 || !v.Restored || v.Milliseconds.Max <= 0 || r.Answers.Compared < 350 || r.Stored.Chunks == 0 || r.Stored.Manifests == 0 {
			t.Errorf("%s: %+v, visibility %+v", name, r, v)
		}
		if !strings.Contains(stderr, `if this program is killed, restore "Chair"`) {
			t.Errorf("%s: %s", name, stderr)
		}
		if after := d.product("p7"); after != before {
			t.Errorf("%s: the record was %s, is %s", name, before, after)
		}
	}
	// What was restored has been published too.
	if r, _ := d.probe(0); r.Visibility != nil || r.Answers.Right != r.Answers.Compared {
		t.Errorf("report: %+v", r)
	}
	out, _ := d.ok(0, "probe", "--seed", "7", "--count", "3")
	d.wants(out, "probe       3 rounds, seed 7\n", " 0 wrong\n", " are right (none was wrong), 0 of them late; with a confidence of 95 % at least 99.")
}

// TestProbeFindsFaults: an entity that is not what the store has, a marker that nobody publishes, and a lost chunk.
func TestProbeFindsFaults(t *testing.T) {
	d := newDatabase(t)
	st, app := d.open()
	m := app.Schema.Model("Product")
	if ok, err := st.SetText(t.Context(), m, store.Key{"p9"}, m.Field("title"), "Table", "Desk"); !ok || err != nil {
		t.Fatal(ok, err)
	}
	patience := []string{"--patience", "1s", "--entities", "2000"}
	r, _ := d.probe(9, append(patience, "--marker", "Product/p7", "--field", "title")...)
	if v := r.Visibility; v.Seen != 0 || !v.Restored || !strings.Contains(v.Unseen[0], "an older text") {
		t.Errorf("visibility: %+v", v)
	}
	found := map[string]bool{}
	for _, difference := range r.Answers.Differences {
		found[difference.Record+" "+difference.Kind+" "+strings.Join(difference.Fields, ",")] = true
	}
	if len(found) != 2 || !found["Product/p9 differs title"] || !found["Product/p7 differs title"] {
		t.Errorf("differences: %v", found)
	}
	if !strings.Contains(d.product("p7"), `"title":"Chair"`) {
		t.Errorf("the record is %s", d.product("p7"))
	}
	// A probe that may warm up finds it right in the end.
	if r, _ := d.probe(0, append(patience, "--warm")...); r.Answers.Late != 1 {
		t.Errorf("answers: %+v", r.Answers)
	}
	out, _ := d.ok(0, "inspect", "--json")
	var version view
	if err := json.Unmarshal([]byte(out), &version); err != nil {
		t.Fatal(err)
	}
	d.lose(version.Sections[0].Chunks[0].Digest)
	out, stderr := d.ok(9, append([]string{"probe"}, patience...)...)
	d.wants(out, "1 wrong\n", "chunk "+version.Sections[0].Chunks[0].Digest.Short()+" is missing", "  unreadable", " nines), 0 of them late")
	d.wants(stderr, "the probe found something wrong")
}

// TestProbeInterrupted: the record gets its own text back.
func TestProbeInterrupted(t *testing.T) {
	d := newDatabase(t)
	before := d.product("p7")
	ctx, cancel := context.WithCancel(t.Context())
	api := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if d.product("p7") != before {
			cancel()
		}
		io.WriteString(w, `{"data":{"getProduct":{"title":"Chair"}}}`)
	}))
	defer api.Close()
	var out strings.Builder
	err := run(ctx, append([]string{"probe", "--marker", "Product/p7", "--field", "title", "--endpoint", api.URL}, d.args()...), &out, io.Discard)
	if ctx.Err() == nil || exitCode(err) != 1 || d.product("p7") != before || out.Len() > 0 {
		t.Errorf("code %d, %v: %s; the record is %s", exitCode(err), err, out.String(), d.product("p7"))
	}
}

func TestProbeRefuses(t *testing.T) {
	dynamo := []string{"--store", "dynamodb:?endpoint=http://127.0.0.1:1", "--schema", filepath.Join(root, "store", "samplestore", "sample.graphql"), "--cache", "memory:"}
	for _, test := range []struct {
		args []string
		want string
	}{
		{[]string{"--field", "title"}, "--field and --endpoint are for a --marker"},
		{[]string{"--endpoint", "http://127.0.0.1:1"}, "--field and --endpoint are for a --marker"},
		{[]string{"--marker", "Program/x"}, "needs the --field"},
		{[]string{"--marker", "Program/x", "--field", "title"}, "writes to dynamodb: stores only"},
		{[]string{"--count", "0"}, "there is one round at least"},
		{[]string{"--sample=-1"}, "out of bounds"},
	} {
		if _, stderr, code := command(t, append([]string{"probe"}, test.args...)...); code != 2 || !strings.Contains(stderr, test.want) {
			t.Errorf("%q: code %d, %s", test.args, code, stderr)
		}
	}
	if _, _, code := command(t, append([]string{"probe"}, dynamo...)...); code != 4 {
		t.Errorf("a store that is away: code %d, want 4", code)
	}
}

func TestProbeRefusesMarkers(t *testing.T) {
	d := newDatabase(t)
	for _, test := range []struct{ marker, field, endpoint, want string }{
		{"Shelf/x", "title", "", `there is no type "Shelf"`},
		{"Product/p7", "shelf", "", "type Product has no such field"},
		{"Product/p7", "price", "", "Product.price is no String"},
		{"Product/none", "title", "", "the store has no record Product/none"},
		{`Variant/["s/1",1]`, "productId", "", "Variant.productId is no String"},
		{"Product/p7", "title", "ftp://x", "--endpoint (CHUNKASIDE_ENDPOINT) is no URL"},
		{"Product/p7", "title", "https://user:secret@x", "--endpoint (CHUNKASIDE_ENDPOINT) is no URL"},
	} {
		if out, stderr := d.ok(2, "probe", "--marker", test.marker, "--field", test.field, "--endpoint", test.endpoint); !strings.Contains(stderr, test.want) || out != "" || strings.Contains(stderr, "secret") {
			t.Errorf("%+v: %s%s", test, out, stderr)
		}
	}
}

// TestEndpoint: the API key is sent to the endpoint, and to nobody else.
func TestEndpoint(t *testing.T) {
	app, err := wiring.Open(t.Context(), wiring.Config{Schema: filepath.Join(write(t, map[string]string{"c.graphql": shopSDL}), "c.graphql"), Store: "file:" + t.TempDir(), Cache: "memory:"})
	if err != nil {
		t.Fatal(err)
	}
	defer app.Close()
	m := app.Schema.Model("Variant")
	q, err := newQuestion(app.Schema, m, store.Key{"s/1", "7"}, m.Field("size"))
	if err != nil {
		t.Fatal(err)
	}
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("a redirect was followed") }))
	defer elsewhere.Close()
	answer, status := "", http.StatusOK
	api := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		const want = `{"query":"query Probe($shop: ID!, $number: Int!) { getVariant(shop: $shop, number: $number) { size } }","variables":{"number":7,"shop":"s/1"}}`
		if string(body) != want || r.Header.Get("X-Api-Key") != "key" || r.Method != http.MethodPost {
			t.Errorf("%s with key %q: %s", r.Method, r.Header.Get("X-Api-Key"), body)
		}
		if status == http.StatusTemporaryRedirect {
			w.Header().Set("Location", elsewhere.URL)
		}
		w.WriteHeader(status)
		io.WriteString(w, answer)
	}))
	defer api.Close()
	e, err := newEndpoint(api.URL, "key")
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		status             int
		answer, text, want string
	}{
		{200, `{"data":{"getVariant":{"size":"XL"}}}`, "XL", ""},
		{200, `{"data":{"getVariant":null}}`, "", "no such record"},
		{200, `{"data":{"getVariant":{"size":null}}}`, "", "no such record"},
		{200, `{"data":null,"errors":[{"errorType":"Unauthorized","message":"not you"}]}`, "", "Unauthorized: not you"},
		{200, `hello`, "", "no GraphQL"},
		{401, ``, "", "401"},
		{307, ``, "", "307"},
	} {
		answer, status = test.answer, test.status
		text, err := e.text(t.Context(), q)
		if text != test.text || (err == nil) != (test.want == "") || err != nil && !strings.Contains(err.Error(), test.want) {
			t.Errorf("%d %s: %q, %v", test.status, test.answer, text, err)
		}
	}
}
