package resolver_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/parser"

	"github.com/chunkaside/chunkaside/resolver"
)

// senders are the types of errors that whoever sends an event can bring about. Any other says that something here is at fault: a panic is an InternalFailure.
var senders = []string{resolver.BadEvent, resolver.UnknownField, resolver.BadArgument, resolver.BadNextToken, resolver.AliasConflict, resolver.QueryTooLarge, resolver.ResponseTooLarge,
	resolver.UnknownChunk}

// checkTyped is for any answer: it is JSON, or an error of the sender's that says no more than a log can bear.
func checkTyped(t testing.TB, got string) {
	t.Helper()
	kind, message, _ := strings.Cut(strings.TrimPrefix(got, "!"), ": ")
	switch {
	case !strings.HasPrefix(got, "!"):
		if !json.Valid([]byte(got)) {
			t.Errorf("neither JSON nor an error: %.300s", got)
		}
	case !slices.Contains(senders, kind):
		t.Errorf("an error of the type %s: %.300s", kind, message)
	case message == "" || len(message) > 400:
		t.Errorf("a message of %d bytes: %.300s", len(message), got)
	}
}

// FuzzEvent sends anything. What is refused is refused with a type, and alone as in a batch.
func FuzzEvent(f *testing.F) {
	files, err := filepath.Glob(filepath.Join("..", "..", "shared", "data", "events", "appsync", "*.json")) // none in a clone alone
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(data))
	}
	for _, e := range []string{
		event("getShow", `{"id":"s1"}`, "{ id host { born { city } } episodes(limit: $n, filter: {not: {title: {beginsWith: \"t\"}}}) { items { id } nextToken } }", `{"n":1}`),
		event("listShows", `{"limit":1,"filter":{"or":[{"year":{"between":[2000,2001]}},{"tags":{"contains":"a"}},{"title":{"size":{"gt":2}}}]}}`, "{ items { ...F } nextToken }"),
		event("episodesByShow", `{"showId":"s1","number":{"ge":2},"sortDirection":"DESC"}`, "{ items { title show { id } setting { value } } }"),
		event("listSettings", `{"scope":"a","name":{"beginsWith":"x"}}`, "{ items { value } nextToken }"),
		event("catalogManifest", "", "{ id data }"), event("catalogChunks", `{"ids":["x"]}`, ""),
		`{"typeName":"Show","fieldName":"episodes","arguments":{"limit":1},"source":{"id":"s1"},"selectionSetList":["items","items/id","x","x/y"]}`,
		`[{"info":{"parentTypeName":"Episode","fieldName":"show"},"source":{"showId":"s1"}},{"info":null},1,[]]`,
	} {
		f.Add(e)
	}
	r := newResolver(f, sdl, records, nil)
	f.Fuzz(func(t *testing.T, e string) {
		got := invoke(t, r, e)
		checkTyped(t, got)
		if batch := strings.HasPrefix(strings.TrimLeft(e, " \t\r\n"), "["); batch || !json.Valid([]byte(e)) {
			return
		}
		var entries []struct {
			Data                    json.RawMessage
			ErrorType, ErrorMessage string
		}
		both := invoke(t, r, "["+e+","+event("getShow", `{"id":"s1"}`, "{ id }")+"]")
		if err := json.Unmarshal([]byte(both), &entries); err != nil || len(entries) != 2 || string(entries[1].Data) != `{"id":"s1"}` {
			t.Fatalf("in a batch it spoils the other entry: %.500s", both)
		}
		if entries[0].ErrorType != "" {
			entries[0].Data = []byte("!" + entries[0].ErrorType + ": " + entries[0].ErrorMessage)
		}
		if string(entries[0].Data) != strings.ToValidUTF8(got, "\uFFFD") {
			t.Errorf("alone: %.500s\nin a batch: %.500s", got, entries[0].Data)
		}
	})
}

// FuzzSelection asks for any selection set. It is refused, or each field in it has an answer.
func FuzzSelection(f *testing.F) {
	for _, set := range []string{
		"{ id title: id extra tags host { name: id born { city country } } guests { name } }",
		"getShow { id episodes(limit: 2, sortDirection: DESC, filter: {title: {contains: $x}}) { items { id show { title } setting { value } } nextToken } }",
		"{ ... { id } ... on Show @include(if: true) { a: episodes { i: items { number } } } __typename }",
		"{ a: episodes(limit: 1) { nextToken } b: episodes(limit: 2) { nextToken } }", "{ episodes(number: {between: [1, 2]}) { items { id } } ...F }",
		`query Q($x: Int = 3) { id }`, `{ episodes(filter: {and: [{not: {id: {eq: """block"""}}}, {number: {lt: -1.5e3}}]}) { __typename } }`, "{ id } fragment F on Show { id }", "#", "{", `{ id(x: "\ud800") }`,
	} {
		f.Add(set, "id,x,x/y,episodes/items/id", `{"x":"t"}`)
	}
	f.Add("", "id,episodes,episodes/items,episodes/items/show/title,host", "{}")
	r := newResolver(f, sdl, records, nil)
	f.Fuzz(func(t *testing.T, set, list, variables string) {
		var paths []string
		if list != "" {
			paths = strings.Split(list, ",")
		}
		info := map[string]any{"parentTypeName": "Query", "fieldName": "getShow", "selectionSetGraphQL": set, "selectionSetList": paths}
		if json.Valid([]byte(variables)) {
			info["variables"] = json.RawMessage(variables)
		}
		e, err := json.Marshal(map[string]any{"arguments": map[string]string{"id": "s1"}, "info": info})
		if err != nil {
			t.Fatal(err)
		}
		got := invoke(t, r, string(e))
		checkTyped(t, got)
		if strings.HasPrefix(got, "!") || strings.TrimSpace(set) == "" {
			return
		}
		var answer any
		if err := json.Unmarshal([]byte(got), &answer); err != nil {
			t.Fatal(err)
		}
		checkAsked(t, asked(t, strings.ToValidUTF8(set, "\uFFFD")), answer, got)
	})
}

