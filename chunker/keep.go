package chunker

import "fmt"

// Keeps says whether this writer, given the same lines, would write the chunks of an earlier version byte for byte: it was cut and compressed alike, and each of its blocks is a
// chunk, so that none depends on the one before. Only then can chunks be kept.
func (w *Writer) Keeps(m *Manifest) bool {
	if m.Codec != w.options.Codec || m.Cut != w.options.cut() || !w.options.apart() {
		return false
	}
	for c := range m.Chunks {
		if len(c.Blocks) != 1 {
			return false
		}
	}
	return true
}

// Begins says whether a line of this key and of this size, line feed included, would begin a block if it were the next one.
func (w *Writer) Begins(key string, size int) bool {
	return w.block.Count == 0 || w.ends(key, size)
}

// Keep adds a chunk of an earlier version as it is: it is not emitted. The caller knows that its first line begins a block here, and that so does the next line to come.
func (w *Writer) Keep(c Chunk) error {
	if w.err == nil && (!w.begun || w.added > 0 && c.Blocks[0].First <= w.last) {
		w.err = fmt.Errorf("section %s: chunk %s after %q: %w", w.section.Name, c.Digest.Short(), w.last, ErrOrder)
	}
	if w.err == nil {
		w.err = w.pipe.failed()
	}
	if w.err != nil {
		return w.err
	}
	w.endBlock()
	w.pipe.push(&job{keep: &c})
	w.last = c.Blocks[0].First
	w.added++
	return nil
}
