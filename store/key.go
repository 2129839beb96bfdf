package store

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/chunkaside/chunkaside/catalog/schema"
)

// keySeparator joins the values of two and more sort fields into the one attribute that DynamoDB sorts by, as Amplify does.
const keySeparator = "#"

// PrimaryKey returns the values of the record's primary key. One that is missing, null, empty or of a wrong type is a
// *RecordError.
func PrimaryKey(m *schema.Model, item Item) (Key, error) {
	key, f := keyOf(m.Key, item)
	switch {
	case f != nil:
		return nil, recordError(m, nil, f)
	case key == nil:
		missing := &fault{}
		for _, field := range m.Key.Fields() {
			if v := item.Get(field.Name); absent(v) {
				missing = faultf("is %s, but is part of the primary key", lack(v)).inField(field.Name)
				break
			}
		}
		return nil, recordError(m, nil, missing)
	}
	return key, nil
}

// IndexKey returns the values of the record's key in one of the model's indexes. It is nil if the record is not in that
// index, for it lacks one of its fields: as DynamoDB has it, one that is null or empty counts as lacking.
func IndexKey(m *schema.Model, ix *schema.Index, item Item) (Key, error) {
	key, f := keyOf(ix, item)
	if f != nil {
		return nil, recordError(m, nil, f)
	}
	return key, nil
}

// keyOf is nil, nil if a field is lacking.
func keyOf(ix *schema.Index, item Item) (Key, *fault) {
	fields := 1 + len(ix.Sort)
	key := make(Key, 0, fields)
	for i := range fields {
		f := ix.Partition
		if i > 0 {
			f = ix.Sort[i-1]
		}
		v := item.Get(f.Name)
		if absent(v) {
			return nil, nil
		}
		text, fault := keyText(f, v)
		if fault != nil {
			return nil, fault.inField(f.Name)
		}
		key = append(key, text)
	}
	return key, nil
}

func absent(v *Value) bool {
	return v == nil || v.Type == Null || v.Type == String && len(v.Text) == 0
}

func lack(v *Value) string {
	switch {
	case v == nil:
		return "missing"
	case v.Type == Null:
		return "null"
	}
	return "empty"
}

func keyText(f *schema.Field, v *Value) (string, *fault) {
	want := String
	if Numeric(f) {
		want = Number
	}
	if v.Type != want {
		return "", mismatch(&f.Type, v)
	}
	if want == String {
		return string(v.Text), nil
	}
	text, err := appendNumber(nil, v.Text)
	if err != nil {
		return "", numberFault(v.Text, err)
	}
	return string(text), nil
}

// Numeric reports whether a key field holds numbers. All others hold strings.
func Numeric(f *schema.Field) bool {
	return f.Type.Kind == schema.Int || f.Type.Kind == schema.Long || f.Type.Kind == schema.Float
}

// Check reports a key that was not made for the index: a wrong count of values, digits that are not a number's canonical ones.
// It matches ErrInvalid.
func (k Key) Check(ix *schema.Index) error {
	fields := ix.Fields()
	if len(k) != len(fields) {
		return fmt.Errorf("%w: a key of %d values where the index has %d fields", ErrInvalid, len(k), len(fields))
	}
	for i, f := range fields {
		if err := checkKeyValue(f, k[i]); err != nil {
			return err
		}
	}
	return nil
}

func checkKeyValue(f *schema.Field, value string) error {
	if !Numeric(f) {
		return nil
	}
	if canonical, err := CanonicalNumber(value); err != nil || canonical != value {
		return fmt.Errorf("%w: key field %s: %s is no canonical number", ErrInvalid, f.Name, quoted(value))
	}
	return nil
}

// Possible reports whether DynamoDB could hold a record with this key: no value is empty or longer than its limits allow. It
// refuses to look for others, where the right answer is that there is none.
func (k Key) Possible() bool {
	const maxPartition, maxSort = 2048, 1024 // bytes
	return len(k) > 0 && !slices.Contains(k, "") && len(k[0]) <= maxPartition && len(k.SortValue()) <= maxSort
}

// SortValue is the value of the attribute that sorts the index: "" without sort key, two and more values joined by "#".
func (k Key) SortValue() string {
	if len(k) < 2 {
		return ""
	}
	return strings.Join(k[1:], keySeparator)
}

// Identity is the key as one string, equal for two primary keys if and only if DynamoDB takes them for the same.
func (k Key) Identity() string {
	// The length keeps ("a#b", "c") and ("a", "b#c") apart.
	return strconv.Itoa(len(k[0])) + keySeparator + k[0] + keySeparator + k.SortValue()
}

// Compare orders two keys of an index as DynamoDB does: first by partition, then by the sort attribute; numbers by size,
// strings by their UTF-8 bytes.
func (k Key) Compare(ix *schema.Index, other Key) int {
	return cmp.Or(compareValues(ix.Partition, k[0], other[0]), compareSort(ix, k.SortValue(), other.SortValue()))
}

// compareSort orders two sort values of an index, see Key.SortValue.
func compareSort(ix *schema.Index, a, b string) int {
	if len(ix.Sort) != 1 {
		return strings.Compare(a, b)
	}
	return compareValues(ix.Sort[0], a, b)
}

func compareValues(f *schema.Field, a, b string) int {
	if Numeric(f) {
		return compareNumbers(a, b)
	}
	return strings.Compare(a, b)
}
