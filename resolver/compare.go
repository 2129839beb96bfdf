package resolver

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"strconv"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/chunkaside/chunkaside/catalog"
)

// What filters do with an entity's values. All of it reads the values in place; only texts with escapes, and objects of AWSJSON whose size is asked for, are decoded.

// textRoom is how long a text with escapes may be before it is decoded into new memory, in bytes.
const textRoom = 256

// unquoted is the content of a JSON string, in room if it has escapes.
func unquoted(room, raw []byte) []byte {
	if body := raw[1 : len(raw)-1]; bytes.IndexByte(body, '\\') < 0 {
		return body
	}
	text, _ := jsontext.AppendUnquote(room, raw) // an entity's text is sound
	return text
}

func isText(raw []byte) bool { return len(raw) > 0 && raw[0] == '"' }

func isNumber(raw []byte) bool {
	return len(raw) > 0 && (raw[0] == '-' || raw[0] >= '0' && raw[0] <= '9')
}

// comparer orders a value against one operand; ok is false if it is of another type, or nil.
type comparer func(raw []byte) (order int, ok bool)

// orderOf compares with a text or a number, canonical JSON.
func orderOf(want []byte) comparer {
	if isText(want) {
		return orderOfText(unquoted(nil, want))
	}
	return orderOfNumber(want)
}

func orderOfText(want []byte) comparer {
	return func(raw []byte) (int, bool) {
		if !isText(raw) {
			return 0, false
		}
		var room [textRoom]byte
		return bytes.Compare(unquoted(room[:0], raw), want), true
	}
}

func orderOfNumber(want []byte) comparer {
	key, err := catalog.AppendNumber(nil, want)
	return func(raw []byte) (int, bool) {
		if err != nil || !isNumber(raw) {
			return 0, false
		}
		var room [64]byte // keys of numbers have at most 44
		have, err := catalog.AppendNumber(room[:0], raw)
		return bytes.Compare(have, key), err == nil
	}
}

// sizeOf compares sizes with a whole number, canonical JSON.
func sizeOf(want []byte) comparer {
	n, err := strconv.Atoi(string(want))
	if err != nil { // no size comes near to it
		n = int(^uint(0) >> 1)
		if want[0] == '-' {
			n = -n
		}
	}
	return func(raw []byte) (int, bool) {
		have, ok := size(raw)
		return cmp.Compare(have, n), ok
	}
}

// compared tests a value's order by one of the operators that compare.
func compared(operator string, compare comparer) test {
	if operator == "ne" {
		equal := compared("eq", compare)
		return func(raw []byte) bool { return !equal(raw) }
	}
	holds := orders[operator]
	return func(raw []byte) bool {
		order, ok := compare(raw)
		return ok && holds(order)
	}
}

var orders = map[string]func(order int) bool{
	"eq": func(order int) bool { return order == 0 },
	"lt": func(order int) bool { return order < 0 },
	"le": func(order int) bool { return order <= 0 },
	"gt": func(order int) bool { return order > 0 },
	"ge": func(order int) bool { return order >= 0 },
}

// size is a text's in bytes, a list's in elements, an object's in members.
func size(raw []byte) (n int, ok bool) {
	switch typeOf(raw) {
	case "string":
		var room [textRoom]byte
		return len(unquoted(room[:0], raw)), true
	case "list":
		err := catalog.ScanList(raw, func([]byte) error { n++; return nil })
		return n, err == nil
	case "map":
		var members map[string]json.RawMessage
		err := json.Unmarshal(raw, &members)
		return len(members), err == nil
	}
	return 0, false
}

// beginning needs no decoding: escapes stand for one character each, so texts begin alike where they are written alike.
func beginning(want []byte) test {
	if !isText(want) {
		return nil
	}
	prefix := want[:len(want)-1]
	return func(raw []byte) bool { return bytes.HasPrefix(raw, prefix) }
}

// containing finds a part of a text, or an element of a list.
func containing(want []byte) test {
	inText := func([]byte) bool { return false }
	if isText(want) {
		inText = containingText(want)
	}
	return func(raw []byte) bool {
		switch {
		case isText(raw):
			return inText(raw)
		case len(raw) > 0 && raw[0] == '[':
			return errors.Is(catalog.ScanList(raw, func(element []byte) error {
				if bytes.Equal(element, want) {
					return errFound
				}
				return nil
			}), errFound)
		}
		return false
	}
}

func containingText(want []byte) test {
	escaped, part := want[1:len(want)-1], unquoted(nil, want)
	return func(raw []byte) bool {
		if !bytes.Contains(raw[1:len(raw)-1], escaped) {
			return false
		}
		var room [textRoom]byte // what was found may be the end of an escape: the n of \n
		return bytes.Contains(unquoted(room[:0], raw), part)
	}
}

// errFound ends a search.
var errFound = errors.New("found")

// attributeTypes are Amplify's names of DynamoDB's types.
var attributeTypes = []string{"binary", "binarySet", "bool", "list", "map", "number", "numberSet", "string", "stringSet", "_null"}

// typeOf is the type of a value by such a name, "" for nil.
func typeOf(raw []byte) string {
	if len(raw) == 0 {
		return ""
	}
	switch raw[0] {
	case '"':
		return "string"
	case '[':
		return "list"
	case '{':
		return "map"
	case 't', 'f':
		return "bool"
	case 'n':
		return "_null"
	}
	return "number"
}
