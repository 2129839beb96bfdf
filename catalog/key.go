package catalog

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/chunkaside/chunkaside/catalog/schema"
)

// A key is the values of an index's fields, written so that comparing bytes compares the values as DynamoDB orders them: docs/format.md,
// "Cluster key". It is a string so that it can be compared and kept without copies.

// Prefix is what begins the key of every entity whose index fields have these values: canonical JSON each, in the order of the index's fields. Fewer values
// than fields give the prefix of a run, all of them the key itself but for the primary key that ends it in a secondary index. ok is false if a
// value is missing or null: no entity is found by that.
func Prefix(ix *schema.Index, values ...[]byte) (prefix string, ok bool, err error) {
	if slices.ContainsFunc(values, absent) {
		return "", false, nil
	}
	var room [keyRoomSize]byte
	key, err := appendIndex(room[:0], ix, values)
	return string(key), true, err
}

// appendIndex appends the partition value and the sort value. Two and more sort fields are one value, a text joined by "#", as Amplify keeps them in DynamoDB.
func appendIndex(dst []byte, ix *schema.Index, values [][]byte) ([]byte, error) {
	if len(values) == 0 {
		return dst, nil
	}
	dst, err := appendValue(dst, ix.Partition, values[0])
	if err != nil || len(values) == 1 {
		return dst, err
	}
	if len(ix.Sort) == 1 {
		return appendValue(dst, ix.Sort[0], values[1])
	}
	return appendJoined(dst, ix.Sort, values[1:])
}

func appendJoined(dst []byte, fields []*schema.Field, values [][]byte) ([]byte, error) {
	if slices.ContainsFunc(values, absent) {
		return append(dst, 0), nil // DynamoDB has no such attribute without all of its parts
	}
	dst, err := appendParts(dst, fields, values)
	if err == nil && len(values) < len(fields) {
		return append(dst, '#'), nil
	}
	return append(dst, 0), err
}

// appendParts appends the values of the leading fields as one text, joined by "#".
func appendParts(dst []byte, fields []*schema.Field, values [][]byte) ([]byte, error) {
	var part []byte
	for i, value := range values {
		if i > 0 {
			dst = append(dst, '#')
		}
		var err error
		if part, err = appendValue(part[:0], fields[i], value); err != nil {
			return dst, err
		}
		if numeric(fields[i].Type.Kind) {
			dst = append(dst, value...)
		} else {
			dst = append(dst, part[:len(part)-1]...)
		}
	}
	return dst, nil
}

// appendValue appends one value of a key: raw is its canonical JSON, a string or a number as the field's type says. An empty or null raw appends
// nothing but the end, as for a missing value.
func appendValue(dst []byte, f *schema.Field, raw []byte) ([]byte, error) {
	if absent(raw) {
		return append(dst, 0), nil
	}
	if raw[0] == '"' {
		if numeric(f.Type.Kind) {
			return dst, fmt.Errorf("field %s wants a number, got a string", f.Name)
		}
		return appendKeyString(dst, raw)
	}
	if !numeric(f.Type.Kind) {
		return dst, fmt.Errorf("field %s wants a string, got %s", f.Name, kindOf(raw))
	}
	if raw[0] != '-' && (raw[0] < '0' || raw[0] > '9') {
		return dst, fmt.Errorf("field %s wants a number, got %s", f.Name, kindOf(raw))
	}
	return AppendNumber(dst, raw)
}

// absent says whether a field's value is missing, null or an empty text: DynamoDB takes none of them in a key, so the entity is in no index of that field.
func absent(raw []byte) bool {
	return len(raw) == 0 || raw[0] == 'n' || string(raw) == `""`
}

func numeric(k schema.Kind) bool {
	return k == schema.Int || k == schema.Long || k == schema.Float
}

// kindOf names a JSON value's kind in a message.
func kindOf(raw []byte) string {
	switch raw[0] {
	case '"':
		return "a string"
	case '{':
		return "an object"
	case '[':
		return "a list"
	case 't', 'f':
		return "a boolean"
	case 'n':
		return "null"
	}
	return "a number"
}

