package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/chunkaside/chunkaside/internal/servertest"
)

// TestFrontEndClient runs the tests of internal/clienttest: a front end's client, with its own cache, finds here what it finds at AppSync.
func TestFrontEndClient(t *testing.T) {
	dir := filepath.Join("..", "..", "internal", "clienttest")
	node, err := exec.LookPath("node")
	if err != nil {
		servertest.Missing(t, "Node is not installed: %v", err)
	}
	for _, library := range []string{"@apollo/client", "aws-appsync-subscription-link"} {
		if _, err := os.Stat(filepath.Join(dir, "node_modules", library)); err != nil {
			servertest.Missing(t, "the front end's client is not installed: run npm ci in internal/clienttest")
		}
	}
	// Found here, and not by Node, so that none is a failure and go test looks at them before it takes an older result.
	files, err := filepath.Glob(filepath.Join(dir, "*.test.js"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no tests in %s: %v", dir, err)
	}
	p := startServe(t)
	p.await(t, "ready    version ")
	cmd := exec.CommandContext(t.Context(), node, append([]string{"--experimental-websocket", "--test", "--test-reporter=spec"}, files...)...)
	cmd.Env = append(os.Environ(), "CHUNKASIDE_URL="+p.url)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}
