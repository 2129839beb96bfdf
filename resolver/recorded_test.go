package resolver_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chunkaside/chunkaside/internal/servertest"
	"github.com/chunkaside/chunkaside/store/storetest"
)

// recorded is a catalog that some of the recorded events ask for.
const recorded = `
type Todo @model { id: ID! title: String }
type Post @model { id: ID! title: String author: User published: Boolean downs: Int
  post_id: ID @index(name: "byPost", queryField: "postsByPost") relatedPosts: [Post] @hasMany(indexName: "byPost", fields: ["post_id"]) }
type User { username: String email: String posts: [Title] }
type Title { title: String }
type Location @model { id: ID! name: String }
type Merchant @model { id: ID! name: String locations: [String] }
type Item @model { id: ID! }`

var recordedData = storetest.Tables{
	"Todo": {`{"id":"t1","title":"T"}`},
	"Post": {`{"id":"p1","title":"P","author":{"username":"u","email":"e","posts":[{"title":"x"}]},"published":true,"post_id":"1"}`},
}

// TestRecordedEvents answers every recorded event, or refuses it with a typed error.
func TestRecordedEvents(t *testing.T) {
	r := newResolver(t, recorded, recordedData, nil)
	dir := servertest.SharedData(t, "events", "appsync")
	want := map[string]string{
		"amplify-function-arguments-only.json":           "!BadEvent: the event names no field",
		"amplify-function-cognito-no-info.json":          "null", // Merchant.locations, which the source does not have
		"amplify-function-short-identity.json":           "!BadArgument: listLocations: the argument",
		"amplify-function-top-selection-list.json":       "!BadArgument: listLocations: the argument",
		"api-key-console-list.json":                      "!UnknownField: listTodos: a connection has no field",
		"api-key-console-mutation.json":                  "!UnknownField: Mutation.createTodo is not served",
		"api-key-nested-selection.json":                  "!UnknownField: listPosts: a connection has no field",
		"batch-cognito-two.json":                         `[{"data":null,"errorMessage":"Mutation.createSomething is not served`,
		"batch-nested-selection.json":                    `[{"data":null,"errorMessage":"Query.relatedPosts is not served`,
		"batch-three-identity-string-none.json":          `[{"data":null,"errorMessage":"Post.relatedPosts: a connection has no field post_id, only items and nextToken`,
		"cognito-groups-list.json":                       "!UnknownField: Mutation.createSomething",
		"cognito-groups-null.json":                       "!UnknownField: Mutation.createSomething",
		"iam-cognito-fields-null.json":                   "!UnknownField: Mutation.createSomething",
		"iam-short-identity-deep-selection-unicode.json": "!BadArgument: listPosts: the argument",
		"iam-user-field-empty-selection.json":            "!UnknownField: Query.greet",
		"identity-absent-custom-domain.json":             "!UnknownField: Mutation.createSomething",
		"identity-absent-prev-null.json":                 "!UnknownField: Mutation.createSomething",
		"identity-only-cognito.json":                     "!BadEvent: the event names no field",
		"identity-only-iam.json":                         "!BadEvent: the event names no field",
		"invalid-no-info-no-request.json":                "!BadEvent: the event names no field",
		"lambda-authorizer-capitalised-keys.json":        "!UnknownField: Mutation.exampleMutation",
		"lambda-authorizer-request-headers.json":         "!BadEvent: the event names no field",
		"lambda-authorizer-request.json":                 "!BadEvent: the event names no field",
		"lambda-authorizer-resolver-context.json":        "!UnknownField: Mutation.createSomething",
		"lambda-authorizer-response.json":                "!BadEvent: the event names no field",
		"malformed-request-is-string.json":               "!BadEvent: the event is no AppSync context",
		"malformed-trailing-comma.json":                  "!BadEvent: the event is no AppSync context",
		"not-appsync-cli-placeholder.json":               "!BadEvent: the event names no field",
		"not-appsync-events-api-publish.json":            "!BadEvent: the event names no field",
		"oidc.json":                                      "!UnknownField: Mutation.createSomething",
		"string-none-capitalised-booleans.json":          "!UnknownField: Query.getItems",
		"vtl-batchinvoke-envelope.json":                  "!BadEvent: the event is a mapping template's BatchInvoke envelope",
		"vtl-invoke-envelope.json":                       "!BadEvent: the event is a mapping template's Invoke envelope",
		"vtl-template-parent-type-name.json":             "null",
	}
	files, err := filepath.Glob(filepath.Join(dir, "*.json"))
	if err != nil || len(files) < len(want) {
		t.Fatalf("%d recorded events, want at least %d: %v", len(files), len(want), err)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		name := filepath.Base(file)
		expected, ok := want[name]
		if !ok {
			t.Errorf("%s: no expectation", name)
		}
		if got := invoke(t, r, string(data)); !strings.HasPrefix(got, expected) {
			t.Errorf("%s:\n got %.300s\nwant %s", name, got, expected)
		}
	}
}
