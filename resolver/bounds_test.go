package resolver_test

import (
	"encoding/json"
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

func jsonOf(t *testing.T, value any) string {
	t.Helper()
	text, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
