package oracle

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/cespare/xxhash/v2"

	"github.com/chunkaside/chunkaside/catalog/schema"
	"github.com/chunkaside/chunkaside/internal/oracle/plain"
)

// record is one record of a model, by the names of its fields.
type record map[string]any

// partition is a record's value of an index's partition field.
func (r record) partition(ix *schema.Index) any { return r[ix.Partition.Name] }

// sort is a record's sort value: of two and more fields the texts of all, joined; nil if one is absent.
func (r record) sort(ix *schema.Index) any {
	switch len(ix.Sort) {
	case 0:
		return nil
	case 1:
		return r[ix.Sort[0].Name]
	}
	parts := make([]any, len(ix.Sort))
	for i, f := range ix.Sort {
		if parts[i] = r[f.Name]; plain.Absent(parts[i]) {
			return nil
		}
	}
	return joined(parts)
}

// joined is the text of several sort values.
func joined(parts []any) string {
	texts := make([]string, len(parts))
	for i, part := range parts {
		if n, ok := part.(json.Number); ok {
			texts[i] = plain.Canonical(n)
		} else {
			texts[i] = part.(string)
		}
	}
	return strings.Join(texts, "#")
}

// within says whether a record is in an index.
func (r record) within(ix *schema.Index) bool {
	return !plain.Absent(r.partition(ix)) && (len(ix.Sort) == 0 || !plain.Absent(r.sort(ix)))
}

// identity is a record's primary key as one text.
func identity(m *schema.Model, r record) string {
	return encoded(r.partition(m.Key)) + encoded(r.sort(m.Key))
}

// compareBy orders two records by an index's key, then by the model's primary key.
func compareBy(m *schema.Model, ix *schema.Index, a, b record) int {
	first := cmp.Or(plain.CompareAbsentFirst(a.partition(ix), b.partition(ix)), plain.CompareAbsentFirst(a.sort(ix), b.sort(ix)))
	if ix != m.Cluster {
		first = cmp.Or(first, cmp.Compare(tag(m, a), tag(m, b))) // lines of an index that have equal keys: docs/format.md, "Index"
	}
	return cmp.Or(first, plain.CompareAbsentFirst(a.partition(m.Key), b.partition(m.Key)), plain.CompareAbsentFirst(a.sort(m.Key), b.sort(m.Key)))
}

// ordered are the records that an index has, in its order; all of them in the section's order for nil. They are sorted once, and the slice is the caller's.
func (e *evaluator) ordered(m *schema.Model, ix *schema.Index) []record {
	of := sorting{m, ix}
	if found, ok := e.sorted[of]; ok {
		return slices.Clone(found)
	}
	by := ix
	if by == nil {
		by = m.Cluster
	}
	var found []record
	for _, r := range e.records[m.Name] {
		if ix == nil || r.within(ix) {
			found = append(found, r)
		}
	}
	slices.SortFunc(found, func(a, b record) int { return compareBy(m, by, a, b) })
	e.sorted[of] = found
	return slices.Clone(found)
}

// sorting is an index, or a model in its section's order.
type sorting struct {
	model *schema.Model
	index *schema.Index
}

// tag is what orders records with equal keys in an index: 24 bits of the hash of their primary key.
func tag(m *schema.Model, r record) uint64 {
	key := encoded(r.partition(m.Key))
	if len(m.Key.Sort) > 0 {
		key += encoded(r.sort(m.Key))
	}
	return xxhash.Sum64String(m.Name+"\x00"+key) >> 40
}

// encoded is a value as cluster keys have it: docs/format.md, "Cluster key".
func encoded(value any) string {
	switch value := value.(type) {
	case string:
		return strings.NewReplacer("\x00", "\x01\x01", "\x01", "\x01\x02").Replace(value) + "\x00"
	case json.Number:
		return encodedNumber(value) + "\x00"
	}
	return "\x00"
}

func encodedNumber(n json.Number) string {
	r := plain.Rational(n)
	if r.Sign() == 0 {
		return "0"
	}
	mantissa, exponent := plain.Scientific(r.Abs(r))
	digits := strings.Replace(mantissa, ".", "", 1)
	digits = strings.TrimRight(digits, "0")
	place := exponent + 1 + 500 // of 0.d1d2d3...
	if !strings.HasPrefix(n.String(), "-") {
		return fmt.Sprintf("1%03d%s", place, digits)
	}
	complement := func(digit rune) rune { return '9' - digit + '0' }
	return fmt.Sprintf("-%03d%s~", 999-place, strings.Map(complement, digits))
}
