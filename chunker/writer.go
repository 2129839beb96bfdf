package chunker

import (
	"bytes"
	"fmt"
	"io"
	"unicode/utf8"

	"github.com/klauspost/compress/gzip"
)

// Writer cuts entities into chunks. It keeps no more than one chunk and one block in memory, and the manifest.
type Writer struct {
	options  Options
	emit     func(Digest, []byte) error
	zip      *gzip.Writer
	manifest Manifest
	err      error

	section    *Section // nil before the first
	last       string   // the cluster key added last
	block      Block    // of raw, which is not yet compressed
	raw        []byte
	chunk      Chunk // of packed: the blocks that are compressed
	packed     []byte
	chunkRaw   int  // bytes of the chunk's blocks before compression
	chunkBegin bool // the block in raw begins a chunk
}

// NewWriter starts a version. emit gets each chunk once it is complete and owns its bytes from then on; an error of it ends the writing.
func NewWriter(header Header, o *Options, emit func(Digest, []byte) error) (*Writer, error) {
	options, err := o.withDefaults()
	if err != nil {
		return nil, err
	}
	zip, err := gzip.NewWriterLevel(io.Discard, options.Level)
	if err != nil {
		return nil, fmt.Errorf("start gzip: %w", err)
	}
	return &Writer{options: options, emit: emit, zip: zip, manifest: Manifest{Header: header, Codec: codecGzip}}, nil
}

// Section begins the next section. Names come in ascending order.
func (w *Writer) Section(name string) error {
	w.endChunk()
	if w.err == nil && w.section != nil && name <= w.section.Name {
		w.err = fmt.Errorf("section %q after %q: %w", name, w.section.Name, ErrOrder)
	}
	if w.err != nil {
		return w.err
	}
	w.manifest.Sections = append(w.manifest.Sections, Section{Name: name, Kind: KindEntities, Chunks: []Chunk{}})
	w.section = &w.manifest.Sections[len(w.manifest.Sections)-1]
	w.last = ""
	return nil
}

// Add adds an entity to the section: its cluster key, which must be above the one before, and its JSON without line feed. The writer keeps
// neither slice.
func (w *Writer) Add(key string, entity []byte) error {
	if w.err != nil {
		return w.err
	}
	if w.err = w.checkEntity(key, entity); w.err != nil {
		return w.err
	}
	w.cut(key, len(entity)+1)
	if w.block.Count == 0 {
		w.block.First = key
	}
	w.raw = append(append(w.raw, entity...), '\n')
	w.block.Last, w.block.Count = key, w.block.Count+1
	w.last = key
	return w.err
}

func (w *Writer) checkEntity(key string, entity []byte) error {
	switch {
	case w.section == nil:
		return fmt.Errorf("entity %q before the first section: %w", key, ErrOrder)
	case w.section.Count+w.block.Count > 0 && key <= w.last:
		return fmt.Errorf("section %s: entity %q after %q: %w", w.section.Name, key, w.last, ErrOrder)
	case !utf8.ValidString(key):
		return fmt.Errorf("section %s: the key %q is no UTF-8", w.section.Name, key)
	case len(entity)+1 > MaxBlock:
		return &TooLargeError{Section: w.section.Name, Key: key, Size: len(entity) + 1, Limit: MaxBlock}
	}
	return nil
}

// cut ends the block, and the chunk, where the next entity begins new ones.
func (w *Writer) cut(key string, size int) {
	if w.block.Count == 0 {
		return
	}
	hash := keyHash(w.section.Name, key)
	byHash := len(w.raw) >= w.options.BlockMin && begins(hash, size, w.options.BlockTarget)
	if !byHash && len(w.raw)+size <= w.options.BlockMax {
		return
	}
	w.endBlock()
	w.chunkBegin = w.chunkRaw >= w.options.ChunkMin && begins(hash, size, w.options.ChunkTarget)
}

// endBlock compresses the block and puts it into the chunk, or into a new one.
func (w *Writer) endBlock() {
	if w.err != nil || w.block.Count == 0 {
		return
	}
	start := len(w.packed)
	packed, err := compress(w.packed, w.zip, w.raw)
	if err != nil {
		w.err = fmt.Errorf("compress a block of %s: %w", w.section.Name, err)
		return
	}
	w.block.Raw, w.block.Size = len(w.raw), len(packed)-start
	if w.block.Size > MaxChunk {
		w.err = &TooLargeError{Section: w.section.Name, Key: w.block.First, Size: w.block.Size, Limit: MaxChunk}
		return
	}
	if start > 0 && (w.chunkBegin || len(packed) > MaxChunk) {
		w.packed = packed[:start]
		w.emitChunk()
		packed, start = append(packed[:0], packed[start:]...), 0
	}
	w.packed, w.block.Offset = packed, start
	w.chunk.Blocks = append(w.chunk.Blocks, w.block)
	w.chunkRaw += w.block.Raw
	w.section.Count += w.block.Count
	w.section.Raw += w.block.Raw
	w.block, w.raw, w.chunkBegin = Block{}, w.raw[:0], false
}

// endChunk ends the block and the chunk, as at the end of a section.
func (w *Writer) endChunk() {
	w.endBlock()
	w.emitChunk()
}

func (w *Writer) emitChunk() {
	if w.err != nil || len(w.chunk.Blocks) == 0 {
		return
	}
	w.chunk.Digest = DigestOf(w.packed)
	if err := w.emit(w.chunk.Digest, bytes.Clone(w.packed)); err != nil {
		w.err = fmt.Errorf("emit chunk %s: %w", w.chunk.Digest.Short(), err)
		return
	}
	w.section.Chunks = append(w.section.Chunks, w.chunk)
	w.chunk, w.packed, w.chunkRaw = Chunk{}, w.packed[:0], 0
}

// Close ends the last section and returns the version's manifest, encoded. The writer is not used again.
func (w *Writer) Close() (*Manifest, error) {
	w.endChunk()
	if w.err != nil {
		return nil, w.err
	}
	if err := w.manifest.encode(); err != nil {
		return nil, err
	}
	return &w.manifest, nil
}
