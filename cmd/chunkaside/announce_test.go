package main

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

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
