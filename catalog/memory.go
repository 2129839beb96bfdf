package catalog

import (
	"context"
	"fmt"
	"runtime"
	"runtime/debug"
	"sync"
	"time"

	"github.com/maypok86/otter/v2"
	"golang.org/x/sync/errgroup"

	"github.com/chunkaside/chunkaside/chunker"
)

// Fetch gets the bytes of chunks from where they are stored, by index, each verified by its digest.
type Fetch func(ctx context.Context, digests []chunker.Digest) ([][]byte, error)

// MemoryOptions tunes a Memory. The zero value of each field means its default.
type MemoryOptions struct {
	// Blocks is how many bytes of inflated blocks are kept, with what finds the entities in them; default 256 MiB. A catalog takes about 1.3 times its JSON.
	Blocks int
	// Chunks is how many bytes of compressed chunks are kept, so that a block that had to go need not be fetched again; default 64 MiB.
	Chunks int
}

// Memory is what a process keeps of versions: chunks as they are stored, and the blocks of them that were looked into. Both are bounded, those least used go first. All snapshots of a catalog share one:
// what two versions have in common is there once. It may be used by any number of goroutines.
type Memory struct {
	fetch   Fetch
	callers callers // that wait for chunks
	chunks  *otter.Cache[chunker.Digest, []byte]
	blocks  *otter.Cache[blockRef, *block]
}

// blockRef names a block as a section reads it, whatever the version: its chunk, where in it, and the section, for equal bytes of two types have other fields.
type blockRef struct {
	chunk   chunker.Digest
	offset  int
	section string
}

// entryOverhead is what an entry of the chunks' cache costs beyond the chunk, in bytes.
const entryOverhead = 300

// NewMemory makes an empty Memory that fetches what it lacks.
func NewMemory(fetch Fetch, o *MemoryOptions) (*Memory, error) {
	sizes := MemoryOptions{}
	if o != nil {
		sizes = *o
	}
	if sizes.Blocks == 0 {
		sizes.Blocks = 256 << 20
	}
	if sizes.Chunks == 0 {
		sizes.Chunks = 64 << 20
	}
	if sizes.Blocks < 0 || sizes.Chunks < 0 {
		return nil, fmt.Errorf("a memory of %d bytes for blocks and %d for chunks: both must be positive", sizes.Blocks, sizes.Chunks)
	}
	m := &Memory{fetch: fetch}
	var err error
	if m.chunks, err = otter.New(&otter.Options[chunker.Digest, []byte]{
		MaximumWeight: uint64(sizes.Chunks),
		Weigher:       func(_ chunker.Digest, data []byte) uint32 { return uint32(len(data) + entryOverhead) },
	}); err != nil {
		return nil, fmt.Errorf("make the cache of chunks: %w", err)
	}
	if m.blocks, err = otter.New(&otter.Options[blockRef, *block]{
		MaximumWeight: uint64(sizes.Blocks),
		Weigher:       func(_ blockRef, b *block) uint32 { return uint32(b.size()) },
	}); err != nil {
		return nil, fmt.Errorf("make the cache of blocks: %w", err)
	}
	return m, nil
}

// Size is how many bytes of blocks and of chunks are held now.
func (m *Memory) Size() (blocks, chunks int) {
	return int(m.blocks.WeightedSize()), int(m.chunks.WeightedSize())
}

// Put hands over a chunk that is at hand, verified.
func (m *Memory) Put(d chunker.Digest, data []byte) { m.chunks.Set(d, data) }

// Chunks returns chunks by index, fetching those that are not held, each once however many ask for it.
func (m *Memory) Chunks(ctx context.Context, digests []chunker.Digest) ([][]byte, error) {
	m.callers.enter()
	defer m.callers.leave()
	found, err := m.chunks.BulkGet(ctx, digests, otter.BulkLoaderFunc[chunker.Digest, []byte](func(ctx context.Context, missing []chunker.Digest) (map[chunker.Digest][]byte, error) {
		data, err := m.fetchFor(ctx, missing)
		if err != nil {
			return nil, err
		}
		fresh := make(map[chunker.Digest][]byte, len(missing))
		for i, d := range missing {
			fresh[d] = data[i]
		}
		return fresh, nil
	}))
	if err != nil {
		return nil, err
	}
	results := make([][]byte, len(digests))
	for i, d := range digests {
		results[i] = found[d]
	}
	return results, nil
}

