package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"

	"github.com/coder/websocket"
	"github.com/google/go-cmp/cmp"

	"github.com/chunkaside/chunkaside/announce"
)

// announced is an API that takes announcements, and keeps those that it gets.
type announced struct {
	url      string
	status   int
	messages []announce.Message
	headers  http.Header
}

func newAnnounced(t *testing.T) *announced {
	t.Helper()
	a := &announced{status: http.StatusOK}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var body struct{ Variables announce.Message }
		if err := json.NewDecoder(r.Body).Decode(&body); err != nil {
			t.Error(err)
		}
		a.messages, a.headers = append(a.messages, body.Variables), r.Header
		w.WriteHeader(a.status)
		_, _ = w.Write([]byte(`{"data":{"publishCatalog":{}}}`))
	}))
	t.Cleanup(server.Close)
	a.url = server.URL + "/graphql"
	return a
}

// types are those of the announcements since the last call.
func (a *announced) types() []string {
	list := []string{}
	for _, m := range a.messages {
		list = append(list, strings.Join(m.Types, "+"))
	}
	a.messages = nil
	return list
}

// TestAnnounce: each command that gives readers another version announces it, and no other does.
func TestAnnounce(t *testing.T) {
	t.Setenv("CHUNKASIDE_ANNOUNCE_KEY", "da2-key")
	a, s := newAnnounced(t), newShop(t)
	for _, step := range []struct {
		title string
		args  []string
		types []string
	}{
		{"Chair", []string{"warm"}, []string{"Product+Variant"}},
		{"Chair", []string{"warm"}, []string{}},
		{"Bench", []string{"warm"}, []string{"Product"}},
		{"Stool", []string{"warm", "--only", "Product/p7"}, []string{"Product"}},
		{"Stool", []string{"rollback"}, []string{"Product"}},
		{"Stool", []string{"pin"}, []string{}},
		{"Couch", []string{"warm"}, []string{}},
		{"Couch", []string{"unpin"}, []string{"Product"}},
		{"Couch", []string{"pin", "previous"}, []string{"Product"}},
		{"Couch", []string{"versions"}, []string{}},
	} {
		s.products(step.title)
		out := s.run(append(step.args, "--announce", a.url)...)
		told := strings.Contains(out, "\nannounced\n")
		if got := a.types(); cmp.Diff(step.types, got) != "" || told != (len(step.types) > 0) {
			t.Errorf("%q: announced %q, want %q; printed\n%s", step.args, got, step.types, out)
		}
	}
	if key := a.headers.Get("X-Api-Key"); key != "da2-key" {
		t.Errorf("the key is %q", key)
	}
}

// TestNotAnnounced: that nobody could be told changes nothing else.
func TestNotAnnounced(t *testing.T) {
	t.Setenv("CHUNKASIDE_ANNOUNCE_KEY", "da2-key")
	a, s := newAnnounced(t), newShop(t)
	a.status = http.StatusUnauthorized
	out, stderr, code := s.try("warm", "--json", "--announce", a.url)
	if code != 0 || !strings.Contains(out, `"announced":false,"notAnnounced":"the API refuses: 401 Unauthorized`) || strings.Contains(out+stderr, "da2") {
		t.Errorf("warm: code %d, %s %s", code, out, stderr)
	}
	s.products("Bench")
	s.run("warm")
	if _, stderr, code := s.try("rollback", "--announce", a.url); code != 0 || !strings.Contains(stderr, "note: published, but not announced: the API refuses: 401") {
		t.Errorf("rollback: code %d, %s", code, stderr)
	}
	t.Setenv("CHUNKASIDE_ANNOUNCE_KEY", "da2 key")
	if _, stderr, code := s.try("warm", "--announce", a.url); code != 2 || !strings.Contains(stderr, "CHUNKASIDE_ANNOUNCE_KEY is no key") || strings.Contains(stderr, "da2") {
		t.Errorf("a key that is none: code %d, %s", code, stderr)
	}
}

// subscriber hears of what a running serve is told, and of what it reads itself.
func subscriber(t *testing.T, p program) *websocket.Conn {
	t.Helper()
	c, _, err := websocket.Dial(t.Context(), p.url+"/graphql/realtime?header=e30=", &websocket.DialOptions{Subprotocols: []string{"graphql-ws"}}) //nolint:bodyclose // Dial says that it never has to be
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.CloseNow() })
	const start = `{"type":"start","id":"1","payload":{"data":"{\"query\":\"subscription { onCatalogPublished { catalog sequence types } }\"}","extensions":{"authorization":{}}}}`
	if err := c.Write(t.Context(), websocket.MessageText, []byte(start)); err != nil {
		t.Fatal(err)
	}
	if got := frame(t, c); got != `{"type":"start_ack","id":"1"}` {
		t.Fatal(got)
	}
	return c
}

func frame(t *testing.T, c *websocket.Conn) string {
	t.Helper()
	_, text, err := c.Read(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// TestServeAnnounces: subscribers of serve hear of a version from who has published it, and from serve itself where nobody says so; of one version once.
func TestServeAnnounces(t *testing.T) {
	s := newShop(t)
	s.run("warm")
	p := startServe(t, "--schema", filepath.Join(s.dir, "shop.graphql"), "--store", "file:"+s.dir, "--cache", "valkey://"+s.address+"/0", "--max-age", "1ms", "--soft-timeout", "10s")
	p.await(t, "ready    version ")
	c := subscriber(t, p)
	title := func() string { return p.query(t, `{ getProduct(id: "p7") { title } }`) }

	want := func(types string) {
		t.Helper()
		h := s.history()
		if got, want := frame(t, c), fmt.Sprintf(`{"type":"data","id":"1","payload":{"data":{"onCatalogPublished":{"catalog":"catalog","sequence":%d,"types":[%s]}}}}`, h.Sequence, types); got != want {
			t.Errorf("frame\n got %s\nwant %s", got, want)
		}
	}
	s.products("Bench")
	s.run("warm", "--announce", p.url+"/graphql")
	want(`"Product"`)
	for got := title(); !strings.Contains(got, "Bench"); got = title() { // serve follows, which is not announced again
		t.Log(got)
	}
	s.products("Stool")
	s.run("warm")
	for got := title(); !strings.Contains(got, "Stool"); got = title() {
		t.Log(got)
	}
	want(`"Product"`)
	s.run("rollback", "--announce", p.url+"/graphql")
	want(`"Product"`)
}

// TestServeWithoutSubscriptions: a schema that has a name of ours is served all the same.
func TestServeWithoutSubscriptions(t *testing.T) {
	dir := write(t, map[string]string{"c.graphql": "type Warmed @model { id: ID! }", "Warmed.ndjson": `{"id":"a"}`})
	p := startServe(t, "--schema", filepath.Join(dir, "c.graphql"), "--store", "file:"+dir)
	p.await(t, "note: there are no subscriptions: c.graphql: the type Warmed has the name")
	if got := p.query(t, `{ getWarmed(id: "a") { id } }`); got != `{"data":{"getWarmed":{"id":"a"}}}` {
		t.Error(got)
	}
	if got := post(t, p.url+"/graphql/realtime", ""); !strings.HasPrefix(got, "404") {
		t.Errorf("/graphql/realtime: %s", got)
	}
}
