package settings

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
)

// extensions plays both extensions: what is asked for, and how it is answered.
type extensions struct {
	mu      sync.Mutex
	asked   []string
	status  int
	answer  string
	address *url.URL
}

func startExtensions(t *testing.T) *extensions {
	t.Helper()
	e := &extensions{status: http.StatusOK}
	server := httptest.NewServer(e)
	t.Cleanup(server.Close)
	e.address, _ = url.Parse(server.URL)
	return e
}

func (e *extensions) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.asked = append(e.asked, r.Header.Get("X-Aws-Parameters-Secrets-Token")+" "+r.Method+" "+r.URL.String())
	w.WriteHeader(e.status)
	_, _ = w.Write([]byte(e.answer))
}

func (e *extensions) set(status int, answer string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.status, e.answer = status, answer
}

// last is what was asked for last.
func (e *extensions) last() string {
	e.mu.Lock()
	defer e.mu.Unlock()
	if len(e.asked) == 0 {
		return ""
	}
	return e.asked[len(e.asked)-1]
}

func (e *extensions) client() *Extension {
	return NewExtension(func(name string) string {
		return map[string]string{"AWS_SESSION_TOKEN": "token", "PARAMETERS_SECRETS_EXTENSION_HTTP_PORT": e.address.Port(), "AWS_APPCONFIG_EXTENSION_HTTP_PORT": e.address.Port()}[name]
	})
}

// TestUsualPorts: without variables they are those that AWS documents.
func TestUsualPorts(t *testing.T) {
	x := NewExtension(func(string) string { return "" })
	if x.secrets != "http://localhost:2773" || x.configurations != "http://localhost:2772" {
		t.Errorf("%s, %s", x.secrets, x.configurations)
	}
}

func TestRequests(t *testing.T) {
	e := startExtensions(t)
	x := e.client()
	e.set(http.StatusOK, `{"ARN":"...","Name":"name","SecretString":"value","VersionStages":["AWSCURRENT"]}`)
	if value, err := x.secret(t.Context(), "catalog/momento?&"); value != "value" || err != nil || e.last() != "token GET /secretsmanager/get?secretId=catalog%2Fmomento%3F%26" {
		t.Errorf("secret = %q, %v, asked for %s", value, err, e.last())
	}
	e.set(http.StatusOK, `{"Parameter":{"Name":"/a/b","Type":"SecureString","Value":"value"},"ResultMetadata":{}}`)
	if value, err := x.parameter(t.Context(), "/a/b"); value != "value" || err != nil || e.last() != "token GET /systemsmanager/parameters/get?withDecryption=true&name=%2Fa%2Fb" {
		t.Errorf("parameter = %q, %v, asked for %s", value, err, e.last())
	}
	e.set(http.StatusOK, `{}`)
	if value, err := x.configuration(t.Context(), "a b", "e/f", "p"); string(value) != "{}" || err != nil || e.last() != "token GET /applications/a%20b/environments/e%2Ff/configurations/p" {
		t.Errorf("configuration = %q, %v, asked for %s", value, err, e.last())
	}
}

// TestRefusals: of what the extension says, an error has the service's name for it, and no more.
func TestRefusals(t *testing.T) {
	e := startExtensions(t)
	for _, c := range []struct {
		status       int
		answer, want string
		kind         error
	}{
		{http.StatusNotFound, "", "404 Not Found", ErrMissing},
		{http.StatusBadRequest, "operation error, canary ResourceNotFoundException: canary", "ResourceNotFoundException", ErrMissing},
		{http.StatusBadRequest, "canary ParameterNotFound: canary", "ParameterNotFound", ErrMissing},
		{http.StatusBadRequest, "canary AccessDeniedException: canary", "role", nil},
		{http.StatusUnauthorized, "canary", "401", nil},
		{http.StatusFound, "canary", "302", nil},
		{http.StatusInternalServerError, "canary", "500", ErrUnavailable},
		{http.StatusTooManyRequests, "canary", "429", ErrUnavailable},
		{http.StatusBadRequest, "ThrottlingException", "ThrottlingException", ErrUnavailable},
		{http.StatusOK, `"canary"`, "read", ErrUnavailable},
		{http.StatusOK, "canary", "read", ErrUnavailable},
		{http.StatusOK, strings.Repeat("canary", maxAnswer/6+1), "more than", nil},
	} {
		e.set(c.status, c.answer)
		_, err := e.client().secret(t.Context(), "name")
		if err == nil || c.kind != nil && !errors.Is(err, c.kind) || c.kind == nil && (errors.Is(err, ErrMissing) || errors.Is(err, ErrUnavailable)) ||
			!strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "canary") {
			t.Errorf("%d %.20s: %v, want %v with %q", c.status, c.answer, err, c.kind, c.want)
		}
	}
}

func TestExtensionAway(t *testing.T) {
	e := startExtensions(t)
	x := e.client()
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := x.secret(ended, "name"); !errors.Is(err, context.Canceled) {
		t.Errorf("secret = %v", err)
	}
	server := httptest.NewServer(nil)
	e.address, _ = url.Parse(server.URL)
	server.Close() // nobody listens there now
	if _, err := e.client().secret(t.Context(), "canary"); !errors.Is(err, ErrUnavailable) || !strings.Contains(err.Error(), "layer") || strings.Contains(err.Error(), "canary") {
		t.Errorf("secret = %v", err)
	}
}
