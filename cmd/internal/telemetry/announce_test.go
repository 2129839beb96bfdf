package telemetry_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/chunkaside/chunkaside/internal/lambdatest"
)

// TestAnnouncementIsRefused: the function has published, says why nobody was told, and not by what key.
func TestAnnouncementIsRefused(t *testing.T) {
	var asked atomic.Int32
	api := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		http.Error(w, `{"errors":[{"errorType":"UnauthorizedException","message":"`+r.Header.Get("X-Api-Key")+`"}]}`, http.StatusUnauthorized)
	}))
	t.Cleanup(api.Close)
	function := lambdatest.Start(t, "./cmd/warmer", "CHUNKASIDE_STORE=sample:", "CHUNKASIDE_CACHE=memory:", "CHUNKASIDE_ANNOUNCE="+api.URL+"/graphql", "CHUNKASIDE_ANNOUNCE_KEY=canary-key", "POWERTOOLS_LOG_LEVEL=DEBUG")
	const refused = "the API refuses: 401 Unauthorized (UnauthorizedException)"
	answer, failed := function.Invoke(t, []byte(`{}`))
	if failed || !strings.Contains(string(answer), `"announced":false,"notAnnounced":"`+refused) {
		t.Errorf("the first version: %s", answer)
	}
	if answer, failed := function.Invoke(t, []byte(`{}`)); failed || strings.Contains(string(answer), "nnounced") || asked.Load() != 1 {
		t.Errorf("the same version: asked %d times, %s", asked.Load(), answer)
	}
	output := function.Stop()
	if !strings.Contains(output, `"message":"published, but not announced"`) || !strings.Contains(output, refused) {
		t.Errorf("the log:\n%s", output)
	}
	silent(t, output)
}
