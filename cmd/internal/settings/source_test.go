package settings

import (
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestSources(t *testing.T) {
	e := startExtensions(t)
	path := filepath.Join(t.TempDir(), "policy.json")
	for _, c := range []struct{ address, answer, asked string }{
		{"appconfig:films/prod/policy", "{}", "token GET /applications/films/environments/prod/configurations/policy"},
		{"ssm:/films/policy", `{"Parameter":{"Value":"{}"}}`, "token GET /systemsmanager/parameters/get?withDecryption=true&name=%2Ffilms%2Fpolicy"},
		{"file:" + path, "", ""},
	} {
		s, err := ParseSource(c.address)
		if err != nil {
			t.Fatal(err)
		}
		e.set(http.StatusOK, c.answer)
		if err := os.WriteFile(path, []byte("{}"), 0o600); err != nil {
			t.Fatal(err)
		}
		document, err := s.Read(t.Context(), e.client())
		if string(document) != "{}" || err != nil || c.asked != "" && e.last() != c.asked {
			t.Errorf("%s: %q, %v, asked for %s", s, document, err, e.last())
		}
		e.set(http.StatusNotFound, "")
		_ = os.Remove(path)
		if _, err := s.Read(t.Context(), e.client()); !errors.Is(err, ErrMissing) || !strings.Contains(err.Error(), c.address) {
			t.Errorf("%s: %v", s, err)
		}
	}
	for _, address := range []string{"", "policy.json", "appconfig:", "appconfig:a/b", "appconfig:a//c", "appconfig:a/b/c/d", "ssm:", "file:", "s3:a"} {
		if _, err := ParseSource(address); err == nil {
			t.Errorf("ParseSource(%q) = nil", address)
		}
	}
	if err := os.WriteFile(path, make([]byte, maxDocument+1), 0o600); err != nil {
		t.Fatal(err)
	}
	if s, err := ParseSource("file:" + path); err == nil {
		if _, err := s.Read(t.Context(), nil); err == nil || errors.Is(err, ErrMissing) {
			t.Errorf("a large document: %v", err)
		}
	}
}
