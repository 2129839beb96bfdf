package oracle

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/chunkaside/chunkaside/cache"
	"github.com/chunkaside/chunkaside/catalog"
	"github.com/chunkaside/chunkaside/internal/appsync"
	"github.com/chunkaside/chunkaside/resolver"
	"github.com/chunkaside/chunkaside/store/filestore"
)

// TestNarrowAgrees: what is answered from the store, for want of a version, is what a version of it answers. What is refused waits for a version.
func TestNarrowAgrees(t *testing.T) {
	dir, answered, refused := t.TempDir(), 0, 0
	rapid.Check(t, func(t *rapid.T) {
		c := drawCase(t)
		version, narrow := startLocal(t, c), startNarrow(t, c, dir)
		for _, q := range c.queries {
			if !q.valid {
				continue
			}
			q.variables["after"] = nil
			want, got := decoded(t, version, q), decoded(t, narrow, q)
			for key, value := range got.Data {
				switch {
				case got.waits(key):
					refused++
				case !reflect.DeepEqual(value, want.Data[key]):
					t.Fatalf("%squery     %s\nvariables %s\n narrow  %v\n version %v", c, q.text, written(q.variables), value, want.Data[key])
				default:
					answered++
				}
			}
		}
	})
	if answered < refused {
		t.Errorf("%d root fields are answered, %d refused: that says little", answered, refused)
	}
	t.Logf("%d root fields answered from the store, %d refused", answered, refused)
}

// startNarrow answers a case from its records, without a version.
func startNarrow(t failer, c drawnCase, dir string) program {
	t.Helper()
	for _, m := range c.schema.Models {
		must(t, os.WriteFile(filepath.Join(dir, m.Table+".ndjson"), []byte(strings.Join(c.records[m.Name], "\n")+"\n"), 0o600))
	}
	files, err := filestore.New(dir)
	must(t, err)
	reads, err := catalog.NewNarrow(files, nil)
	must(t, err)
	handler, err := resolver.New(c.schema, noVersion{}, &resolver.Options{FillPages: c.fill, Narrow: reads})
	must(t, err)
	seen := &recorder{handler: handler}
	server, err := appsync.New(c.schema, seen, nil)
	must(t, err)
	return local{server, seen}
}

// noVersion is a source without one.
type noVersion struct{ source }

func (noVersion) Current(context.Context) (*catalog.Snapshot, error) { return nil, cache.ErrNoVersion }

func (noVersion) Within(context.Context, time.Duration) (*catalog.Snapshot, error) {
	return nil, cache.ErrNoVersion
}

// body is an answer, decoded.
type body struct {
	Data   map[string]any
	Errors []struct {
		Path      []any
		ErrorType string
	}
}

func decoded(t failer, p program, q drawnQuery) (b body) {
	t.Helper()
	text, _ := p.ask(t, q.text, q.variables)
	must(t, unmarshal(text, &b))
	return b
}

// waits says whether a root field was told to wait for a version.
func (b body) waits(key string) bool {
	for _, e := range b.Errors {
		if e.ErrorType == "CatalogUnavailable" && len(e.Path) > 0 && fmt.Sprint(e.Path[0]) == key {
			return true
		}
	}
	return false
}
