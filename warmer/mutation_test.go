package warmer_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/chunkaside/chunkaside/internal/servertest"
)

const role = `{"accountId":"123456789012","userArn":"arn:aws:sts::123456789012:assumed-role/cms/1","username":"AROA:1","cognitoIdentityId":null,"cognitoIdentityAuthType":null}`

func mutation(field, identity, arguments string) string {
	return fmt.Sprintf(`{"arguments":%s,"identity":%s,"source":null,"request":{"headers":{"authorization":"secret"}},"info":{"parentTypeName":"Mutation","fieldName":"%s"}}`, arguments, identity, field)
}

func TestMutation(t *testing.T) {
	f := open(t)
	for _, test := range []struct{ event, want string }{
		{mutation("warmCatalog", role, `{}`), "appsync full"}, {mutation("warmCatalog", role, `null`), "appsync full"}, {mutation("warmCatalog", role, `{"mode":null}`), "appsync full"},
		{mutation("warmCatalog", role, `{"models":["Show"]}`), "appsync full"}, {mutation("warmCatalog", role, editA), "appsync incremental"}, {mutation("warmCatalog", `{"userArn":"arn:aws:iam::1:user/x"}`, `{"mode":"verify"}`), "appsync verify"},
		{`{"typeName":"Mutation","fieldName":"warmCatalog","arguments":{},"identity":` + role + `}`, "appsync full"},
		{mutation("warmCatalog", role, `{"mode":"fast"}`), "BadEvent"}, {mutation("warmCatalog", role, `{"input":{}}`), "BadEvent"}, {mutation("warmCatalog", role, `[]`), "BadEvent"},
		{mutation("createShow", role, `{}`), "BadEvent"}, {`{"info":{"parentTypeName":"Query","fieldName":"warmCatalog"},"identity":` + role + `}`, "BadEvent"},
		{`{"info":[],"identity":` + role + `}`, "BadEvent"}, {`{"info":{"parentTypeName":"Mutation","fieldName":"warmCatalog"}}`, "Unauthorized"},
	} {
		if got := outcome(f.invoke(t, test.event)); got != test.want {
			t.Errorf("%s: %s, want %s", test.event, got, test.want)
		}
	}
}

// TestMutationIsForBackends: an identity that is another's, a visitor's or not understood does nothing.
func TestMutationIsForBackends(t *testing.T) {
	f := open(t)
	for _, identity := range []string{
		`null`, `{}`, `""`, `[]`, `{"accountId":""}`, `{"accountId":7}`, `{"accountId":null,"userArn":null}`, `{"AccountId":"1"}`,
		`{"accountId":"1","resolverContext":{}}`, `{"accountId":"1","claims":{}}`, `{"accountId":"1","issuer":"https://cognito-idp.x"}`,
		`{"accountId":"1","cognitoIdentityAuthType":"unauthenticated"}`, `{"accountId":"1","cognitoIdentityAuthType":"authenticated"}`, `{"accountId":"1","cognitoIdentityPoolId":"p"}`,
	} {
		if got := outcome(f.invoke(t, mutation("warmCatalog", identity, `{}`))); got != "Unauthorized" {
			t.Errorf("%s: %s", identity, got)
		}
	}
	if f.builds != 0 {
		t.Errorf("%d builds", f.builds)
	}
}

// TestRecordedIdentities: of the identities that AppSync was seen to send, those of IAM without an identity pool may.
func TestRecordedIdentities(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(servertest.SharedData(t, "events", "appsync"), "*.json"))
	if err != nil {
		t.Fatal(err)
	}
	allowed := map[string]bool{"iam-cognito-fields-null.json": true, "iam-user-field-empty-selection.json": true}
	seen := 0
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var event map[string]json.RawMessage
		if json.Unmarshal(data, &event) != nil || event["info"] == nil {
			continue
		}
		seen++
		identity := event["identity"]
		if identity == nil {
			identity = json.RawMessage(`null`)
		}
		want := "Unauthorized"
		if allowed[filepath.Base(file)] {
			want = "appsync full"
		}
		if got := outcome(open(t).invoke(t, mutation("warmCatalog", string(identity), `{}`))); got != want {
			t.Errorf("%s: %s, want %s", filepath.Base(file), got, want)
		}
	}
	if seen < 10 {
		t.Errorf("%d events", seen)
	}
}
