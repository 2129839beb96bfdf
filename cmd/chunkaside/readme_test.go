package main

import (
	"context"
	"encoding/json"
	"html"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/alecthomas/kong"

	"github.com/chunkaside/chunkaside/catalog/schema"
)

// root is the repository's folder.
const root = "../.."

// block is a fenced block of a document: of its commands, those of a transcript have their "$ " removed.
type block struct {
	language string
	text     string
	commands []string
	output   string // what the last command of a transcript prints
}

// readme is the blocks of README.md.
func readme(t *testing.T) []block {
	t.Helper()
	return document(t, "README.md")
}

// document is the blocks of a file of the repository.
func document(t *testing.T, path string) []block {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(root, path))
	if err != nil {
		t.Fatal(err)
	}
	var blocks []block
	for _, m := range regexp.MustCompile("(?ms)^```(\\w*)\n(.*?)^```$").FindAllStringSubmatch(string(data), -1) {
		b := block{language: m[1], text: m[2]}
		switch {
		case b.language != "" || strings.ContainsAny(b.text, "┌│"):
		case strings.HasPrefix(b.text, "$ "):
			for line := range strings.Lines(b.text) {
				if command, ok := strings.CutPrefix(line, "$ "); ok {
					b.commands, b.output = append(b.commands, strings.TrimSpace(command)), ""
				} else {
					b.output += line
				}
			}
		default:
			whole := strings.ReplaceAll(b.text, "\\\n", " ")
			b.commands = strings.Split(strings.TrimSpace(whole), "\n")
		}
		blocks = append(blocks, b)
	}
	return blocks
}

// TestReadmeCommands: what README.md tells to type is shell, its files and targets are there, and the program knows its flags.
func TestReadmeCommands(t *testing.T) {
	makefile, err := os.ReadFile(filepath.Join(root, "Makefile"))
	if err != nil {
		t.Fatal(err)
	}
	programs := 0
	for _, b := range readme(t) {
		for _, command := range b.commands {
			for _, path := range regexp.MustCompile(`\b(cmd|internal|store)/[\w./-]+`).FindAllString(command, -1) {
				if _, err := os.Stat(filepath.Join(root, path)); err != nil && !strings.Contains(path, "/node_modules/") {
					t.Errorf("%s: %v", command, err)
				}
			}
			words := shellWords(t, command)
			switch {
			case len(words) == 0:
				t.Errorf("no command: %q", command)
			case words[0] == "chunkaside":
				programs++
				parses(t, command, words[1:])
			case strings.HasPrefix(command, "go run ./cmd/chunkaside "):
				programs++
				parses(t, command, words[3:])
			case words[0] == "make":
				if !strings.Contains(string(makefile), "\n"+words[1]+":") {
					t.Errorf("%s: the Makefile has no such target", command)
				}
			case !slices.Contains([]string{"go", "curl", "npm", "export", "redis-server", "internal/servertest/node_modules/.bin/dynalite"}, words[0]):
				t.Errorf("%s: this test does not know the program", command)
			}
		}
	}
	if programs < 5 {
		t.Errorf("found %d calls of the program in README.md: this test does not read it rightly", programs)
	}
}

// shellWords are a command's words as the shell splits them, without the variables set before them.
func shellWords(t *testing.T, command string) []string {
	t.Helper()
	assignment := regexp.MustCompile(`^([A-Z_]+=("[^"]*"|'[^']*'|\S*)\s+)+`)
	out, err := exec.Command("sh", "-c", `printf '%s\n' `+assignment.ReplaceAllString(command, "")).CombinedOutput()
	if err != nil {
		t.Fatalf("sh cannot read %q: %v: %s", command, err, out)
	}
	return strings.Split(strings.TrimSuffix(string(out), "\n"), "\n")
}

// parses holds a command line against the program's flags, without running it.
func parses(t *testing.T, command string, args []string) {
	t.Helper()
	if slices.Equal(args, []string{"--version"}) {
		return
	}
	parser, err := kong.New(&commands{}, kong.Vars{"version": ""}, kong.BindTo(t.Context(), (*context.Context)(nil)))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := parser.Parse(args); err != nil {
		t.Errorf("%s: %v", command, err)
	}
}

