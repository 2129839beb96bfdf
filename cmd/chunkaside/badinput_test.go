package main

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
)

// TestServeBadInput: whatever is sent to a running program, it says what is wrong, and goes on.
func TestServeBadInput(t *testing.T) {
	p := startServe(t)
	query := func(text, variables string) string {
		quoted, err := json.Marshal(text)
		if err != nil {
			t.Fatal(err)
		}
		return `{"query":` + string(quoted) + `,"variables":` + variables + "}"
	}
	const filtered = "query ($f: ModelProgramFilterInput) { listPrograms(filter: $f) { items { id } } }"
	const functions = "/2015-03-31/functions/resolver/invocations"
	for _, test := range []struct{ name, path, body, want string }{
		{"more than 1 MB of lists", "/graphql", strings.Repeat("[", 1<<20+1), `413 {"errors":[{"message":"The request body is larger than 1048576 bytes."`},
		{"1 MB of lists", "/graphql", strings.Repeat("[", 1<<20), `400 {"errors":[{"message":"Unable to parse the request body as a GraphQL request in JSON: `},
		{"1 MB of variables", "/graphql", query(filtered, strings.Repeat("[", 1_000_000)), `400 {"errors":[{"message":"Unable to parse the request body as a GraphQL request in JSON: `},
		{"half a request", "/graphql", `{"query":"{ listPrograms`, `400 {"errors":[{"message":"Unable to parse the request body as a GraphQL request in JSON: `},
		{"half a query", "/graphql", query("{ listPrograms { items", "{}"), `400 {"errors":[{"message":"Unable to parse GraphQL query: Expected Name, found <EOF>`},
		{"1 MB of selection sets", "/graphql", query(strings.Repeat("{a", 500_000), "{}"), `400 {"errors":[{"message":"Unable to parse GraphQL query: exceeded `},
		{"1 MB of literals", "/graphql", query("{ listPrograms(limit: "+strings.Repeat("[", 1_000_000), "{}"), `400 {"errors":[{"message":"Unable to parse GraphQL query: exceeded `},
		{"a filter 1,000 deep", "/graphql", query(filtered, `{"f":`+strings.Repeat(`{"not":`, 1000)+`{"title":{"eq":"x"}}`+strings.Repeat("}", 1001)),
			`200 {"data":{"listPrograms":null},"errors":[{"path":["listPrograms"],"data":null,"errorType":"BadArgument","errorInfo":null,"locations":[{"line":1,"column":39,"sourceName":null}],` +
				`"message":"listPrograms: filter: and, or and not stand within each other more than 32 deep"}]}`},
		{"a limit that is a text", "/graphql", query(`{ listPrograms(limit: "1") { nextToken } }`, "{}"), `200 {"data":null,"errors":[{"path":null,`},
		{"a limit of 0", "/graphql", query("{ listPrograms(limit: 0) { nextToken } }", "{}"), `200 {"data":{"listPrograms":null},"errors":[{"path":["listPrograms"],"data":null,"errorType":"BadArgument"`},
		{"an event of more than 6 MB", functions, strings.Repeat("[", 6<<20+1), `413 {"Type":"User","Message":"the event is larger than 6 MB"}`},
		{"an event of 6 MB", functions, strings.Repeat(`{"a":`, 1_200_000), `200 {"errorMessage":"the event is no AppSync context: exceeded max depth within `},
		{"a batch with one bad entry", functions, `[{"info":{"parentTypeName":"Query","fieldName":"getProgram","selectionSetList":["id"]},"arguments":{"id":"detective-arthur"}},{"info":[]}]`,
			`200 [{"data":{"id":"detective-arthur"},"errorMessage":null,"errorType":null},` +
				`{"data":null,"errorMessage":"the event is no AppSync context: info must be an object","errorType":"BadEvent"}]`},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := post(t, p.url+test.path, test.body); !strings.HasPrefix(got, test.want) {
				t.Errorf("got  %.500s\nwant %s", got, test.want)
			}
		})
	}
	if got := p.query(t, `{ getProgram(id: "detective-arthur") { title } }`); got != `{"data":{"getProgram":{"title":"Detective Arthur"}}}` {
		t.Errorf("after all that: %s", got)
	}
}

// post is the status and the body of an answer.
func post(t *testing.T, url, body string) string {
	t.Helper()
	response, err := http.Post(url, "application/json", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.Status[:4] + string(answer)
}
