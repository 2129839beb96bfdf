package s3objects

import (
	"errors"
	"io"
)

// breaks is how often one object may break off.
const breaks = 10

// body is an object as it comes.
type body struct {
	now    io.ReadCloser
	offset int64
	left   int
	from   func(offset int64) (io.ReadCloser, error)
}

// Read goes on where the object broke off, if it is still the same one.
func (b *body) Read(p []byte) (int, error) {
	n, err := b.now.Read(p)
	b.offset += int64(n)
	if err == nil || errors.Is(err, io.EOF) || b.left == 0 {
		return n, err
	}
	b.left--
	next, nextErr := b.from(b.offset)
	if nextErr != nil {
		return n, errors.Join(err, nextErr)
	}
	_ = b.now.Close() // it is broken
	b.now = next
	return n, nil
}

// Close ends the reading, wherever it is.
func (b *body) Close() error { return b.now.Close() }
