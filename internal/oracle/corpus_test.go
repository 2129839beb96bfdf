package oracle

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chunkaside/chunkaside/catalog/schema"
	"github.com/chunkaside/chunkaside/internal/servertest"
	"github.com/chunkaside/chunkaside/store"
	"github.com/chunkaside/chunkaside/store/samplestore"
)

var update = flag.Bool("update", false, "write the answers of the corpus anew")

// TestCorpus asks what apps ask. A query NAME.graphql in testdata/corpus has its variables in NAME.variables.json, if it has any, and its answer in NAME.json. One with a variable $after is asked
// page by page, by the first nextToken in each answer: its file lists the pages. A token is opaque, so what stands in the file is how many records it goes on behind. Of answers from data that is
// not ours there is the digest alone, in NAME.sha256.
//
// The evaluator must give the same answers, also when -update writes them: a file cannot hold what only the resolver thinks.
func TestCorpus(t *testing.T) {
	t.Run("sample", func(t *testing.T) {
		testCorpus(t, "sample", sampleCatalog(t), func(name, answer string) (path, golden string) { return name + ".json", answer })
	})
	t.Run("pyvideo", func(t *testing.T) {
		testCorpus(t, "pyvideo", sharedCatalog(t, "pyvideo-10mb"), func(name, answer string) (path, golden string) {
			return name + ".sha256", fmt.Sprintf("%x\n", sha256.Sum256([]byte(answer)))
		})
	})
}

// testCorpus asks the queries of a folder. golden is the file of an answer, and what stands in it.
func testCorpus(t *testing.T, folder string, c drawnCase, golden func(name, answer string) (path, golden string)) {
	paths, err := filepath.Glob(filepath.Join("testdata", "corpus", folder, "*.graphql"))
	if err != nil || len(paths) == 0 {
		t.Fatalf("no queries: %v", err)
	}
	p, e := startLocal(t, c), newEvaluator(t, c)
	for _, path := range paths {
		name := strings.TrimSuffix(path, ".graphql")
		t.Run(filepath.Base(name), func(t *testing.T) {
			q := drawnQuery{text: read(t, path), variables: map[string]any{}}
			if text, err := os.ReadFile(name + ".variables.json"); err == nil {
				must(t, unmarshal(text, &q.variables))
			}
			answer := indented(t, ask(t, p, e, q))
			file, got := golden(name, answer)
			if *update {
				write(t, file, got)
			}
			if got != read(t, file) {
				t.Errorf("the answer is not that of %s, which go test -update writes anew:\n%s", file, answer)
			}
		})
	}
}

// ask is the data that both give, or the list of its pages.
func ask(t *testing.T, p program, e *evaluator, q drawnQuery) string {
	t.Helper()
	var pages []string
	for {
		want := e.answer(q.text, q.variables)
		got, calls := p.ask(t, q.text, q.variables)
		if err := e.compare(got, want); err != nil || len(want.faults) > 0 {
			t.Fatalf("%v\n got %s\nwant %s", err, got, want)
		}
		for _, call := range calls {
			must(t, e.covers(q, call, want))
		}
		pages = append(pages, want.data)
		token := firstToken(t, got)
		if !strings.Contains(q.text, "$after") || token == "" {
			break
		}
		q.variables["after"] = token
	}
	if strings.Contains(q.text, "$after") {
		return "[" + strings.Join(pages, ",") + "]"
	}
	return pages[0]
}

// firstToken is the first nextToken in an answer, "" for none.
func firstToken(t *testing.T, got []byte) string {
	t.Helper()
	_, rest, _ := bytes.Cut(got, []byte(`"nextToken":"`))
	token, _, _ := bytes.Cut(rest, []byte(`"`))
	return string(token)
}

func indented(t *testing.T, data string) string {
	t.Helper()
	var text bytes.Buffer
	must(t, json.Indent(&text, []byte(data), "", "  "))
	return text.String() + "\n"
}

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	must(t, err)
	return string(text)
}

// sampleCatalog is that of the store "sample:".
func sampleCatalog(t *testing.T) drawnCase {
	t.Helper()
	c := catalogOf(t, samplestore.Schema)
	for _, m := range c.schema.Models {
		must(t, samplestore.New().Scan(t.Context(), m, nil, func(entities []store.Entity) error {
			for _, e := range entities {
				c.records[m.Name] = append(c.records[m.Name], string(e))
			}
			return nil
		}))
	}
	return c
}

// sharedCatalog is one of the folders of real data.
func sharedCatalog(t *testing.T, folder string) drawnCase {
	t.Helper()
	dir := servertest.SharedData(t, folder)
	c := catalogOf(t, read(t, filepath.Join(dir, "catalog.graphql")))
	for _, m := range c.schema.Models {
		c.records[m.Name] = strings.Split(strings.TrimSpace(read(t, filepath.Join(dir, m.Table+".ndjson"))), "\n")
	}
	return c
}

func catalogOf(t *testing.T, sdl string) drawnCase {
	t.Helper()
	s, err := schema.Parse("catalog.graphql", sdl)
	must(t, err)
	return drawnCase{sdl: sdl, schema: s, records: map[string][]string{}}
}
