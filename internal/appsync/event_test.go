package appsync_test

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const program = `{"title":"T","id":"p1","groups":{"nextToken":null,"items":[{"id":"g1","title":"One","year":2001},{"id":"g2"}]}}`

func TestEvent(t *testing.T) {
	f := &fake{answers: map[string]string{"getProgram": program}}
	run(t, newServer(t, f, nil), `query Page($id: ID!, $limit: Int = 5, $more: Boolean!) {
  page: getProgram(id: $id) {
    ...names
    kids: groups(limit: $limit, sortDirection: DESC, nextToken: "a\"b") {
      items {
        ... on Group { name: title year @include(if: $more) live @skip(if: true) }
        cover { url }
      }
      nextToken
    }
    __typename
  }
}
fragment names on Program { id title }`, `{"id":7,"more":true,"unknown":1}`)
	if len(f.events) != 1 {
		t.Fatalf("%d events, want 1", len(f.events))
	}
	var indented bytes.Buffer
	if err := json.Indent(&indented, []byte(f.events[0].raw), "", "  "); err != nil {
		t.Fatal(err)
	}
	golden(t, "event.json", indented.String()+"\n")
}

func TestArguments(t *testing.T) {
	const setting = `getSetting(scope: $s, level: $l, rating: $r) { scope }`
	for _, test := range []struct{ name, query, variables, arguments, used string }{
		{"literals", `{ getSetting(scope: "\u2028é", level: 3, rating: PG) { scope } }`, ``,
			"{\"scope\":\"\u2028é\",\"level\":3,\"rating\":\"PG\"}", `{}`},
		{"variables", `query($s: String!, $l: Int!, $r: Rating!) { ` + setting + ` }`, `{"r":"G","l":2,"s":"a\/b"}`,
			`{"scope":"a/b","level":2,"rating":"G"}`, `{"s":"a/b","l":2,"r":"G"}`},
		{"defaults", `query($s: String! = "x", $l: Int = 4, $r: Rating! = PG) { ` + setting + ` }`, `{}`,
			`{"scope":"x","level":4,"rating":"PG"}`, `{"s":"x","l":4,"r":"PG"}`},
		{"a whole number", `query($s: String! = "x", $l: Int!, $r: Rating! = PG) { ` + setting + ` }`, `{"l":2.0}`,
			`{"scope":"x","level":2,"rating":"PG"}`, `{"s":"x","l":2,"r":"PG"}`},
		{"a number for an ID", `{ getProgram(id: 12345678901234567890123) { id } }`, ``, ``, ``},
		{"a short number for an ID", `{ getProgram(id: 123) { id } }`, ``, `{"id":"123"}`, `{}`},
		{"missing and null", `query($n: Int, $t: String) { listPrograms(limit: $n, nextToken: $t) { nextToken } }`, `{"t":null}`,
			`{"nextToken":null}`, `{"t":null}`},
		{"block strings", `{ groupsByProgram(programId: """
		  a "b"
		""", sortDirection: null) { nextToken } }`, ``, `{"programId":"a \"b\"","sortDirection":null}`, `{}`},
	} {
		t.Run(test.name, func(t *testing.T) {
			f := &fake{}
			answer := run(t, newServer(t, f, nil), test.query, test.variables)
			if test.arguments == "" {
				if len(f.events) != 0 {
					t.Errorf("an event was sent: %s", f.events[0].raw)
				}
				return
			}
			if len(f.events) != 1 {
				t.Fatalf("no event: %s", answer)
			}
			equalJSON(t, "arguments", test.arguments, f.events[0].Arguments)
			equalJSON(t, "variables", test.used, f.events[0].Info.Variables)
		})
	}
}

func TestSelection(t *testing.T) {
	for _, test := range []struct {
		name, query, graphql string
		list                 []string
	}{
		{"merged fields", `{ listPrograms { items { id } } listPrograms { items { title ... { id } } nextToken } }`,
			"{\n  items {\n    id\n  }\n  items {\n    title\n    ... {\n      id\n    }\n  }\n  nextToken\n}",
			[]string{"items", "items/id", "items/title", "nextToken"}},
		{"nested fragments", `{ ...root } fragment root on Query { listPrograms { ...page ...page } }
			fragment page on ModelProgramConnection { items { ...item } } fragment item on Program { id a: title }`,
			"{\n  ...page\n  ...page\n}", []string{"items", "items/id", "items/a"}},
		{"skipped", `{ listPrograms { nextToken items @skip(if: true) { id } ...page @include(if: false) } }
			fragment page on ModelProgramConnection { items { title } }`,
			"{\n  nextToken\n  items @skip(if: true) {\n    id\n  }\n  ...page @include(if: false)\n}", []string{"nextToken"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			f := &fake{}
			answer := run(t, newServer(t, f, nil), test.query, "")
			if len(f.events) != 1 {
				t.Fatalf("%d events, want 1: %s", len(f.events), answer)
			}
			info := f.events[0].Info
			if diff := cmp.Diff(test.graphql, info.SelectionSetGraphQL); diff != "" {
				t.Errorf("selectionSetGraphQL (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(test.list, info.SelectionSetList); diff != "" {
				t.Errorf("selectionSetList (-want +got):\n%s", diff)
			}
		})
	}
}

func TestTwoRootFields(t *testing.T) {
	f := &fake{answers: map[string]string{"getProgram": `{"id":"p1"}`}}
	got := run(t, newServer(t, f, nil), `{ b: getProgram(id: 2) { id } a: getProgram(id: 1) { id } __typename }`, "")
	if want := `{"data":{"b":{"id":"p1"},"a":{"id":"p1"},"__typename":"Query"}}`; got != want {
		t.Errorf("answer = %s, want %s", got, want)
	}
	if len(f.events) != 2 {
		t.Fatalf("%d events, want 2", len(f.events))
	}
	equalJSON(t, "arguments", `{"id":"1"}`, f.events[0].Arguments)
	equalJSON(t, "arguments", `{"id":"2"}`, f.events[1].Arguments)
}

func equalJSON(t *testing.T, what, want string, got []byte) {
	t.Helper()
	var a, b any
	if err := json.Unmarshal([]byte(want), &a); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(got, &b); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(a, b); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}
