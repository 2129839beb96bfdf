package exporttest

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// Serve hands the bucket out by S3's protocol until the test ends, and returns the endpoint's URL. "throttled/..." are refused; of "cut/..." 1,000 bytes are sent at a time, and then the connection is
// cut.
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
		w = &cutting{w, 1000}
		fallthrough
	default:
		w.Header().Set("ETag", `"`+checksum(data)+`"`)
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(data)) // which knows Range and If-Match
	}
}

func refuse(w http.ResponseWriter, status int, code string) {
	w.WriteHeader(status)
	_, _ = w.Write([]byte(`<?xml version="1.0" encoding="UTF-8"?><Error><Code>` + code + `</Code><Message>as the test wants it</Message></Error>`))
}

// cutting is an answer that ends too early.
type cutting struct {
	http.ResponseWriter
	left int
}

func (c *cutting) Write(data []byte) (int, error) {
	if len(data) <= c.left {
		c.left -= len(data)
		return c.ResponseWriter.Write(data)
	}
	if _, err := c.ResponseWriter.Write(data[:c.left]); err != nil {
		return 0, err
	}
	_ = http.NewResponseController(c.ResponseWriter).Flush() // else nothing of it would arrive
	panic(http.ErrAbortHandler)
}
