package oracle

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"github.com/chunkaside/chunkaside/catalog/schema"
	"github.com/chunkaside/chunkaside/internal/oracle/plain"
)

// page is a part of the records that a field answers.
type page struct {
	records []record
	// next is how many records of all the page and those before it looked at; 0 on the last page.
	next int
}

// get finds a record by the values of its primary key; nil is none.
func (e *evaluator) get(m *schema.Model, values []any) record {
	want := record{}
	for i, f := range m.Key.Fields() {
		want[f.Name] = values[i]
	}
	for _, r := range e.records[m.Name] {
		if identity(m, r) == identity(m, want) {
			return r
		}
	}
	return nil
}

// listOf answers a root field that has many.
func (e *evaluator) listOf(q *schema.Query, arguments map[string]any) page {
	partition := arguments[q.Index.Partition.Name]
	if q.Kind == schema.List && (!q.Keyed || partition == nil) {
		return e.page(q.Model, e.ordered(q.Model, nil), arguments, 100)
	}
	return e.page(q.Model, e.partition(q.Model, q.Index, plain.Scalar(&q.Index.Partition.Type, partition), q.Sort, arguments), arguments, 100)
}

// partition are the records of an index with this partition value whose sort value meets the argument's condition.
func (e *evaluator) partition(m *schema.Model, ix *schema.Index, value any, sort *schema.SortArgument, arguments map[string]any) []record {
	return slices.DeleteFunc(e.ordered(m, ix), func(r record) bool {
		if !plain.Equal(r.partition(ix), value) {
			return true
		}
		if sort == nil || sort.Ignored || arguments[sort.Name] == nil {
			return false
		}
		return !sortHolds(sort.Index, arguments[sort.Name].(map[string]any), r)
	})
}

// related are the records that a relation of a record leads to, before a condition, in the index's order.
func (e *evaluator) related(relation *schema.Relation, of record, arguments map[string]any) []record {
	values := make([]any, len(relation.Fields))
	for i, f := range relation.Fields {
		if values[i] = of[f.Name]; plain.Absent(values[i]) {
			return nil
		}
	}
	ix := relation.Index
	found := e.partition(relation.Target, ix, values[0], relation.Sort, arguments)
	sort := values[1:]
	return slices.DeleteFunc(found, func(r record) bool {
		switch {
		case len(sort) == 0:
			return false
		case len(ix.Sort) == 1:
			return !plain.Equal(r.sort(ix), sort[0])
		case len(sort) == len(ix.Sort):
			return r.sort(ix) != joined(sort)
		}
		return !strings.HasPrefix(r.sort(ix).(string), joined(sort)+"#")
	})
}

// page takes a page of the records: limit is how many of them are looked at, or, where pages are filled, how many pass.
func (e *evaluator) page(m *schema.Model, all []record, arguments map[string]any, usual int) (p page) {
	if arguments["sortDirection"] == "DESC" {
		slices.Reverse(all)
	}
	limit := usual
	if n, ok := arguments["limit"].(json.Number); ok {
		limit, _ = strconv.Atoi(n.String())
	}
	from := 0
	if token, ok := arguments["nextToken"].(string); ok {
		from = e.places[token]
	}
	filter, _ := arguments["filter"].(map[string]any)
	at := from
	for ; at < len(all) && limit > 0; at++ {
		holds, _ := plain.Passes(m, filter, all[at])
		if holds {
			p.records = append(p.records, all[at])
		}
		if holds || !e.fill {
			limit--
		}
	}
	if at < len(all) {
		p.next = at
	}
	return p
}
