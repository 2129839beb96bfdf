package chunker

import "fmt"

// Codec names how blocks are compressed. It is recorded in each manifest, so that readers need not be told.
type Codec string

// The codecs. Every reader knows both.
const (
	// Gzip blocks are read by anything, browsers included. The default.
	Gzip Codec = "gzip"
	// Zstd blocks inflate about four times faster and are about a tenth larger at this block size; for caches that only servers read.
	Zstd Codec = "zstd"
)

// compressor compresses one block after another. It belongs to one goroutine.
type compressor interface {
	// compress appends raw, compressed. Equal content gives equal bytes.
	compress(dst, raw []byte) ([]byte, error)
	// release gives back what can be used again. The compressor is not used any more.
	release()
}

// newCompressor makes a compressor of a level of the codec.
func (c Codec) newCompressor(level int) (compressor, error) {
	switch c {
	case Gzip:
		return newGzipCompressor(level)
	case Zstd:
		return newZstdCompressor(level)
	}
	return nil, c.unknown()
}

// inflate appends the content of one block, which must be all of data and give exactly size bytes. It takes no more memory than that, whatever the block would
// inflate to.
func (c Codec) inflate(dst, data []byte, size int) ([]byte, error) {
	switch c {
	case Gzip:
		return inflateGzip(dst, data, size)
	case Zstd:
		return inflateZstd(dst, data, size)
	}
	return dst, c.unknown()
}

func (c Codec) known() bool { return c == Gzip || c == Zstd }

func (c Codec) unknown() error {
	return fmt.Errorf("codec %.20q, this release knows %q and %q: %w", string(c), Gzip, Zstd, ErrFormat)
}

// levels are a codec's highest level and its default; the lowest is 1.
func (c Codec) levels() (highest, standard int) {
	if c == Zstd {
		return 4, 2
	}
	return 9, 6
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
