package chunker

import (
	"bytes"
	"errors"
	"io"
	"sync"
	"time"

	"github.com/klauspost/compress/gzip"
)

type gzipCompressor struct {
	level  int
	writer *gzip.Writer
}

// writers are gzip writers for reuse, by level: a new one takes more than a megabyte.
var writers [gzip.BestCompression + 1]sync.Pool

func newGzipCompressor(level int) (compressor, error) {
	if used, ok := writers[level].Get().(*gzip.Writer); ok {
		return gzipCompressor{level, used}, nil
	}
	w, err := gzip.NewWriterLevel(io.Discard, level)
	if err != nil {
		return nil, err
	}
	return gzipCompressor{level, w}, nil
}

func (c gzipCompressor) release() {
	c.writer.Reset(io.Discard) // so that it holds nothing of its last block
	writers[c.level].Put(c.writer)
}

// compress appends one gzip member. Its header has no time and no name.
func (c gzipCompressor) compress(dst, raw []byte) ([]byte, error) {
	out := bytes.NewBuffer(dst)
	c.writer.Reset(out)
	c.writer.ModTime = time.Unix(0, 0) // written as 0, which says that there is none; the zero Time would be written as some date
	if _, err := c.writer.Write(raw); err != nil {
		return dst, err
	}
	if err := c.writer.Close(); err != nil {
		return dst, err
	}
	return out.Bytes(), nil
}

// readers are gzip readers for reuse: a new one allocates more than 40 KB.
var readers sync.Pool

// errInflates: there is more than the stated size.
var errInflates = errors.New("it inflates to another size than stated")

func inflateGzip(dst, data []byte, size int) ([]byte, error) {
	source := bytes.NewReader(data)
	r, err := reader(source)
	if err != nil {
		return dst, err
	}
	defer readers.Put(r)
	r.Multistream(false)
	start := len(dst)
	dst = grow(dst, size)
	if _, err := io.ReadFull(r, dst[start:]); err != nil {
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			err = errInflates
		}
		return dst[:start], err
	}
	// The end must be here; reading it also checks the CRC.
	var more [1]byte
	if n, err := r.Read(more[:]); n != 0 || !errors.Is(err, io.EOF) {
		if n == 0 && err != nil {
			return dst[:start], err
		}
		return dst[:start], errInflates
	}
	if source.Len() != 0 {
		return dst[:start], errors.New("bytes follow it")
	}
	return dst, nil
}

func reader(source *bytes.Reader) (*gzip.Reader, error) {
	if r, ok := readers.Get().(*gzip.Reader); ok {
		if err := r.Reset(source); err != nil {
			readers.Put(r)
			return nil, err
		}
		return r, nil
	}
	return gzip.NewReader(source)
}
