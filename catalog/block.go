package catalog

import (
	"bytes"
	"fmt"
	"sync"

	"github.com/chunkaside/chunkaside/catalog/schema"
	"github.com/chunkaside/chunkaside/chunker"
)

// block is an inflated block with what makes look-ups in it cheap. It is never changed once made.
type block struct {
	data   []byte
	starts []uint32 // of each line in data; one more for the end
	// keys are the lines' keys, one after another; ends says where each ends.
	keys []byte
	ends []uint32

	spans    []span        // of a section of entities: each entity's stored fields
	fields   int           // how many they are
	tags     []chunker.Tag // of a section of entities with indexes: the tags of its primary keys
	locators []locator     // of a section of an index
}

// blockOverhead is what a block costs in memory beyond what its slices hold, in bytes: the headers, and its entry in the cache.
const blockOverhead = 400

// size is what the block costs in memory, in bytes.
func (b *block) size() int {
	return blockOverhead + cap(b.data) + 4*cap(b.starts) + cap(b.keys) + 4*cap(b.ends) + 8*cap(b.spans) + 4*cap(b.tags) + 8*cap(b.locators)
}

func (b *block) count() int { return len(b.starts) - 1 }

func (b *block) line(n int) []byte { return b.data[b.starts[n] : b.starts[n+1]-1] }

func (b *block) key(n int) []byte {
	if n == 0 {
		return b.keys[:b.ends[0]]
	}
	return b.keys[b.ends[n-1]:b.ends[n]]
}

// id names the block in the section called name.
func (b *block) id(name string) chunker.BlockID { return chunker.BlockIDOf(name, string(b.key(0))) }

// search is the first line whose key is not below this one.
func (b *block) search(key string) int {
	low, high := 0, b.count()
	for low < high {
		middle := int(uint(low+high) >> 1)
		if string(b.key(middle)) < key {
			low = middle + 1
		} else {
			high = middle
		}
	}
	return low
}

// newBlock splits inflated data into its lines, of which there are count: the chunker has checked that.
func newBlock(data []byte, count int) *block {
	b := &block{data: data, starts: make([]uint32, 1, count+1), ends: make([]uint32, 0, count)}
	for at := 0; at < len(data); {
		at += bytes.IndexByte(data[at:], '\n') + 1
		b.starts = append(b.starts, uint32(at))
	}
	return b
}

// parseEntities makes a block of a section of entities.
func parseEntities(m *schema.Model, data []byte, count int) (*block, error) {
	// The smallest entity has a key and a value. Fewer bytes are refused before memory is taken for each line.
	if len(data) < count*len("{\"a\":1}\n") {
		return nil, errEntity
	}
	b := newBlock(data, count)
	b.fields = len(m.Stored())
	b.spans = make([]span, count*b.fields)
	indexed := len(indexSections(m)) > 0
	if indexed {
		b.tags = make([]chunker.Tag, 0, count)
	}
	room := keyRooms.Get().(*keyRoom)
	b.keys = room.keys[:0]
	e := Entity{b, 0}
	value := func(f *schema.Field) []byte { return e.Field(f) }
	for ; e.n < count; e.n++ {
		if err := scanSpans(b.spans[e.n*b.fields:(e.n+1)*b.fields], m.Stored(), b.line(e.n), b.starts[e.n]); err != nil {
			return nil, fmt.Errorf("entity %d: %w", e.n, err)
		}
		var err error
		if b.keys, err = appendEntityKey(b.keys, m, m.Cluster, value); err != nil {
			return nil, fmt.Errorf("entity %d: %w", e.n, err)
		}
		b.ends = append(b.ends, uint32(len(b.keys)))
		if e.n > 0 && bytes.Compare(b.key(e.n), b.key(e.n-1)) <= 0 {
			return nil, fmt.Errorf("entity %d is out of order", e.n)
		}
		if indexed {
			if room.primary, err = appendEntityKey(room.primary[:0], m, m.Key, value); err != nil {
				return nil, fmt.Errorf("entity %d: %w", e.n, err)
			}
			b.tags = append(b.tags, chunker.TagOfBytes(m.Name, room.primary))
		}
	}
	room.part(b)
	return b, nil
}

// keyRoom is where the keys of a block are gathered, whose length is not known before.
type keyRoom struct{ keys, primary []byte }

var keyRooms = sync.Pool{New: func() any { return &keyRoom{} }}

// part leaves the block its own keys, exactly as long as needed, and the room to the next one.
func (r *keyRoom) part(b *block) {
	r.keys = b.keys
	b.keys = bytes.Clone(b.keys)
	keyRooms.Put(r)
}

// parseIndex makes a block of a section of an index.
func parseIndex(m *schema.Model, ix *schema.Index, data []byte, count int) (*block, error) {
	if len(data) < count*(locatorSize+2) {
		return nil, errLine
	}
	b := newBlock(data, count)
	b.locators = make([]locator, count)
	room := keyRooms.Get().(*keyRoom)
	b.keys = room.keys[:0]
	for n := range count {
		var err error
		if hashed(m, ix) {
			b.locators[n], err = readHashedLine(b.line(n))
			b.keys = b.locators[n].tag.AppendText(b.keys)
		} else {
			b.keys, b.locators[n], err = readOrderedLine(b.keys, ix, b.line(n))
		}
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", n, err)
		}
		b.ends = append(b.ends, uint32(len(b.keys)))
		if n > 0 && bytes.Compare(b.key(n-1), b.key(n)) > 0 {
			return nil, fmt.Errorf("line %d is out of order", n)
		}
	}
	room.part(b)
	return b, nil
}

// Entity is one record of a snapshot. It stays valid, and its bytes unchanged, as long as anyone holds it.
type Entity struct {
	block *block
	n     int
}

// JSON is the whole entity.
func (e Entity) JSON() []byte { return e.block.line(e.n) }

// Field is the value of a stored field of the entity's model as canonical JSON; nil if the entity lacks it.
func (e Entity) Field(f *schema.Field) []byte {
	sp := e.block.spans[e.n*e.block.fields+f.Ordinal]
	if sp.end == 0 {
		return nil
	}
	return e.block.data[sp.start:sp.end]
}

// Member is a stored field as objects name it.
type Member struct {
	Field *schema.Field
	Label []byte // `"name":`
}

// AppendMembers appends these members of the entity, with commas between them; null is the value of a field that it lacks. Those that follow one another in the entity as well are copied at once.
func (e Entity) AppendMembers(dst []byte, members []Member) []byte {
	b := e.block
	spans := b.spans[e.n*b.fields : (e.n+1)*b.fields]
	var run span // of b.data: what is to be copied next
	for i := range members {
		m := &members[i]
		value := spans[m.Field.Ordinal]
		start := value.start - uint32(len(m.Label)) // labels are stored as they are written
		if run.end > 0 && start == run.end+1 {
			run.end = value.end
			continue
		}
		dst = append(dst, b.data[run.start:run.end]...)
		if i > 0 {
			dst = append(dst, ',')
		}
		run = span{start, value.end}
		if value.end == 0 {
			dst, run = append(append(dst, m.Label...), "null"...), span{}
		}
	}
	return append(dst, b.data[run.start:run.end]...)
}

// damagedBlock is the error of a block whose bytes are sound but not what the schema says.
func damagedBlock(d chunker.Digest, err error) error {
	return &chunker.DamageError{Part: "block", Digest: d, Reason: "it does not follow the schema", Err: err}
}
