package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chunkaside/chunkaside/cache"
	"github.com/chunkaside/chunkaside/cache/valkeycache"
	"github.com/chunkaside/chunkaside/internal/servertest"
)

// shop is a small catalog in files, with a cache of its own.
type shop struct {
	testing.TB
	dir, address string
}

const shopSDL = `type Product @model { id: ID! title: String price: Float variants: [Variant] @hasMany(indexName: "byProduct", fields: ["id"]) }
type Variant @model { shop: ID! @primaryKey(sortKeyFields: ["number"]) number: Int! productId: ID @index(name: "byProduct") size: String }`

func newShop(t testing.TB) shop {
	t.Helper()
	s := shop{t, t.TempDir(), servertest.Valkey(t)}
	s.file("shop.graphql", shopSDL)
	var variants strings.Builder
	for i := range 300 {
		fmt.Fprintf(&variants, `{"shop":"s/%d","number":%d,"productId":"p%d","size":"%d"}`+"\n", i%3, i, i%50, i)
	}
	s.file("Variant.ndjson", variants.String())
	s.products("Chair")
	return s
}

func (s shop) file(name, content string) {
	s.Helper()
	if err := os.WriteFile(filepath.Join(s.dir, name), []byte(content), 0o600); err != nil {
		s.Fatal(err)
	}
}

// products writes 50 products, one of which has this title.
func (s shop) products(title string) {
	s.Helper()
	var lines strings.Builder
	for i := range 50 {
		text := "Table"
		if i == 7 {
			text = title
		}
		fmt.Fprintf(&lines, `{"id":"p%d","title":"%s","price":%d.5}`+"\n", i, text, i)
	}
	s.file("Product.ndjson", lines.String())
}

// run runs a command that must succeed.
func (s shop) run(args ...string) string {
	s.Helper()
	out, stderr, code := s.try(args...)
	if code != 0 {
		s.Fatalf("%q: code %d, %s", args, code, stderr)
	}
	return out
}

func (s shop) try(args ...string) (out, stderr string, code int) {
	s.Helper()
	return command(s, append(args, "--schema", filepath.Join(s.dir, "shop.graphql"), "--store", "file:"+s.dir, "--cache", "valkey://"+s.address+"/0")...)
}

func (s shop) history() cache.History {
	s.Helper()
	var h cache.History
	if err := json.Unmarshal([]byte(s.run("versions", "--json")), &h); err != nil {
		s.Fatal(err)
	}
	return h
}

func (s shop) wants(out string, wants ...string) {
	s.Helper()
	for _, want := range wants {
		if !strings.Contains(out, want) {
			s.Errorf("no %q in:\n%s", want, out)
		}
	}
}

// title is what readers get.
func (s shop) title() string {
	s.Helper()
	event := filepath.Join(s.dir, "event.json")
	s.file("event.json", `{"arguments":{"id":"p7"},"info":{"parentTypeName":"Query","fieldName":"getProduct","selectionSetList":["title"]}}`)
	return strings.TrimSpace(s.run("invoke", "--event", event))
}

// TestHistoryCommands: an edit is published, looked at, taken back, held, and let go.
func TestHistoryCommands(t *testing.T) {
	s := newShop(t)
	s.run("warm")
	s.products("Armchair")
	s.run("warm")
	h := s.history()
	if len(h.Versions) != 2 || s.title() != `{"title":"Armchair"}` {
		t.Fatalf("history %+v, title %s", h, s.title())
	}
	s.wants(s.run("versions"), h.Versions[0].Manifest.Short(), h.Versions[1].Manifest.Short(), "  current\n", fmt.Sprint(h.Versions[1].Sequence))
	s.wants(s.run("diff"), `Product  "p7"  changed`, `title  "Chair"  ->  "Armchair"`)
	s.wants(s.run("diff", "--json", "--limit", "1", fmt.Sprint(h.Versions[1].Sequence), string(h.Versions[0].Manifest[:8])), `"before":"Chair"`, `"from":"`+string(h.Versions[1].Manifest))
	s.wants(s.run("inspect"), "A ^ marks those that version "+h.Versions[1].Manifest.Short(), "\nProduct   ▁\n          ^\nVariant   ")
	if out := s.run("inspect", "previous"); strings.Contains(out, "^") || !strings.Contains(out, string(h.Versions[1].Manifest)) {
		t.Errorf("inspect previous: %s", out)
	}

	s.wants(s.run("rollback"), "version "+h.Versions[1].Manifest.Short()+" is current", "the next warm-up publishes")
	if got := s.title(); got != `{"title":"Chair"}` {
		t.Errorf("after rollback: %s", got)
	}
	s.wants(s.run("versions"), fmt.Sprintf("current, %d again", h.Versions[1].Sequence))
	s.wants(s.run("pin"), "stays so until chunkaside unpin")
	s.wants(s.run("pin"), "nothing was changed")
	s.products("Stool")
	s.wants(s.run("warm"), "is pinned and stays the current one")
	if got := s.title(); got != `{"title":"Chair"}` {
		t.Errorf("while it is pinned: %s", got)
	}
	s.wants(s.run("diff", "current", "newest"), `"Chair"  ->  "Stool"`)
	s.wants(s.run("verify", "newest"), "0 missing, 0 damaged")
	s.run("unpin")
	if got := s.title(); got != `{"title":"Stool"}` {
		t.Errorf("after unpin: %s", got)
	}

	s.wants(s.run("gc", "--keep", "1", "--grace", "0s", "--dry-run"), "would delete 3 versions")
	s.wants(s.run("gc", "--keep", "1", "--grace", "0s"), "deleted 3 versions")
	if h := s.history(); len(h.Versions) != 1 {
		t.Errorf("after gc: %+v", h)
	}
	s.wants(s.run("verify"), "0 missing, 0 damaged")
}

