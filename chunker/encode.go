package chunker

import (
	"encoding/json"
	"fmt"
)

const manifestMagic = "chunkaside manifest"

// stored is the manifest's JSON. The magic and the format number come first, so that a reader of any format finds them.
type stored struct {
	Magic  string `json:"magic"`
	Format int    `json:"format"`
	Codec  Codec  `json:"codec"`
	Cut    string `json:"cut"`
	Header
	Sections []Section `json:"sections"`
}

// encode fills in the stored form and the digest.
func (m *Manifest) encode() error {
	raw, err := json.Marshal(stored{Magic: manifestMagic, Format: Format, Codec: m.Codec, Cut: m.Cut, Header: m.Header, Sections: m.Sections})
	if err != nil {
		return fmt.Errorf("encode manifest: %w", err)
	}
	zip, err := newGzipCompressor(9)
	if err != nil {
		return fmt.Errorf("encode manifest: %w", err)
	}
	defer zip.release()
	if m.Encoded, err = zip.compress(nil, raw); err != nil {
		return fmt.Errorf("encode manifest: %w", err)
	}
	if len(m.Encoded) > MaxChunk || len(raw) > MaxManifest {
		return fmt.Errorf("encode manifest: it has %d bytes, more than the %d of an item: raise the chunk and block targets", len(m.Encoded), MaxChunk)
	}
	m.Digest = DigestOf(m.Encoded)
	return nil
}
