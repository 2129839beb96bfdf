package store

import (
	"strings"

	"github.com/chunkaside/chunkaside/catalog/schema"
)

// Encode appends item to dst as an Entity of the model and returns the longer slice. It is how every driver makes its
// entities. What the schema does not declare is left out, at every depth; a null or missing value is let through whatever the
// schema says, except in the primary key.
//
// live is false for a tombstone, for which nothing is appended. The error is a *RecordError that names the model's table; dst
// then comes back as it was.
//
// Values are written so:
//   - strings with the least escaping that JSON allows: U+2028, "<" and all else beyond ASCII as they are. A binary becomes
//     base64 text (RFC 4648, section 4, padded);
//   - numbers as CanonicalNumber says, an Int within 32 bits, a Long within 64;
//   - sets as lists: strings and binaries in the order of their bytes, numbers by size, no element twice;
//   - AWSJSON as the value it is, the keys of its objects in the order of their bytes. A string stays a string.
func Encode(dst []byte, m *schema.Model, item Item) (out []byte, live bool, err error) {
	if item.deleted() {
		return dst, false, nil
	}
	key, err := PrimaryKey(m, item)
	if err != nil {
		return dst, false, err
	}
	out, f := appendObject(dst, m.Fields, item)
	if f != nil {
		return dst, false, recordError(m, key, f)
	}
	return out, true, nil
}

func recordError(m *schema.Model, key Key, f *fault) *RecordError {
	return &RecordError{
		Table: m.Table, Model: m.Name, Key: strings.Join(key, keySeparator), Field: strings.TrimPrefix(f.path, "."), Reason: f.reason,
	}
}

// appendObject writes the members that the fields declare, in the fields' order.
func appendObject(dst []byte, fields []*schema.Field, item Item) ([]byte, *fault) {
	start := len(dst)
	dst = append(dst, '{')
	for _, f := range fields {
		if f.Relation != nil {
			continue
		}
		v := item.Get(f.Name)
		if v == nil {
			continue
		}
		if len(dst) > start+1 {
			dst = append(dst, ',')
		}
		// GraphQL names need no escaping.
		dst = append(append(append(dst, '"'), f.Name...), `":`...)
		var fault *fault
		if dst, fault = appendValue(dst, &f.Type, v); fault != nil {
			return dst, fault.inField(f.Name)
		}
	}
	return append(dst, '}'), nil
}

// appendValue writes v as the schema's type t.
func appendValue(dst []byte, t *schema.Type, v *Value) ([]byte, *fault) {
	switch {
	case v.Type == Null:
		return append(dst, "null"...), nil
	case t.Elem != nil:
		return appendList(dst, t, v)
	}
	switch t.Kind {
	case schema.JSON:
		return appendAny(dst, v)
	case schema.Nested:
		if v.Type == Map {
			return appendObject(dst, t.Object.Fields, v.Members)
		}
	case schema.Boolean:
		if v.Type == Bool {
			return appendBool(dst, v.Bool), nil
		}
	case schema.Int, schema.Long, schema.Float:
		if v.Type == Number {
			return appendNumberOf(dst, t.Kind, v.Text)
		}
	case schema.Enumeration:
		if v.Type == String {
			return appendEnum(dst, t.Enum, v.Text)
		}
	case schema.String:
		switch v.Type {
		case String:
			return appendString(dst, v.Text)
		case Binary:
			return appendBinary(dst, v.Text), nil
		}
	}
	return dst, mismatch(t, v)
}

func appendList(dst []byte, t *schema.Type, v *Value) ([]byte, *fault) {
	elems := v.Elems
	switch v.Type {
	case List:
	case StringSet, NumberSet, BinarySet:
		var f *fault
		if elems, f = ordered(v); f != nil {
			return dst, f
		}
	default:
		return dst, mismatch(t, v)
	}
	dst = append(dst, '[')
	for i := range elems {
		if i > 0 {
			dst = append(dst, ',')
		}
		var f *fault
		if dst, f = appendValue(dst, t.Elem, &elems[i]); f != nil {
			return dst, f.inElement(i)
		}
	}
	return append(dst, ']'), nil
}

func mismatch(t *schema.Type, v *Value) *fault {
	return faultf("want %s, got %s", wanted(t), v.Type)
}

// wanted names a type in a message: "a list of String", "an Int".
func wanted(t *schema.Type) string {
	depth := 0
	for t.Elem != nil {
		t, depth = t.Elem, depth+1
	}
	switch {
	case depth > 0:
		return "a list of " + strings.Repeat("lists of ", depth-1) + t.Name
	case strings.ContainsRune("AEIO", rune(t.Name[0])):
		return "an " + t.Name
	}
	return "a " + t.Name
}
