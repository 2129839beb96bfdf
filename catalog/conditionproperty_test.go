package catalog_test

import (
	"context"
	"encoding/json"
	"fmt"
	"math/big"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/chunkaside/chunkaside/catalog"
	"github.com/chunkaside/chunkaside/catalog/schema"
	"github.com/chunkaside/chunkaside/chunker"
	"github.com/chunkaside/chunkaside/store/storetest"
)

// rowSDL has each kind of sort value. Which index another model reads, and so which one the section is ordered by, is left open.
const rowSDL = `
type Owner @model { id: ID! rows: [Row] @hasMany(indexName: "%s", fields: ["id"]) }
type Row @model {
  p: ID! @primaryKey(sortKeyFields: ["k"])
  k: Float!
  q: ID @index(name: "text", sortKeyFields: ["s"]) @index(name: "number", sortKeyFields: ["n"]) @index(name: "joined", sortKeyFields: ["s", "n"])
  s: String
  n: Float
}`

var (
	sortTexts   = []string{"a", "a#", "a#1", "a#10", "ab", "b", "b\x00", "b\x01", "b\x01\x01", "é", "日", "日本", "\U0001f600"}
	sortNumbers = []string{"-100", "-2.5", "-2", "-0.001", "0", "0.001", "1", "1.5", "2", "10", "1e38", "1e-7"}
)

// TestConditions holds every operator on every kind of sort value, in the section's own order and in an index, against a plain evaluation of all the entities.
func TestConditions(t *testing.T) {
	var schemas []*schema.Schema
	for _, cluster := range []string{"text", "number", "joined", ""} {
		text := fmt.Sprintf(rowSDL, cluster)
		if cluster == "" {
			_, text, _ = strings.Cut(text, "fields: [\"id\"]) }") // no relation: the section is in the primary key's order
		}
		s, err := schema.Parse("rows.graphql", text)
		if err != nil {
			t.Fatal(err)
		}
		schemas = append(schemas, s)
	}
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.SampledFrom(schemas).Draw(t, "schema")
		shot := rows(t, s)
		m := s.Model("Row")
		for _, ix := range m.AllIndexes() {
			prefix, _, err := catalog.Prefix(ix, []byte(`"x"`))
			if err != nil {
				t.Fatal(err)
			}
			r := catalog.Range{Index: ix, Prefix: prefix, Limit: rapid.IntRange(1, 7).Draw(t, "limit")}
			all := pages(t, shot, m, r)
			for range 10 {
				checkCondition(t, shot, m, r, all)
			}
		}
	})
}

