package chunker

import (
	"sync"

	"github.com/klauspost/compress/zstd"
)

type zstdCompressor struct{ encoder *zstd.Encoder }

func newZstdCompressor(level int) (compressor, error) {
	e, err := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.EncoderLevel(level)), zstd.WithEncoderConcurrency(1), zstd.WithSingleSegment(true))
	if err != nil {
		return nil, err
	}
	return zstdCompressor{e}, nil
}

func (c zstdCompressor) release() { _ = c.encoder.Close() } // it has no output of its own that could fail

func (c zstdCompressor) compress(dst, raw []byte) ([]byte, error) {
	return c.encoder.EncodeAll(raw, dst), nil
}

// zstdReader decodes for all goroutines, as many at once as there are cores. It refuses frames that would exceed the room it is given, whatever they state.
var zstdReader = sync.OnceValues(func() (*zstd.Decoder, error) {
	return zstd.NewReader(nil, zstd.WithDecoderConcurrency(0), zstd.WithDecodeAllCapLimit(true), zstd.WithDecoderMaxMemory(MaxBlock))
})

func inflateZstd(dst, data []byte, size int) ([]byte, error) {
	r, err := zstdReader()
	if err != nil {
		return dst, err
	}
	var head zstd.Header
	if err := head.Decode(data); err != nil {
		return dst, err
	}
	if head.Skippable || !head.HasFCS || head.FrameContentSize != uint64(size) {
		return dst, errInflates
	}
	start := len(dst)
	room := grow(dst, size)
	out, err := r.DecodeAll(data, room[start:start:start+size])
	if err != nil {
		return dst, err
	}
	if len(out) != size {
		return dst, errInflates
	}
	return room, nil
}
