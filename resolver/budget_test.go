package resolver_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"testing"

	"github.com/chunkaside/chunkaside/resolver"
	"github.com/chunkaside/chunkaside/store/samplestore"
)

// connection is a page of programs, of their groups, or of episodes.
type connection struct {
	Items []struct {
		ID               string
		Groups, Episodes *connection
	}
	NextToken *string
}

// TestLargeAnswersArePaged: a list of 9.9 MB comes in answers that AppSync takes, each entity once.
func TestLargeAnswersArePaged(t *testing.T) {
	r := newResolver(t, samplestore.Schema, samplestore.New(), nil)
	var ids []string
	answers, arguments := 0, `{"limit":100000}`
	for {
		answer := invoke(t, r, `{"arguments":`+arguments+`,"info":{"parentTypeName":"Query","fieldName":"listEpisodes"}}`)
		if len(answer) > 5_000_000 {
			t.Fatalf("an answer has %d bytes", len(answer))
		}
		answers++
		var page connection
		if err := json.Unmarshal([]byte(answer), &page); err != nil {
			t.Fatalf("%.200s: %v", answer, err)
		}
		for _, item := range page.Items {
			ids = append(ids, item.ID)
		}
		if page.NextToken == nil {
			break
		}
		arguments = `{"limit":100000,"nextToken":` + strconv.Quote(*page.NextToken) + `}`
	}
	slices.Sort(ids)
	if all := len(ids); all != 6991 || len(slices.Compact(ids)) != all || answers != 3 {
		t.Errorf("%d episodes in %d answers", all, answers)
	}
}

// TestNestedPagesEndEarly too: with every token followed, each entity comes once.
func TestNestedPagesEndEarly(t *testing.T) {
	r := newResolver(t, samplestore.Schema, samplestore.New(), &resolver.Options{MaxAnswer: 20_000})
	const inGroups = `{ items { id episodes(limit: 1000) { items { id } nextToken } } nextToken }`
	var ids []string
	var follow func(parent, id, field, selection string, page *connection)
	ask := func(parent, source, field, arguments, selection string) *connection {
		answer := invoke(t, r, `{"arguments":`+arguments+`,"source":`+source+`,"info":{"parentTypeName":"`+parent+`","fieldName":"`+field+`","selectionSetGraphQL":"`+selection+`"}}`)
		var page connection
		if err := json.Unmarshal([]byte(answer), &page); err != nil || len(answer) > 20_000 {
			t.Fatalf("%.300s: %d bytes, %v", answer, len(answer), err)
		}
		return &page
	}
	early := 0
	follow = func(parent, id, field, selection string, page *connection) {
		for {
			for _, item := range page.Items {
				ids = append(ids, field+" "+item.ID)
				if item.Groups != nil {
					follow("Program", item.ID, "groups", inGroups, item.Groups)
				}
				if item.Episodes != nil {
					follow("EpisodeGroup", item.ID, "episodes", "{ items { id } nextToken }", item.Episodes)
				}
			}
			if page.NextToken == nil {
				return
			}
			early++
			page = ask(parent, fmt.Sprintf(`{"id":%q}`, id), field, `{"limit":1000,"nextToken":`+strconv.Quote(*page.NextToken)+`}`, selection)
		}
	}
	const selection = "{ items { id groups(limit: 100) " + inGroups + " } nextToken }"
	follow("Query", "", "listPrograms", selection, ask("Query", "null", "listPrograms", `{"limit":1000}`, selection))
	slices.Sort(ids)
	if all := len(ids); all != 7469 || len(slices.Compact(ids)) != all || early < 10 {
		t.Errorf("%d entities, %d pages ended early", all, early)
	}
}

// TestPagesWithoutTokenDoNotEndEarly: nobody could tell.
func TestPagesWithoutTokenDoNotEndEarly(t *testing.T) {
	r := newResolver(t, samplestore.Schema, samplestore.New(), &resolver.Options{MaxAnswer: 20_000})
	answer := invoke(t, r, `{"arguments":{"limit":1000},"info":{"parentTypeName":"Query","fieldName":"listEpisodes","selectionSetGraphQL":"{ items { id } }"}}`)
	if want := "!" + resolver.ResponseTooLarge; len(answer) < len(want) || answer[:len(want)] != want {
		t.Errorf("answer: %.200s", answer)
	}
}
