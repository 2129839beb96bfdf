package chunker

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
	Codec Codec
	// Cut says, for people and for Writer.Keeps, with what options the blocks were cut and compressed.
	Cut      string
	Sections []Section
	// Digest names the manifest, Encoded is its stored form.
	Digest  Digest
	Encoded []byte
}

// Section is all entities of one type, or an index of such a section.
type Section struct {
	Name string `json:"name"`
	Kind string `json:"kind"`
	// Of and Index say what a section of KindIndex indexes: the section's name and the index's.
	Of    string `json:"of,omitempty"`
	Index string `json:"index,omitempty"`
	// Count is the number of lines, Raw their bytes before compression, line feeds included.
	Count  int     `json:"count"`
	Raw    int     `json:"raw"`
	Chunks []Chunk `json:"chunks"`
}

// The kinds of sections. Readers skip those they do not know.
const (
	KindEntities = "entities"
	KindIndex    = "index"
)

// Chunk is a run of blocks: what is stored and fetched at once.
type Chunk struct {
	Digest Digest  `json:"digest"`
	Blocks []Block `json:"blocks"`
}

// Block is a run of entities: what is inflated at once.
type Block struct {
	// First is the key of its first line. Its last line's is below the next block's First.
	First string `json:"first"`
	// Count is the number of lines, Raw their bytes before compression, Size the bytes after.
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
	return m.find(func(s *Section) bool { return s.Kind == KindEntities && s.Name == name })
}

// IndexSection returns the section that indexes the section of entities called of, or nil.
func (m *Manifest) IndexSection(of, index string) *Section {
	return m.find(func(s *Section) bool { return s.Kind == KindIndex && s.Of == of && s.Index == index })
}

func (m *Manifest) find(match func(*Section) bool) *Section {
	for i := range m.Sections {
		if match(&m.Sections[i]) {
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
