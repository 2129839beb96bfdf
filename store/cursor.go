package store

import (
	"cmp"
	"encoding/base64"
	"encoding/json"
	"fmt"

	"github.com/chunkaside/chunkaside/catalog/schema"
)

// Cursor is the place in a Query after which the next page starts: what Page.Next stands for. Every driver writes it alike, but
// it is good only for the driver it came from: where sort values are equal, DynamoDB's order is its own.
type Cursor struct {
	// Sort is the sort value of the last entity in the query's index, see Key.SortValue.
	Sort string
	// Partition and PrimarySort are its primary key, the sort fields joined.
	Partition, PrimarySort string
}

// Token returns the text for Page.Next. It belongs to the query's index and partition.
func (c Cursor) Token(q Query) string {
	text, err := json.Marshal([]string{q.Index.Name, q.Partition, c.Sort, c.Partition, c.PrimarySort})
	if err != nil {
		panic(err) // strings always marshal
	}
	return base64.RawURLEncoding.EncodeToString(text)
}

// Cursor reads the query's Start; nil without one. A text that is no Token of this query, and a place that cannot be one of it, as
// a text that was tampered with may tell, is an ErrStart.
func (q Query) Cursor(m *schema.Model) (*Cursor, error) {
	if q.Start == "" {
		return nil, nil
	}
	text, err := base64.RawURLEncoding.DecodeString(q.Start)
	if err != nil {
		return nil, ErrStart
	}
	var parts []string
	if err := json.Unmarshal(text, &parts); err != nil || len(parts) != 5 {
		return nil, ErrStart
	}
	if parts[0] != q.Index.Name || parts[1] != q.Partition {
		return nil, fmt.Errorf("%w: it belongs to another index or partition", ErrStart)
	}
	c := &Cursor{Sort: parts[2], Partition: parts[3], PrimarySort: parts[4]}
	if c.Partition == "" || checkKeyValue(m.Key.Partition, c.Partition) != nil ||
		!sortable(m.Key, c.PrimarySort) || !sortable(q.Index, c.Sort) {
		return nil, ErrStart
	}
	return c, nil
}

func sortable(ix *schema.Index, value string) bool {
	if len(ix.Sort) == 1 && checkKeyValue(ix.Sort[0], value) != nil {
		return false
	}
	return (value == "") == (len(ix.Sort) == 0)
}

// Compare orders two places in the answer to the query: by the index's sort attribute, then by primary key, all of it reversed
// if the query is descending.
func (q Query) Compare(m *schema.Model, a, b Cursor) int {
	c := cmp.Or(
		compareSort(q.Index, a.Sort, b.Sort),
		compareValues(m.Key.Partition, a.Partition, b.Partition),
		compareSort(m.Key, a.PrimarySort, b.PrimarySort),
	)
	if q.Descending {
		return -c
	}
	return c
}

// Check reports a query that was not made for its index: digits that are not a number's canonical ones, a negative limit. It
// matches ErrInvalid.
func (q Query) Check() error {
	if q.Limit < 0 {
		return fmt.Errorf("%w: limit %d is negative", ErrInvalid, q.Limit)
	}
	return checkKeyValue(q.Index.Partition, q.Partition)
}
