package catalog

import (
	"bufio"
	"container/heap"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/klauspost/compress/zstd"
)

// sorter brings lines into the order of their keys. What exceeds its memory goes to temporary files, sorted and compressed, and comes back merged. Lines with equal keys come
// in any order.
type sorter struct {
	limit int    // bytes held in memory
	dir   string // of the files; "" is the system's
	lines []line
	bytes int
	runs  []*os.File
}

type line struct {
	key   string
	value []byte
}

// lineOverhead is what a line costs in memory beyond its bytes: two headers.
const lineOverhead = 64

func newSorter(limit int, dir string) *sorter { return &sorter{limit: limit, dir: dir} }

// add keeps the value: it is the sorter's from now on.
func (s *sorter) add(key string, value []byte) error {
	s.lines = append(s.lines, line{key, value})
	s.bytes += len(key) + len(value) + lineOverhead
	if s.bytes < s.limit {
		return nil
	}
	return s.spill()
}

func (s *sorter) sort() {
	slices.SortFunc(s.lines, func(a, b line) int { return strings.Compare(a.key, b.key) })
}

// spill writes what is in memory to a file.
func (s *sorter) spill() error {
	s.sort()
	file, err := os.CreateTemp(s.dir, "chunkaside-*")
	if err != nil {
		return fmt.Errorf("sort: %w", err)
	}
	s.runs = append(s.runs, file)
	if err := os.Remove(file.Name()); err != nil { // it lives as long as it is open, however the process ends
		return fmt.Errorf("sort: %w", err)
	}
	w, err := zstd.NewWriter(file, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderConcurrency(1), zstd.WithWindowSize(256<<10))
	if err != nil {
		return fmt.Errorf("sort: %w", err)
	}
	for _, l := range s.lines {
		if err := writeLine(w, l); err != nil {
			return errors.Join(fmt.Errorf("sort: %w", err), w.Close())
		}
	}
	clear(s.lines) // the values are garbage now
	s.lines, s.bytes = s.lines[:0], 0
	if err := w.Close(); err != nil {
		return fmt.Errorf("sort: %w", err)
	}
	return nil
}

func writeLine(w io.Writer, l line) error {
	var head [2 * binary.MaxVarintLen64]byte
	n := binary.PutUvarint(head[:], uint64(len(l.key)))
	n += binary.PutUvarint(head[n:], uint64(len(l.value)))
	if _, err := w.Write(head[:n]); err != nil {
		return err
	}
	if _, err := io.WriteString(w, l.key); err != nil {
		return err
	}
	_, err := w.Write(l.value)
	return err
}

// each calls f with every line, in order. The value is f's only until it returns.
func (s *sorter) each(f func(key string, value []byte) error) error {
	s.sort()
	sources := sources{{lines: s.lines}}
	for _, file := range s.runs {
		if _, err := file.Seek(0, io.SeekStart); err != nil {
			return fmt.Errorf("sort: %w", err)
		}
		r, err := zstd.NewReader(file, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxWindow(256<<10))
		if err != nil {
			return fmt.Errorf("sort: %w", err)
		}
		defer r.Close()
		sources = append(sources, &source{reader: bufio.NewReaderSize(r, 16<<10)})
	}
	return sources.merge(f)
}

// close frees the memory and the files.
func (s *sorter) close() {
	for _, file := range s.runs {
		_ = file.Close() // it is removed already
	}
	s.lines, s.runs = nil, nil
}

// source is one sorted run: lines in memory, or a file.
type source struct {
	lines  []line
	reader *bufio.Reader
	head   line
	buffer []byte
}

// next moves to the next line; false at the end.
func (s *source) next() (bool, error) {
	if s.reader == nil {
		if len(s.lines) == 0 {
			return false, nil
		}
		s.head = s.lines[0]
		s.lines[0] = line{} // what was taken is garbage once it is written
		s.lines = s.lines[1:]
		return true, nil
	}
	keySize, err := binary.ReadUvarint(s.reader)
	if errors.Is(err, io.EOF) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	valueSize, err := binary.ReadUvarint(s.reader)
	if err != nil {
		return false, err
	}
	size := int(keySize + valueSize) // this process wrote them: they are sound
	s.buffer = slices.Grow(s.buffer[:0], size)[:size]
	if _, err := io.ReadFull(s.reader, s.buffer); err != nil {
		return false, err
	}
	s.head = line{string(s.buffer[:keySize]), s.buffer[keySize:]}
	return true, nil
}

// sources is a heap of runs by their next lines.
type sources []*source

func (s sources) Len() int           { return len(s) }
func (s sources) Less(i, j int) bool { return s[i].head.key < s[j].head.key }
func (s sources) Swap(i, j int)      { s[i], s[j] = s[j], s[i] }
func (s *sources) Push(x any)        { *s = append(*s, x.(*source)) }
func (s *sources) Pop() any {
	last := (*s)[len(*s)-1]
	*s = (*s)[:len(*s)-1]
	return last
}

func (s sources) merge(f func(string, []byte) error) error {
	var live sources
	for _, run := range s {
		more, err := run.next()
		if err != nil {
			return fmt.Errorf("sort: %w", err)
		}
		if more {
			live = append(live, run)
		}
	}
	heap.Init(&live)
	for len(live) > 0 {
		if err := f(live[0].head.key, live[0].head.value); err != nil {
			return err
		}
		more, err := live[0].next()
		switch {
		case err != nil:
			return fmt.Errorf("sort: %w", err)
		case more:
			heap.Fix(&live, 0)
		default:
			heap.Pop(&live)
		}
	}
	return nil
}
