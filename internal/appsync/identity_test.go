package appsync_test

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// token is a JSON web token with these claims, signed by nobody.
func token(claims string) string {
	return "e30." + base64.RawURLEncoding.EncodeToString([]byte(claims)) + ".c2ln"
}

// TestIdentity: a request's headers become the identity that AppSync would send.
func TestIdentity(t *testing.T) {
	const pool = `"iss":"https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_x"`
	for _, test := range []struct{ name, header, value, want string }{
		{"nothing", "X-Api-Key", "any", `null`},
		{"an ID token", "Authorization", token(`{"sub":"s",` + pool + `,"cognito:username":"u","cognito:groups":["Editors"]}`),
			`{"claims":{"sub":"s",` + pool + `,"cognito:username":"u","cognito:groups":["Editors"]},` + strings.Replace(pool, "iss", "issuer", 1) +
				`,"sub":"s","defaultAuthStrategy":"ALLOW","groups":["Editors"],"sourceIp":["127.0.0.1"],"username":"u"}`},
		{"an access token", "Authorization", "Bearer " + token(`{"sub":"s",`+pool+`,"username":"u"}`),
			`{"claims":{"sub":"s",` + pool + `,"username":"u"},` + strings.Replace(pool, "iss", "issuer", 1) +
				`,"sub":"s","defaultAuthStrategy":"ALLOW","groups":null,"sourceIp":["127.0.0.1"],"username":"u"}`},
		{"another issuer's", "Authorization", token(`{"sub":"s","iss":"https://login.example.com"}`), `{"claims":{"sub":"s","iss":"https://login.example.com"},"issuer":"https://login.example.com","sub":"s"}`},
		{"as it is", "X-Chunkaside-Identity", `{ "resolverContext": {"a": 1} }`, `{"resolverContext":{"a":1}}`},
		{"no token", "Authorization", "secret", "401 Unable to parse JWT token."},
		{"no claims", "Authorization", "e30.e30.c2ln", "401 Unable to parse JWT token."},
		{"no object", "X-Chunkaside-Identity", `[]`, "401 The header X-Chunkaside-Identity is no JSON object."},
	} {
		f := &fake{}
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/graphql", strings.NewReader(`{"query":"{ getProgram(id: 1) { id } }"}`))
		r.Header.Set(test.header, test.value)
		w := httptest.NewRecorder()
		newServer(t, f, nil).ServeHTTP(w, r)
		if status, message, refused := strings.Cut(test.want, " "); refused && status == "401" {
			if w.Code != http.StatusUnauthorized || !strings.Contains(w.Body.String(), message) || len(f.events) > 0 {
				t.Errorf("%s: status %d %s, want %s", test.name, w.Code, w.Body, test.want)
			}
			continue
		}
		var event struct{ Identity json.RawMessage }
		if err := json.Unmarshal([]byte(f.events[0].raw), &event); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(test.want, string(event.Identity)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.name, diff)
		}
	}
	f := &fake{}
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/graphql", strings.NewReader(`{"query":"{ getProgram(id: 1) { id } }"}`))
	r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=a, SignedHeaders=host, Signature=b")
	newServer(t, f, nil).ServeHTTP(httptest.NewRecorder(), r)
	if !strings.Contains(f.events[0].raw, `"userArn":"arn:aws:sts::000000000000:assumed-role/local/local"`) {
		t.Errorf("a signed request has the identity of no role: %s", f.events[0].raw)
	}
}
