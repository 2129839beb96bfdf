package catalog

import (
	"context"
	"sort"
	"sync"
	"sync/atomic"

	"github.com/chunkaside/chunkaside/catalog/schema"
	"github.com/chunkaside/chunkaside/chunker"
)

// run is a section of a version as one sorted list of lines, of which only the blocks that are looked into are in memory. Lines are counted from 0.
type run struct {
	memory *Memory
	codec  chunker.Codec
	model  *schema.Model
	index  *schema.Index // nil for a section of entities
	blocks []*chunker.Block
	refs   []blockRef
	starts []int // the number of each block's first line; one more for the end

	ids  func() map[chunker.BlockID][]int // the blocks by their IDs
	next atomic.Int64                     // the block that someone who reads on would read next: see read
}

func newRun(memory *Memory, codec chunker.Codec, m *schema.Model, ix *schema.Index, part *chunker.Section) *run {
	r := &run{memory: memory, codec: codec, model: m, index: ix, starts: []int{0}}
	for c := range part.Chunks {
		for b := range part.Chunks[c].Blocks {
			block := &part.Chunks[c].Blocks[b]
			r.blocks = append(r.blocks, block)
			r.refs = append(r.refs, blockRef{part.Chunks[c].Digest, block.Offset, part.Name})
			r.starts = append(r.starts, r.len()+block.Count)
		}
	}
	r.ids = sync.OnceValue(func() map[chunker.BlockID][]int {
		ids := make(map[chunker.BlockID][]int, len(r.blocks))
		for i := range r.blocks {
			id := r.id(i)
			ids[id] = append(ids[id], i)
		}
		return ids
	})
	return r
}

// len is the number of lines.
func (r *run) len() int { return r.starts[len(r.starts)-1] }

// holder is the block that holds a line.
func (r *run) holder(line int) int {
	return sort.Search(len(r.blocks), func(i int) bool { return r.starts[i+1] > line })
}

// parse inflates and parses one block.
func (r *run) parse(chunk []byte, d chunker.Digest, ref *chunker.Block) (*block, error) {
	data, err := r.codec.Inflate(nil, chunk, d, ref)
	if err != nil {
		return nil, err
	}
	var b *block
	if r.index == nil {
		b, err = parseEntities(r.model, data, ref.Count)
	} else {
		b, err = parseIndex(r.model, r.index, data, ref.Count)
	}
	switch {
	case err != nil:
		return nil, damagedBlock(d, err)
	case ref.First != string(b.key(0)):
		return nil, &chunker.DamageError{Part: "block", Digest: d, Reason: "it begins with another key than the manifest says"}
	}
	return b, nil
}

// readAhead is how many blocks are read at once for someone who reads on: about a megabyte.
const readAhead = 8

// read returns the blocks from..to. Who reads block after block gets more of them at once, so that a long list from a distant cache is not a round trip for each block.
func (r *run) read(ctx context.Context, from, to int) ([]*block, error) {
	end := to
	if from > 0 && int64(from) == r.next.Load() && !r.held(from) {
		end = min(max(to, from+readAhead), len(r.blocks))
	}
	r.next.Store(int64(end))
	wanted := make([]int, 0, end-from)
	for i := from; i < end; i++ {
		wanted = append(wanted, i)
	}
	blocks, err := r.memory.load(ctx, r, wanted)
	if err != nil && end > to {
		// What was read ahead may be what fails; nobody asked for it.
		blocks, err = r.memory.load(ctx, r, wanted[:to-from])
	}
	if err != nil {
		return nil, err
	}
	return blocks[:to-from], nil
}

// at returns one block. Finding one that is held takes no memory.
func (r *run) at(ctx context.Context, i int) (*block, error) {
	if b, ok := r.memory.blocks.GetIfPresent(r.refs[i]); ok && b.count() == r.blocks[i].Count {
		r.next.Store(int64(i + 1))
		return b, nil
	}
	blocks, err := r.read(ctx, i, i+1)
	if err != nil {
		return nil, err
	}
	return blocks[0], nil
}

// agree holds blocks against the manifest: another version may have stated another number of lines for the same bytes.
func (r *run) agree(blocks []*block, wanted []int) error {
	for i, b := range blocks {
		if n := wanted[i]; b.count() != r.blocks[n].Count {
			return &chunker.DamageError{Part: "block", Digest: r.refs[n].chunk, Reason: "it has another number of lines than the manifest says"}
		}
	}
	return nil
}

func (r *run) held(i int) bool {
	_, ok := r.memory.blocks.GetIfPresent(r.refs[i])
	return ok
}

// blockOf is the block in which a key is or would be; -1 if it is before all.
func (r *run) blockOf(key string) int {
	return sort.Search(len(r.blocks), func(i int) bool { return r.blocks[i].First > key }) - 1
}

// id names a block.
func (r *run) id(i int) chunker.BlockID {
	return chunker.BlockIDOf(r.refs[i].section, r.blocks[i].First)
}

// chunk is the chunk that has this block alone.
func (r *run) chunk(i int) chunker.Chunk {
	return chunker.Chunk{Digest: r.refs[i].chunk, Blocks: []chunker.Block{*r.blocks[i]}}
}

// search is the first line whose key is not below this one. It looks into one block at most, or into two where the key is just between them.
func (r *run) search(ctx context.Context, key string) (int, error) {
	i := r.blockOf(key)
	if i < 0 {
		return 0, nil
	}
	b, err := r.at(ctx, i)
	if err != nil {
		return 0, err
	}
	return r.starts[i] + b.search(key), nil
}

// equal is the lines from..to that have this key: nearly always none or one.
func (r *run) equal(ctx context.Context, key string) (from, to int, err error) {
	if from, err = r.search(ctx, key); err != nil {
		return 0, 0, err
	}
	for to = from; to < r.len(); to++ {
		line, err := r.lines(ctx, to, to+1)
		if err != nil {
			return 0, 0, err
		}
		if string(line[0].block.key(line[0].n)) != key {
			break
		}
	}
	return from, to, nil
}

// place is a line with its block. In a section of entities it is an entity.
type place = Entity

// lines returns the lines from..to.
func (r *run) lines(ctx context.Context, from, to int) ([]place, error) {
	if from >= to {
		return nil, nil
	}
	first, last := r.holder(from), r.holder(to-1)
	var one [1]*block
	blocks := one[:]
	var err error
	if first == last {
		one[0], err = r.at(ctx, first)
	} else {
		blocks, err = r.read(ctx, first, last+1)
	}
	if err != nil {
		return nil, err
	}
	places := make([]place, 0, to-from)
	for i, b := range blocks {
		start := r.starts[first+i]
		for n := max(from-start, 0); n < min(to-start, b.count()); n++ {
			places = append(places, place{b, n})
		}
	}
	return places, nil
}
