package servertest

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// Dynalite starts dynalite, a server with DynamoDB's protocol, empty and in memory, and returns its endpoint's URL. The test
// ends where dynalite is not installed, see Missing: CHUNKASIDE_DYNALITE names it, or it is on the PATH, or "npm ci" in this
// folder has put it there.
func Dynalite(t testing.TB) string {
	t.Helper()
	program := findDynalite()
	if program == "" {
		Missing(t, "dynalite is not installed: run npm ci in internal/servertest, or set CHUNKASIDE_DYNALITE")
	}
	command := func(port string) *exec.Cmd {
		cmd := exec.Command(program, "--host", "127.0.0.1", "--port", port,
			"--createTableMs", "0", "--deleteTableMs", "0", "--updateTableMs", "0")
		guard := fmt.Sprintf("--require %q", filepath.Join(folder(), "dynalite-guard.cjs"))
		cmd.Env = append(os.Environ(), "NODE_OPTIONS="+strings.TrimSpace(os.Getenv("NODE_OPTIONS")+" "+guard))
		return cmd
	}
	return "http://" + start(t, command, answersDynamoDB)
}

func findDynalite() string {
	if program := os.Getenv("CHUNKASIDE_DYNALITE"); program != "" {
		return program
	}
	if program, err := exec.LookPath("dynalite"); err == nil {
		return program
	}
	program := filepath.Join(folder(), "node_modules", ".bin", "dynalite")
	if _, err := os.Stat(program); err != nil {
		return ""
	}
	return program
}

// answersDynamoDB asks for the health text that DynamoDB's endpoints give.
func answersDynamoDB(address string) error {
	response, err := http.Get("http://" + address + "/")
	if err != nil {
		return err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(io.LimitReader(response.Body, 1024))
	if err != nil {
		return err
	}
	if !strings.HasPrefix(string(text), "healthy") {
		return fmt.Errorf("unexpected answer %.100q", text)
	}
	return nil
}
