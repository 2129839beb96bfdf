package chunker

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"unicode/utf8"

	"github.com/klauspost/compress/gzip"
)

const (
	manifestMagic = "chunkaside manifest"
	codecGzip     = "gzip"
)

// Header is what a manifest says about the version as a whole.
type Header struct {
	// Catalog is the catalog's name.
	Catalog string `json:"catalog"`
	// Schema is the digest of the schema that the entities follow.
	Schema string `json:"schema"`
}

// Manifest is a version: its sections, their chunks, their blocks.
type Manifest struct {
	Header
	Codec    string
	Sections []Section
	// Digest names the manifest, Encoded is its stored form.
	Digest  Digest
	Encoded []byte
}

// Section is all entities of one type.
type Section struct {
	Name string `json:"name"`
	Kind string `json:"kind"`
	// Count is the number of entities, Raw their bytes before compression, line feeds included.
	Count  int     `json:"count"`
	Raw    int     `json:"raw"`
	Chunks []Chunk `json:"chunks"`
}

// KindEntities is the kind of a section of entities. Others are for later formats; readers skip them.
const KindEntities = "entities"

// Chunk is a run of blocks: what is stored and fetched at once.
type Chunk struct {
	Digest Digest  `json:"digest"`
	Blocks []Block `json:"blocks"`
}

// Block is a run of entities: what is inflated at once.
type Block struct {
	// First and Last are the cluster keys of its first and last entity.
	First string `json:"first"`
	Last  string `json:"last"`
	// Count is the number of entities, Raw their bytes before compression, Size the bytes after.
	Count int `json:"count"`
	Raw   int `json:"raw"`
	Size  int `json:"size"`
	// Offset is where the block begins in its chunk. It is not stored: the sizes before it tell.
	Offset int `json:"-"`
}

// Size is the chunk's stored bytes.
func (c *Chunk) Size() int {
	last := c.Blocks[len(c.Blocks)-1]
	return last.Offset + last.Size
}

// Size is the section's stored bytes.
func (s *Section) Size() int {
	size := 0
	for i := range s.Chunks {
		size += s.Chunks[i].Size()
	}
	return size
}

// Section returns the section of entities called name, or nil.
func (m *Manifest) Section(name string) *Section {
	for i := range m.Sections {
		if m.Sections[i].Name == name && m.Sections[i].Kind == KindEntities {
			return &m.Sections[i]
		}
	}
	return nil
}

// Chunks yields every chunk of the version, in order.
func (m *Manifest) Chunks(yield func(*Chunk) bool) {
	for s := range m.Sections {
		for c := range m.Sections[s].Chunks {
			if !yield(&m.Sections[s].Chunks[c]) {
				return
			}
		}
	}
}

// stored is the manifest's JSON. The magic and the format number come first, so that a reader of any format finds them.
type stored struct {
	Magic  string `json:"magic"`
	Format int    `json:"format"`
	Codec  string `json:"codec"`
	Header
	Sections []Section `json:"sections"`
}

// encode fills in the stored form and the digest.
func (m *Manifest) encode() error {
	raw, err := json.Marshal(stored{Magic: manifestMagic, Format: Format, Codec: m.Codec, Header: m.Header, Sections: m.Sections})
	if err != nil {
		return fmt.Errorf("encode manifest: %w", err)
	}
	zip, err := gzip.NewWriterLevel(io.Discard, 9)
	if err != nil {
		return fmt.Errorf("encode manifest: %w", err)
	}
	if m.Encoded, err = compress(nil, zip, raw); err != nil {
		return fmt.Errorf("encode manifest: %w", err)
	}
	if len(m.Encoded) > MaxChunk || len(raw) > MaxManifest {
		return fmt.Errorf("encode manifest: it has %d bytes, more than the %d of an item: raise the chunk and block targets", len(m.Encoded), MaxChunk)
	}
	m.Digest = DigestOf(m.Encoded)
	return nil
}

