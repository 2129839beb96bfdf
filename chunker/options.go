package chunker

import (
	"fmt"
	"runtime"
)

// Options tunes the writing. The zero value of each field means its default. Readers need none of it. docs/benchmarks.md has the figures behind the defaults.
type Options struct {
	// Codec compresses the blocks. Default Gzip.
	Codec Codec
	// Level is the codec's: for Gzip from 1, fast, to 9, small, default 6; for Zstd from 1 to 4, default 2.
	Level int
	// Parallelism is how many blocks are compressed at once. Default: as many as there are cores.
	Parallelism int
	// BlockTarget, BlockMin and BlockMax are bytes of a block before compression: what it has on average beyond the minimum, at least (but for the last of a section), and
	// at most (but for a single entity). Defaults: 96, 64 and 256 KiB. BlockMax is at most 960 KiB, so that a block always fits in a chunk.
	BlockTarget, BlockMin, BlockMax int
	// ChunkTarget and ChunkMin are the same for chunks. Defaults: 1 byte, so that each block is a chunk of its own.
	ChunkTarget, ChunkMin int
	// IndexTarget is BlockTarget for the blocks of indexes, each a chunk of its own; their minimum is half of it, their maximum four times. Default 24 KiB.
	IndexTarget int
}

// bounds are the sizes that decide about boundaries, in bytes before compression.
type bounds struct{ blockTarget, blockMin, blockMax, chunkTarget, chunkMin int }

func (o *Options) bounds(kind string) bounds {
	if kind == KindIndex {
		return bounds{o.IndexTarget, o.IndexTarget / 2, 4 * o.IndexTarget, 1, 1}
	}
	return bounds{o.BlockTarget, o.BlockMin, o.BlockMax, o.ChunkTarget, o.ChunkMin}
}

// cut is everything of the options that decides a version's bytes, but for the codec.
func (o *Options) cut() string {
	return fmt.Sprintf("level %d; blocks %d, %d to %d; chunks %d, from %d; index blocks %d", o.Level, o.BlockTarget, o.BlockMin, o.BlockMax, o.ChunkTarget, o.ChunkMin, o.IndexTarget)
}

// apart says whether each block is a chunk of its own, so that what a block is depends on no block before it.
func (o *Options) apart() bool { return o.ChunkTarget == 1 && o.ChunkMin == 1 }

const maxBlockMax = 960 << 10 // gzip adds at most 5 bytes per 16 KiB and 18 per member to what it cannot compress, zstd less

// Check finds fault with the options, as NewWriter does: an *OptionError, or a codec that is not known.
func (o *Options) Check() error {
	_, err := o.withDefaults()
	return err
}

func (o *Options) withDefaults() (Options, error) {
	full := Options{}
	if o != nil {
		full = *o
	}
	if full.Codec == "" {
		full.Codec = Gzip
	}
	if !full.Codec.known() {
		return full, full.Codec.unknown()
	}
	highest, level := full.Codec.levels()
	for _, field := range []struct {
		name                string
		value               *int
		low, high, standard int
	}{
		{"Level", &full.Level, 1, highest, level},
		{"Parallelism", &full.Parallelism, 1, 256, runtime.GOMAXPROCS(0)},
		{"BlockTarget", &full.BlockTarget, 1, maxBlockMax, 96 << 10},
		{"BlockMin", &full.BlockMin, 1, maxBlockMax, 64 << 10},
		{"BlockMax", &full.BlockMax, 1, maxBlockMax, 256 << 10},
		{"ChunkTarget", &full.ChunkTarget, 1, 1 << 30, 1},
		{"ChunkMin", &full.ChunkMin, 1, 1 << 30, 1},
		{"IndexTarget", &full.IndexTarget, 1, maxBlockMax / 4, 24 << 10},
	} {
		if *field.value == 0 {
			*field.value = field.standard
		}
		if *field.value < field.low || *field.value > field.high {
			return full, &OptionError{Name: field.name, Value: *field.value, Low: field.low, High: field.high}
		}
	}
	return full, nil
}
