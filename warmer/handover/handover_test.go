package handover_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/chunkaside/chunkaside/warmer/handover"
)

func sign(_ context.Context, r *http.Request, body []byte) error {
	r.Header.Set("Authorization", "signed "+string(body))
	return nil
}

// TestSend: what is sent is what Lambda's API wants, and each try is signed anew. What may pass is tried again, what is refused is not.
func TestSend(t *testing.T) {
	for name, test := range map[string]struct {
		answers []int
		kind    string
		tries   int
		want    string // of the error
	}{
		"taken":         {[]int{202}, "", 1, ""},
		"at last":       {[]int{500, 429, 202}, "TooManyRequestsException", 3, ""},
		"never":         {[]int{503, 503, 503, 202}, "ServiceException:http://internal.amazon.com/", 3, "Lambda answers with 503 ServiceException"},
		"not allowed":   {[]int{403}, "AccessDeniedException", 1, "403 AccessDeniedException: the role needs lambda:InvokeFunction"},
		"no such alias": {[]int{404}, "<b>", 1, "Lambda refuses: 404 Not Found"},
		"elsewhere":     {[]int{307}, "", 1, "Lambda refuses: 307"},
		"not as Event":  {[]int{200}, "", 1, "Lambda refuses: 200"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var got []string
			api := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				body, _ := io.ReadAll(r.Body)
				got = append(got, r.Method+" "+r.RequestURI+" "+r.Header.Get("X-Amz-Invocation-Type")+" "+r.Header.Get("Authorization")+" "+string(body))
				w.Header().Set("X-Amzn-Errortype", test.kind)
				w.Header().Set("Location", "/elsewhere")
				w.WriteHeader(test.answers[len(got)-1])
			}))
			defer api.Close()
			s, err := handover.New(api.URL, "a-warmer", "live", sign)
			if err != nil {
				t.Fatal(err)
			}
			err = s.Send(t.Context(), []byte(`{}`))
			if test.want == "" && err != nil || test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)) {
				t.Errorf("Send = %v, want %q", err, test.want)
			}
			var want []string
			for range test.tries {
				want = append(want, "POST /2015-03-31/functions/a-warmer/invocations?Qualifier=live Event signed {} {}")
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("requests (-want +got):\n%s", diff)
			}
		})
	}
}

// TestNotSigned: without credentials nothing is sent.
func TestNotSigned(t *testing.T) {
	api := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("it was sent") }))
	defer api.Close()
	none := errors.New("no credentials")
	s, err := handover.New(api.URL, "warmer", "live", func(context.Context, *http.Request, []byte) error { return none })
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Send(t.Context(), []byte(`{}`)); !errors.Is(err, none) {
		t.Errorf("Send = %v", err)
	}
}

func TestAddresses(t *testing.T) {
	for _, test := range []struct {
		api, function, alias string
		ok                   bool
	}{
		{"https://lambda.eu-west-1.amazonaws.com", "warmer", "live", true},
		{"http://127.0.0.1:3001", "warmer", "$LATEST", true},
		{"http://localhost", "warmer", "12", true},
		{"http://lambda.eu-west-1.amazonaws.com", "warmer", "live", false},
		{"https://user:password@lambda.eu-west-1.amazonaws.com", "warmer", "live", false},
		{"https://lambda.eu-west-1.amazonaws.com?x", "warmer", "live", false},
		{"lambda.eu-west-1.amazonaws.com", "warmer", "live", false},
		{"https://lambda.eu-west-1.amazonaws.com", "", "live", false},
		{"https://lambda.eu-west-1.amazonaws.com", "../warmer", "live", false},
		{"https://lambda.eu-west-1.amazonaws.com", "warmer", "", false},
		{"https://lambda.eu-west-1.amazonaws.com", "warmer", "a b", false},
	} {
		if _, err := handover.New(test.api, test.function, test.alias, sign); (err == nil) != test.ok || err != nil && strings.Contains(err.Error(), "password@") {
			t.Errorf("New(%s, %s, %s) = %v, want ok %v", test.api, test.function, test.alias, err, test.ok)
		}
	}
}