// fetchTimeout is how long a fetch may take.
const fetchTimeout = 10 * time.Second

// fetchFor fetches on a goroutine of its own, so that nobody waits longer than his ctx, whatever the fetch does. It ends with the last caller of all, for nothing may run on when a Lambda function
// is frozen. Others may wait for the same chunks; they fetch again what ends with the ctx of the one who came first.
func (m *Memory) fetchFor(ctx context.Context, digests []chunker.Digest) ([][]byte, error) {
	type result struct {
		data [][]byte
		err  error
	}
	done := make(chan result, 1)
	work, cancel := context.WithTimeout(context.WithoutCancel(ctx), fetchTimeout)
	stop := m.callers.whenGone(cancel)
	go func() {
		defer cancel()
		defer stop()
		data, err := safely(func() ([][]byte, error) { return m.fetch(work, digests) })
		done <- result{data, err}
	}()
	select {
	case r := <-done:
		return r.data, r.err
	case <-ctx.Done():
		return nil, fmt.Errorf("wait for chunks: %w", ctx.Err())
	}
}

// callers are those that wait for chunks.
type callers struct {
	mu     sync.Mutex
	count  int
	ends   map[int]func() // to be called when the last of them has gone
	number int
}

func (c *callers) enter() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.count++
}

func (c *callers) leave() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.count--; c.count > 0 {
		return
	}
	for _, end := range c.ends {
		end()
	}
	clear(c.ends)
}

// whenGone calls end when the last of them has gone, unless it is stopped before.
func (c *callers) whenGone(end func()) (stop func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.ends == nil {
		c.ends = map[int]func(){}
	}
	c.number++
	n := c.number
	c.ends[n] = end
	return func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		delete(c.ends, n)
	}
}

// safely turns a panic into an error: in a goroutine of its own it would end the process.
func safely[T any](do func() (T, error)) (result T, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	return do()
}

// load returns these blocks of a run, in their order; those that are not held are fetched, inflated and parsed, several at once.
func (m *Memory) load(ctx context.Context, r *run, wanted []int) ([]*block, error) {
	results := make([]*block, len(wanted))
	var refs []blockRef
	var places map[blockRef]int // made at the first miss: most calls have none
	for i, n := range wanted {
		ref := r.refs[n]
		if b, ok := m.blocks.GetIfPresent(ref); ok {
			results[i] = b
			continue
		}
		if places == nil {
			places = map[blockRef]int{}
		}
		refs = append(refs, ref)
		places[ref] = n
	}
	if len(refs) == 0 {
		return results, r.agree(results, wanted)
	}
	loaded, err := m.blocks.BulkGet(ctx, refs, otter.BulkLoaderFunc[blockRef, *block](func(ctx context.Context, missing []blockRef) (map[blockRef]*block, error) {
		return m.inflate(ctx, r, missing, places)
	}))
	if err != nil {
		return nil, err
	}
	for i, n := range wanted {
		if results[i] == nil {
			results[i] = loaded[r.refs[n]]
		}
	}
	return results, r.agree(results, wanted)
}

// inflate makes blocks of their chunks, as many at once as there are cores.
func (m *Memory) inflate(ctx context.Context, r *run, refs []blockRef, places map[blockRef]int) (map[blockRef]*block, error) {
	digests := make([]chunker.Digest, len(refs))
	for i, ref := range refs {
		digests[i] = ref.chunk
	}
	chunks, err := m.Chunks(ctx, digests)
	if err != nil {
		return nil, err
	}
	blocks := make([]*block, len(refs))
	var group errgroup.Group
	group.SetLimit(runtime.GOMAXPROCS(0))
	for i, ref := range refs {
		group.Go(func() (err error) {
			blocks[i], err = safely(func() (*block, error) { return r.parse(chunks[i], ref.chunk, r.blocks[places[ref]]) })
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	made := make(map[blockRef]*block, len(refs))
	for i, ref := range refs {
		made[ref] = blocks[i]
	}
	return made, nil
}
