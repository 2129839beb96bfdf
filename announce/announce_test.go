package announce_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"github.com/chunkaside/chunkaside/announce"
	"github.com/chunkaside/chunkaside/chunker"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var message = announce.NewMessage(1795255356365, nil, manifest(section(chunker.KindEntities, "Film", "a")))

const taken = `{"data":{"publishCatalog":{"catalog":"films"}}}`

// api is an endpoint that answers each request by a function; it keeps the bodies and the headers.
type api struct {
	*announce.Announcer
	bodies  []string
	headers []http.Header
}

func start(t *testing.T, o *announce.Options, answer http.HandlerFunc) *api {
	t.Helper()
	a := &api{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		a.bodies, a.headers = append(a.bodies, string(body)), append(a.headers, r.Header)
		answer(w, r)
	}))
	t.Cleanup(server.Close)
	var err error
	if a.Announcer, err = announce.New(server.URL+"/graphql", o); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(a.Close)
	return a
}

// answering answers the n-th request with the n-th of these, and all further ones with the last.
func answering(status int, texts ...string) http.HandlerFunc {
	n := 0
	return func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		_, _ = io.WriteString(w, texts[min(n, len(texts)-1)])
		n++
	}
}

func TestAnnounce(t *testing.T) {
	a := start(t, &announce.Options{APIKey: "da2-secret"}, answering(200, taken))
	if err := a.Announce(t.Context(), message); err != nil {
		t.Fatal(err)
	}
	var got struct {
		Query     string
		Variables announce.Message
	}
	if err := json.Unmarshal([]byte(a.bodies[0]), &got); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(message, got.Variables); diff != "" || got.Query != announce.Mutation {
		t.Errorf("sent %s\n%s", a.bodies[0], diff)
	}
	if h := a.headers[0]; h.Get("X-Api-Key") != "da2-secret" || h.Get("Content-Type") != "application/json" || h.Get("Authorization") != "" {
		t.Errorf("headers %v", h)
	}
}

// TestRefused: what would be refused again is not sent again, and the error says what may help.
func TestRefused(t *testing.T) {
	sign := func(_ context.Context, r *http.Request, _ []byte) error {
		r.Header.Set("Authorization", "AWS4-HMAC-SHA256 secret")
		return nil
	}
	const role = "the role needs appsync:GraphQL on .../types/Mutation/fields/publishCatalog"
	for _, test := range []struct {
		name   string
		sign   bool
		status int
		text   string
		want   string
	}{
		{"401 to a role", true, 401, `{"errors":[{"errorType":"UnauthorizedException","message":"x-amz-security-token: secret"}]}`, "401 Unauthorized (UnauthorizedException): " + role},
		{"403 to a role", true, 403, `{"message":"secret"}`, "403 Forbidden: " + role},
		{"401 to a key", false, 401, `{"errors":[{"errorType":"UnauthorizedException"}]}`, "does not let this key"},
		{"the field is not for the role", true, 200, `{"data":null,"errors":[{"errorType":"Unauthorized","message":"Not Authorized"}]}`, "Unauthorized: " + role},
		{"errors", false, 200, `{"data":{"publishCatalog":null},"errors":[{"errorType":"MappingTemplate","message":"a template\nis wrong"}]}`, "MappingTemplate: a template is wrong"},
		{"null", false, 200, `{"data":{"publishCatalog":null}}`, "its resolver must answer its arguments"},
		{"400", false, 400, `{"errors":[{"errorType":"MalformedHttpRequestException"}]}`, "400 Bad Request (MalformedHttpRequestException)"},
		{"404", false, 404, ``, "404 Not Found"},
		{"a redirect", false, 302, ``, "302 Found"},
		{"HTML", false, 200, "<!DOCTYPE html><p>Sign in", "the answer is no GraphQL"},
		{"nothing", false, 200, "", "the answer is no GraphQL"},
		{"another shape", false, 200, `[1]`, "the answer is no GraphQL"},
		{"a long error", false, 200, `{"errors":[{"message":"` + strings.Repeat("long ", 10_000) + `"}]}`, "long l..."},
	} {
		t.Run(test.name, func(t *testing.T) {
			o := &announce.Options{APIKey: "secret"}
			if test.sign {
				o = &announce.Options{Sign: sign}
			}
			a := start(t, o, func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Location", "http://127.0.0.1:1/")
				answering(test.status, test.text)(w, r)
			})
			err := a.Announce(t.Context(), message)
			if !errors.Is(err, announce.ErrRefused) || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error %v, want %q", err, test.want)
			}
			if len(a.bodies) != 1 || strings.Contains(err.Error(), "secret") || len(err.Error()) > 500 {
				t.Errorf("sent %d times: %v", len(a.bodies), err)
			}
		})
	}
}

