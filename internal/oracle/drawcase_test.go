package oracle

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
	"pgregory.net/rapid"

	"github.com/chunkaside/chunkaside/catalog/schema"
	"github.com/chunkaside/chunkaside/chunker"
)

// drawnCase is a catalog and queries on it.
type drawnCase struct {
	sdl     string
	schema  *schema.Schema
	records map[string][]string // lines of JSON, by the model's name
	values  values
	cut     *chunker.Options // most often tiny blocks
	fill    bool             // resolver.Options.FillPages
	queries []drawnQuery
}

// String is the catalog, for a message.
func (c drawnCase) String() string {
	text := c.sdl + "\n"
	for _, m := range c.schema.Models {
		for _, line := range c.records[m.Name] {
			text += m.Name + "  " + line + "\n"
		}
	}
	return text
}

// drawnQuery is a query with its variables, of which "after" is the token of the one list that is read page by page.
type drawnQuery struct {
	text      string
	variables map[string]any
	valid     bool     // by GraphQL's rules: fragments that are drawn by themselves may not go together
	hides     bool     // it has named fragments, whose content AppSync keeps from the resolver
	paged     []string // the response keys that lead to the token of the page that follows; nil for none
}

const queriesOfCase = 10

func drawCase(t *rapid.T) drawnCase {
	c := drawnCase{sdl: drawSDL(t)}
	var err error
	c.schema, err = schema.Parse("drawn.graphql", c.sdl)
	if err != nil {
		t.Fatalf("%v\n%s", err, c.sdl)
	}
	c.values = drawValues(t)
	c.records = c.values.records(c.schema)
	c.fill = chance(t, 4, "fill pages")
	size := rapid.SampledFrom([]int{1, 200, 5000})
	c.cut = &chunker.Options{BlockTarget: size.Draw(t, "block"), BlockMin: 1, ChunkTarget: size.Draw(t, "chunk"), IndexTarget: size.Draw(t, "index") + 1}
	served := loadServed(t, c.schema)
	for range queriesOfCase {
		c.queries = append(c.queries, drawQuery(t, c, served))
	}
	return c
}

// loadServed is the API of a schema.
func loadServed(t failer, s *schema.Schema) *ast.Schema {
	t.Helper()
	served, err := gqlparser.LoadSchema(&ast.Source{Input: schema.ServedPrelude}, &ast.Source{Input: s.Served()})
	must(t, err)
	return served
}

// next is the token of the page that follows an answer; nil if there is none.
func (q drawnQuery) next(got []byte) any {
	if q.paged == nil {
		return nil
	}
	var value any
	var r response
	if json.Unmarshal(got, &r) != nil || json.Unmarshal(r.Data, &value) != nil {
		return nil
	}
	for _, key := range q.paged {
		object, _ := value.(map[string]any)
		value = object[key]
	}
	return value
}

// tally counts what the cases were, to tell whether they ask for enough.
type tally struct{ queries, invalid, answers, refused, faulty, bytes int }

func (c *tally) add(want answer, refused int) {
	c.answers++
	c.bytes += len(want.data)
	if refused > 0 {
		c.refused++
	} else if len(want.faults) > 0 {
		c.faulty++
	}
}

func (c *tally) String() string {
	return fmt.Sprintf("%d queries, and %d that were invalid and not asked; %d answers compared, pages among them, of %d bytes in the mean: %d with nulls that must not be, %d with a root field refused for what named fragments hide",
		c.queries, c.invalid, c.answers, c.bytes/max(c.answers, 1), c.faulty, c.refused)
}

// check fails where the cases were of little use.
func (c *tally) check(t *testing.T) {
	t.Helper()
	t.Log(c)
	switch {
	case t.Failed() || c.answers == 0:
	case c.invalid > c.queries/10, c.refused > c.answers/10, c.faulty > c.answers/2, c.bytes < 100*c.answers:
		t.Error("the cases are of little use: see the counts")
	}
}
