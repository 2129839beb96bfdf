package chunker

// BlockID names a block of a section for as long as it begins with the same key, whatever comes before it: what indexes refer to. Two blocks of a section may share one, so a reader
// looks in all that do.
type BlockID uint32

// Tag is a short name for a key, which others may share.
type Tag uint32

// The lengths of a BlockID and a Tag as text, in characters of 6 bits.
const (
	BlockIDSize = 3
	TagSize     = 4
)

// BlockIDOf is the ID of the block of a section that begins with this key: the leading 18 bits of its hash.
func BlockIDOf(section, first string) BlockID {
	return BlockID(keyHash(section, first) >> (64 - 6*BlockIDSize))
}

// TagOf is the tag of a key: the leading 24 bits of its hash.
func TagOf(section, key string) Tag { return Tag(keyHash(section, key) >> (64 - 6*TagSize)) }

// TagOfBytes is TagOf.
func TagOfBytes(section string, key []byte) Tag {
	return Tag(keyHashBytes(section, key) >> (64 - 6*TagSize))
}

// AppendText appends the ID as text.
func (id BlockID) AppendText(dst []byte) []byte { return appendName(dst, uint32(id), BlockIDSize) }

// AppendText appends the tag as text. Texts are in the order of the numbers.
func (t Tag) AppendText(dst []byte) []byte { return appendName(dst, uint32(t), TagSize) }

// ParseBlockID reads an ID's text.
func ParseBlockID(text []byte) (BlockID, bool) {
	n, ok := parseName(text, BlockIDSize)
	return BlockID(n), ok
}

// ParseTag reads a tag's text.
func ParseTag(text []byte) (Tag, bool) {
	n, ok := parseName(text, TagSize)
	return Tag(n), ok
}

// digits are in ASCII order, so that texts of them sort as the numbers they write.
const digits = "-0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz"

// values are the digits' numbers, and 64 for all other characters.
var values = func() (table [256]uint8) {
	for i := range table {
		table[i] = 64
	}
	for i := range len(digits) {
		table[digits[i]] = uint8(i)
	}
	return table
}()

func appendName(dst []byte, n uint32, size int) []byte {
	for i := size - 1; i >= 0; i-- {
		dst = append(dst, digits[n>>(6*i)&63])
	}
	return dst
}

func parseName(text []byte, size int) (n uint32, ok bool) {
	if len(text) != size {
		return 0, false
	}
	for _, c := range text {
		v := values[c]
		if v == 64 {
			return 0, false
		}
		n = n<<6 | uint32(v)
	}
	return n, true
}
