package catalog

import (
	"context"
	"slices"

	"github.com/chunkaside/chunkaside/chunker"
)

const (
	mostPrepared   = 64 // chunks
	preparedAtOnce = 8  // chunks: what has come stays, whatever becomes of the rest
)

// Prepare reads the chunks of s that stand where before, another version, has blocks in memory: who goes over to s does not wait for what he had. It reads 64 at most, and does not look into them. The error is that of
// the Memory's fetch.
func (s *Snapshot) Prepare(ctx context.Context, before *Snapshot) error {
	var wanted []chunker.Digest
	for _, m := range s.schema.Models {
		next, old := s.sections[m], before.sections[m]
		if old == nil {
			continue // it is of another schema
		}
		wanted = append(wanted, next.entities.inPlaceOf(old.entities)...)
		for _, ix := range m.AllIndexes() {
			if next.indexes[ix] != nil {
				wanted = append(wanted, next.indexes[ix].inPlaceOf(old.indexes[ix])...)
			}
		}
	}
	for some := range slices.Chunk(wanted[:min(len(wanted), mostPrepared)], preparedAtOnce) {
		if _, err := s.memory.Chunks(ctx, some); err != nil {
			return err
		}
	}
	return nil
}

// inPlaceOf are the chunks that stand where another run has blocks in memory, but for those that it has too.
func (r *run) inPlaceOf(old *run) (chunks []chunker.Digest) {
	had := make(map[chunker.Digest]bool, len(old.refs))
	for _, ref := range old.refs {
		had[ref.chunk] = true
	}
	for i, ref := range r.refs {
		if !had[ref.chunk] && old.holds(r.blocks[i].First, r.after(i)) {
			had[ref.chunk] = true
			chunks = append(chunks, ref.chunk)
		}
	}
	return chunks
}

// after is the key with which the block after this one begins; "" behind the last.
func (r *run) after(i int) string {
	if i+1 == len(r.blocks) {
		return ""
	}
	return r.blocks[i+1].First
}

// holds says whether a block is in memory in which keys from..to are or would be; to is "" for all that follow.
func (r *run) holds(from, to string) bool {
	for i := max(r.blockOf(from), 0); i < len(r.blocks) && (to == "" || r.blocks[i].First < to); i++ {
		if r.held(i) {
			return true
		}
	}
	return false
}
