// Package lambdatest runs a Lambda function's bootstrap on this machine: a server of the Lambda runtime API on loopback, and the function's own process that polls it, as
// the service does.
//
//	r := lambdatest.Start(t, "./cmd/resolver", "CHUNKASIDE_STORE=sample:", ...)
//	answer, failed := r.Invoke(t, event)
package lambdatest

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chunkaside/chunkaside/internal/servertest"
)

// Runtime is one running function. Its calls go one after another, as in one of Lambda's environments.
type Runtime struct {
	turn    chan struct{} // has room for the one call that runs
	next    chan *call
	current atomic.Pointer[call] // what the function works at, or did last
	ended   <-chan struct{}      // closed when the function's process has ended
	output  *bytes.Buffer        // of the process; read it only after ended
	process *os.Process
	began   time.Time
	polled  chan time.Time // when the function first asked for an event
	sampled atomic.Bool
}

// patience is how long a call or the start may take.
const patience = time.Minute

// Start builds the command at a path of the module and starts it with these environment variables, until the test ends.
func Start(t testing.TB, path string, env ...string) *Runtime {
	t.Helper()
	return Run(t, Build(t, path), env...)
}

// Run is Start with a bootstrap that is built already.
func Run(t testing.TB, bootstrap string, env ...string) *Runtime {
	t.Helper()
	r := &Runtime{turn: make(chan struct{}, 1), next: make(chan *call), output: &bytes.Buffer{}, polled: make(chan time.Time, 1)}
	api := httptest.NewServer(r.handler())
	t.Cleanup(api.Close)

	cmd := exec.Command(bootstrap)
	cmd.Env = append(inherited(), "AWS_LAMBDA_RUNTIME_API="+strings.TrimPrefix(api.URL, "http://"), "AWS_LAMBDA_FUNCTION_NAME=test", "_X_AMZN_TRACE_ID=")
	cmd.Env = append(cmd.Env, env...)
	cmd.Stdout, cmd.Stderr = r.output, r.output
	var err error
	r.began = time.Now()
	if r.ended, err = servertest.Launch(cmd); err != nil {
		t.Fatal(err)
	}
	r.process = cmd.Process
	t.Cleanup(func() { r.Stop() })
	return r
}

// inherited is what a function takes over from this process: nothing that sets it up, no credentials.
func inherited() []string {
	var env []string
	for _, name := range []string{"PATH", "HOME", "TMPDIR", "GOCOVERDIR"} {
		if value, ok := os.LookupEnv(name); ok {
			env = append(env, name+"="+value)
		}
	}
	return env
}

// Build builds the command at a path of the module, as it is deployed, and returns the path of its bootstrap.
func Build(t testing.TB, path string) string {
	t.Helper()
	_, here, _, _ := runtime.Caller(0)
	out := filepath.Join(t.TempDir(), "bootstrap")
	cmd := exec.Command("go", "build", "-tags", "lambda.norpc", "-o", out, path)
	cmd.Dir = filepath.Join(filepath.Dir(here), "..", "..")
	if text, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("build %s: %v\n%s", path, err, text)
	}
	return out
}

// ColdStart waits until the function asks for its first event, and returns how long that took from the start of its process. It is to be called once.
func (r *Runtime) ColdStart(t testing.TB) time.Duration {
	t.Helper()
	select {
	case at := <-r.polled:
		return at.Sub(r.began)
	case <-r.ended:
		t.Fatalf("the function ended:\n%s", r.output)
	case <-time.After(patience):
		t.Fatal("the function did not ask for an event")
	}
	return 0
}

// Sample makes the events that follow parts of a trace that is sampled.
func (r *Runtime) Sample() { r.sampled.Store(true) }

// Ended waits for the function's process to end by itself and returns what it printed.
func (r *Runtime) Ended(t testing.TB) string {
	t.Helper()
	select {
	case <-r.ended:
	case <-time.After(patience):
		t.Fatal("the function did not end")
	}
	return r.output.String()
}

// Stop ends the function's process and returns what it printed.
func (r *Runtime) Stop() string {
	_ = r.process.Kill()
	<-r.ended
	return r.output.String()
}

// handler is the runtime API: https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
func (r *Runtime) handler() http.Handler {
	const invocation = "/2018-06-01/runtime/invocation/"
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+invocation+"next", func(w http.ResponseWriter, req *http.Request) {
		select {
		case r.polled <- time.Now():
		default: // it is not the first time, or nobody has looked
		}
		select {
		case c := <-r.next:
			r.current.Store(c)
			w.Header().Set("Lambda-Runtime-Aws-Request-Id", "00000000-0000-0000-0000-000000000001")
			w.Header().Set("Lambda-Runtime-Deadline-Ms", fmt.Sprint(time.Now().Add(patience).UnixMilli()))
			w.Header().Set("Lambda-Runtime-Invoked-Function-Arn", "arn:aws:lambda:eu-west-1:000000000000:function:test")
			w.Header().Set("Lambda-Runtime-Trace-Id", "Root=1-00000000-000000000000000000000001;Parent=0000000000000002;Sampled="+map[bool]string{true: "1", false: "0"}[r.sampled.Load()])
			_, _ = w.Write(c.event)
		case <-req.Context().Done():
		}
	})
	mux.HandleFunc("POST "+invocation+"{id}/response", func(w http.ResponseWriter, req *http.Request) { r.take(w, req, false) })
	mux.HandleFunc("POST "+invocation+"{id}/error", func(w http.ResponseWriter, req *http.Request) { r.take(w, req, true) })
	return mux
}

func (r *Runtime) take(w http.ResponseWriter, req *http.Request, failed bool) {
	body, err := io.ReadAll(req.Body)
	if err != nil {
		body, failed = []byte(err.Error()), true
	}
	w.WriteHeader(http.StatusAccepted)
	r.current.Load().answered <- answer{body, failed}
}
