package resolver_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

// TestMessagesAreBounded: what a message quotes of an event may be of any length; the message is not, and so a batch of 2,000 errors fits into an answer.
func TestMessagesAreBounded(t *testing.T) {
	r := newResolver(t, sdl, records, nil)
	name := strings.Repeat("\x01\"", 100_000)
	quoted := jsonOf(t, name)
	entries := []string{
		event("getShow", `{"id":"s1",`+quoted+":1}", "{ id }"), event("listShows", `{"filter":{`+quoted+":1}}", "{ items { id } }"),
		event("listShows", `{"filter":{"title":{`+quoted+":1}}}", "{ items { id } }"), event("episodesByShow", `{"showId":"s1","number":{`+quoted+":1}}", "{ items { id } }"),
		event("getShow", `{"id":"s1"}`, "{ "+strings.Repeat("x", 200_000)+" }"), `{"info":{"parentTypeName":"Query","fieldName":` + quoted + "}}",
		`{"info":{"parentTypeName":` + quoted + `,"fieldName":"x"}}`, `{"operation":` + quoted + `,"payload":{}}`,
	}
	for _, e := range entries {
		if got := invoke(t, r, e); !strings.HasPrefix(got, "!") || len(jsonOf(t, got)) > 400 {
			t.Errorf("%d bytes: %.500s", len(got), got)
		}
		if got := invoke(t, r, "["+e+"]"); len(got) > 400 {
			t.Errorf("%d bytes in a batch: %.500s", len(got), got)
		}
	}
}

// TestHiddenNamesAreBounded: to find out what the names in named fragments stand for takes time that grows with their square, and few fragments that spread each other list many.
func TestHiddenNamesAreBounded(t *testing.T) {
	r := newResolver(t, sdl, records, nil)
	hidden := func(paths []string) string {
		return invoke(t, r, fmt.Sprintf(`{"arguments":{"id":"s1"},"info":{"parentTypeName":"Query","fieldName":"getShow","selectionSetGraphQL":"{ ...F }","selectionSetList":%s}}`, jsonOf(t, paths)))
	}
	aliases := func(n int) (paths []string) {
		for i := range n {
			paths = append(paths, fmt.Sprintf("a%d", i), fmt.Sprintf("a%d/b%d", i, i))
		}
		return paths
	}
	if got := hidden(aliases(300)); !strings.HasPrefix(got, `{"host":{"name":"H"`) {
		t.Errorf("300 aliases: %.300s", got)
	}
	if got := hidden(aliases(3000)); !strings.HasPrefix(got, "!QueryTooLarge: the query's named fragments may stand for too much") {
		t.Errorf("3,000 aliases: %.300s", got)
	}
}

// TestArgumentsAreBounded: a variable stands in an event once, and each use of it would cost its length again.
func TestArgumentsAreBounded(t *testing.T) {
	r := newResolver(t, sdl, records, nil)
	variable := func(n int) string { return `{"f":{"title":{"eq":"` + strings.Repeat("x", n) + `"}}}` }
	set := strings.Repeat("{ episodes(filter: $f) { items { show ", 20) + "{ id }" + strings.Repeat("} } }", 20)
	if got := invoke(t, r, event("getShow", `{"id":"s1"}`, set, variable(25_000))); got != `{"episodes":{"items":[]}}` {
		t.Errorf("twenty times 25 KB: %.300s", got)
	}
	if got := invoke(t, r, event("getShow", `{"id":"s1"}`, set, variable(500_000))); !strings.HasPrefix(got, "!QueryTooLarge: the arguments of nested fields have more than 1000000 bytes") {
		t.Errorf("twenty times 500 KB: %.300s", got)
	}
	if got := invoke(t, r, event("listShows", `{"filter":{"and":[`+strings.Repeat("{},", 400_000)+"{}]}}", "{ items { id } }")); got != "!BadArgument: listShows: filter: it has more than 1000000 bytes" {
		t.Errorf("a filter of 1.2 MB: %.300s", got)
	}
}

func jsonOf(t *testing.T, value any) string {
	t.Helper()
	text, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