// TestReadmeQueries: the sample answers README.md's curl commands, and the page's query, as they stand there.
func TestReadmeQueries(t *testing.T) {
	p := startServe(t)
	p.await(t, "ready    ")
	served, asked := false, 0
	for _, b := range readme(t) {
		switch {
		case len(b.commands) == 0:
		case b.commands[0] == "go run ./cmd/chunkaside serve":
			served = true
			if got, want := steady(p.output.String(), p.url), steady(b.output, "http://127.0.0.1:8080"); got != want {
				t.Errorf("serve prints\n%s\nbut README.md says\n%s", got, want)
			}
		case strings.HasPrefix(b.commands[0], "curl "):
			asked++
			p.curls(t, b)
		}
	}
	if !served || asked == 0 {
		t.Errorf("README.md has the serve command: %v; %d curl commands", served, asked)
	}
	_, page := p.get(t, "/")
	m := regexp.MustCompile(`(?s)<textarea id="query"[^>]*>(.*?)</textarea>`).FindStringSubmatch(page)
	if m == nil {
		t.Fatalf("the page has no query: %s", page)
	}
	if got := p.query(t, html.UnescapeString(m[1])); strings.Contains(got, `"errors"`) || strings.Count(got, `"groups"`) != 2 {
		t.Errorf("the page's query is answered with %s", got)
	}
}

// steady is the output of serve without what differs from run to run. The version's digest changes with the compressor: it is not held against README.md.
func steady(output, url string) string {
	output = strings.ReplaceAll(output, url, "URL")
	output = regexp.MustCompile(`version [0-9a-f]{12}`).ReplaceAllString(output, "version DIGEST")
	return regexp.MustCompile(`after \S+`).ReplaceAllString(output, "after TIME")
}

// curls sends the body of a block's curl command, and holds the answer against the output, which may be broken into lines and end with "...".
func (p program) curls(t *testing.T, b block) {
	t.Helper()
	words := shellWords(t, b.commands[0])
	at := slices.Index(words, "-d")
	if at < 0 || at+1 >= len(words) || !slices.Contains(words, "localhost:8080/graphql") {
		t.Fatalf("%s: want a POST to localhost:8080/graphql", b.commands[0])
	}
	response, err := http.Post(p.url+"/graphql", "", strings.NewReader(words[at+1]))
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	got := string(answer)
	want, cut := strings.CutSuffix(strings.ReplaceAll(b.output, "\n", ""), "...")
	if response.StatusCode != http.StatusOK || !strings.HasPrefix(got, want) || !cut && strings.TrimSpace(got) != want {
		t.Errorf("%s\nis answered with %d %s\nbut README.md says %s", b.commands[0], response.StatusCode, got, b.output)
	}
}

// TestReadmeSchema: the schema that README.md shows is one, and answers the queries named below it.
func TestReadmeSchema(t *testing.T) {
	blocks := readme(t)
	at := slices.IndexFunc(blocks, func(b block) bool { return b.language == "graphql" })
	if at < 0 {
		t.Fatal("README.md shows no schema")
	}
	s, err := schema.Parse("README.md", blocks[at].text)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"getProgram", "listPrograms", "episodeGroupsByProgram"} {
		if s.Query(name) == nil {
			t.Errorf("there is no query %s", name)
		}
	}
}

// TestReadmeNamesErrorsAndCodes: every error type and exit code is in README.md.
func TestReadmeNamesErrorsAndCodes(t *testing.T) {
	data, err := os.ReadFile(filepath.Join(root, "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	text := strings.Join(strings.Fields(string(data)), " ")
	source, err := os.ReadFile(filepath.Join(root, "resolver", "error.go"))
	if err != nil {
		t.Fatal(err)
	}
	kinds := regexp.MustCompile(`(?m)^\t([A-Z]\w+) += "([A-Z]\w+)"$`).FindAllStringSubmatch(string(source), -1)
	if len(kinds) < 10 {
		t.Fatalf("found %d types of errors", len(kinds))
	}
	for _, kind := range kinds {
		if !strings.Contains(text, "`"+kind[2]+"`") {
			t.Errorf("README.md does not name %s", kind[2])
		}
	}
	_, codes, _ := strings.Cut(strings.Join(strings.Fields(description), " "), "Exit codes: ")
	if !strings.Contains(text, codes) {
		t.Errorf("README.md does not have the exit codes as the help has them: %s", codes)
	}
	counters, err := json.Marshal(stats{})
	if err != nil {
		t.Fatal(err)
	}
	for _, counter := range regexp.MustCompile(`"(\w+)":`).FindAllStringSubmatch(string(counters), -1) {
		if !strings.Contains(text, "`"+counter[1]+"`") {
			t.Errorf("README.md does not explain the counter %s", counter[1])
		}
	}
}