// TestTriedAgain: what may pass is tried again, a bounded number of times, and signed anew each time.
func TestTriedAgain(t *testing.T) {
	for _, status := range []int{429, 500, 503} {
		t.Run(http.StatusText(status), func(t *testing.T) {
			t.Parallel()
			signed, n := 0, 0
			o := &announce.Options{Sign: func(context.Context, *http.Request, []byte) error { signed++; return nil }}
			a := start(t, o, func(w http.ResponseWriter, r *http.Request) {
				if n++; n < 3 {
					w.WriteHeader(status)
					return
				}
				answering(200, taken)(w, r)
			})
			if err := a.Announce(t.Context(), message); err != nil || signed != 3 || a.bodies[2] != a.bodies[0] {
				t.Errorf("twice: %v, signed %d times", err, signed)
			}
			n = -10
			if err := a.Announce(t.Context(), message); err == nil || errors.Is(err, announce.ErrRefused) || signed != 6 {
				t.Errorf("always: %v, signed %d times", err, signed)
			}
		})
	}
}

func TestDown(t *testing.T) {
	server := httptest.NewServer(nil)
	server.Close() // nobody listens there now
	a, err := announce.New(server.URL+"/graphql", nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := a.Announce(t.Context(), message); err == nil || errors.Is(err, announce.ErrRefused) {
		t.Errorf("Announce = %v", err)
	}
	lost := errors.New("no credentials")
	a, _ = announce.New(server.URL, &announce.Options{Sign: func(context.Context, *http.Request, []byte) error { return lost }})
	if err := a.Announce(t.Context(), message); !errors.Is(err, lost) {
		t.Errorf("Announce = %v, want that of the signature", err)
	}
}

// TestHanging: an API that says nothing, or never comes to an end, costs the time that was given, and no more.
func TestHanging(t *testing.T) {
	for name, begin := range map[string]string{"without a word": "", "in the middle": `{"data":`} {
		ended := make(chan struct{})
		a := start(t, &announce.Options{Timeout: 300 * time.Millisecond}, func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.WriteString(w, begin)
			_ = http.NewResponseController(w).Flush()
			select {
			case <-r.Context().Done():
			case <-ended:
			}
		})
		if err := a.Announce(t.Context(), message); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%s: %v", name, err)
		}
		close(ended)
	}
}

// TestTime: all tries together have five seconds, or what the caller has left.
func TestTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, err := announce.New("http://127.0.0.1:1/graphql", &announce.Options{Sign: func(ctx context.Context, _ *http.Request, _ []byte) error {
			<-ctx.Done() // a search for credentials that finds nobody
			return ctx.Err()
		}})
		if err != nil {
			t.Fatal(err)
		}
		for _, test := range []struct{ given, most time.Duration }{{time.Minute, 5 * time.Second}, {time.Second, time.Second}} {
			ctx, cancel := context.WithTimeout(t.Context(), test.given)
			begin := time.Now()
			if err := a.Announce(ctx, message); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("Announce = %v", err)
			}
			if took := time.Since(begin); took != test.most {
				t.Errorf("it took %v of %v, want %v", took, test.given, test.most)
			}
			cancel()
		}
	})
}

// TestEndless: of an answer without end only the beginning is read.
func TestEndless(t *testing.T) {
	written := make(chan int, 1)
	a := start(t, nil, func(w http.ResponseWriter, _ *http.Request) {
		piece, n := []byte(strings.Repeat("x", 64<<10)), 0
		for range 16 << 10 { // a gigabyte
			if _, err := w.Write(piece); err != nil {
				break
			}
			n += len(piece)
		}
		written <- n
	})
	if err := a.Announce(t.Context(), message); !errors.Is(err, announce.ErrRefused) {
		t.Errorf("Announce = %v", err)
	}
	if n := <-written; n > 64<<20 {
		t.Errorf("%d bytes were taken", n)
	}
}

func TestParse(t *testing.T) {
	for endpoint, good := range map[string]bool{
		"https://abc.appsync-api.eu-west-1.amazonaws.com/graphql": true,
		"http://127.0.0.1:8080/graphql":                           true,
		"http://[::1]:8080/graphql":                               true,
		"http://localhost:8080/graphql":                           true,
		"http://example.com/graphql":                              false,
		"http://127.0.0.1.example.com/graphql":                    false,
		"https://user:secret@example.com/graphql":                 false,
		"https://example.com/graphql?key=secret":                  false,
		"ftp://example.com/graphql":                               false,
		"example.com/secret":                                      false,
		"https://%":                                               false,
		"":                                                        false,
	} {
		_, err := announce.New(endpoint, nil)
		if (err == nil) != good {
			t.Errorf("%s: %v", endpoint, err)
		}
		if err != nil && strings.Contains(err.Error(), "secret") {
			t.Errorf("%s is told: %v", endpoint, err)
		}
	}
}
