package resolver_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/chunkaside/chunkaside/store/storetest"
)

const guarded = `
type Post @model(timestamps: null) @auth(rules: [
  { allow: public, operations: [get] }
  { allow: private, provider: iam, operations: [read] }
  { allow: groups, groups: ["Editors"], operations: [read] }
  { allow: private, provider: oidc, operations: [list] }
]) {
  id: ID!
  title: String
  blogId: ID @index(name: "byBlog", sortKeyFields: ["rank"], queryField: "postsByBlog")
  rank: Int @auth(rules: [{ allow: groups, groups: ["Editors"] }])
  draft: String @auth(rules: [{ allow: groups, groups: ["Editors"], groupClaim: "roles" }])
  notes: [Note]
  blog: Blog @belongsTo(fields: ["blogId"])
  secrets: [Secret] @hasMany(indexName: "byPost", fields: ["id"])
}
type Note { text: String by: String @auth(rules: [{ allow: groups, groups: ["Editors"] }]) more: Note }
type Blog @model(timestamps: null) @auth(rules: [{ allow: public }, { allow: private }, { allow: private, provider: iam }, { allow: private, provider: oidc }]) {
  id: ID!
  posts: [Post] @hasMany(indexName: "byBlog", fields: ["id"])
}
type Secret @model(timestamps: null) @auth(rules: [{ allow: groups, groups: ["Editors"] }]) {
  id: ID!
  postId: ID @index(name: "byPost")
  label: String @auth(rules: [{ allow: public }])
  tags: [Tag] @manyToMany(relationName: "SecretTags")
}
type Tag @model(timestamps: null) @auth(rules: [{ allow: groups, groups: ["Editors"] }, { allow: public }]) {
  id: ID!
  secrets: [Secret] @manyToMany(relationName: "SecretTags")
}`

var guardedRecords = storetest.Tables{
	"Post": {
		`{"id":"p1","title":"One","blogId":"b","rank":1,"draft":"d","notes":[{"text":"t","by":"x","more":{"text":"u","by":"y"}}]}`,
		`{"id":"p2","title":"Two","blogId":"b","rank":2}`,
	},
	"Blog":       {`{"id":"b"}`},
	"Secret":     {`{"id":"s","postId":"p1","label":"l"}`},
	"Tag":        {`{"id":"t"}`},
	"SecretTags": {`{"id":"st","secretId":"s","tagId":"t"}`},
}

// The identities of callers, shaped as AppSync sends them.
const (
	byAPIKey     = `null`
	byRole       = `{"accountId":"012345678901","cognitoIdentityAuthProvider":null,"cognitoIdentityAuthType":null,"userArn":"arn:aws:sts::012345678901:assumed-role/role","username":"A:b"}`
	bySignedIn   = `{"accountId":"012345678901","cognitoIdentityAuthType":"authenticated","cognitoIdentityId":"eu:1","userArn":"arn:aws:sts::012345678901:assumed-role/auth","username":"A:b"}`
	byGuest      = `{"accountId":"012345678901","cognitoIdentityAuthType":"unauthenticated","cognitoIdentityId":"eu:1","userArn":"arn:aws:sts::012345678901:assumed-role/unauth","username":"A:b"}`
	byAuthorizer = `{"resolverContext":{"groups":"Editors"}}`
)

func byUser(groups, claims string) string {
	return fmt.Sprintf(`{"sub":"s","issuer":"https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_x","username":"u","claims":%s,"groups":%s,"defaultAuthStrategy":"ALLOW","sourceIp":["::1"]}`, claims, groups)
}

func byToken(claims string) string {
	return `{"sub":"s","issuer":"https://login.example.com","claims":` + claims + `}`
}

// from is an event of a caller; identity "" is an event without one.
func from(identity, event string) string {
	event = strings.Replace(event, `"identity":null,`, "", 1)
	if identity == "" {
		return event
	}
	return strings.Replace(event, "{", `{"identity":`+identity+",", 1)
}

