package catalog

import (
	"bytes"
	"errors"

	"github.com/chunkaside/chunkaside/catalog/schema"
	"github.com/chunkaside/chunkaside/chunker"
)

// span is where a field's value stands in its section's bytes: from start to just before end. Both are 0 for an absent field.
type span struct{ start, end uint32 }

var errEntity = errors.New("it is no entity of the schema")

var errList = &chunker.DamageError{Part: "block", Reason: "a value is no list"}

// scanSpans finds the values of an entity's stored fields, by ordinal: one pass, with no more understanding of JSON than an entity in canonical
// form needs (docs/format.md, "Entity"). base is added to every position.
func scanSpans(spans []span, fields []*schema.Field, entity []byte, base uint32) error {
	if len(entity) < 2 || entity[0] != '{' || entity[len(entity)-1] != '}' {
		return errEntity
	}
	next := 0 // fields come in order, so the search goes on where the last one was found
	for at := 1; at < len(entity)-1; {
		name, value, end := scanMember(entity, at)
		if end < 0 {
			return errEntity
		}
		for next < len(fields) && fields[next].Name != string(name) {
			next++
		}
		if next == len(fields) {
			return errEntity
		}
		spans[next] = span{base + uint32(value), base + uint32(end)}
		next++
		// A comma, with another member behind it, or the closing brace.
		if at = end + 1; end < len(entity)-1 && (entity[end] != ',' || at == len(entity)-1) {
			return errEntity
		}
	}
	return nil
}

// scanMember reads `"name":value` at a position; it returns where the value begins and where it ends, end -1 if there is no such thing.
func scanMember(entity []byte, at int) (name []byte, value, end int) {
	nameEnd := scanString(entity, at)
	if nameEnd < 0 || nameEnd >= len(entity) || entity[nameEnd] != ':' {
		return nil, 0, -1
	}
	value = nameEnd + 1
	return entity[at+1 : nameEnd-1], value, scanValue(entity, value)
}

// scanValue returns where the value that begins at a position ends, or -1.
func scanValue(entity []byte, at int) int {
	if at >= len(entity) {
		return -1
	}
	switch entity[at] {
	case '"':
		return scanString(entity, at)
	case '{', '[':
		return scanNested(entity, at)
	}
	end := at
	for end < len(entity) && entity[end] != ',' && entity[end] != '}' && entity[end] != ']' {
		end++
	}
	if end == at {
		return -1
	}
	return end
}

// scanString returns the position behind the string that begins at a position, or -1.
func scanString(entity []byte, at int) int {
	if at >= len(entity) || entity[at] != '"' {
		return -1
	}
	for at++; at < len(entity); at++ {
		quote := bytes.IndexByte(entity[at:], '"')
		if quote < 0 {
			return -1
		}
		at += quote
		escapes := 0
		for entity[at-1-escapes] == '\\' {
			escapes++
		}
		if escapes%2 == 0 {
			return at + 1
		}
	}
	return -1
}

// scanNested returns the position behind the object or list that begins at a position, or -1.
func scanNested(entity []byte, at int) int {
	depth := 0
	for at < len(entity) {
		switch entity[at] {
		case '"':
			if at = scanString(entity, at); at < 0 {
				return -1
			}
			continue
		case '{', '[':
			depth++
		case '}', ']':
			if depth--; depth == 0 {
				return at + 1
			}
		}
		at++
	}
	return -1
}

// ScanObject finds the values of an object's fields in its canonical JSON, by ordinal: nil for a field that is absent. values has a place for each of the object's
// stored fields, and aliases raw. The error is a chunker.DamageError.
func ScanObject(o *schema.Object, raw []byte, values [][]byte) error {
	fields := o.Stored()
	spans := make([]span, 0, 32) // few have more, so it need not be on the heap
	if len(fields) > cap(spans) {
		spans = make([]span, 0, len(fields))
	}
	spans = spans[:len(fields)]
	if err := scanSpans(spans, fields, raw, 0); err != nil {
		return &chunker.DamageError{Part: "block", Reason: "a value of the type " + o.Name, Err: err}
	}
	for i, sp := range spans {
		values[i] = nil
		if sp.end > 0 {
			values[i] = raw[sp.start:sp.end]
		}
	}
	return nil
}

// ScanList calls each with the elements of a list in canonical JSON. The error is each's, or a chunker.DamageError.
func ScanList(raw []byte, each func([]byte) error) error {
	if len(raw) < 2 || raw[0] != '[' || raw[len(raw)-1] != ']' {
		return errList
	}
	for at := 1; at < len(raw)-1; {
		end := scanValue(raw, at)
		if end < 0 {
			return errList
		}
		if err := each(raw[at:end]); err != nil {
			return err
		}
		at = end + 1
	}
	return nil
}
