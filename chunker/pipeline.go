package chunker

import (
	"bytes"
	"fmt"
	"sync/atomic"
)

// pipeline compresses blocks, several at once, and puts them in their order into chunks.
//
// Three kinds of goroutine work on it: the writer pushes jobs; workers compress them, each on its own; the assembler takes them in the order they were pushed, waits for each to
// be compressed, and emits chunks. All end with close.
type pipeline struct {
	codec   Codec
	level   int
	emit    func(Digest, []byte) error
	work    chan *job     // to the workers
	order   chan *job     // to the assembler; its length bounds how many blocks are under way
	free    chan []byte   // buffers for reuse
	ended   chan struct{} // closed when the assembler has ended
	failure atomic.Pointer[error]

	// The assembler's alone, until ended.
	manifest Manifest
	section  Section // the numbers of the section so far
	chunk    Chunk
	packed   []byte
}

// job is a block to compress, a chunk to keep, or the end of a section.
type job struct {
	section string
	block   Block
	raw     []byte
	begin   bool // the block begins a chunk
	packed  []byte
	err     error
	done    chan struct{}

	keep *Chunk
	end  *Section
}

func newPipeline(header Header, o Options, emit func(Digest, []byte) error) *pipeline {
	p := &pipeline{
		codec: o.Codec, level: o.Level, emit: emit, manifest: Manifest{Header: header, Codec: o.Codec, Cut: o.cut()}, ended: make(chan struct{}),
		work: make(chan *job, 2*o.Parallelism), order: make(chan *job, 2*o.Parallelism), free: make(chan []byte, 6*o.Parallelism),
	}
	for range o.Parallelism {
		go p.compress()
	}
	go p.assemble()
	return p
}

// buffer is an empty buffer, used before or new.
func (p *pipeline) buffer() []byte {
	select {
	case b := <-p.free:
		return b[:0]
	default:
		return nil
	}
}

// release gives a buffer back, if there is room for it.
func (p *pipeline) release(b []byte) {
	select {
	case p.free <- b:
	default:
	}
}

// failed is the first error of the assembler, or nil.
func (p *pipeline) failed() error {
	if err := p.failure.Load(); err != nil {
		return *err
	}
	return nil
}

func (p *pipeline) push(j *job) {
	if j.end == nil && j.keep == nil {
		j.done = make(chan struct{})
		p.work <- j
	}
	p.order <- j
}

// compress is a worker. It takes a compressor once there is work for it.
func (p *pipeline) compress() {
	var c compressor
	for j := range p.work {
		if c == nil {
			if c, j.err = p.codec.newCompressor(p.level); j.err != nil {
				close(j.done)
				continue
			}
		}
		j.packed, j.err = c.compress(p.buffer(), j.raw)
		p.release(j.raw)
		close(j.done)
	}
	if c != nil {
		c.release()
	}
}

// assemble goes on after an error, so that nobody waits for it in vain, but emits no more.
func (p *pipeline) assemble() {
	defer close(p.ended)
	for j := range p.order {
		if j.done != nil {
			<-j.done
		}
		if p.failed() != nil {
			continue
		}
		if err := p.take(j); err != nil {
			p.failure.Store(&err)
		}
	}
}

func (p *pipeline) take(j *job) error {
	switch {
	case j.end != nil:
		return p.endSection(*j.end)
	case j.keep != nil:
		return p.keep(*j.keep)
	}
	if j.err != nil {
		return fmt.Errorf("compress a block: %w", j.err)
	}
	defer p.release(j.packed)
	if len(j.packed) > MaxChunk {
		return &TooLargeError{Section: j.section, Key: j.block.First, Size: len(j.packed), Limit: MaxChunk}
	}
	if len(p.packed) > 0 && (j.begin || len(p.packed)+len(j.packed) > MaxChunk) {
		if err := p.emitChunk(); err != nil {
			return err
		}
	}
	j.block.Offset, j.block.Size = len(p.packed), len(j.packed)
	p.packed = append(p.packed, j.packed...)
	p.chunk.Blocks = append(p.chunk.Blocks, j.block)
	p.section.Count += j.block.Count
	p.section.Raw += j.block.Raw
	return nil
}

func (p *pipeline) emitChunk() error {
	if len(p.chunk.Blocks) == 0 {
		return nil
	}
	p.chunk.Digest = DigestOf(p.packed)
	if err := p.emit(p.chunk.Digest, bytes.Clone(p.packed)); err != nil {
		return fmt.Errorf("emit chunk %s: %w", p.chunk.Digest.Short(), err)
	}
	p.section.Chunks = append(p.section.Chunks, p.chunk)
	p.chunk, p.packed = Chunk{}, p.packed[:0]
	return nil
}

// keep adds a chunk that is not emitted, for it is stored already.
func (p *pipeline) keep(c Chunk) error {
	if err := p.emitChunk(); err != nil {
		return err
	}
	for i := range c.Blocks {
		p.section.Count += c.Blocks[i].Count
		p.section.Raw += c.Blocks[i].Raw
	}
	p.section.Chunks = append(p.section.Chunks, c)
	return nil
}

// endSection adds the section, of which so far only the numbers are known, under its header.
func (p *pipeline) endSection(header Section) error {
	if err := p.emitChunk(); err != nil {
		return err
	}
	header.Count, header.Raw, header.Chunks = p.section.Count, p.section.Raw, p.section.Chunks
	if header.Chunks == nil {
		header.Chunks = []Chunk{}
	}
	p.manifest.Sections = append(p.manifest.Sections, header)
	p.section = Section{}
	return nil
}

// close waits for what is under way and returns the manifest, not yet encoded.
func (p *pipeline) close() (*Manifest, error) {
	close(p.work)
	close(p.order)
	<-p.ended
	return &p.manifest, p.failed()
}
