package catalog

import (
	"context"
	"strings"

	"github.com/chunkaside/chunkaside/catalog/schema"
	"github.com/chunkaside/chunkaside/chunker"
)

// Location is where in a version an entity is. Numbers count from 1, sizes are bytes.
type Location struct {
	Entity Entity
	// Number is the entity's in its section, of Count.
	Number, Count int
	// Chunk is number ChunkNumber of Chunks in the section, of ChunkSize stored bytes.
	Chunk                          chunker.Digest
	ChunkNumber, Chunks, ChunkSize int
	// Block is where the entity's block is in the chunk: number BlockNumber of Blocks.
	Block               chunker.Block
	BlockNumber, Blocks int
	// Line is the entity's number in its block; its JSON begins at Offset of the inflated block.
	Line, Offset int
	// IndexChunk is the one in which the primary key is looked up; "" where the section itself is in its order.
	IndexChunk chunker.Digest
	// Sibling is the field by whose value the section groups, Siblings how many entities have the same one, this one included, SiblingBlocks in how many blocks they are.
	Sibling                 *schema.Field
	Siblings, SiblingBlocks int
}

// Locate says where the entity with this primary key is: see Get.
func (s *Snapshot) Locate(ctx context.Context, m *schema.Model, key string) (l Location, ok bool, err error) {
	e, ok, err := s.Get(ctx, m, key)
	if !ok || err != nil {
		return Location{}, ok, err
	}
	r := s.sections[m].entities
	cluster := string(e.block.key(e.n))
	i := r.blockOf(cluster)
	l = Location{
		Entity: e, Number: r.starts[i] + e.n + 1, Count: r.len(), Line: e.n + 1, Offset: int(e.block.starts[e.n]), Block: *r.blocks[i],
		Sibling: m.Cluster.Partition,
	}
	l.inChunk(s.manifest.Section(m.Name), r.refs[i].chunk)
	if index := s.sections[m].indexes[m.Key]; index != nil {
		l.IndexChunk = index.refs[max(0, index.blockOf(lineKey(m, m.Key, key, key)))].chunk
	}
	return l, true, l.siblings(ctx, r, cluster)
}

// inChunk finds the chunk's place in the section, and the block's in the chunk.
func (l *Location) inChunk(section *chunker.Section, d chunker.Digest) {
	l.Chunk, l.Chunks = d, len(section.Chunks)
	for c := range section.Chunks {
		chunk := &section.Chunks[c]
		for b := range chunk.Blocks {
			if chunk.Digest == d && chunk.Blocks[b].First == l.Block.First {
				l.ChunkNumber, l.ChunkSize, l.BlockNumber, l.Blocks = c+1, chunk.Size(), b+1, len(chunk.Blocks)
			}
		}
	}
}

// siblings counts the entities whose cluster keys begin with the same value.
func (l *Location) siblings(ctx context.Context, r *run, cluster string) error {
	value, _, _ := strings.Cut(cluster, "\x00")
	value += "\x00"
	from, err := r.search(ctx, value)
	if err != nil {
		return err
	}
	to, err := r.search(ctx, value+last)
	if err != nil {
		return err
	}
	l.Siblings, l.SiblingBlocks = to-from, r.holder(to-1)-r.holder(from)+1
	return nil
}
