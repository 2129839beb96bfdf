package store

import (
	"slices"

	"github.com/chunkaside/chunkaside/catalog/schema"
)

// pageBytes ends a page as DynamoDB does, so that what works on other stores works there.
const pageBytes = 1 << 20

// Placed is an entity and its place in the answer to a query.
type Placed struct {
	Cursor Cursor
	Entity Entity
}

// Page cuts the page that the query asks for from all entities of its partition, which are in the order of Compare. It is for
// drivers that hold, or read, a whole partition at once.
func (q Query) Page(m *schema.Model, partition []Placed) (Page, error) {
	start, err := q.Cursor(m)
	if err != nil {
		return Page{}, err
	}
	if start != nil {
		after, found := slices.BinarySearchFunc(partition, *start, func(p Placed, c Cursor) int { return q.Compare(m, p.Cursor, c) })
		if found {
			after++
		}
		partition = partition[after:]
	}
	var page Page
	bytes := 0
	for i, p := range partition {
		if q.Limit > 0 && i == q.Limit || bytes > 0 && bytes+len(p.Entity) > pageBytes {
			page.Next = partition[i-1].Cursor.Token(q)
			break
		}
		bytes += len(p.Entity)
		page.Entities = append(page.Entities, p.Entity)
	}
	return page, nil
}