// TestWarmOnly reads only the records that are named.
func TestWarmOnly(t *testing.T) {
	s := newShop(t)
	s.wants(s.run("warm", "--only", "Product/p7"), "published version") // there is nothing to begin with
	s.products("Armchair")
	s.wants(s.run("warm", "--only", "Product/p1"), "of which 0 were sent")
	if got := s.title(); got != `{"title":"Chair"}` {
		t.Errorf("another record was read: %s", got)
	}
	s.wants(s.run("warm", "--only", "Product/p1", "--only", "Product/p7", "--only", `Variant/["s/1",1]`), "of which 1 were sent")
	if got := s.title(); got != `{"title":"Armchair"}` {
		t.Errorf("the record was not read: %s", got)
	}
	merged := s.history().Manifest
	s.wants(s.run("warm"), "of which 0 were sent")
	if built := s.history().Manifest; built != merged {
		t.Errorf("merged %s, built %s", merged, built)
	}
	// A record that is gone from the store goes from the catalog.
	s.file("Product.ndjson", `{"id":"p0","title":"Table"}`+"\n")
	s.run("warm", "--only", "Product/p7")
	if got := s.title(); got != "null" {
		t.Errorf("the record is still there: %s", got)
	}
}

func TestInspectKey(t *testing.T) {
	s := newShop(t)
	s.run("warm")
	for _, key := range []string{`Variant/["s/1",1]`, `Variant/["s/1", 1.0]`} {
		s.wants(s.run("inspect", "--key", key), "section   Variant, entity ", " of 300\n", "siblings  6 with this productId", `{"shop":"s/1","number":1,"productId":"p1","size":"1"}`, "index     chunk ")
	}
	var l located
	if err := json.Unmarshal([]byte(s.run("inspect", "--json", "--key", "Product/p7")), &l); err != nil {
		t.Fatal(err)
	}
	if l.Number != 48 || l.Count != 50 || l.Chunks != 1 || l.Blocks != 1 || l.Bytes != len(l.Entity) || l.IndexChunk != "" || l.Siblings != 1 {
		t.Errorf("located: %+v", l)
	}
	for key, want := range map[string]string{
		"Product/none":        "no such entity as Product/none",
		"Shelf/x":             `there is no type "Shelf"; there are Product, Variant`,
		"Variant/a":           "it has 1 values, the key has 2 fields",
		"Variant/a/b":         "number",
		"Variant/[{},1]":      "neither a text nor a number",
		"Variant/[":           "no JSON list",
		`Variant/["a",1]junk`: "something follows",
		"Product/":            "a value is empty",
		`Product/["p1","p2"]`: "it has 2 values",
	} {
		if _, stderr, code := s.try("inspect", "--key", key); code != 2 || !strings.Contains(stderr, want) {
			t.Errorf("%s: code %d, %s", key, code, stderr)
		}
	}
}

func TestNoSuchVersion(t *testing.T) {
	s := newShop(t)
	for _, args := range [][]string{{"versions"}, {"diff"}, {"rollback"}, {"pin"}, {"unpin"}, {"gc"}} {
		if _, stderr, code := s.try(args...); code != 6 || !strings.Contains(stderr, "run chunkaside warm") {
			t.Errorf("%q of an empty cache: code %d, %s", args, code, stderr)
		}
	}
	s.run("warm")
	for _, args := range [][]string{{"diff"}, {"rollback"}, {"pin", "12345"}, {"verify", "abc"}, {"inspect", "feed"}, {"export", "--out", s.dir, "x"}} {
		if _, stderr, code := s.try(args...); code != 2 || !strings.Contains(stderr, "chunkaside versions lists them") {
			t.Errorf("%q: code %d, %s", args, code, stderr)
		}
	}
	for _, args := range [][]string{{"gc", "--keep=-1"}, {"gc", "--grace=-1s"}, {"diff", "current", "current", "--limit=-1"}} {
		if _, stderr, code := s.try(args...); code != 2 || !strings.Contains(stderr, "negative") {
			t.Errorf("%q: code %d, %s", args, code, stderr)
		}
	}
}

