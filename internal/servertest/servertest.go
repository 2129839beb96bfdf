// Package servertest gives tests real servers to talk to: each starts one on a free loopback port and ends it with the test.
// A test whose server is not installed is skipped, or fails where CHUNKASIDE_REQUIRE_SERVERS is set, as in CI: there a test
// must not vanish because an installation went wrong. CHUNKASIDE_REQUIRE_DATA does the same for the shared fixtures, which a clone
// alone does not have.
package servertest

import (
	"bytes"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"testing"
	"time"
)

// Missing ends the test because something it needs is not there: it skips it, or fails it under CHUNKASIDE_REQUIRE_SERVERS.
func Missing(t testing.TB, format string, args ...any) {
	t.Helper()
	missing(t, "CHUNKASIDE_REQUIRE_SERVERS", fmt.Sprintf(format, args...))
}

func missing(t testing.TB, required, reason string) {
	t.Helper()
	if os.Getenv(required) != "" {
		t.Fatalf("%s is set, but %s", required, reason)
	}
	t.Skip(reason)
}

// SharedData returns the path of a file or folder among the shared fixtures, which lie beside the repository. Where they are not
// there the test ends: it is skipped, or fails under CHUNKASIDE_REQUIRE_DATA.
func SharedData(t testing.TB, elem ...string) string {
	t.Helper()
	path := filepath.Join(append([]string{folder(), "..", "..", "..", "shared", "data"}, elem...)...)
	if _, err := os.Stat(path); err != nil {
		missing(t, "CHUNKASIDE_REQUIRE_DATA", fmt.Sprintf("there are no shared fixtures beside the repository: %v", err))
	}
	return path
}

// folder is that of this package's source.
func folder() string {
	_, file, _, _ := runtime.Caller(0)
	return filepath.Dir(file)
}

// patience is how long a server may take to answer first.
const patience = 20 * time.Second

// start runs a server on a free loopback port until the test ends, and returns its address once ready says that it answers.
// command makes the command line for a port.
func start(t testing.TB, command func(port string) *exec.Cmd, ready func(address string) error) string {
	t.Helper()
	var err error
	// The port is free when it is looked up, but another process may take it before the server does.
	for range 3 {
		var address string
		if address, err = tryStart(t, command, ready); err == nil {
			return address
		}
	}
	t.Fatalf("start server: %v", err)
	return ""
}

func tryStart(t testing.TB, command func(port string) *exec.Cmd, ready func(address string) error) (string, error) {
	address, err := freeAddress()
	if err != nil {
		return "", err
	}
	_, port, _ := net.SplitHostPort(address)
	var output bytes.Buffer
	cmd := command(port)
	cmd.Stdout, cmd.Stderr = &output, &output
	ended, err := Launch(cmd)
	if err != nil {
		return "", err
	}
	stop := func() {
		_ = cmd.Process.Kill() // it may have ended
		<-ended
	}
	if err := await(address, ready, ended); err != nil {
		stop()
		return "", fmt.Errorf("%s: %w: %s", cmd.Path, err, output.Bytes())
	}
	t.Cleanup(func() {
		select {
		case <-ended:
			t.Errorf("%s ended before the test did: %v: %s", cmd.Path, cmd.ProcessState, output.Bytes())
		default:
			stop()
		}
	})
	return address, nil
}

func await(address string, ready func(string) error, ended <-chan struct{}) error {
	deadline := time.Now().Add(patience)
	for {
		err := ready(address)
		if err == nil {
			return nil
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("no answer within %v: %w", patience, err)
		}
		select {
		case <-ended:
			return errors.New("it ended by itself")
		case <-time.After(20 * time.Millisecond):
		}
	}
}

func freeAddress() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer l.Close()
	return l.Addr().String(), nil
}
