package catalog

import (
	"errors"
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/chunkaside/chunkaside/catalog/schema"
	"github.com/chunkaside/chunkaside/chunker"
)

// An index section has a line for each entity of its index: docs/format.md, "Index". This file writes and reads the lines; what they find is looked up elsewhere.

// indexName is the name of the section of an index. The dot sorts before all that a type's name can hold, so an index follows its type.
func indexName(m *schema.Model, ix *schema.Index) string { return m.Name + "." + ix.Name }

// stored says whether an index needs a section of its own: the section of entities is already in the order of the cluster index, and in that of the primary key if
// it is clustered by it.
func stored(m *schema.Model, ix *schema.Index) bool { return ix != m.Cluster }

// indexSections are the indexes with a section of their own, in the order of those: the primary key's, if it has one, first.
func indexSections(m *schema.Model) []*schema.Index {
	indexes := slices.DeleteFunc(m.AllIndexes(), func(ix *schema.Index) bool { return !stored(m, ix) })
	slices.SortFunc(indexes, func(a, b *schema.Index) int { return strings.Compare(a.Name, b.Name) })
	return indexes
}

// hashed says whether an index's lines are in the order of hashes: that of a primary key without sort fields, by which nothing but one entity is looked up.
func hashed(m *schema.Model, ix *schema.Index) bool { return ix == m.Key && len(ix.Sort) == 0 }

// locator says where an entity is: in a block with this ID, under a primary key with this tag.
type locator struct {
	block chunker.BlockID
	tag   chunker.Tag
}

// lineKey is the key of an index's line, from the key that an entity has in the index: the primary key, with which that one ends, is there as its tag alone. So what orders and parts the
// lines can be read from them. key is made by indexKey, primary by entityKey of the primary key.
func lineKey(m *schema.Model, ix *schema.Index, key, primary string) string {
	tag := chunker.TagOf(m.Name, primary).AppendText(nil)
	switch {
	case hashed(m, ix):
		return string(tag)
	case ix == m.Key:
		return key + string(tag)
	}
	return strings.TrimSuffix(key, primary) + string(tag)
}

// splitLineKey parts a line's key from the primary key that follows it.
func splitLineKey(m *schema.Model, ix *schema.Index, key string) (own, primary string) {
	values := ""
	if !hashed(m, ix) {
		values, _ = splitKey(ix, key)
	}
	end := len(values) + chunker.TagSize
	return key[:end], key[end:]
}

const locatorSize = chunker.BlockIDSize + chunker.TagSize

func locate(m *schema.Model, primary string, block chunker.BlockID) locator {
	return locator{block, chunker.TagOf(m.Name, primary)}
}

// indexLine is a line of an index section with its key.
type indexLine struct {
	key  string
	text []byte
}

// newIndexLine makes the line of an entity in a block; ok is false if the entity is not in the index.
func newIndexLine(m *schema.Model, ix *schema.Index, primary string, value func(*schema.Field) []byte, block chunker.BlockID) (l indexLine, ok bool, err error) {
	at := locate(m, primary, block)
	if hashed(m, ix) {
		return indexLine{lineKey(m, ix, primary, primary), appendHashedLine(nil, at)}, true, nil
	}
	key, ok, err := indexKey(m, ix, value)
	if !ok || err != nil {
		return indexLine{}, false, err
	}
	return indexLine{lineKey(m, ix, key, primary), appendOrderedLine(nil, ix, value, at)}, true, nil
}

// appendHashedLine writes the line of a hashed index: the locator, tag first, so that the lines are in the tags' order.
func appendHashedLine(dst []byte, l locator) []byte {
	dst = append(dst, '"')
	dst = l.block.AppendText(l.tag.AppendText(dst))
	return append(dst, '"')
}

// appendOrderedLine writes the line of an ordered index: partition, sort if the index has it, locator.
func appendOrderedLine(dst []byte, ix *schema.Index, value func(*schema.Field) []byte, l locator) []byte {
	dst = append(dst, '[')
	dst = append(append(dst, value(ix.Partition)...), ',')
	switch len(ix.Sort) {
	case 0:
	case 1:
		dst = append(append(dst, value(ix.Sort[0])...), ',')
	default:
		dst = append(appendJoinedText(dst, ix.Sort, value), ',')
	}
	dst = append(dst, '"')
	dst = l.tag.AppendText(l.block.AppendText(dst))
	return append(dst, `"]`...)
}

// appendJoinedText writes the values of several sort fields as the one text that DynamoDB sorts by.
func appendJoinedText(dst []byte, fields []*schema.Field, value func(*schema.Field) []byte) []byte {
	var text []byte
	for i, f := range fields {
		if i > 0 {
			text = append(text, '#')
		}
		raw := value(f)
		if raw[0] == '"' {
			text, _ = jsontext.AppendUnquote(text, raw) // an entity's text is sound
		} else {
			text = append(text, raw...)
		}
	}
	dst, _ = jsontext.AppendQuote(dst, text)
	return dst
}

// readHashedLine is the locator of a line.
func readHashedLine(line []byte) (locator, error) {
	if len(line) != locatorSize+2 {
		return locator{}, errLine
	}
	return readLocator(line[1+chunker.TagSize:len(line)-1], line[1:1+chunker.TagSize])
}

func readLocator(block, tag []byte) (l locator, err error) {
	var blockOK, tagOK bool
	l.block, blockOK = chunker.ParseBlockID(block)
	if l.tag, tagOK = chunker.ParseTag(tag); !blockOK || !tagOK {
		return l, errLine
	}
	return l, nil
}

var errLine = errors.New("it is no line of an index")

// readOrderedLine appends the key of the line and returns the locator.
func readOrderedLine(key []byte, ix *schema.Index, line []byte) ([]byte, locator, error) {
	parts := [3][]byte{}
	n := 0
	if err := ScanList(line, func(element []byte) error {
		if n == len(parts) {
			return errLine
		}
		parts[n] = element
		n++
		return nil
	}); err != nil {
		return key, locator{}, err
	}
	want := 3
	if len(ix.Sort) == 0 {
		want = 2
	}
	if n != want || len(parts[n-1]) != locatorSize+2 {
		return key, locator{}, errLine
	}
	text := parts[n-1][1 : 1+locatorSize]
	l, err := readLocator(text[:chunker.BlockIDSize], text[chunker.BlockIDSize:])
	if err != nil {
		return key, l, err
	}
	key, err = appendValue(key, ix.Partition, parts[0])
	switch {
	case err != nil || len(ix.Sort) == 0:
	case len(ix.Sort) == 1:
		key, err = appendValue(key, ix.Sort[0], parts[1])
	default:
		key, err = appendValue(key, joined, parts[1])
	}
	return l.tag.AppendText(key), l, err
}

// joined stands for the one text that several sort fields are.
var joined = &schema.Field{Name: "sort key", Type: schema.Type{Name: "String", Kind: schema.String}}
