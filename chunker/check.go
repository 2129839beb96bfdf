package chunker

import (
	"errors"
	"fmt"
)

var errImpossible = errors.New("a block has impossible numbers")

// possible holds a block's numbers against each other and the limits.
func (b *Block) possible() error {
	if b.Count < 1 || b.Raw < b.Count || b.Raw > MaxBlock || b.Size < 1 || b.Size > MaxChunk {
		return errImpossible
	}
	return nil
}

// check holds the sections' numbers against those of their blocks.
func (m *Manifest) check() error {
	if !m.Codec.known() {
		return &DamageError{Part: "manifest", Digest: m.Digest, Reason: "it names no codec"}
	}
	for i := range m.Sections {
		s := &m.Sections[i]
		if reason := s.check(); reason != "" {
			return &DamageError{Part: "manifest", Digest: m.Digest, Reason: fmt.Sprintf("section %s: %s", s.Name, reason)}
		}
	}
	return nil
}

func (s *Section) check() string {
	count, raw, last := 0, 0, ""
	for c := range s.Chunks {
		for b := range s.Chunks[c].Blocks {
			block := &s.Chunks[c].Blocks[b]
			if count > 0 && block.First <= last {
				return fmt.Sprintf("block %d of chunk %s is out of order", b, s.Chunks[c].Digest.Short())
			}
			count, raw, last = count+block.Count, raw+block.Raw, block.First
		}
	}
	if count != s.Count || raw != s.Raw {
		return "the numbers of its blocks do not add up"
	}
	return ""
}
