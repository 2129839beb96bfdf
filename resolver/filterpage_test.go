package resolver_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/chunkaside/chunkaside/resolver"
	"github.com/chunkaside/chunkaside/store/storetest"
)

// every is 2,500 episodes of one show, numbered from 0, of which every hundredth has a title.
func every() storetest.Tables {
	tables := storetest.Tables{"Show": {`{"id":"s1"}`}}
	for i := range 2500 {
		title := ""
		if i%100 == 0 {
			title = `,"title":"x"`
		}
		tables["Episode"] = append(tables["Episode"], fmt.Sprintf(`{"id":"e%04d","showId":"s1","number":%d%s}`, i, i, title))
	}
	return tables
}

// pageSizes are how many items each page of a query has. It checks that they are those that have a title, in order, none twice.
func pageSizes(t *testing.T, r *resolver.Resolver, field, arguments string, descending bool) []int {
	t.Helper()
	var sizes []int
	seen, token := 0, "null"
	for token != "" {
		var page struct {
			Items     []struct{ Number int }
			NextToken *string
		}
		answer := invoke(t, r, event(field, `{"filter":{"title":{"eq":"x"}},"nextToken":`+token+arguments+`}`, "{ items { number } nextToken }"))
		if err := json.Unmarshal([]byte(answer), &page); err != nil {
			t.Fatal(answer)
		}
		for _, item := range page.Items {
			want := 100 * seen
			if descending {
				want = 2400 - want
			}
			if item.Number != want {
				t.Fatalf("%s: number %d, want %d", field, item.Number, want)
			}
			seen++
		}
		sizes = append(sizes, len(page.Items))
		if token = ""; page.NextToken != nil {
			token = quoted(*page.NextToken)
		}
	}
	if seen != 25 {
		t.Errorf("%s%s: %d items, want 25", field, arguments, seen)
	}
	return sizes
}

func TestPagesOfFilters(t *testing.T) {
	data := every()
	for _, test := range []struct {
		name      string
		options   *resolver.Options
		arguments string
		want      string
	}{
		{"the limit counts what is looked at", nil, `,"limit":50`, strings.Repeat("1 0 ", 25)},
		{"in several steps", nil, `,"limit":2000`, "20 5 "},
		{"all at once", nil, `,"limit":5000`, "25 "},
		{"filled pages", &resolver.Options{FillPages: true}, `,"limit":10`, "10 10 5 "},
		{"filled pages, over several steps", &resolver.Options{FillPages: true}, `,"limit":24`, "24 1 "},
		{"filled to the last one", &resolver.Options{FillPages: true}, `,"limit":25`, "25 0 "},
		{"filled pages end at what may be looked at", &resolver.Options{FillPages: true, MaxScanned: 1200}, `,"limit":20`, "12 12 1 "},
		{"a limit goes before that", &resolver.Options{FillPages: true, MaxScanned: 10}, `,"limit":1500`, "15 10 "},
	} {
		r := newResolver(t, sdl, data, test.options)
		for _, list := range []struct {
			field, arguments string
			descending       bool
		}{
			{"listEpisodes", "", false},
			{"episodesByShow", `,"showId":"s1"`, false},
			{"episodesByShow", `,"showId":"s1","sortDirection":"DESC"`, true},
			{"episodesByShow", `,"showId":"s1","number":{"ge":0}`, false},
		} {
			if list.descending && !strings.HasPrefix(test.name, "filled pages") {
				continue // the rest of 2,500 stands at the other end then
			}
			got := ""
			for _, size := range pageSizes(t, r, list.field, list.arguments+test.arguments, list.descending) {
				got += fmt.Sprint(size, " ")
			}
			if !list.descending && got != test.want {
				t.Errorf("%s, %s: pages of %s, want %s", test.name, list.field, got, test.want)
			}
		}
	}
}

// TestPagesWithoutItems: the token of a page says the same whether its items are asked for or not.
func TestPagesWithoutItems(t *testing.T) {
	for _, o := range []*resolver.Options{nil, {FillPages: true}} {
		r := newResolver(t, sdl, every(), o)
		var tokens []string
		for _, set := range []string{"{ nextToken }", "{ items { id } nextToken }"} {
			var page struct{ NextToken string }
			answer := invoke(t, r, event("listEpisodes", `{"filter":{"title":{"eq":"x"}},"limit":3}`, set))
			if err := json.Unmarshal([]byte(answer), &page); err != nil || page.NextToken == "" {
				t.Fatal(answer)
			}
			tokens = append(tokens, page.NextToken)
		}
		if tokens[0] != tokens[1] {
			t.Errorf("%+v: %q, want one token", o, tokens)
		}
	}
}

// TestTokensOfFilters: a token belongs to its filter and its condition, however they are written.
func TestTokensOfFilters(t *testing.T) {
	r := newResolver(t, sdl, every(), nil)
	token := func(arguments string) string {
		var page struct{ NextToken string }
		answer := invoke(t, r, event("episodesByShow", `{"showId":"s1","limit":1`+arguments+`}`, "{ nextToken }"))
		if err := json.Unmarshal([]byte(answer), &page); err != nil || page.NextToken == "" {
			t.Fatal(answer)
		}
		return page.NextToken
	}
	asked := `,"filter":{"number":{"ge":0,"le":9},"title":{"ne":"y"}},"number":{"ge":1}`
	for _, test := range []struct {
		arguments string
		good      bool
	}{
		{asked, true},
		{`,"filter":{"title":{"ne":"y"},"number":{"le":9,"ge":0}},"number":{"ge":1.0}`, true},
		{`,"filter":{"number":{"ge":0,"le":8},"title":{"ne":"y"}},"number":{"ge":1}`, false},
		{`,"filter":{"number":{"ge":0,"le":9},"title":{"ne":"y"}},"number":{"gt":1}`, false},
		{`,"filter":{"number":{"ge":0,"le":9},"title":{"ne":"y"}}`, false},
		{`,"number":{"ge":1}`, false},
		{``, false},
	} {
		got := invoke(t, r, event("episodesByShow", `{"showId":"s1","nextToken":"`+token(asked)+`"`+test.arguments+`}`, "{ items { id } }"))
		if good := !strings.HasPrefix(got, "!BadNextToken: episodesByShow: the nextToken belongs to another list"); good != test.good {
			t.Errorf("with %s: %.100s, want it taken: %v", test.arguments, got, test.good)
		}
	}
}
