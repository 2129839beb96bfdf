package endtoend

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

	"github.com/chunkaside/chunkaside/chunker"
)

// query asks the API and returns its answer.
func (h *house) query(t testing.TB, text string) string {
	t.Helper()
	body, err := json.Marshal(map[string]string{"query": text})
	if err != nil {
		t.Fatal(err)
	}
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, h.api+"/graphql", strings.NewReader(string(body)))
	if err != nil {
		t.Fatal(err)
	}
	// The local AppSync takes whoever signs for a role of IAM. Queries do not mind, and warmCatalog wants one.
	request.Header.Set("Authorization", "AWS4-HMAC-SHA256 a signature that nobody looks at")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(answer)
}

// await asks until the answer has a text, and returns when it had.
func (h *house) await(t testing.TB, query, text string) time.Time {
	t.Helper()
	var answer string
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
		if answer = h.query(t, query); strings.Contains(answer, text) {
			return time.Now()
		}
	}
	t.Fatalf("the answer to %s stays %.500s, without %s", query, answer, text)
	return time.Time{}
}

// announcement is what a subscription hears.
type announcement struct {
	Version chunker.Digest `json:"version"`
	Types   []string       `json:"types"`
	at      time.Time
}

// subscribe hears of each version from now on, until the test ends.
func (h *house) subscribe(t testing.TB) <-chan announcement {
	t.Helper()
	c, _, err := websocket.Dial(t.Context(), h.api+"/graphql/realtime?header=e30=", &websocket.DialOptions{Subprotocols: []string{"graphql-ws"}}) //nolint:bodyclose // Dial says that it never has to be
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.CloseNow() })
	const start = `{"type":"start","id":"1","payload":{"data":"{\"query\":\"subscription { onCatalogPublished { version types } }\"}","extensions":{"authorization":{}}}}`
	if err := c.Write(t.Context(), websocket.MessageText, []byte(start)); err != nil {
		t.Fatal(err)
	}
	heard, ready := make(chan announcement, 10_000), make(chan error, 1)
	go func() { // ends with the connection
		defer close(heard)
		for {
			_, data, err := c.Read(t.Context())
			if err != nil {
				ready <- err
				return
			}
			var frame struct {
				Type    string
				Payload struct {
					Data struct{ OnCatalogPublished announcement }
				}
			}
			err = json.Unmarshal(data, &frame)
			switch {
			case err != nil || frame.Type == "error":
				ready <- fmt.Errorf("frame %s: %w", data, err)
				return
			case frame.Type == "start_ack":
				ready <- nil
			case frame.Type == "data":
				frame.Payload.Data.OnCatalogPublished.at = time.Now()
				heard <- frame.Payload.Data.OnCatalogPublished
			}
		}
	}()
	if err := <-ready; err != nil {
		t.Fatal(err)
	}
	return heard
}

// hears waits for the announcement of a version. Those of earlier ones, for which nobody waited, are passed over.
func hears(t testing.TB, heard <-chan announcement, version chunker.Digest) announcement {
	t.Helper()
	deadline := time.After(patience)
	for {
		select {
		case a, ok := <-heard:
			if !ok {
				t.Fatal("the subscription has ended")
			}
			if a.Version == version {
				return a
			}
		case <-deadline:
			t.Fatalf("the subscription does not hear of version %s", version.Short())
		}
	}
}
