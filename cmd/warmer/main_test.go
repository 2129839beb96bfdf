package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chunkaside/chunkaside/internal/lambdatest"
	"github.com/chunkaside/chunkaside/warmer"
	"github.com/chunkaside/chunkaside/warmer/export/exporttest"
)

// TestExport: the function, as it is deployed, reads S3. The records that an export has otherwise come from the store.
func TestExport(t *testing.T) {
	folder, bucket := t.TempDir(), exporttest.Bucket{}
	write := func(name, text string) {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("shows.graphql", `type Show @model(timestamps: null) @table(name: "shows") { id: ID! title: String }`)
	write("shows.ndjson", `{"id":"a","title":"A"}`+"\n"+`{"id":"b","title":"B"}`)
	last := bucket.Write(t, exporttest.Export{Table: "shows", Files: [][]string{{`{"Item":{"id":{"S":"a"},"title":{"S":"of yore"}}}`}, {`{"Item":{"id":{"S":"b"},"title":{"S":"B"}}}`}}})

	// The SDK's own variables say where S3 is.
	function := lambdatest.Start(t, "./cmd/warmer", "CHUNKASIDE_SCHEMA="+filepath.Join(folder, "shows.graphql"), "CHUNKASIDE_STORE=file:"+folder, "CHUNKASIDE_CACHE=memory:",
		"AWS_ENDPOINT_URL_S3="+bucket.Serve(t), "AWS_REGION=eu-west-1", "AWS_ACCESS_KEY_ID=x", "AWS_SECRET_ACCESS_KEY=x")
	invoke := func(event string) (r warmer.Result) {
		answer, failed := function.Invoke(t, []byte(event))
		if err := json.Unmarshal(answer, &r); err != nil || failed {
			t.Fatalf("%s: %s", event, answer)
		}
		return r
	}
	built := invoke(`{}`)
	write("shows.ndjson", `{"id":"a","title":"A2"}`+"\n"+`{"id":"b","title":"B2"}`)
	r := invoke(`{"Records":[{"eventSource":"aws:s3","eventName":"ObjectCreated:Put","s3":{"bucket":{"name":"` + exporttest.Name + `"},"object":{"key":"` + last + `"}}}]}`)
	if r.Trigger != warmer.Bucket || r.Mode != warmer.Incremental || r.Items != 2 || r.Records != 1 || r.Version == built.Version || r.Changes[0].Changed != 1 {
		t.Errorf("%+v after %+v", r, built)
	}
	if output := function.Stop(); !strings.Contains(output, `"items":2`) {
		t.Error(output)
	}
}
