package telemetry_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/chunkaside/chunkaside/internal/lambdatest"
	"github.com/chunkaside/chunkaside/internal/momentofake"
	"github.com/chunkaside/chunkaside/internal/servertest"
)

// private is an event with all that a caller sends of himself, of each sort of identity. Every value that nobody may read in the log has "canary" in it.
const private = `{"arguments":{"id":"detective-arthur"},"source":null,
	"identity":{"sub":"canary-sub","issuer":"https://canary-issuer","username":"canary-username","claims":{"email":"canary@example.org","cognito:groups":["canary-group"]},"sourceIp":["canary-ip"],
		"defaultAuthStrategy":"ALLOW","groups":["canary-group"],"accountId":"canary-account","cognitoIdentityId":"canary-identity","userArn":"canary-arn","resolverContext":{"tenant":"canary-tenant"}},
	"request":{"headers":{"authorization":"Bearer canary-token","x-api-key":"canary-api-key","cookie":"canary-cookie","x-forwarded-for":"canary-address"},"domainName":null},
	"prev":null,"stash":{"secret":"canary-stash"},"info":{"selectionSetList":["id","title"],"parentTypeName":"Query","fieldName":"FIELD","variables":{}}}`

// events are answered, refused, and no events at all; some are batches.
func events() []string {
	good, unknown := strings.ReplaceAll(private, "FIELD", "getProgram"), strings.ReplaceAll(private, "FIELD", "getNothing")
	torn := strings.Replace(good, `"info":{`, `"info":[`, 1)
	torn = torn[:len(torn)-2] + "]}"
	return []string{good, unknown, torn, "[" + good + "," + unknown + "]", `"canary"`, `{"identity":{"sub":"canary"}}`}
}

// TestSecretsAreNotLogged: neither who asks, nor what the function itself is let in by; not at the lowest level, not when the cache is away, nor when the function cannot start.
func TestSecretsAreNotLogged(t *testing.T) {
	server, err := momentofake.Start("127.0.0.1:0", nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Close)
	closed := servertest.StartRelay(t, "127.0.0.1:0", "127.0.0.1:1").Address() // takes connections and drops them
	extension := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, `{"SecretString":"canary-secret"}`) }))
	t.Cleanup(extension.Close)
	_, port, _ := strings.Cut(strings.TrimPrefix(extension.URL, "http://"), ":")
	for _, path := range []string{"./cmd/resolver", "./cmd/warmer"} {
		bootstrap := lambdatest.Build(t, path)
		for name, settings := range map[string][]string{
			"momento":          {"CHUNKASIDE_CACHE=momento:catalog?endpoint=" + server.Addr(), "MOMENTO_API_KEY=canary-key"},
			"valkey":           {"CHUNKASIDE_CACHE=valkey://canary-user:canary-password@" + closed + "/0"},
			"secret":           {"CHUNKASIDE_CACHE=momento:catalog?endpoint=" + server.Addr(), "CHUNKASIDE_CACHE_SECRET=catalog"},
			"malformed secret": {"CHUNKASIDE_CACHE=momento:catalog?endpoint=" + server.Addr(), "CHUNKASIDE_CACHE_SECRET=catalog#field"},
			"password":         {"CHUNKASIDE_CACHE=valkey://user@" + closed + "/0", "CHUNKASIDE_CACHE_SECRET=ssm:catalog"},
		} {
			t.Run(path+"/"+name, func(t *testing.T) {
				settings = append(settings, "PARAMETERS_SECRETS_EXTENSION_HTTP_PORT="+port, "AWS_SESSION_TOKEN=canary-session")
				function := lambdatest.Run(t, bootstrap, append(settings, "CHUNKASIDE_STORE=sample:", "CHUNKASIDE_HARD_TIMEOUT=500ms", "POWERTOOLS_LOG_LEVEL=DEBUG")...)
				for _, event := range events() {
					function.Invoke(t, []byte(event))
				}
				output := function.Stop()
				if !strings.Contains(output, `"level":"DEBUG"`) || !strings.Contains(output, `"_aws"`) || !strings.Contains(output, `"xray_trace_id":"1-00000000-`) {
					t.Errorf("the function has not printed what it should:\n%s", output)
				}
				silent(t, output)
			})
		}
		for _, cache := range []string{"valkey://canary-user:canary-password@127.0.0.1/x/y", "redis:canary-password", "momento:?endpoint=canary-password", "canary-password"} {
			function := lambdatest.Run(t, bootstrap, "CHUNKASIDE_STORE=sample:", "CHUNKASIDE_CACHE="+cache, "MOMENTO_API_KEY=canary-key", "POWERTOOLS_LOG_LEVEL=DEBUG")
			output := function.Ended(t)
			if !strings.Contains(output, "the function cannot start") {
				t.Errorf("with the cache %s it has printed\n%s", cache, output)
			}
			silent(t, output)
		}
	}
}

func silent(t *testing.T, output string) {
	t.Helper()
	for line := range strings.Lines(output) {
		if strings.Contains(strings.ToLower(line), "canary") {
			t.Errorf("the log says %s", line)
		}
		if !strings.HasPrefix(line, "{") {
			t.Errorf("the log has the line %s", line)
		}
	}
}