// DecodeManifest reads a stored manifest that was asked for by this digest. The error is a DamageError, or matches ErrFormat.
func DecodeManifest(data []byte, digest Digest) (*Manifest, error) {
	if err := Verify("manifest", data, digest); err != nil {
		return nil, err
	}
	raw, err := inflateManifest(data)
	if err != nil {
		return nil, &DamageError{Part: "manifest", Digest: digest, Reason: "it cannot be inflated", Err: err}
	}
	if err := checkFormat(raw, digest); err != nil {
		return nil, err
	}
	var s stored
	if err := json.Unmarshal(raw, &s); err != nil {
		return nil, &DamageError{Part: "manifest", Digest: digest, Reason: "it is no JSON of its kind", Err: err}
	}
	if s.Codec != codecGzip {
		return nil, fmt.Errorf("manifest %s has the codec %q, this release reads %q: %w", digest.Short(), s.Codec, codecGzip, ErrFormat)
	}
	m := &Manifest{Header: s.Header, Codec: s.Codec, Sections: s.Sections, Digest: digest, Encoded: data}
	if err := m.check(); err != nil {
		return nil, err
	}
	return m, nil
}

func inflateManifest(data []byte) ([]byte, error) {
	r, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		return nil, err
	}
	raw, err := io.ReadAll(io.LimitReader(r, MaxManifest+1))
	if err == nil && len(raw) > MaxManifest {
		err = fmt.Errorf("it has more than %d bytes", MaxManifest)
	}
	return raw, err
}

// checkFormat reads no more than the first two keys: what follows them may be of a later format.
func checkFormat(raw []byte, digest Digest) error {
	var head struct {
		Magic  string `json:"magic"`
		Format int    `json:"format"`
	}
	d := json.NewDecoder(bytes.NewReader(raw))
	if err := decodeHead(d, "magic", &head.Magic); err != nil || head.Magic != manifestMagic {
		return &DamageError{Part: "manifest", Digest: digest, Reason: "it does not begin as one", Err: err}
	}
	if err := decodeHead(d, "format", &head.Format); err != nil {
		return &DamageError{Part: "manifest", Digest: digest, Reason: "it has no format number", Err: err}
	}
	if head.Format != Format {
		return fmt.Errorf("manifest %s has the format %d, this release reads %d: %w", digest.Short(), head.Format, Format, ErrFormat)
	}
	return nil
}

// decodeHead reads the next key, which must be name, and its value.
func decodeHead(d *json.Decoder, name string, value any) error {
	for {
		token, err := d.Token()
		if err != nil {
			return err
		}
		if token == json.Delim('{') {
			continue
		}
		if token != name {
			return fmt.Errorf("found %v where %q belongs", token, name)
		}
		return d.Decode(value)
	}
}

// check holds the numbers against each other and the limits, and fills in the offsets.
func (m *Manifest) check() error {
	fault := func(format string, args ...any) error {
		return &DamageError{Part: "manifest", Digest: m.Digest, Reason: fmt.Sprintf(format, args...)}
	}
	for i := range m.Sections {
		s := &m.Sections[i]
		if i > 0 && s.Name <= m.Sections[i-1].Name {
			return fault("section %q is out of order", s.Name)
		}
		if s.Kind != KindEntities {
			continue
		}
		if reason := s.check(); reason != "" {
			return fault("section %s: %s", s.Name, reason)
		}
	}
	return nil
}

func (s *Section) check() string {
	count, raw, last := 0, 0, ""
	for c := range s.Chunks {
		chunk := &s.Chunks[c]
		if !chunk.Digest.Valid() || len(chunk.Blocks) == 0 {
			return fmt.Sprintf("chunk %d has no digest or no blocks", c)
		}
		offset := 0
		for b := range chunk.Blocks {
			block := &chunk.Blocks[b]
			first := c == 0 && b == 0
			switch {
			case block.Count < 1 || block.Raw < block.Count || block.Raw > MaxBlock || block.Size < 1 || block.Size > MaxChunk:
				return fmt.Sprintf("block %d of chunk %s has impossible numbers", b, chunk.Digest.Short())
			case block.First > block.Last || !first && block.First <= last:
				return fmt.Sprintf("block %d of chunk %s is out of order", b, chunk.Digest.Short())
			case !utf8.ValidString(block.First) || !utf8.ValidString(block.Last):
				return fmt.Sprintf("block %d of chunk %s has keys that are no text", b, chunk.Digest.Short())
			}
			block.Offset = offset
			offset += block.Size
			count, raw, last = count+block.Count, raw+block.Raw, block.Last
		}
		if offset > MaxChunk {
			return fmt.Sprintf("chunk %s has %d bytes, more than a chunk may", chunk.Digest.Short(), offset)
		}
	}
	if count != s.Count || raw != s.Raw {
		return "the numbers of its blocks do not add up"
	}
	return ""
}
