package chunker

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/klauspost/compress/gzip"
)

// DecodeManifest reads a stored manifest that was asked for by this digest. The error is a DamageError, or matches ErrFormat. Sections of a kind that this release does not know are left
// out.
func DecodeManifest(data []byte, digest Digest) (*Manifest, error) {
	if err := Verify("manifest", data, digest); err != nil {
		return nil, err
	}
	raw, err := inflateManifest(data)
	if err != nil {
		return nil, &DamageError{Part: "manifest", Digest: digest, Reason: "it cannot be inflated", Err: err}
	}
	d := manifestDecoder{jsontext.NewDecoder(bytes.NewBuffer(raw))}
	m := &Manifest{Digest: digest, Encoded: data}
	switch err := d.manifest(m); {
	case errors.Is(err, ErrFormat):
		return nil, fmt.Errorf("manifest %s: %w", digest.Short(), err)
	case err != nil:
		return nil, &DamageError{Part: "manifest", Digest: digest, Reason: "it is not what a manifest should be", Err: err}
	}
	return m, m.check()
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

// manifestDecoder reads a manifest token by token, so that bytes that are none cost no more than what they are made of: an impossible block ends the reading.
type manifestDecoder struct{ *jsontext.Decoder }

// manifest reads no further than the first two keys if they are not as expected: what follows may be of a later format.
func (d manifestDecoder) manifest(m *Manifest) error {
	place := 0
	return d.object(func(name string) (err error) {
		place++
		switch {
		case place == 1 && name == "magic":
			return d.expectMagic()
		case place == 2 && name == "format":
			return d.expectFormat()
		case place <= 2:
			return fmt.Errorf("it begins with %.20q", name)
		case name == "codec":
			var text string
			if text, err = d.text(); err == nil {
				if m.Codec = Codec(text); !m.Codec.known() {
					return m.Codec.unknown()
				}
			}
		case name == "cut":
			m.Cut, err = d.text()
		case name == "catalog":
			m.Catalog, err = d.text()
		case name == "schema":
			m.Schema, err = d.text()
		case name == "sections":
			err = d.array(func() error { return d.section(m) })
		default:
			err = d.SkipValue()
		}
		return err
	})
}

func (d manifestDecoder) expectMagic() error {
	text, err := d.text()
	if err == nil && text != manifestMagic {
		err = fmt.Errorf("its magic is %.20q", text)
	}
	return err
}

func (d manifestDecoder) expectFormat() error {
	n, err := d.number()
	if err == nil && n != Format {
		err = fmt.Errorf("it has the format %d, this release reads %d: %w", n, Format, ErrFormat)
	}
	return err
}

// section reads a section. Its name and kind come before its chunks, whose form depends on the kind.
func (d manifestDecoder) section(m *Manifest) error {
	s := Section{Chunks: []Chunk{}}
	err := d.object(func(name string) (err error) {
		known := s.Kind == KindEntities || s.Kind == KindIndex
		switch {
		case name == "name":
			s.Name, err = d.text()
		case name == "kind":
			s.Kind, err = d.text()
		case !known:
			err = d.SkipValue()
		case name == "of":
			s.Of, err = d.text()
		case name == "index":
			s.Index, err = d.text()
		case name == "count":
			s.Count, err = d.number()
		case name == "raw":
			s.Raw, err = d.number()
		case name == "chunks":
			err = d.array(func() error { return d.chunk(&s) })
		default:
			err = d.SkipValue()
		}
		return err
	})
	if err != nil || s.Kind != KindEntities && s.Kind != KindIndex {
		return err
	}
	// Held against the order here already: a section may be shorter in JSON than in memory, and equal ones take next to no stored bytes.
	if n := len(m.Sections); n > 0 && s.Name <= m.Sections[n-1].Name {
		return fmt.Errorf("section %s is out of order", s.Name)
	}
	m.Sections = append(m.Sections, s)
	return nil
}

func (d manifestDecoder) chunk(s *Section) error {
	var c Chunk
	err := d.object(func(name string) (err error) {
		switch name {
		case "digest":
			var text string
			text, err = d.text()
			c.Digest = Digest(text)
		case "blocks":
			err = d.array(func() error { return d.block(&c) })
		default:
			err = d.SkipValue()
		}
		return err
	})
	if err == nil && (!c.Digest.Valid() || len(c.Blocks) == 0) {
		err = errors.New("a chunk has no digest or no blocks")
	}
	s.Chunks = append(s.Chunks, c)
	return err
}

func (d manifestDecoder) block(c *Chunk) error {
	var b Block
	err := d.object(func(name string) (err error) {
		switch name {
		case "first":
			b.First, err = d.text()
		case "count":
			b.Count, err = d.number()
		case "raw":
			b.Raw, err = d.number()
		case "size":
			b.Size, err = d.number()
		default:
			err = d.SkipValue()
		}
		return err
	})
	if err == nil {
		err = b.possible()
	}
	if n := len(c.Blocks); n > 0 {
		b.Offset = c.Blocks[n-1].Offset + c.Blocks[n-1].Size
	}
	c.Blocks = append(c.Blocks, b)
	if err == nil && b.Offset+b.Size > MaxChunk {
		err = errors.New("a chunk has more bytes than one may have")
	}
	return err
}

func (d manifestDecoder) object(field func(name string) error) error {
	if err := d.begin('{'); err != nil {
		return err
	}
	for d.PeekKind() != '}' {
		name, err := d.text()
		if err != nil {
			return err
		}
		if err := field(name); err != nil {
			return err
		}
	}
	_, err := d.ReadToken()
	return err
}

func (d manifestDecoder) array(element func() error) error {
	if err := d.begin('['); err != nil {
		return err
	}
	for d.PeekKind() != ']' {
		if err := element(); err != nil {
			return err
		}
	}
	_, err := d.ReadToken()
	return err
}

func (d manifestDecoder) begin(kind jsontext.Kind) error {
	token, err := d.ReadToken()
	if err == nil && token.Kind() != kind {
		err = fmt.Errorf("found %s where %c belongs", token.Kind(), kind)
	}
	return err
}

// maxText is the longest text in a manifest: keys are the longest, and DynamoDB's have at most 3 KiB. A message may quote it.
const maxText = 16 << 10

func (d manifestDecoder) text() (string, error) {
	token, err := d.ReadToken()
	switch {
	case err != nil:
		return "", err
	case token.Kind() != '"':
		return "", fmt.Errorf("found %s where a text belongs", token.Kind())
	}
	text := token.String()
	if len(text) > maxText {
		return "", fmt.Errorf("a text of %d bytes", len(text))
	}
	return text, nil
}

func (d manifestDecoder) number() (int, error) {
	token, err := d.ReadToken()
	switch {
	case err != nil:
		return 0, err
	case token.Kind() != '0':
		return 0, fmt.Errorf("found %s where a number belongs", token.Kind())
	}
	n, err := token.Int()
	return int(n), err
}
