package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chunkaside/chunkaside/internal/lambdatest"
	"github.com/chunkaside/chunkaside/internal/servertest"
)

// TestEdit: an item is put into a table, its stream's event comes to one function, and the other one answers with it.
func TestEdit(t *testing.T) {
	dynamo, valkey := "dynamodb:?suffix=-prod&endpoint="+servertest.Dynalite(t), "valkey://"+servertest.Valkey(t)+"/0"
	folder := t.TempDir()
	schema := filepath.Join(folder, "schema.graphql")
	write := func(name, text string) {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	put := func(posts, tags, joins string) {
		for table, text := range map[string]string{"Post": posts, "Tag": tags, "PostTags": joins} {
			write(table+".ndjson", text)
		}
		if _, stderr, code := command(t, "load", "--schema", schema, "--store", "file:"+folder, "--to", dynamo); code != 0 {
			t.Fatalf("load: code %d, %s", code, stderr)
		}
	}
	const times = `,"createdAt":"2026-01-01T00:00:00Z","updatedAt":"2026-01-01T00:00:00Z"}`
	write("schema.graphql", `type Post @model { id: ID! title: String tags: [Tag] @manyToMany(relationName: "PostTags") }
		type Tag @model { id: ID! name: String posts: [Post] @manyToMany(relationName: "PostTags") }`)
	put(`{"id":"p1","title":"before"`+times, `{"id":"t1","name":"one"`+times, "")

	settings := []string{"CHUNKASIDE_SCHEMA=" + schema, "CHUNKASIDE_STORE=" + dynamo, "CHUNKASIDE_CACHE=" + valkey, "CHUNKASIDE_MAX_AGE=1ms", "CHUNKASIDE_SOFT_TIMEOUT=10s"}
	warmer, resolver := lambdatest.Start(t, "./cmd/warmer", settings...), lambdatest.Start(t, "./cmd/resolver", settings...)
	invoke := func(function *lambdatest.Runtime, event string, want ...string) {
		t.Helper()
		answer, failed := function.Invoke(t, []byte(event))
		for _, text := range want {
			if failed || !strings.Contains(string(answer), text) {
				t.Errorf("%.200s: %s, want %s", event, answer, text)
			}
		}
	}
	query := `{"info":{"parentTypeName":"Query","fieldName":"getPost","selectionSetGraphQL":"{ title tags { items { tag { name } } } }"},"arguments":{"id":"p1"},"identity":{"accountId":"1"}}`
	invoke(warmer, `{}`, `"mode":"full"`, `"entities":2`)
	invoke(resolver, query, `"title":"before"`, `"items":[]`)

	put(`{"id":"p1","title":"after"`+times, `{"id":"t1","name":"two"`+times, `{"id":"j1","postId":"p1","tagId":"t1"`+times)
	var records []string
	for i, key := range []string{"PostTags-prod j1", "Post-prod p1", "Orders-prod x", "Tag-prod t1", "Post-prod p1"} {
		table, id, _ := strings.Cut(key, " ")
		records = append(records, fmt.Sprintf(`{"eventSource":"aws:dynamodb","eventSourceARN":"arn:aws:dynamodb:eu-west-1:123456789012:table/%s/stream/2026-01-01T00:00:00.000",`+
			`"dynamodb":{"SequenceNumber":"%d","Keys":{"id":{"S":"%s"}}}}`, table, i, id))
	}
	invoke(resolver, query, `"title":"before"`)
	invoke(warmer, `{"Records":[`+strings.Join(records, ",")+`]}`, `"mode":"incremental","records":4,"skipped":1`, `"entities":3`, `"batchItemFailures":[]`)
	invoke(resolver, query, `"title":"after"`, `"items":[{"tag":{"name":"two"}}]`)

	answer, failed := warmer.Invoke(t, []byte(`{"mod":"verify"}`))
	if !failed || !strings.Contains(string(answer), `"errorType":"BadEvent"`) {
		t.Errorf("a wrong event: %s", answer)
	}
}
