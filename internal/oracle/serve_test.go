package oracle

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/chunkaside/chunkaside/internal/servertest"
)

// servedCatalogs is how many catalogs the program serves, one after another.
const servedCatalogs = 8

// TestServeAgrees asks the real program: the records are files of a store, and the queries come over HTTP.
func TestServeAgrees(t *testing.T) {
	binary := buildProgram(t)
	seed := int(time.Now().UnixNano() % 1e9)
	var tally tally
	for i := range servedCatalogs {
		t.Run(fmt.Sprint("seed", seed+i), func(t *testing.T) {
			c := rapid.Custom(drawCase).Example(seed + i)
			c.fill = false // serve's pages are as DynamoDB's
			agree(t, c, serve(t, binary, c), &tally)
		})
	}
	t.Log(&tally)
}

func buildProgram(t *testing.T) string {
	t.Helper()
	binary := filepath.Join(t.TempDir(), "chunkaside")
	if text, err := exec.Command("go", "build", "-o", binary, "../../cmd/chunkaside").CombinedOutput(); err != nil {
		t.Fatalf("build: %v\n%s", err, text)
	}
	return binary
}

var listening = regexp.MustCompile(`GraphQL  (http://\S+)/graphql`)

// serve starts the program on a case's records, until the test ends.
func serve(t *testing.T, binary string, c drawnCase) program {
	t.Helper()
	folder := t.TempDir()
	write(t, filepath.Join(folder, "drawn.graphql"), c.sdl)
	for _, m := range c.schema.Models {
		write(t, filepath.Join(folder, m.Table+".ndjson"), strings.Join(c.records[m.Name], "\n")+"\n")
	}
	cmd := exec.Command(binary, "serve", "--listen", "127.0.0.1:0", "--schema", filepath.Join(folder, "drawn.graphql"), "--store", "file:"+folder)
	output, err := cmd.StdoutPipe()
	must(t, err)
	cmd.Stderr = t.Output()
	ended, err := servertest.Launch(cmd)
	must(t, err)
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		<-ended
	})
	lines := bufio.NewScanner(output)
	for lines.Scan() {
		if m := listening.FindStringSubmatch(lines.Text()); m != nil {
			return remote{m[1]}
		}
	}
	t.Fatalf("serve does not listen: %v", lines.Err())
	return nil
}

func write(t *testing.T, path, text string) {
	t.Helper()
	must(t, os.WriteFile(path, []byte(text), 0o600))
}
