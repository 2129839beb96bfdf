package main

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/chunkaside/chunkaside/internal/lambdatest"
	"github.com/chunkaside/chunkaside/warmer"
)

// tables is a server with DynamoDB's protocol: one record in each table, and no answer to scans of those whose names begin with stuck.
func tables(t *testing.T, title, stuck *atomic.Value) string {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var scan struct {
			TableName string
			Segment   int
		}
		if err := json.NewDecoder(r.Body).Decode(&scan); err != nil || r.Header.Get("X-Amz-Target") != "DynamoDB_20120810.Scan" {
			t.Errorf("%s: %v", r.Header.Get("X-Amz-Target"), err)
		}
		if prefix := stuck.Load().(string); prefix != "" && strings.HasPrefix(scan.TableName, prefix) {
			<-r.Context().Done()
			return
		}
		w.Header().Set("Content-Type", "application/x-amz-json-1.0")
		items := ""
		if scan.Segment == 0 {
			items = `{"id":{"S":"x"},"title":{"S":"` + title.Load().(string) + `"}}`
		}
		_, _ = io.WriteString(w, `{"Items":[`+items+`]}`)
	}))
	t.Cleanup(server.Close)
	return server.URL
}

// TestHandOver: the function, as it is deployed, publishes the tables that it could read and calls itself, signed, for the others, until there are none.
func TestHandOver(t *testing.T) {
	var title, stuck atomic.Value
	title.Store("one")
	stuck.Store("")
	events := make(chan string, 10)
	api := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		if !strings.Contains(r.Header.Get("Authorization"), "/eu-west-1/lambda/aws4_request") || r.RequestURI != "/2015-03-31/functions/test/invocations?Qualifier=live" {
			t.Errorf("%s, signed %q", r.RequestURI, r.Header.Get("Authorization"))
		}
		events <- string(body)
		w.WriteHeader(http.StatusAccepted)
	}))
	defer api.Close()

	schema := filepath.Join(t.TempDir(), "catalog.graphql")
	sdl := ""
	for _, name := range []string{"a", "b", "c"} {
		sdl += "type " + strings.ToUpper(name) + ` @model(timestamps: null) @table(name: "` + name + `-table") { id: ID! title: String }` + "\n"
	}
	if err := os.WriteFile(schema, []byte(sdl), 0o600); err != nil {
		t.Fatal(err)
	}
	function := lambdatest.Start(t, "./cmd/warmer", "CHUNKASIDE_SCHEMA="+schema, "CHUNKASIDE_STORE=dynamodb:?endpoint="+tables(t, &title, &stuck), "CHUNKASIDE_CACHE=memory:", "CHUNKASIDE_BUILD_TIMEOUT=6s",
		"CHUNKASIDE_HANDOVER=live", "AWS_ENDPOINT_URL_LAMBDA="+api.URL, "AWS_REGION=eu-west-1", "AWS_ACCESS_KEY_ID=x", "AWS_SECRET_ACCESS_KEY=x")
	invoke := func(event, whatIsStuck string) (r warmer.Result) {
		t.Helper()
		stuck.Store(whatIsStuck)
		answer, failed := function.Invoke(t, []byte(event))
		if err := json.Unmarshal(answer, &r); err != nil || failed {
			t.Fatalf("%s: %s", event, answer)
		}
		return r
	}
	invoke(`{}`, "")
	title.Store("two")
	if r := invoke(`{}`, "b"); strings.Join(r.Left, " ") != "B C" || r.Changes[0].Changed != 1 || r.Changes[1].Changed+r.Changes[2].Changed != 0 {
		t.Errorf("the first call: %+v", r)
	}
	if r := invoke(<-events, "c"); strings.Join(r.Left, " ") != "C" || r.Changes[1].Changed != 1 {
		t.Errorf("the second call: %+v", r)
	}
	if r := invoke(<-events, ""); len(r.Left) > 0 || r.Changes[2].Changed != 1 || len(events) > 0 {
		t.Errorf("the third call: %+v, %d events", r, len(events))
	}
}

func TestOpenHandover(t *testing.T) {
	for _, test := range []struct {
		environment map[string]string
		set, ok     bool
	}{
		{map[string]string{}, false, true},
		{map[string]string{"CHUNKASIDE_HANDOVER": "live", "AWS_REGION": "cn-north-1", "AWS_LAMBDA_FUNCTION_NAME": "warmer"}, true, true},
		{map[string]string{"CHUNKASIDE_HANDOVER": "live", "AWS_REGION": "eu-west-1"}, false, false},
		{map[string]string{"CHUNKASIDE_HANDOVER": "a:b", "AWS_REGION": "eu-west-1", "AWS_LAMBDA_FUNCTION_NAME": "warmer"}, false, false},
		{map[string]string{"CHUNKASIDE_HANDOVER": "live", "AWS_ENDPOINT_URL_LAMBDA": "http://example.com", "AWS_LAMBDA_FUNCTION_NAME": "warmer"}, false, false},
	} {
		again, err := openHandover(func(name string) string { return test.environment[name] })
		if (again != nil) != test.set || (err == nil) != test.ok {
			t.Errorf("%v: set %v, %v", test.environment, again != nil, err)
		}
	}
	for region, want := range map[string]string{"eu-west-1": "https://lambda.eu-west-1.amazonaws.com", "cn-north-1": "https://lambda.cn-north-1.amazonaws.com.cn"} {
		if got := lambdaAPI(func(string) string { return "" }, region); got != want {
			t.Errorf("lambdaAPI(%s) = %s, want %s", region, got, want)
		}
	}
}
