package chunker

import (
	"fmt"
	"unicode/utf8"
)

// Writer cuts entities into blocks. It hands them to a pipeline that compresses several at once and puts them into chunks. In memory are no more than a few blocks for
// each core, one chunk, and the manifest.
type Writer struct {
	options Options
	pipe    *pipeline
	err     error

	section Section // its header; the pipeline adds up the numbers
	begun   bool
	last    string // the key added last
	added   int    // to the section
	block   Block  // of raw, the block that is being filled
	id      BlockID
	raw     []byte
	// chunkRaw is how many bytes the chunk has before the block in raw, which begins a new one if chunkBegin.
	chunkRaw   int
	chunkBegin bool
}

// NewWriter starts a version. emit gets each chunk once it is complete and owns its bytes from then on; it is called from one goroutine, in order, and an error of it
// ends the writing. Close must be called in any case, for it ends the goroutines that compress.
func NewWriter(header Header, o *Options, emit func(Digest, []byte) error) (*Writer, error) {
	options, err := o.withDefaults()
	if err != nil {
		return nil, err
	}
	pipe := newPipeline(header, options, emit)
	return &Writer{options: options, pipe: pipe, raw: pipe.buffer()}, nil
}

// Section begins the section of entities called name. Sections come in ascending order of their names.
func (w *Writer) Section(name string) error {
	return w.begin(Section{Name: name, Kind: KindEntities})
}

// Index begins a section that indexes another: what its lines mean is up to the caller. Its blocks are smaller, for look-ups fetch few of them.
func (w *Writer) Index(name, of, index string) error {
	return w.begin(Section{Name: name, Kind: KindIndex, Of: of, Index: index})
}

func (w *Writer) begin(s Section) error {
	w.endSection()
	if w.err == nil && w.begun && s.Name <= w.section.Name {
		w.err = fmt.Errorf("section %q after %q: %w", s.Name, w.section.Name, ErrOrder)
	}
	if w.err != nil {
		return w.err
	}
	w.section, w.begun, w.last, w.added, w.chunkRaw = s, true, "", 0, 0
	return nil
}

// Add adds a line to the section: its key, which must be above the one before, or in an index at least the same, and its JSON without line feed. The writer keeps neither. It
// returns the block that the line is in.
func (w *Writer) Add(key string, line []byte) (BlockID, error) {
	if w.err == nil {
		w.err = w.check(key, line)
	}
	if w.err == nil {
		w.err = w.pipe.failed()
	}
	if w.err != nil {
		return 0, w.err
	}
	w.cut(key, len(line)+1)
	if w.block.Count == 0 {
		w.block.First, w.id = key, BlockIDOf(w.section.Name, key)
	}
	w.raw = append(append(w.raw, line...), '\n')
	w.block.Count++
	w.last = key
	w.added++
	return w.id, nil
}

func (w *Writer) check(key string, line []byte) error {
	switch {
	case !w.begun:
		return fmt.Errorf("entity %q before the first section: %w", key, ErrOrder)
	case w.added > 0 && (key < w.last || key == w.last && w.section.Kind != KindIndex):
		return fmt.Errorf("section %s: entity %q after %q: %w", w.section.Name, key, w.last, ErrOrder)
	case !utf8.ValidString(key):
		return fmt.Errorf("section %s: the key %q is no UTF-8", w.section.Name, key)
	case len(key) > maxText:
		return &TooLargeError{Section: w.section.Name, Key: key[:40] + "...", Size: len(key), Limit: maxText}
	case len(line)+1 > MaxBlock:
		return &TooLargeError{Section: w.section.Name, Key: key, Size: len(line) + 1, Limit: MaxBlock}
	case w.repeats(key) && len(w.raw)+len(line)+1 > MaxBlock:
		return &TooLargeError{Section: w.section.Name, Key: key, Size: len(w.raw) + len(line) + 1, Limit: MaxBlock}
	}
	return nil
}

// repeats says whether a line has the key of the one before. Such lines are never parted, so that who looks for a key looks into one block.
func (w *Writer) repeats(key string) bool { return w.block.Count > 0 && key == w.last }

// cut ends the block, and the chunk, where the next line begins new ones.
func (w *Writer) cut(key string, size int) {
	if !w.ends(key, size) {
		return
	}
	w.endBlock()
	bounds := w.options.bounds(w.section.Kind)
	w.chunkBegin = w.chunkRaw >= bounds.chunkMin && begins(keyHash(w.section.Name, key), size, bounds.chunkTarget)
}

// ends says whether the block that is being filled ends before a line.
func (w *Writer) ends(key string, size int) bool {
	if w.block.Count == 0 || w.repeats(key) {
		return false
	}
	bounds := w.options.bounds(w.section.Kind)
	if len(w.raw)+size > bounds.blockMax {
		return true
	}
	return len(w.raw) >= bounds.blockMin && begins(keyHash(w.section.Name, key), size, bounds.blockTarget)
}

// endBlock hands the block to the pipeline.
func (w *Writer) endBlock() {
	if w.block.Count == 0 {
		return
	}
	w.block.Raw = len(w.raw)
	if w.chunkBegin {
		w.chunkRaw = 0
	}
	w.chunkRaw += len(w.raw)
	w.pipe.push(&job{section: w.section.Name, block: w.block, raw: w.raw, begin: w.chunkBegin})
	w.block, w.raw, w.chunkBegin = Block{}, w.pipe.buffer(), false
}

func (w *Writer) endSection() {
	if !w.begun || w.err != nil {
		return
	}
	w.endBlock()
	section := w.section
	w.pipe.push(&job{end: &section})
}

// Close ends the last section and returns the version's manifest, encoded. The writer is not used again.
func (w *Writer) Close() (*Manifest, error) {
	w.endSection()
	m, err := w.pipe.close()
	switch {
	case w.err != nil:
		return nil, w.err
	case err != nil:
		return nil, err
	}
	return m, m.encode()
}
