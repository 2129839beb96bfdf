package chunker

import "bytes"

// Inflate appends a block's entities, each with its line feed. chunk is the chunk's bytes, verified by its digest. The error is a
// DamageError: the bytes are not what the manifest says.
func (c Codec) Inflate(dst, chunk []byte, digest Digest, block *Block) ([]byte, error) {
	if block.Offset < 0 || block.Size < 0 || block.Offset > len(chunk)-block.Size {
		return dst, &DamageError{Part: "block", Digest: digest, Reason: "it lies outside its chunk"}
	}
	if block.Raw < 0 || block.Raw > MaxBlock {
		return dst, &DamageError{Part: "block", Digest: digest, Reason: "it is larger than any"}
	}
	start := len(dst)
	dst, err := c.inflate(dst, chunk[block.Offset:block.Offset+block.Size], block.Raw)
	if err != nil {
		return dst, &DamageError{Part: "block", Digest: digest, Reason: "it cannot be inflated", Err: err}
	}
	lines := dst[start:]
	if bytes.Count(lines, []byte{'\n'}) != block.Count || len(lines) > 0 && lines[len(lines)-1] != '\n' {
		return dst[:start], &DamageError{Part: "block", Digest: digest, Reason: "it has another number of entities than stated"}
	}
	return dst, nil
}
