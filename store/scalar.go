package store

import (
	"encoding/base64"
	"slices"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/chunkaside/chunkaside/catalog/schema"
)

func appendBool(dst []byte, b bool) []byte { return strconv.AppendBool(dst, b) }

// appendString quotes text with the least escaping: RFC 8785, section 3.2.2.2.
func appendString(dst, text []byte) ([]byte, *fault) {
	out, err := jsontext.AppendQuote(dst, text)
	if err != nil {
		return dst, faultf("the text is not valid UTF-8")
	}
	return out, nil
}

func appendBinary(dst, data []byte) []byte {
	dst = append(dst, '"')
	dst = base64.StdEncoding.AppendEncode(dst, data)
	return append(dst, '"')
}

func appendEnum(dst []byte, e *schema.Enum, text []byte) ([]byte, *fault) {
	if !slices.Contains(e.Values, string(text)) {
		return dst, faultf("%s is none of %s: %s", quoted(string(text)), e.Name, strings.Join(e.Values, ", "))
	}
	return appendString(dst, text)
}

// appendNumberOf writes a number of kind Int, Long or Float.
func appendNumberOf(dst []byte, kind schema.Kind, text []byte) ([]byte, *fault) {
	start := len(dst)
	dst, err := appendNumber(dst, text)
	if err != nil {
		return dst, numberFault(text, err)
	}
	if kind == schema.Float {
		return dst, nil
	}
	bits := 32
	if kind == schema.Long {
		bits = 64
	}
	digits := dst[start:]
	if _, err := strconv.ParseInt(string(digits), 10, bits); err != nil {
		if d, _ := parseDecimal(digits); !d.integer() {
			return dst[:start], faultf("want a whole number, got %s", digits)
		}
		reason := faultf("%s does not fit %d bits", digits, bits)
		return dst[:start], reason
	}
	return dst, nil
}

func numberFault(text []byte, err error) *fault {
	return faultf("number %s: %v", quoted(string(text)), err)
}

// appendAny writes v as the JSON it is, without a type to go by: AWSJSON.
func appendAny(dst []byte, v *Value) ([]byte, *fault) {
	switch v.Type {
	case Null:
		return append(dst, "null"...), nil
	case Bool:
		return appendBool(dst, v.Bool), nil
	case String:
		return appendString(dst, v.Text)
	case Binary:
		return appendBinary(dst, v.Text), nil
	case Number:
		out, err := appendNumber(dst, v.Text)
		if err != nil {
			return dst, numberFault(v.Text, err)
		}
		return out, nil
	case Map:
		return appendAnyMap(dst, v.Members)
	case List:
		return appendAnyList(dst, v.Elems)
	case StringSet, NumberSet, BinarySet:
		elems, f := ordered(v)
		if f != nil {
			return dst, f
		}
		return appendAnyList(dst, elems)
	}
	return dst, faultf("want a JSON value, got %s", v.Type)
}

func appendAnyList(dst []byte, elems []Value) ([]byte, *fault) {
	dst = append(dst, '[')
	for i := range elems {
		if i > 0 {
			dst = append(dst, ',')
		}
		var f *fault
		if dst, f = appendAny(dst, &elems[i]); f != nil {
			return dst, f.inElement(i)
		}
	}
	return append(dst, ']'), nil
}

func appendAnyMap(dst []byte, item Item) ([]byte, *fault) {
	byName := func(a, b Member) int { return strings.Compare(a.Name, b.Name) }
	if !slices.IsSortedFunc(item, byName) {
		item = slices.SortedFunc(slices.Values(item), byName)
	}
	dst = append(dst, '{')
	for i := range item {
		if i > 0 {
			dst = append(dst, ',')
		}
		var f *fault
		if dst, f = appendString(dst, []byte(item[i].Name)); f != nil {
			return dst, f.inMember(item[i].Name)
		}
		dst = append(dst, ':')
		if dst, f = appendAny(dst, &item[i].Value); f != nil {
			return dst, f.inMember(item[i].Name)
		}
	}
	return append(dst, '}'), nil
}

// ordered returns a set's elements in their order as a list, none twice; numbers are canonical then. The set itself stays.
func ordered(set *Value) ([]Value, *fault) {
	elems := slices.Clone(set.Elems)
	compare := func(a, b Value) int { return slices.Compare(a.Text, b.Text) }
	if set.Type == NumberSet {
		for i := range elems {
			text, err := appendNumber(nil, elems[i].Text)
			if err != nil {
				return nil, numberFault(elems[i].Text, err).inElement(i)
			}
			elems[i].Text = text
		}
		compare = func(a, b Value) int { return compareNumbers(string(a.Text), string(b.Text)) }
	}
	slices.SortFunc(elems, compare)
	return slices.CompactFunc(elems, func(a, b Value) bool { return string(a.Text) == string(b.Text) }), nil
}
