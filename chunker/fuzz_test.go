package chunker_test

import (
	"bytes"
	stdgzip "compress/gzip"
	"errors"
	"io"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"

	"github.com/chunkaside/chunkaside/chunker"
)

// FuzzDecodeManifest decodes any text as a manifest that has its digest.
func FuzzDecodeManifest(f *testing.F) {
	for _, codec := range codecs {
		f.Add(little(f, codec).json(f))
	}
	f.Add([]byte(`{"magic":"chunkaside manifest","format":2}`))
	f.Add([]byte(`{"magic":"chunkaside manifest","format":1,"codec":"gzip","sections":[{"name":"A","kind":"entities","chunks":[{"blocks":[{}]}]}]}`))
	f.Add([]byte(`{"magic":"chunkaside manifest","format":1,"codec":"zstd","new":[{}],"sections":[{"name":"A","kind":"filter","chunks":{}},{"kind":"index","name":"A","chunks":[]}]}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		m := decode(t, raw)
		if m != nil {
			checkManifest(t, m)
		}
	})
}

// FuzzLies takes a sound manifest and exchanges two parts of it, names, values or whole objects, or puts any text in the place of one. Then it reads what that tells of the sound chunks.
func FuzzLies(f *testing.F) {
	versions := map[bool]version{true: little(f, chunker.Gzip), false: little(f, chunker.Zstd)}
	for n := range parts(versions[true].json(f)) {
		f.Add(n%2 == 0, uint(n), uint(n+7), "")
		f.Add(n%2 == 1, uint(n), uint(0), []string{"0", "-1", "1", "16777217", "1e3", "9223372036854775807", `""`, "null", "[]", "{}"}[n%10])
	}
	f.Fuzz(func(t *testing.T, zipped bool, at, from uint, text string) {
		v := versions[zipped]
		raw := v.json(t)
		all := parts(raw)
		a, b := all[at%uint(len(all))], all[from%uint(len(all))]
		told := exchange(raw, a, b)
		if text != "" {
			told = slices.Concat(raw[:a.start], []byte(text), raw[a.end:])
		}
		m := decode(t, told)
		if m == nil {
			if bytes.Equal(raw, told) {
				t.Error("the sound manifest is refused")
			}
			return
		}
		checkManifest(t, m)
		for chunk := range m.Chunks {
			for _, block := range chunk.Blocks {
				if data := v.chunks[chunk.Digest]; data != nil {
					checkInflate(t, m.Codec, data, block)
				}
			}
		}
	})
}

// FuzzInflate reads any bytes as a chunk, by any words about a block in it.
func FuzzInflate(f *testing.F) {
	for _, codec := range codecs {
		v := little(f, codec)
		chunk := v.manifest.Section("A").Chunks[0]
		for _, b := range chunk.Blocks {
			f.Add(codec == chunker.Gzip, v.chunks[chunk.Digest], b.Offset, b.Size, b.Raw, b.Count)
		}
		b := chunk.Blocks[0]
		for _, lie := range []chunker.Block{
			{Offset: 0, Size: chunk.Size(), Raw: b.Raw, Count: b.Count},
			{Offset: 1, Size: b.Size, Raw: b.Raw, Count: b.Count},
			{Offset: -1, Size: b.Size, Raw: b.Raw, Count: b.Count},
			{Offset: b.Size, Size: -b.Size, Raw: b.Raw, Count: b.Count},
			{Offset: math.MaxInt, Size: math.MaxInt, Raw: b.Raw, Count: b.Count},
			{Offset: 0, Size: b.Size, Raw: chunker.MaxBlock, Count: b.Count},
			{Offset: 0, Size: b.Size, Raw: math.MinInt, Count: b.Count},
			{Offset: 0, Size: b.Size, Raw: b.Raw, Count: b.Count - 1},
			{},
		} {
			f.Add(codec == chunker.Gzip, v.chunks[chunk.Digest], lie.Offset, lie.Size, lie.Raw, lie.Count)
		}
	}
	f.Fuzz(func(t *testing.T, zipped bool, chunk []byte, offset, size, raw, count int) {
		codec := chunker.Zstd
		if zipped {
			codec = chunker.Gzip
		}
		checkInflate(t, codec, chunk, chunker.Block{Offset: offset, Size: size, Raw: raw, Count: count})
	})
}

// little is a version of two sections with a few chunks of a few blocks of a few lines.
func little(t testing.TB, codec chunker.Codec) version {
	t.Helper()
	r := rand.New(rand.NewPCG(14, 0))
	return write(t, &chunker.Options{Codec: codec, BlockTarget: 1, BlockMin: 60, ChunkTarget: 1, ChunkMin: 200}, map[string][]entity{"A": random(r, 30, 40), "B": random(r, 20, 40)})
}

// json is the version's manifest before compression.
func (v version) json(t testing.TB) []byte {
	t.Helper()
	r, err := gzip.NewReader(bytes.NewReader(v.manifest.Encoded))
	if err != nil {
		t.Fatal(err)
	}
	raw, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// decode is the manifest of this text, or nil if it is refused, as it must be: with a typed error. It holds the memory that this takes against the text.
func decode(t *testing.T, raw []byte) *chunker.Manifest {
	t.Helper()
	var packed bytes.Buffer
	w, err := gzip.NewWriterLevel(&packed, gzip.NoCompression)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(raw); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	digest := chunker.DigestOf(packed.Bytes())
	before := allocated()
	m, err := chunker.DecodeManifest(packed.Bytes(), digest)
	if got := allocated() - before; got > uint64(slack+100*len(raw)) {
		t.Errorf("%d bytes of manifest took %d bytes of memory", len(raw), got)
	}
	if err == nil {
		return m
	}
	if !errors.Is(err, chunker.ErrDamaged) && !errors.Is(err, chunker.ErrFormat) {
		t.Errorf("untyped error: %v", err)
	}
	return nil
}

// checkManifest holds a manifest to what a reader takes for granted of one that was decoded.
func checkManifest(t *testing.T, m *chunker.Manifest) {
	t.Helper()
	name := ""
	for i, s := range m.Sections {
		if i > 0 && s.Name <= name {
			t.Errorf("section %q follows %q", s.Name, name)
		}
		name = s.Name
		count, raw, first := 0, 0, ""
		for _, c := range s.Chunks {
			if !c.Digest.Valid() || len(c.Blocks) == 0 || c.Size() > chunker.MaxChunk {
				t.Errorf("a chunk %q of %d blocks", c.Digest, len(c.Blocks))
			}
			offset := 0
			for _, b := range c.Blocks {
				if count > 0 && (b.First < first || b.First == first && s.Kind == chunker.KindEntities) {
					t.Errorf("block %q follows %q", b.First, first)
				}
				if b.Count < 1 || b.Raw < b.Count || b.Raw > chunker.MaxBlock || b.Size < 1 || b.Offset != offset {
					t.Errorf("block %+v at %d", b, offset)
				}
				count, raw, first, offset = count+b.Count, raw+b.Raw, b.First, offset+b.Size
			}
		}
		if count != s.Count || raw != s.Raw {
			t.Errorf("section %s has %d lines of %d bytes, its blocks %d of %d", s.Name, s.Count, s.Raw, count, raw)
		}
	}
}

// checkInflate inflates a block. Either the error is a DamageError, or the lines are those that another decoder gives, as many as stated. It takes no more memory than
// it says.
func checkInflate(t *testing.T, codec chunker.Codec, chunk []byte, b chunker.Block) {
	t.Helper()
	dst := []byte("before")
	before := allocated()
	got, err := codec.Inflate(dst, chunk, chunker.DigestOf(nil), &b)
	if took, may := allocated()-before, max(0, min(b.Raw, chunker.MaxBlock))+slack; took > uint64(may) {
		t.Errorf("%+v took %d bytes of memory", b, took)
	}
	lines, kept := bytes.CutPrefix(got, dst)
	if !kept {
		t.Errorf("%+v: what was there is lost", b)
	}
	var want []byte
	alone := b.Offset >= 0 && b.Size >= 0 && b.Offset <= len(chunk)-b.Size
	if alone {
		want, alone = plain(codec, chunk[b.Offset:b.Offset+b.Size])
	}
	if err == nil {
		if !alone || !bytes.Equal(lines, want) || len(lines) != b.Raw || bytes.Count(lines, []byte("\n")) != b.Count {
			t.Errorf("%+v: %d lines of %d bytes; another decoder has %d bytes, %v", b, bytes.Count(lines, []byte("\n")), len(lines), len(want), alone)
		}
		return
	}
	var damage *chunker.DamageError
	if !errors.As(err, &damage) || len(lines) != 0 {
		t.Errorf("%+v: %d bytes, %v; want a DamageError alone", b, len(lines), err)
	}
	if alone && codec == chunker.Gzip && len(want) == b.Raw && bytes.Count(want, []byte("\n")) == b.Count && (len(want) == 0 || want[len(want)-1] == '\n') {
		t.Errorf("%+v: %v; another decoder reads it", b, err)
	}
}

// plain is what another decoder makes of one member or frame; alone says that it is sound, nothing follows it, and it is no larger than a block may be.
func plain(codec chunker.Codec, data []byte) (content []byte, alone bool) {
	source := bytes.NewReader(data)
	var r io.Reader
	if codec == chunker.Gzip {
		zipped, err := stdgzip.NewReader(source)
		if err != nil {
			return nil, false
		}
		zipped.Multistream(false)
		r = zipped
	} else {
		frames, err := zstd.NewReader(source, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(chunker.MaxBlock))
		if err != nil {
			return nil, false
		}
		defer frames.Close()
		r = frames
	}
	content, err := io.ReadAll(io.LimitReader(r, chunker.MaxBlock+1))
	return content, err == nil && len(content) <= chunker.MaxBlock && source.Len() == 0
}

// part is a name, a value, an object or an array of a JSON text.
type part struct{ start, end int }

// parts are all of them, in the order of their ends.
func parts(raw []byte) []part {
	var all []part
	var open []int
	for d := jsontext.NewDecoder(bytes.NewBuffer(raw)); ; {
		token, err := d.ReadToken()
		if err != nil {
			return all
		}
		end := int(d.InputOffset())
		switch token.Kind() {
		case '{', '[':
			open = append(open, end-1)
		case '}', ']':
			all = append(all, part{open[len(open)-1], end})
			open = open[:len(open)-1]
		case '"':
			all = append(all, part{end - len(token.String()) - 2, end})
		default:
			all = append(all, part{end - len(token.String()), end})
		}
	}
}

// exchange puts two parts each in the other's place. Of two that are one within the other, the inner one takes the outer one's place.
func exchange(raw []byte, a, b part) []byte {
	if a.start > b.start || a.start == b.start && a.end < b.end {
		a, b = b, a
	}
	if b.start < a.end {
		return slices.Concat(raw[:a.start], raw[b.start:b.end], raw[a.end:])
	}
	return slices.Concat(raw[:a.start], raw[b.start:b.end], raw[a.end:b.start], raw[a.start:a.end], raw[b.end:])
}
