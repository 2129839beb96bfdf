package bench

import (
	"runtime"
	"runtime/debug"
	"testing"

	"github.com/chunkaside/chunkaside/cache"
	"github.com/chunkaside/chunkaside/catalog"
)

// BenchmarkRefresh reads all entities of a version that is new to the process, whose buffers are warm from the one before; and beside that inflates their blocks and does nothing
// else, on as many cores. The cache is in this process, so nothing waits for a network. To read is to fetch, verify, inflate, find every field and key, and keep.
func BenchmarkRefresh(b *testing.B) {
	s, driver := sampleSchema(b), newMemcache(b)
	publish(b, openOver(b, driver, s), s, sampleOf(1))
	type result struct {
		cache *cache.Cache // holds the blocks
		pages []catalog.Page
	}
	read := func() result {
		c := openOver(b, driver, s)
		return result{c, readAll(b, current(b, c))}
	}
	garbage := garbageOf(read)

	v := build(b, s, sampleOf(1))
	inflaters, blocks := newInflaters(v), v.blocks(false)
	r := race{}
	for b.Loop() {
		r.run("inflate", func() { share(b, inflaters, blocks, (*inflater).inflate) })
		r.run("refresh", func() { read() })
	}
	r.report(b)
	b.ReportMetric(r.seconds("refresh")/r.seconds("inflate"), "x-inflating")
	b.ReportMetric(float64(garbage)/1024, "garbage-KiB")
}

// garbageOf is the bytes that f, whose buffers are warm, allocates beyond what its result holds.
func garbageOf[T any](f func() T) int {
	defer debug.SetGCPercent(debug.SetGCPercent(-1)) // a collection takes buffers from their pools
	forget()
	empty := live()
	result := f()
	forget()
	kept := live() - empty
	runtime.KeepAlive(result)
	f() // warms the buffers
	before := allocated()
	f()
	return allocated() - before - kept
}

func live() int {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int(m.HeapAlloc)
}

// inflater inflates one block of a version after another, into the same buffer.
type inflater struct {
	version version
	buffer  []byte
}

// newInflaters are one for each core.
func newInflaters(v version) []*inflater {
	list := make([]*inflater, cores())
	for i := range list {
		list[i] = &inflater{version: v}
	}
	return list
}

func (f *inflater) inflate(b storedBlock) (err error) {
	f.buffer, err = f.version.inflate(f.buffer[:0], b)
	return err
}
