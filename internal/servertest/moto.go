package servertest

import (
	"cmp"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// Moto starts moto, a server with the protocols of many of AWS's services, empty and in memory, and returns its endpoint's URL. It has DynamoDB with streams, which dynalite lacks. The test
// ends where moto is not installed, see Missing: CHUNKASIDE_MOTO names its moto_server, or .ci/moto has installed it, or it is on the PATH.
func Moto(t testing.TB) string {
	t.Helper()
	program := findMoto()
	if program == "" {
		Missing(t, "moto is not installed: run .ci/moto, or set CHUNKASIDE_MOTO to a moto_server")
	}
	return "http://" + start(t, func(port string) *exec.Cmd { return exec.Command(program, "-H", "127.0.0.1", "-p", port) }, answersMoto)
}

func findMoto() string {
	if program := os.Getenv("CHUNKASIDE_MOTO"); program != "" {
		return program
	}
	home, _ := os.UserHomeDir() // without one the file is not there
	// Where .ci/moto puts it.
	program := filepath.Join(cmp.Or(os.Getenv("XDG_CACHE_HOME"), filepath.Join(home, ".cache")), "chunkaside", "moto", "bin", "moto_server")
	if _, err := os.Stat(program); err == nil {
		return program
	}
	program, _ = exec.LookPath("moto_server") // "" if there is none
	return program
}

// answersMoto asks for the data of moto's own page.
func answersMoto(address string) error {
	response, err := http.Get("http://" + address + "/moto-api/data.json")
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("unexpected status %s", response.Status)
	}
	return nil
}
