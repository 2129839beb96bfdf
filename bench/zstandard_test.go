package bench

import (
	"testing"

	"github.com/klauspost/compress/zstd"
	"github.com/vmihailenco/msgpack/v5"
)

// zstandard is how the tuned ones compress what they keep. Of gzip, S2 and zstd it is the smallest for the whole sample, and nearly as fast to inflate as S2.
type zstandard struct {
	encoder *zstd.Encoder
	decoder *zstd.Decoder
}

func newZstandard(t testing.TB) zstandard {
	t.Helper()
	encoder, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	decoder, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1))
	if err != nil {
		t.Fatal(err)
	}
	return zstandard{encoder, decoder}
}

func (z zstandard) marshal(value any) ([]byte, error) {
	packed, err := msgpack.Marshal(value)
	if err != nil {
		return nil, err
	}
	return z.deflate(packed), nil
}

func (z zstandard) unmarshal(data []byte, value any) error {
	packed, err := z.inflate(data)
	if err != nil {
		return err
	}
	return msgpack.Unmarshal(packed, value)
}

func (z zstandard) deflate(data []byte) []byte { return z.encoder.EncodeAll(data, nil) }

func (z zstandard) inflate(data []byte) ([]byte, error) { return z.decoder.DecodeAll(data, nil) }
