package awssign_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strings"
	"testing"

	"github.com/chunkaside/chunkaside/internal/awssign"
)

const (
	keyID  = "AKIDEXAMPLE"
	secret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
	token  = "session"
)

// environment gives the SDK these credentials, and keeps it from looking elsewhere.
func environment(t *testing.T, id, region string) {
	for name, value := range map[string]string{
		"AWS_ACCESS_KEY_ID": id, "AWS_SECRET_ACCESS_KEY": secret, "AWS_SESSION_TOKEN": token, "AWS_REGION": region, "AWS_DEFAULT_REGION": "", "AWS_PROFILE": "",
		"AWS_CONFIG_FILE": "/nowhere", "AWS_SHARED_CREDENTIALS_FILE": "/nowhere", "AWS_EC2_METADATA_DISABLED": "true",
	} {
		t.Setenv(name, value)
	}
}

func newRequest(t *testing.T, url, body string) *http.Request {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	return r
}

// TestSign makes the signature again by the steps that AWS describes, without the SDK.
func TestSign(t *testing.T) {
	environment(t, keyID, "us-east-1")
	const host, body = "abc.appsync-api.eu-west-1.amazonaws.com", `{"query":"x"}`
	r := newRequest(t, "https://"+host+"/graphql", body)
	if err := awssign.New(awssign.AppSync, awssign.Region(host)).Sign(t.Context(), r, []byte(body)); err != nil {
		t.Fatal(err)
	}
	date := r.Header.Get("X-Amz-Date")
	canonical := strings.Join([]string{
		"POST", "/graphql", "", "content-length:13", "content-type:application/json", "host:" + host, "x-amz-date:" + date, "x-amz-security-token:" + token, "",
		"content-length;content-type;host;x-amz-date;x-amz-security-token", digest(body),
	}, "\n")
	scope := date[:8] + "/eu-west-1/appsync/aws4_request"
	toSign := strings.Join([]string{"AWS4-HMAC-SHA256", date, scope, digest(canonical)}, "\n")
	key := []byte("AWS4" + secret)
	for _, part := range append(strings.Split(scope, "/"), toSign) {
		mac := hmac.New(sha256.New, key)
		mac.Write([]byte(part))
		key = mac.Sum(nil)
	}
	want := "AWS4-HMAC-SHA256 Credential=" + keyID + "/" + scope + ", SignedHeaders=content-length;content-type;host;x-amz-date;x-amz-security-token, Signature=" + hex.EncodeToString(key)
	if got := r.Header.Get("Authorization"); got != want {
		t.Errorf("Authorization\n got %s\nwant %s", got, want)
	}
}

func digest(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

// TestRegion: where the host does not tell the region, it is the environment's.
func TestRegion(t *testing.T) {
	for host, want := range map[string]string{
		"abc.appsync-api.eu-west-1.amazonaws.com":     "eu-west-1",
		"abc.appsync-api.cn-north-1.amazonaws.com.cn": "cn-north-1",
		"api.example.com":                       "",
		"abc.appsync-api.eu-west-1.example.com": "",
	} {
		if got := awssign.Region(host); got != want {
			t.Errorf("Region(%s) = %q, want %q", host, got, want)
		}
	}
	environment(t, keyID, "ap-northeast-1")
	r := newRequest(t, "https://api.example.com/graphql", "")
	if err := awssign.New(awssign.Lambda, "").Sign(t.Context(), r, nil); err != nil || !strings.Contains(r.Header.Get("Authorization"), "/ap-northeast-1/lambda/") {
		t.Errorf("Sign = %v, %v", err, r.Header)
	}
}

func TestNothingToSignWith(t *testing.T) {
	environment(t, "", "eu-west-1")
	if err := awssign.New(awssign.Lambda, "").Sign(t.Context(), newRequest(t, "https://api.example.com/graphql", ""), nil); err == nil || !strings.Contains(err.Error(), "find AWS credentials") {
		t.Errorf("without credentials: %v", err)
	}
	environment(t, keyID, "")
	if err := awssign.New(awssign.Lambda, "").Sign(t.Context(), newRequest(t, "https://api.example.com/graphql", ""), nil); err == nil || !strings.Contains(err.Error(), "AWS_REGION") {
		t.Errorf("without a region: %v", err)
	}
}
