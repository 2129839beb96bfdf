package chunker_test

import (
	"context"
	"encoding/binary"
	"fmt"
	"math/bits"
	"os"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/cespare/xxhash/v2"

	"github.com/chunkaside/chunkaside/cache"
	"github.com/chunkaside/chunkaside/cache/memcache"
	"github.com/chunkaside/chunkaside/catalog/schema"
	"github.com/chunkaside/chunkaside/chunker"
)

// What docs/format.md, "Worked example", shows of its catalog.
const exampleSDL = `type Program @model(timestamps: null) {
  id: ID!
  title: String!
  titleJa: String
  year: Int
}
`

var (
	exampleLines = []entity{
		{"detective-arthur\x00", `{"id":"detective-arthur","title":"Detective Arthur","titleJa":"刑事アーサー","year":1999}`},
		{"garden-of-letters\x00", `{"id":"garden-of-letters","title":"The \"Garden\" of Letters","titleJa":"手紙の庭","year":2004}`},
		{"garden-of-letters-ii\x00", `{"id":"garden-of-letters-ii","title":"The \"Garden\" of Letters II","titleJa":"手紙の庭 II","year":null}`},
	}
	exampleOptions = &chunker.Options{BlockTarget: 256, BlockMin: 64}
	exampleTime    = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
)

// TestWorkedExample holds the worked example to what is written: each of its listings stands in the text as the code makes it.
func TestWorkedExample(t *testing.T) {
	text, err := os.ReadFile("../docs/format.md")
	if err != nil {
		t.Fatal(err)
	}
	s, err := schema.Parse("example.graphql", exampleSDL)
	if err != nil {
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(time.Until(exampleTime))
		m, stored := publishExample(t, s)
		listings := []string{exampleSDL, ndjson(exampleLines), hashes(), string(version{manifest: m}.json(t)) + "\n", names(m), pointer(stored("current")) + "\n"}
		for chunk := range m.Chunks {
			listings = append(listings, dump(stored("c/"+string(chunk.Digest))))
		}
		for _, listing := range listings {
			if !strings.Contains(string(text), "\n"+listing+"```\n") {
				t.Errorf("docs/format.md lacks this listing:\n%s", listing)
			}
		}
	})
}

// publishExample publishes the example and returns its manifest, and what the cache holds under a name.
func publishExample(t *testing.T, s *schema.Schema) (*chunker.Manifest, func(name string) []byte) {
	t.Helper()
	driver, err := memcache.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	c, err := cache.New(driver, s, &cache.Options{Catalog: "example"})
	if err != nil {
		t.Fatal(err)
	}
	var m *chunker.Manifest
	if _, err := c.Publish(t.Context(), func(_ context.Context, emit func(chunker.Digest, []byte) error) (*chunker.Manifest, error) {
		w, err := chunker.NewWriter(chunker.Header{Catalog: "example", Schema: s.Digest}, exampleOptions, emit)
		if err != nil {
			return nil, err
		}
		err = w.Section("Program")
		for _, e := range exampleLines {
			if err == nil {
				_, err = w.Add(e.key, []byte(e.json))
			}
		}
		m, closeErr := w.Close()
		if err != nil {
			return nil, err
		}
		return m, closeErr
	}); err != nil {
		t.Fatal(err)
	}
	if _, m, err = c.Inspect(t.Context()); err != nil {
		t.Fatal(err)
	}
	return m, func(name string) []byte {
		values, err := driver.Get(t.Context(), []string{"chunkaside/example/" + name})
		if err != nil || values[0] == nil {
			t.Fatalf("%s: %v", name, err)
		}
		return values[0]
	}
}

// pointer is the stored pointer, but for what is random in it.
func pointer(stored []byte) string {
	return regexp.MustCompile(`"tokenKey":"[^"]{44}"`).ReplaceAllString(string(stored), `"tokenKey":"<32 random bytes>"`)
}

// hashes lists what decides whether a line begins a block: "Boundaries".
func hashes() string {
	var b strings.Builder
	b.WriteString("key                         bytes    w  h                 2^64 x w / 256    below it\n")
	for _, e := range exampleLines {
		length := len(e.json) + 1
		w := uint64(1) << bits.Len(uint(length-1))
		h, share := xxhash.Sum64String("Program\x00"+e.key), w<<(64-8)
		fmt.Fprintf(&b, "%-26q %6d %4d  %016x  %016x  %v\n", e.key, length, w, h, share, h < share)
	}
	return b.String()
}

// names lists the version's names in the cache, with the bytes of their values.
func names(m *chunker.Manifest) string {
	var b strings.Builder
	name := func(name string, size int) { fmt.Fprintf(&b, "chunkaside/example/%s %4d bytes\n", name, size) }
	name("m/"+string(m.Digest), len(m.Encoded))
	for chunk := range m.Chunks {
		name("c/"+string(chunk.Digest), chunk.Size())
	}
	return b.String()
}

// dump shows one gzip member (RFC 1952), part by part.
func dump(member []byte) string {
	var b strings.Builder
	at := 0
	part := func(n int, what string) {
		for ; n > 0; what = "" {
			row := member[at : at+min(n, 16)]
			b.WriteString(strings.TrimRight(fmt.Sprintf("%04x  %-49s%s", at, fmt.Sprintf("% x", row), what), " ") + "\n")
			at, n = at+len(row), n-len(row)
		}
	}
	end := len(member) - 8
	part(2, "gzip")
	part(1, "deflate")
	part(1, "no name, no comment, no extra field")
	part(4, "modification time 0")
	part(1, "nothing about the level")
	part(1, "system unknown")
	part(end-at, "the lines, deflated")
	part(4, fmt.Sprintf("their CRC-32, %#08x", binary.LittleEndian.Uint32(member[end:])))
	part(4, fmt.Sprintf("their length, %d", binary.LittleEndian.Uint32(member[end+4:])))
	return b.String()
}