// TestAccess: a caller reads what the rules let him, and is refused all else by its name.
func TestAccess(t *testing.T) {
	r := newResolver(t, guarded, guardedRecords, nil)
	editor, reader := byUser(`["Readers","Editors"]`, `{}`), byUser(`["Readers"]`, `{}`)
	post := func(selection string) string { return event("getPost", `{"id":"p1"}`, selection) }
	list := func(arguments, selection string) string { return event("listPosts", arguments, selection) }
	const denied = "!Unauthorized: Not Authorized to access "
	for _, test := range []struct{ name, identity, event, want string }{
		{"a key gets", byAPIKey, post("{ id title }"), `{"id":"p1","title":"One"}`},
		{"a key lists not", byAPIKey, list(`{}`, "{ items { id } }"), denied + "listPosts on type Query"},
		{"nobody", "", post("{ id }"), denied + "getPost on type Query"},
		{"an identity that is none", `"None"`, post("{ id }"), denied + "getPost on type Query"},
		{"an identity without issuer", `{"claims":{"iat":1},"username":"u"}`, post("{ id }"), denied + "getPost on type Query"},
		{"a Lambda authorizer's", byAuthorizer, post("{ id }"), denied + "getPost on type Query"},
		{"a role that did not sign in", byRole, post("{ id }"), denied + "getPost on type Query"},
		{"a guest", byGuest, post("{ id }"), denied + "getPost on type Query"},
		{"one signed in", bySignedIn, list(`{}`, "{ items { id } }"), `{"items":[{"id":"p1"},{"id":"p2"}]}`},
		{"another group", reader, post("{ id }"), denied + "getPost on type Query"},
		{"the group", editor, list(`{}`, "{ items { rank } }"), `{"items":[{"rank":1},{"rank":2}]}`},
		{"the group by its claim", byUser(`null`, `{"cognito:groups":["Editors"]}`), post("{ rank }"), `{"rank":1}`},
		{"OIDC lists", byToken(`{}`), list(`{}`, "{ items { id } }"), `{"items":[{"id":"p1"},{"id":"p2"}]}`},
		{"OIDC gets not", byToken(`{}`), post("{ id }"), denied + "getPost on type Query"},
		{"the group of another provider", byToken(`{"cognito:groups":["Editors"]}`), list(`{}`, "{ items { rank } }"), denied + "rank on type Post"},

		{"a field's own rule", byAPIKey, post("{ id rank }"), denied + "rank on type Post"},
		{"a field's own rule, aliased", byAPIKey, post("{ id title: rank }"), denied + "rank on type Post"},
		{"a field's own rule, in a fragment", byAPIKey, spread("getPost", `{"id":"p1"}`, `["id","rank"]`), denied + "rank on type Post"},
		{"beside hidden names it is left out", byAPIKey, spread("getPost", `{"id":"p1"}`, `["name"]`), `{"id":"p1","title":"One","blogId":"b"}`},
		{"without a selection it is left out", byAPIKey, `{"typeName":"Query","fieldName":"getPost","arguments":{"id":"p1"}}`, `{"id":"p1","title":"One","blogId":"b"}`},
		{"by another claim, not in the group", editor, post("{ draft }"), denied + "draft on type Post"},
		{"by another claim", byUser(`["Editors"]`, `{"roles":"[\"Editors\"]"}`), post("{ draft }"), `{"draft":"d"}`},
		{"by another claim of one text", byUser(`["Editors"]`, `{"roles":"Editors"}`), post("{ draft }"), `{"draft":"d"}`},
		{"in a nested object", byAPIKey, post("{ notes { text by } }"), denied + "by on type Note"},
		{"a nested object as a whole", byAPIKey, `{"typeName":"Query","fieldName":"getPost","arguments":{"id":"p1"},"selectionSetList":["notes"]}`, denied + "notes on type Post"},
		{"a nested object in part", byAPIKey, post("{ notes { text } }"), `{"notes":[{"text":"t"}]}`},
		{"in a nested object, deeper", editor, post("{ notes { by more { by } } }"), `{"notes":[{"by":"x","more":{"by":"y"}}]}`},

		{"a relation to what is open", byAPIKey, post("{ blog { id } }"), `{"blog":{"id":"b"}}`},
		{"a field of what is closed", byAPIKey, post("{ secrets { items { label } } }"), `{"secrets":{"items":[{"label":"l"}]}}`},
		{"another one", byAPIKey, post("{ secrets { items { id } } }"), denied + "id on type Secret"},
		{"a relation to what is closed", bySignedIn, post("{ secrets { items { label } } }"), denied + "secrets on type Post"},
		{"many to many", editor, event("getSecret", `{"id":"s"}`, "{ tags { items { tag { id } } } }"), `{"tags":{"items":[{"tag":{"id":"t"}}]}}`},

		{"a filter asks", bySignedIn, list(`{"filter":{"or":[{"not":{"rank":{"gt":1}}}]}}`, "{ items { id } }"), denied + "rank on type Post"},
		{"a filter of the group", editor, list(`{"filter":{"not":{"rank":{"gt":1}}}}`, "{ items { id } }"), `{"items":[{"id":"p1"}]}`},
		{"a key condition asks", bySignedIn, event("postsByBlog", `{"blogId":"b","rank":{"gt":1}}`, "{ items { id } }"), denied + "rank on type Post"},
		{"a relation's condition asks", bySignedIn, event("getBlog", `{"id":"b"}`, "{ posts(rank: {gt: 1}) { items { id } } }"), denied + "rank on type Post"},
		{"a page of an index that holds it", bySignedIn, event("postsByBlog", `{"blogId":"b"}`, "{ items { id } }"), `{"items":[{"id":"p1"},{"id":"p2"}]}`},
		{"a whole", editor, event("catalogManifest", `{}`, "{ id }"), "!UnknownField: Query.catalogManifest is not served: the catalog's schema makes no such query"},

		{"a field by itself", reader, `{"typeName":"Post","fieldName":"rank","arguments":{},"source":{"id":"p1","rank":1}}`, denied + "rank on type Post"},
		{"a nested object by itself", byAPIKey, field("Post", "notes", `{"id":"p1","notes":[{"text":"t","by":"x"}]}`, `{}`, "{ text }"), denied + "notes on type Post"},
		{"a relation by itself", bySignedIn, `{"typeName":"Post","fieldName":"secrets","arguments":{},"source":{"id":"p1"}}`, denied + "secrets on type Post"},
	} {
		if got := invoke(t, r, from(test.identity, test.event)); got != test.want {
			t.Errorf("%s:\n got %s\nwant %s", test.name, got, test.want)
		}
	}
}

