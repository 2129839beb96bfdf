package exporttest

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// Serve hands the bucket out by S3's protocol until the test ends, and returns the endpoint's URL. A key that it does not have is asked for in vain; of "cut/..." half is sent, and nothing is sent of
// "throttled/...".
func (b Bucket) Serve(t testing.TB) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(b.serve))
	t.Cleanup(server.Close)
	return server.URL
}

func (b Bucket) serve(w http.ResponseWriter, r *http.Request) {
	key, ok := strings.CutPrefix(r.URL.Path, "/"+Name+"/")
	data, found := b[key]
	switch {
	case r.Method != http.MethodGet || !ok:
		refuse(w, http.StatusForbidden, "AccessDenied")
	case !found:
		refuse(w, http.StatusNotFound, "NoSuchKey")
	case strings.HasPrefix(key, "throttled/"):
		refuse(w, http.StatusServiceUnavailable, "SlowDown")
	case strings.HasPrefix(key, "cut/"):
		w.Header().Set("Content-Length", "1000000") // of which only this comes
		_, _ = w.Write(data[:len(data)/2])
	default:
		_, _ = w.Write(data)
	}
}

func refuse(w http.ResponseWriter, status int, code string) {
	w.WriteHeader(status)
	_, _ = w.Write([]byte(`<?xml version="1.0" encoding="UTF-8"?><Error><Code>` + code + `</Code><Message>as the test wants it</Message></Error>`))
}
