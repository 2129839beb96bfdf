package chunker_test

import (
	"bytes"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"testing"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"

	"github.com/chunkaside/chunkaside/chunker"
)

// pack compresses a manifest's JSON as it is.
func pack(t testing.TB, raw string) ([]byte, chunker.Digest) {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write([]byte(raw)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes(), chunker.DigestOf(b.Bytes())
}

func TestDamagedManifest(t *testing.T) {
	digest := strings.Repeat("0a", 32)
	section := func(count int, blocks string) string {
		return fmt.Sprintf(`{"magic":"chunkaside manifest","format":1,"codec":"gzip","catalog":"c","schema":"s","sections":[`+
			`{"name":"A","kind":"entities","count":%d,"raw":%d,"chunks":[{"digest":"%s","blocks":[%s]}]}]}`, count, 10*count, digest, blocks)
	}
	for name, raw := range map[string]string{
		"no JSON":       `hello`,
		"another magic": `{"magic":"tar","format":1}`,
		"format first":  `{"format":1,"magic":"chunkaside manifest"}`,
		"cut short":     section(1, `{"first":"a","count":1,"raw":10,"size":5}`)[:120],
		"sum too small": section(2, `{"first":"a","count":1,"raw":10,"size":5}`),
		"blocks out of order": section(2, `{"first":"b","count":1,"raw":10,"size":5},`+
			`{"first":"a","count":1,"raw":10,"size":5}`),
		"negative size":  section(1, `{"first":"a","count":1,"raw":10,"size":-5}`),
		"huge block":     section(1, `{"first":"a","count":1,"raw":99999999999,"size":5}`),
		"no blocks":      section(0, ``),
		"number as text": section(1, `{"first":"a","count":"1","raw":10,"size":5}`),
	} {
		data, d := pack(t, raw)
		if _, err := chunker.DecodeManifest(data, d); !errors.Is(err, chunker.ErrDamaged) {
			t.Errorf("%s: %v, want ErrDamaged", name, err)
		}
	}

	good, d := pack(t, section(1, `{"first":"a","count":1,"raw":10,"size":5}`))
	if _, err := chunker.DecodeManifest(good, d); err != nil {
		t.Fatalf("the sound manifest: %v", err)
	}
	flipped := bytes.Clone(good)
	flipped[len(flipped)/2] ^= 1
	for name, data := range map[string][]byte{"a flipped bit": flipped, "cut short": good[:20], "empty": {}, "no gzip": []byte("hello")} {
		if _, err := chunker.DecodeManifest(data, d); !errors.Is(err, chunker.ErrDamaged) {
			t.Errorf("%s: %v, want ErrDamaged", name, err)
		}
	}
}

func TestUnknownFormat(t *testing.T) {
	for _, raw := range []string{
		`{"magic":"chunkaside manifest","format":2,"whatever":{"comes":"later"}}`,
		`{"magic":"chunkaside manifest","format":1,"codec":"lzma","sections":[]}`,
	} {
		data, d := pack(t, raw)
		if _, err := chunker.DecodeManifest(data, d); !errors.Is(err, chunker.ErrFormat) {
			t.Errorf("%s: %v, want ErrFormat", raw, err)
		}
	}
}

func TestUnknownKindIsSkipped(t *testing.T) {
	data, d := pack(t, `{"magic":"chunkaside manifest","format":1,"codec":"gzip","catalog":"c","schema":"s","new":1,"sections":[`+
		`{"name":"A","kind":"filter","chunks":[]}]}`)
	m, err := chunker.DecodeManifest(data, d)
	if err != nil || m.Section("A") != nil {
		t.Errorf("DecodeManifest = %v, %v; want a manifest without a section of entities", m, err)
	}
}

func TestDamagedBlock(t *testing.T) {
	for _, codec := range []chunker.Codec{chunker.Gzip, chunker.Zstd} {
		t.Run(string(codec), func(t *testing.T) { testDamagedBlock(t, codec) })
	}
}

func testDamagedBlock(t *testing.T, codec chunker.Codec) {
	v := write(t, &chunker.Options{Codec: codec}, map[string][]entity{"A": seeded(1, 50)})
	chunk := v.manifest.Section("A").Chunks[0]
	data, block := v.chunks[chunk.Digest], chunk.Blocks[0]
	flipped := bytes.Clone(data)
	flipped[len(flipped)/2] ^= 0x10
	for _, test := range []struct {
		name   string
		data   []byte
		change func(*chunker.Block)
	}{
		{"a flipped bit", flipped, func(*chunker.Block) {}},
		{"cut short", data[:len(data)-9], func(b *chunker.Block) { b.Size -= 9 }},
		{"outside the chunk", data[:len(data)-9], func(*chunker.Block) {}},
		{"stated smaller", data, func(b *chunker.Block) { b.Raw-- }},
		{"stated larger", data, func(b *chunker.Block) { b.Raw++ }},
		{"another count", data, func(b *chunker.Block) { b.Count++ }},
		{"two members", append(bytes.Clone(data), data...), func(b *chunker.Block) { b.Size *= 2 }},
		{"beyond every limit", data, func(b *chunker.Block) { b.Raw = 1 << 40 }},
		{"a negative offset", data, func(b *chunker.Block) { b.Offset = -1 }},
	} {
		b := block
		test.change(&b)
		if _, err := codec.Inflate(nil, test.data, chunk.Digest, &b); !errors.Is(err, chunker.ErrDamaged) {
			t.Errorf("%s: %v, want ErrDamaged", test.name, err)
		}
	}
	if _, err := codec.Inflate(nil, data, chunk.Digest, &block); err != nil {
		t.Errorf("the sound block after all that: %v", err)
	}
}

func TestBombStopsAtTheStatedSize(t *testing.T) {
	zeros := make([]byte, 512<<20)
	var zipped bytes.Buffer
	w := gzip.NewWriter(&zipped)
	if _, err := w.Write(zeros); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	z, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	for codec, bomb := range map[chunker.Codec][]byte{chunker.Gzip: zipped.Bytes(), chunker.Zstd: z.EncodeAll(zeros, nil)} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := codec.Inflate(nil, bomb, "", &chunker.Block{Count: 1, Raw: 1000, Size: len(bomb)})
		runtime.ReadMemStats(&after)
		if !errors.Is(err, chunker.ErrDamaged) {
			t.Errorf("%s: a block of 512 MiB: %v, want ErrDamaged", codec, err)
		}
		if got := after.TotalAlloc - before.TotalAlloc; got > 4<<20 {
			t.Errorf("%s: it took %d bytes of memory", codec, got)
		}
	}
}

func TestVerify(t *testing.T) {
	data := []byte("hello")
	if err := chunker.Verify("chunk", data, chunker.DigestOf(data)); err != nil {
		t.Error(err)
	}
	if err := chunker.Verify("chunk", data, chunker.DigestOf([]byte("hallo"))); !errors.Is(err, chunker.ErrDamaged) {
		t.Errorf("another digest: %v, want ErrDamaged", err)
	}
	large := make([]byte, chunker.MaxChunk+1)
	if err := chunker.Verify("chunk", large, chunker.DigestOf(large)); !errors.Is(err, chunker.ErrDamaged) {
		t.Errorf("over the limit: %v, want ErrDamaged", err)
	}
}
