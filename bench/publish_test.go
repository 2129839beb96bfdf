package bench

import (
	"bytes"
	"testing"

	"github.com/klauspost/compress/gzip"

	"github.com/chunkaside/chunkaside/cache"
	"github.com/chunkaside/chunkaside/cache/memcache"
	"github.com/chunkaside/chunkaside/catalog"
	"github.com/chunkaside/chunkaside/catalog/schema"
)

// level is what chunkaside compresses with, by default.
const level = 6

// BenchmarkPublish builds a version, compresses it, and publishes it into an empty cache in this process; and beside that compresses its very blocks and does nothing else, on as many
// cores.
func BenchmarkPublish(b *testing.B) {
	s := sampleSchema(b)
	blocks := build(b, s, sampleOf(1)).inflated(b, true)
	writers := newCompressors(b)
	compress := func(c *compressor, block []byte) error { return c.compress(block) }
	r := race{}
	for b.Loop() {
		r.run("compress", func() { share(b, writers, blocks, compress) })
		r.run("publish", func() { publish(b, openQuiet(b, newMemcache(b), s), s, sampleOf(1)) })
	}
	r.report(b)
	b.ReportMetric(100*r.seconds("compress")/r.seconds("publish"), "%-of-compressing")
}

func newMemcache(t testing.TB) cache.Driver {
	t.Helper()
	driver, err := memcache.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return driver
}

// openOver is the Cache of a new process.
func openOver(t testing.TB, driver cache.Driver, s *schema.Schema) *cache.Cache {
	t.Helper()
	c, err := cache.New(driver, s, nil)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// openQuiet does not look for missing values and targets: in a first version, that reads all of it again.
func openQuiet(t testing.TB, driver cache.Driver, s *schema.Schema) *cache.Cache {
	t.Helper()
	c, err := cache.New(driver, s, &cache.Options{Rules: catalog.Rules{Missing: catalog.Ignore, Dangling: catalog.Ignore}})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// inflated is the version's blocks before compression.
func (v version) inflated(t testing.TB, indexes bool) [][]byte {
	t.Helper()
	var blocks [][]byte
	for _, b := range v.blocks(indexes) {
		data, err := v.inflate(nil, b)
		if err != nil {
			t.Fatal(err)
		}
		blocks = append(blocks, data)
	}
	return blocks
}

// compressor compresses one block after another, and keeps its memory.
type compressor struct {
	gzip *gzip.Writer
	out  bytes.Buffer
}

func newCompressor(t testing.TB) *compressor {
	t.Helper()
	w, err := gzip.NewWriterLevel(nil, level)
	if err != nil {
		t.Fatal(err)
	}
	return &compressor{gzip: w}
}

// newCompressors are one for each core.
func newCompressors(t testing.TB) []*compressor {
	list := make([]*compressor, cores())
	for i := range list {
		list[i] = newCompressor(t)
	}
	return list
}

// compress makes one stream of the blocks.
func (c *compressor) compress(blocks ...[]byte) error {
	c.out.Reset()
	c.gzip.Reset(&c.out)
	for _, block := range blocks {
		if _, err := c.gzip.Write(block); err != nil {
			return err
		}
	}
	return c.gzip.Close()
}

// BenchmarkSize compares what is stored of the entities with one gzip stream of them, at the same level.
func BenchmarkSize(b *testing.B) {
	for _, source := range sources() {
		b.Run(source.name, func(b *testing.B) {
			s, from := source.open(b)
			stream := newCompressor(b)
			for b.Loop() {
				v := build(b, s, from)
				if err := stream.compress(v.inflated(b, false)...); err != nil {
					b.Fatal(err)
				}
				size := 0
				for _, block := range v.blocks(false) {
					size += block.Size
				}
				b.ReportMetric(percentMore(size, stream.out.Len()), "%-more")
				b.ReportMetric(percentMore(v.stored(), stream.out.Len()), "%-more-with-indexes")
			}
			b.ReportMetric(0, "ns/op")
		})
	}
}

func percentMore(size, than int) float64 { return 100 * (float64(size)/float64(than) - 1) }