// spread is an event whose selection stands in a named fragment, which it does not carry.
func spread(field, arguments, list string) string {
	return `{"arguments":` + arguments + `,"info":{"parentTypeName":"Query","fieldName":"` + field + `","selectionSetList":` + list + `,"selectionSetGraphQL":"{ ...Parts }","variables":{}}}`
}

// TestAccessOfFields: a field's own rule holds for all that is within it, where the model's is another.
func TestAccessOfFields(t *testing.T) {
	r := newResolver(t, `
type Post @model(timestamps: null) @auth(rules: [{ allow: groups, groups: ["Editors"] }]) {
  id: ID! @auth(rules: [{ allow: groups, groups: ["Editors"] }, { allow: public }])
  secret: String
  notes: [Note] @auth(rules: [{ allow: groups, groups: ["Editors"] }, { allow: public }])
}
type Note { text: String }`, storetest.Tables{"Post": {`{"id":"p","secret":"s","notes":[{"text":"t"}]}`}}, nil)
	for e, want := range map[string]string{
		event("getPost", `{"id":"p"}`, "{ id notes { text } }"):                         `{"id":"p","notes":[{"text":"t"}]}`,
		event("getPost", `{"id":"p"}`, "{ id secret }"):                                 "!Unauthorized: Not Authorized to access secret on type Post",
		`{"typeName":"Query","fieldName":"getPost","arguments":{"id":"p"}}`:             `{"id":"p","notes":[{"text":"t"}]}`,
		field("Post", "notes", `{"notes":[{"text":"t"}]}`, `{}`, "{ text }"):            `[{"text":"t"}]`,
		spread("getPost", `{"id":"p"}`, `["alias","notes","notes/text","notes/other"]`): `{"notes":[{"text":"t"}],"id":"p"}`,
	} {
		if got := invoke(t, r, from(byAPIKey, e)); got != want {
			t.Errorf("%s:\n got %s\nwant %s", e, got, want)
		}
	}
}

// TestTokensTellNobody: who may not read a key pages by it, and finds nothing of it in the nextToken.
func TestTokensTellNobody(t *testing.T) {
	r := newResolver(t, guarded, guardedRecords, nil)
	var page struct{ NextToken string }
	answer := invoke(t, r, from(bySignedIn, event("postsByBlog", `{"blogId":"b","limit":1}`, "{ items { id } nextToken }")))
	if err := json.Unmarshal([]byte(answer), &page); err != nil || page.NextToken == "" {
		t.Fatal(answer)
	}
	sealed, err := base64.RawURLEncoding.DecodeString(page.NextToken)
	if err != nil || bytes.Contains(sealed, []byte("p1")) || bytes.Contains(sealed, []byte("1501")) {
		t.Errorf("the token %q tells its key", sealed)
	}
}
