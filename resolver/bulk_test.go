package resolver_test

import (
	"encoding/base64"
	"encoding/json"
	"strings"
	"testing"

	"github.com/chunkaside/chunkaside/chunker"
	"github.com/chunkaside/chunkaside/resolver"
	"github.com/chunkaside/chunkaside/store/samplestore"
)

func bulkEvent(field, arguments, selection string) string {
	return `{"arguments":` + arguments + `,"info":{"parentTypeName":"Query","fieldName":"` + field + `","selectionSetGraphQL":"` + selection + `"}}`
}

type part struct{ ID, Data string }

// bytes are the stored bytes, which must have their name as digest.
func (p part) bytes(t *testing.T) []byte {
	t.Helper()
	data, err := base64.StdEncoding.DecodeString(p.Data)
	if err == nil {
		err = chunker.Verify("part", data, chunker.Digest(p.ID))
	}
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// TestBulkReading: a client gets the manifest, then all chunks, in answers no larger than allowed, and has the whole catalog.
func TestBulkReading(t *testing.T) {
	const most = 400_000
	r := newResolver(t, samplestore.Schema, samplestore.New(), &resolver.Options{MaxAnswer: most})
	ask := func(event string, to any) {
		t.Helper()
		answer, err := r.Invoke(t.Context(), []byte(event))
		if err != nil || len(answer) > most {
			t.Fatalf("%s: %d bytes, %v", event[:min(len(event), 200)], len(answer), err)
		}
		if err := json.Unmarshal(answer, to); err != nil {
			t.Fatal(err)
		}
	}
	var named, whole part
	ask(bulkEvent("catalogManifest", `{}`, "{ id }"), &named)
	ask(bulkEvent("catalogManifest", `{}`, "{ id data }"), &whole)
	if named.Data != "" || named.ID != whole.ID {
		t.Errorf("the name alone: %+v", named)
	}
	m, err := chunker.DecodeManifest(whole.bytes(t), chunker.Digest(whole.ID))
	if err != nil {
		t.Fatal(err)
	}
	var left []string
	for chunk := range m.Chunks {
		left = append(left, string(chunk.Digest))
	}
	have, answers := map[chunker.Digest][]byte{}, 0
	for len(left) > 0 {
		ids, _ := json.Marshal(left)
		var answer struct {
			Items []part
			Left  []string
		}
		ask(bulkEvent("catalogChunks", `{"ids":`+string(ids)+`}`, "{ items { id data } left }"), &answer)
		if len(answer.Items) == 0 || len(answer.Items)+len(answer.Left) != len(left) {
			t.Fatalf("%d chunks and %d left of %d", len(answer.Items), len(answer.Left), len(left))
		}
		for _, item := range answer.Items {
			have[chunker.Digest(item.ID)] = item.bytes(t)
		}
		left = answer.Left
		answers++
	}
	if answers < 2 {
		t.Errorf("all came in %d answer", answers)
	}
	lines := 0
	for chunk := range m.Chunks {
		for i := range chunk.Blocks {
			data, err := m.Codec.Inflate(nil, have[chunk.Digest], chunk.Digest, &chunk.Blocks[i])
			if err != nil {
				t.Fatal(err)
			}
			lines += strings.Count(string(data), "\n")
		}
	}
	want := 0
	for _, s := range m.Sections {
		want += s.Count
	}
	if lines != want {
		t.Errorf("%d lines, want %d", lines, want)
	}
}

func TestBulkFaults(t *testing.T) {
	r := newResolver(t, samplestore.Schema, samplestore.New(), nil)
	foreign := strings.Repeat("0a", 32)
	for _, test := range []struct{ field, arguments, want string }{
		{"catalogManifest", `{"x":1}`, resolver.BadArgument + ": catalogManifest: the argument x"},
		{"catalogChunks", `{}`, resolver.BadArgument + ": catalogChunks: the argument ids must list"},
		{"catalogChunks", `{"ids":[]}`, resolver.BadArgument},
		{"catalogChunks", `{"ids":"x"}`, resolver.BadArgument},
		{"catalogChunks", `{"ids":["x"]}`, resolver.BadArgument + ": catalogChunks: the argument ids has x, which is no digest"},
		{"catalogChunks", `{"ids":["` + foreign + `"]}`, resolver.UnknownChunk + ": catalogChunks: the current version has no chunk " + foreign},
	} {
		if got := invoke(t, r, bulkEvent(test.field, test.arguments, "{ items { id } }")); !strings.HasPrefix(got, "!"+test.want) {
			t.Errorf("%s(%s): %s, want %s", test.field, test.arguments, got, test.want)
		}
	}
}
