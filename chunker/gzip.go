package chunker

import (
	"bytes"
	"errors"
	"io"
	"sync"

	"github.com/klauspost/compress/gzip"
)

// compress appends one gzip member with raw as its content. The header has no time and no name, so equal content gives equal bytes.
func compress(dst []byte, w *gzip.Writer, raw []byte) ([]byte, error) {
	out := bytes.NewBuffer(dst)
	w.Reset(out)
	if _, err := w.Write(raw); err != nil {
		return dst, err
	}
	if err := w.Close(); err != nil {
		return dst, err
	}
	return out.Bytes(), nil
}

// readers are gzip readers for reuse: a new one allocates more than 40 KB.
var readers sync.Pool

// errInflates: there is more than the stated size.
var errInflates = errors.New("it inflates to another size than stated")

// inflate appends the content of one gzip member, which must be all of data and give exactly size bytes. It takes no more memory than that,
// whatever the member would inflate to.
func inflate(dst, data []byte, size int) ([]byte, error) {
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
	if n, err := r.Read(make([]byte, 1)); n != 0 || !errors.Is(err, io.EOF) {
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

// grow lengthens dst by n bytes, exactly sized if it must move.
func grow(dst []byte, n int) []byte {
	if cap(dst)-len(dst) >= n {
		return dst[:len(dst)+n]
	}
	grown := make([]byte, len(dst)+n)
	copy(grown, dst)
	return grown
}