func appendKeyString(dst, raw []byte) ([]byte, error) {
	text := raw[1 : len(raw)-1]
	if bytes.IndexByte(text, '\\') >= 0 {
		var err error
		if text, err = jsontext.AppendUnquote(nil, raw); err != nil {
			return dst, fmt.Errorf("key %s: %w", raw, err)
		}
	}
	for _, c := range text {
		if c <= 1 { // the end mark and its escape
			dst = append(dst, 1)
			c++
		}
		dst = append(dst, c)
	}
	return append(dst, 0), nil
}

// AppendNumber appends a number in JSON's notation as keys have it, so that comparing bytes compares numbers: the sign, the exponent e of 0.d1d2... x 10^e, and the digits.
// It allocates nothing but what dst lacks.
func AppendNumber(dst, raw []byte) ([]byte, error) {
	var room [64]byte // DynamoDB's numbers have 38 digits
	digits, exponent, negative, err := decimal(room[:0], raw)
	switch {
	case err != nil:
		return dst, err
	case len(digits) == 0:
		return append(dst, '0', 0), nil
	case exponent < -499 || exponent > 499:
		return dst, fmt.Errorf("key %s: the number is out of DynamoDB's range", raw)
	case !negative:
		dst = appendExponent(append(dst, '1'), exponent+500)
		return append(append(dst, digits...), 0), nil
	}
	dst = appendExponent(append(dst, '-'), 999-(exponent+500))
	for _, d := range digits {
		dst = append(dst, '9'-d+'0')
	}
	return append(dst, '~', 0), nil
}

// appendExponent writes three digits.
func appendExponent(dst []byte, n int) []byte {
	return append(dst, byte('0'+n/100), byte('0'+n/10%10), byte('0'+n%10))
}

// decimal splits a JSON number into 0.digits x 10^exponent, without zeros at either end of the digits, which are in room if they fit.
func decimal(room, raw []byte) (digits []byte, exponent int, negative bool, err error) {
	mantissa := raw
	if i := bytes.IndexAny(raw, "eE"); i >= 0 {
		if exponent, err = strconv.Atoi(string(raw[i+1:])); err != nil {
			return nil, 0, false, fmt.Errorf("key %s: %w", raw, err)
		}
		mantissa = raw[:i]
	}
	if negative = mantissa[0] == '-'; negative {
		mantissa = mantissa[1:]
	}
	whole, fraction, _ := bytes.Cut(mantissa, []byte{'.'})
	digits = append(append(room, whole...), fraction...)
	exponent += len(whole)
	for len(digits) > 0 && digits[0] == '0' {
		digits, exponent = digits[1:], exponent-1
	}
	digits = bytes.TrimRight(digits, "0")
	for _, d := range digits {
		if d < '0' || d > '9' {
			return nil, 0, false, fmt.Errorf("key %s: it is no number", raw)
		}
	}
	return digits, exponent, negative, nil
}

// readable is a key of an index as people read it: its values, with commas between them.
func readable(ix *schema.Index, key string) string {
	parts := strings.Split(strings.TrimSuffix(key, "\x00"), "\x00")
	for i, part := range parts {
		fields := ix.Fields()
		if i < len(fields) && len(ix.Sort) < 2 && numeric(fields[i].Type.Kind) {
			parts[i] = readableNumber(part)
			continue
		}
		parts[i] = strconv.Quote(unescape.Replace(part))
	}
	return strings.Join(parts, ", ")
}

var unescape = strings.NewReplacer("\x01\x01", "\x00", "\x01\x02", "\x01")

// readableNumber turns a number's key back into 0.digits x 10^exponent, in the shortest common form.
func readableNumber(part string) string {
	if len(part) < 5 {
		return "0"
	}
	exponent, err := strconv.Atoi(part[1:4])
	digits := []byte(strings.TrimSuffix(part[4:], "~"))
	if err != nil {
		return strconv.Quote(part)
	}
	sign := ""
	if part[0] == '-' {
		sign, exponent = "-", 999-exponent
		for i, d := range digits {
			digits[i] = '9' - d + '0'
		}
	}
	exponent -= 500
	if exponent >= len(digits) && exponent < 30 {
		return sign + string(digits) + strings.Repeat("0", exponent-len(digits))
	}
	if exponent > 0 && exponent < len(digits) {
		return sign + string(digits[:exponent]) + "." + string(digits[exponent:])
	}
	return fmt.Sprintf("%s0.%se%d", sign, digits, exponent)
}