// TestRollbackToDamage is refused, names the chunk, and changes nothing.
func TestRollbackToDamage(t *testing.T) {
	s := newShop(t)
	s.run("warm")
	s.products("Armchair")
	s.run("warm")
	var before view
	if err := json.Unmarshal([]byte(s.run("inspect", "previous", "--json")), &before); err != nil {
		t.Fatal(err)
	}
	key := "chunkaside/catalog/c/" + string(before.Sections[0].Chunks[0].Digest)
	driver, err := valkeycache.New("valkey://"+s.address+"/0", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer driver.Close()
	values, err := driver.Get(t.Context(), []string{key})
	if err != nil {
		t.Fatal(err)
	}
	values[0][len(values[0])/2] ^= 1
	if err := driver.Set(t.Context(), key, values[0], time.Minute); err != nil {
		t.Fatal(err)
	}
	pointer := s.history().Pointer
	if _, stderr, code := s.try("rollback"); code != 6 || !strings.Contains(stderr, before.Sections[0].Chunks[0].Digest.Short()+" is damaged") {
		t.Errorf("rollback: code %d, %s", code, stderr)
	}
	if after := s.history().Pointer; after != pointer {
		t.Errorf("the pointer moved to %+v", after)
	}
}

// TestRefusedVersion: too much has vanished, so nothing changes; unless it is meant.
func TestRefusedVersion(t *testing.T) {
	s := newShop(t)
	s.run("warm")
	pointer := s.history().Pointer
	s.file("Variant.ndjson", `{"shop":"a","number":1,"productId":"gone","size":"1"}`+"\n")
	_, stderr, code := s.try("warm")
	if code != 8 || !strings.Contains(stderr, "Variant: 300 -> 1 entities, 99.7 % fewer; at most 50 % may go") || !strings.Contains(stderr, "warm --force") {
		t.Errorf("code %d, %s", code, stderr)
	}
	if _, stderr, code := s.try("warm", "--max-shrink=1", "--dangling", "refuse"); code != 8 || !strings.Contains(stderr, `to "gone"`) && !strings.Contains(stderr, `"gone"`) {
		t.Errorf("dangling: code %d, %s", code, stderr)
	}
	if _, stderr, code := s.try("warm", "--min-count", "Shelf=1"); code != 2 || !strings.Contains(stderr, "Shelf") {
		t.Errorf("a rule for no type: code %d, %s", code, stderr)
	}
	if after := s.history().Pointer; after != pointer {
		t.Errorf("the pointer moved to %+v", after)
	}
	out, stderr, code := s.try("warm", "--force")
	if code != 0 || !strings.Contains(out, "Variant   1 added, 0 changed, 300 removed") || !strings.Contains(stderr, "published all the same") {
		t.Errorf("forced: code %d, %s%s", code, out, stderr)
	}
	s.wants(s.run("versions"), "current, forced: Variant: 300 -> 1 entities")
}

// TestCodec: versions of both codecs stand side by side, and who reads need not know which.
func TestCodec(t *testing.T) {
	s := newShop(t)
	s.run("warm")
	s.products("Armchair")
	s.run("warm", "--codec", "zstd", "--level", "3")
	s.wants(s.run("inspect"), "codec zstd")
	s.wants(s.run("inspect", "previous"), "codec gzip")
	s.wants(s.run("diff"), `"Chair"  ->  "Armchair"`)
	s.wants(s.run("verify"), "0 missing, 0 damaged")
	if got := s.title(); got != `{"title":"Armchair"}` {
		t.Errorf("title %s", got)
	}
	// What was cut otherwise is no base of an update: it is built anew.
	s.products("Stool")
	s.run("warm", "--only", "Product/p7")
	s.wants(s.run("inspect"), "codec gzip")
	if got := s.title(); got != `{"title":"Stool"}` {
		t.Errorf("title %s", got)
	}
	for _, args := range [][]string{{"warm", "--codec", "lz4"}, {"warm", "--level", "12"}, {"warm", "--codec", "zstd", "--level", "9"}} {
		if _, stderr, code := s.try(args...); code != 2 {
			t.Errorf("%q: code %d, %s", args, code, stderr)
		}
	}
}