// rows is a version of some rows, most of them of the partition x.
func rows(t *rapid.T, s *schema.Schema) *catalog.Snapshot {
	m := s.Model("Row")
	partition := rapid.SampledFrom([]string{"x", "x", "x", "y"})
	row := rapid.Custom(func(t *rapid.T) string {
		text := fmt.Sprintf(`{"p":%s,"k":%s`, quote(partition.Draw(t, "p")), rapid.SampledFrom(sortNumbers).Draw(t, "k"))
		text += `,"q":` + quote(partition.Draw(t, "q"))
		if rapid.IntRange(0, 9).Draw(t, "has s") > 0 {
			text += `,"s":` + quote(rapid.SampledFrom(sortTexts).Draw(t, "s"))
		}
		if rapid.IntRange(0, 9).Draw(t, "has n") > 0 {
			text += `,"n":` + rapid.SampledFrom(sortNumbers).Draw(t, "n")
		}
		return text + "}"
	})
	key := func(row string) string { key, _, _ := strings.Cut(row, `,"q"`); return key }
	v := version{schema: s, chunks: map[chunker.Digest][]byte{}}
	var err error
	tables := storetest.Tables{m.Table: rapid.SliceOfNDistinct(row, 0, 40, key).Draw(t, "rows")}
	v.manifest, err = catalog.Build(context.Background(), tables, s, &catalog.BuildOptions{Chunker: drawCut(t)}, func(d chunker.Digest, data []byte) error {
		v.chunks[d] = data
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	memory, err := catalog.NewMemory(v.fetch, nil)
	if err != nil {
		t.Fatal(err)
	}
	shot, err := catalog.NewSnapshot(s, v.manifest, memory)
	if err != nil {
		t.Fatal(err)
	}
	return shot
}

// checkCondition draws a condition. all is the range without it.
func checkCondition(t *rapid.T, shot *catalog.Snapshot, m *schema.Model, r catalog.Range, all []string) {
	operator := catalog.Operator(rapid.IntRange(int(catalog.Equal), int(catalog.BeginsWith)).Draw(t, "operator"))
	values := [][][]byte{sortValue(t, r.Index)}
	if operator == catalog.Between {
		values = append(values, sortValue(t, r.Index))
	}
	order := func(a, b string) int { return plainCompare(r.Index, a, b) }
	operands := make([]string, len(values))
	for i, parts := range values {
		operands[i] = plainSort(parts)
	}
	condition, err := catalog.NewCondition(r.Index, operator, values...)
	bad := operator == catalog.Between && order(operands[0], operands[1]) > 0 || operator == catalog.BeginsWith && isNumber(r.Index)
	if bad != (err != nil) {
		t.Fatalf("operator %d of %q: %v", operator, operands, err)
	}
	if err != nil {
		return
	}
	var want []string
	for _, row := range all {
		if plainHolds(operator, plainRow(t, r.Index, row), operands, order) {
			want = append(want, row)
		}
	}
	r.Condition = condition
	for _, r.Descending = range []bool{false, true} {
		if got := pages(t, shot, m, r); !slices.Equal(got, want) {
			t.Fatalf("index %q, operator %d of %q, descending %v:\n got %s\nwant %s", r.Index.Name, operator, operands, r.Descending,
				strings.Join(got, "\n     "), strings.Join(want, "\n     "))
		}
		slices.Reverse(want)
	}
}

// sortValue draws a value for the index's sort fields, of several perhaps the leading ones only.
func sortValue(t *rapid.T, ix *schema.Index) [][]byte {
	var parts [][]byte
	for _, f := range ix.Sort[:rapid.IntRange(1, len(ix.Sort)).Draw(t, "parts")] {
		if f.Type.Kind == schema.Float {
			parts = append(parts, []byte(rapid.SampledFrom(sortNumbers).Draw(t, "number")))
		} else {
			parts = append(parts, []byte(quote(rapid.SampledFrom(sortTexts).Draw(t, "text"))))
		}
	}
	return parts
}

func isNumber(ix *schema.Index) bool {
	return len(ix.Sort) == 1 && ix.Sort[0].Type.Kind == schema.Float
}

// plainSort is the text of a sort value.
func plainSort(parts [][]byte) string {
	texts := make([]string, len(parts))
	for i, part := range parts {
		if texts[i] = string(part); part[0] == '"' {
			_ = json.Unmarshal(part, &texts[i])
		}
	}
	return strings.Join(texts, "#")
}

func plainRow(t *rapid.T, ix *schema.Index, row string) string {
	var fields map[string]json.RawMessage
	if err := json.Unmarshal([]byte(row), &fields); err != nil {
		t.Fatal(err)
	}
	var parts [][]byte
	for _, f := range ix.Sort {
		parts = append(parts, fields[f.Name])
	}
	return plainSort(parts)
}

func plainCompare(ix *schema.Index, a, b string) int {
	if !isNumber(ix) {
		return strings.Compare(a, b)
	}
	x, _ := new(big.Rat).SetString(a)
	y, _ := new(big.Rat).SetString(b)
	return x.Cmp(y)
}

func plainHolds(o catalog.Operator, value string, operands []string, order func(a, b string) int) bool {
	first := order(value, operands[0])
	switch o {
	case catalog.Equal:
		return first == 0
	case catalog.Less:
		return first < 0
	case catalog.LessOrEqual:
		return first <= 0
	case catalog.Greater:
		return first > 0
	case catalog.GreaterOrEqual:
		return first >= 0
	case catalog.Between:
		return first >= 0 && order(value, operands[1]) <= 0
	default:
		return strings.HasPrefix(value, operands[0])
	}
}

// TestNoCondition: what no sort value can be compared with.
func TestNoCondition(t *testing.T) {
	s, err := schema.Parse("rows.graphql", fmt.Sprintf(rowSDL, "text"))
	if err != nil {
		t.Fatal(err)
	}
	m := s.Model("Row")
	for _, test := range []struct {
		index string
		parts [][]byte
	}{
		{"text", [][]byte{[]byte(`""`)}},
		{"text", [][]byte{[]byte(`null`)}},
		{"text", [][]byte{[]byte(`1`)}},
		{"text", [][]byte{[]byte(`"a"`), []byte(`"b"`)}},
		{"number", [][]byte{[]byte(`"1"`)}},
		{"number", nil},
		{"joined", [][]byte{[]byte(`""`)}},
		{"joined", [][]byte{[]byte(`"a"`), []byte(`"b"`)}},
	} {
		if c, err := catalog.NewCondition(m.Index(test.index), catalog.Equal, test.parts); err == nil {
			t.Errorf("%s equal to %q: %q, want an error", test.index, test.parts, c)
		}
	}
}

// TestPageOfOne: a primary key without sort fields is a range too, of one entity or none.
func TestPageOfOne(t *testing.T) {
	v := build(t, sdl, records, tiny)
	shot := v.snapshot(t)
	for _, name := range []string{"Episode", "Show"} { // the one has a section for its primary key, the other is in its order
		m := v.schema.Model(name)
		for _, e := range page(t, shot, m, catalog.Range{Limit: 9}).Entities {
			r := catalog.Range{Index: m.Key, Limit: 1}
			r.Prefix, _, _ = catalog.Prefix(m.Key, e.Field(m.Key.Partition))
			p := page(t, shot, m, r)
			if len(p.Entities) != 1 || string(p.Entities[0].JSON()) != string(e.JSON()) || p.Next != "" {
				t.Errorf("%s: %q and next %q, want %s alone", name, ids(p, m), p.Next, e.JSON())
			}
			if r.After, _ = shot.Position(m, r, e); len(page(t, shot, m, r).Entities) != 0 {
				t.Errorf("%s: there is something behind %s", name, e.JSON())
			}
		}
		none, _, _ := catalog.Prefix(m.Key, []byte(`"none"`))
		if p := page(t, shot, m, catalog.Range{Index: m.Key, Prefix: none, Limit: 1}); len(p.Entities) != 0 {
			t.Errorf("%s: %q, want nothing", name, ids(p, m))
		}
	}
}