// asked is the selection set of an event that was answered, without the field that it may be wrapped in.
func asked(t *testing.T, set string) ast.SelectionSet {
	t.Helper()
	document, err := parser.ParseQuery(&ast.Source{Input: set})
	if err != nil {
		t.Fatalf("answered, but no selection set: %v", err)
	}
	root := document.Operations[0].SelectionSet
	if f, ok := root[0].(*ast.Field); ok && len(root) == 1 && f.Name == "getShow" {
		return f.SelectionSet
	}
	return root
}

// checkAsked looks for each field of a selection set in an answer. What has no fields is let through: that nobody asks for fields of it is for AppSync to see to.
func checkAsked(t *testing.T, set ast.SelectionSet, answer any, all string) {
	t.Helper()
	for _, element := range listed(answer) {
		object, ok := element.(map[string]any)
		if !ok {
			continue
		}
		for _, item := range set {
			switch item := item.(type) {
			case *ast.InlineFragment:
				checkAsked(t, item.SelectionSet, element, all)
			case *ast.Field:
				value, there := object[item.Name]
				if !there && item.Name != "__typename" && item.Name != "startedAt" {
					t.Errorf("%s was asked for: %.500s", item.Name, all)
				}
				if item.Name != "extra" { // JSON of its own
					checkAsked(t, item.SelectionSet, value, all)
				}
			}
		}
	}
}

// listed is the elements of a list, or the one value.
func listed(value any) []any {
	if list, ok := value.([]any); ok {
		return list
	}
	return []any{value}
}

// FuzzToken reads a list page by page, and tampers with the tokens: a page is the true one, or there is none.
func FuzzToken(f *testing.F) {
	f.Add(uint8(1), false, uint16(0), uint8(1), "")
	f.Add(uint8(1), true, uint16(12), uint8(128), "AA")
	f.Add(uint8(2), true, uint16(65535), uint8(1), "\x00")
	f.Add(uint8(3), false, uint16(3), uint8(0), "bm90IGEgdG9rZW4")
	r := newResolver(f, sdl, records, nil)
	f.Fuzz(func(t *testing.T, limit uint8, descending bool, at uint16, change uint8, other string) {
		limit = max(1, limit)
		direction := "ASC"
		if descending {
			direction = "DESC"
		}
		page := func(query, token string) string {
			arguments, err := json.Marshal(map[string]any{"showId": "s1", "limit": limit, "sortDirection": direction, "nextToken": token})
			if err != nil {
				t.Fatal(err)
			}
			return invoke(t, r, event(query, string(arguments), "{ items { id } nextToken }"))
		}
		if got := page("episodesByShow", other); other != "" && !strings.HasPrefix(got, "!"+resolver.BadNextToken) {
			t.Errorf("the token %q is none: %s", other, got)
		}
		ids := []string{}
		arguments := `{"showId":"s1","limit":` + jsonOf(t, limit) + `,"sortDirection":"` + direction + `"}`
		for got := invoke(t, r, event("episodesByShow", arguments, "{ items { id } nextToken }")); ; {
			var answer struct {
				Items     []struct{ ID string }
				NextToken string
			}
			if err := json.Unmarshal([]byte(got), &answer); err != nil {
				t.Fatalf("%v: %s", err, got)
			}
			for _, item := range answer.Items {
				ids = append(ids, item.ID)
			}
			if answer.NextToken == "" {
				break
			}
			got = page("episodesByShow", answer.NextToken)
			tampered := []byte(answer.NextToken)
			tampered[int(at)%len(tampered)] ^= change
			// The last bits of base64 may say nothing: then it is the same token.
			if with := page("episodesByShow", string(tampered)); with != got && !strings.HasPrefix(with, "!"+resolver.BadNextToken) {
				t.Errorf("the token %q, tampered with: %s", tampered, with)
			}
		}
		want := []string{"e1", "e2", "e3"}
		if descending {
			slices.Reverse(want)
		}
		if !slices.Equal(ids, want) {
			t.Errorf("pages of %d have %v, want %v", limit, ids, want)
		}
	})
}
