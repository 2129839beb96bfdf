package lambdatest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-lambda-go/lambda/messages"
)

// echo is a Runtime whose function answers each event with itself, and with an error if it says so, once work lets it.
func echo(t *testing.T, work func(event string)) *Runtime {
	t.Helper()
	r := &Runtime{turn: make(chan struct{}, 1), next: make(chan *call), ended: make(chan struct{}), output: &bytes.Buffer{}}
	api := httptest.NewServer(r.handler())
	var function sync.WaitGroup
	function.Go(func() {
		for {
			request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, api.URL+"/2018-06-01/runtime/invocation/next", nil)
			if err != nil {
				t.Error(err)
			}
			response, err := http.DefaultClient.Do(request)
			if err != nil {
				return // the test has ended
			}
			event, _ := io.ReadAll(response.Body)
			response.Body.Close()
			work(string(event))
			kind := "response"
			if strings.Contains(string(event), "errorType") {
				kind = "error"
			}
			if response, err = http.Post(api.URL+"/2018-06-01/runtime/invocation/1/"+kind, "application/json", bytes.NewReader(event)); err == nil {
				response.Body.Close()
			}
		}
	})
	t.Cleanup(func() { function.Wait(); api.Close() })
	return r
}

// TestConcurrentCalls: each gets the answer to its own event.
func TestConcurrentCalls(t *testing.T) {
	r := echo(t, func(string) {})
	var group sync.WaitGroup
	for i := range 20 {
		group.Go(func() {
			event := fmt.Sprint(i)
			if body, failed, err := r.Call(t.Context(), []byte(event)); string(body) != event || failed || err != nil {
				t.Errorf("event %s is answered %q, %v, %v", event, body, failed, err)
			}
		})
	}
	group.Wait()
}

// TestCallerLeaves: the answer that it does not wait for is nobody else's.
func TestCallerLeaves(t *testing.T) {
	ctx, leave := context.WithCancel(t.Context())
	left := make(chan struct{})
	r := echo(t, func(event string) {
		if event == `"slow"` {
			leave()
			<-left
		}
	})
	_, _, err := r.Call(ctx, []byte(`"slow"`))
	close(left)
	if !errors.Is(err, context.Canceled) {
		t.Errorf("the caller who left got %v", err)
	}
	if body, _, err := r.Call(t.Context(), []byte(`"next"`)); string(body) != `"next"` || err != nil {
		t.Errorf("the next one got %q, %v", body, err)
	}
}

// TestHandler: the function's own error has its type.
func TestHandler(t *testing.T) {
	h := Handler{echo(t, func(string) {})}
	if body, err := h.Invoke(t.Context(), []byte(`{}`)); string(body) != `{}` || err != nil {
		t.Errorf("answered %q, %v", body, err)
	}
	_, err := h.Invoke(t.Context(), []byte(`{"errorType":"BadEvent","errorMessage":"no"}`))
	if reported, ok := errors.AsType[messages.InvokeResponse_Error](err); !ok || reported.Type != "BadEvent" || reported.Message != "no" {
		t.Errorf("failed with %#v", err)
	}
}
