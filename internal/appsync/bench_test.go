package appsync_test

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"testing"
)

// BenchmarkComplete answers one query with about 1 MB of nested objects, of which the query takes a half.
func BenchmarkComplete(b *testing.B) {
	var groups []string
	for i := range 4000 {
		groups = append(groups, `{"id":"g`+strconv.Itoa(i)+`","programId":"p1","title":"`+strings.Repeat("títle ", 20)+
			`","tags":["`+strings.Repeat("a", 60)+`"],"images":[{"url":"u","width":3}]}`)
	}
	answer := []byte(`{"id":"p1","title":"T","groups":{"items":[` + strings.Join(groups, ",") + `]}}`)
	server := newServer(b, handler(func(context.Context, []byte) ([]byte, error) { return answer, nil }), nil)
	const body = `{"query":"{ getProgram(id: 1) { id groups { items { id title images { url } } } } }"}`
	b.SetBytes(int64(len(answer)))
	b.ReportAllocs()
	for b.Loop() {
		if w := send(b, server, "/graphql", body); w.Code != http.StatusOK {
			b.Fatal(w.Body)
		}
	}
}
