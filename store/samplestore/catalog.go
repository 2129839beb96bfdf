package samplestore

import (
	"fmt"
	"slices"
	"sync"

	"github.com/go-json-experiment/json"

	"github.com/chunkaside/chunkaside/catalog/schema"
	"github.com/chunkaside/chunkaside/store"
)

// catalog is the sample's tables by their models' names.
type catalog map[string]*table

// generated makes the sample on first use and keeps it: it is the same for all stores of a process.
var generated = sync.OnceValues(generate)

// record is one of the structs of records.go.
type record interface{ field(name string) string }

func generate() (catalog, error) {
	s, err := schema.Parse("sample.graphql", Schema)
	if err != nil {
		return nil, err
	}
	records := map[string][]record{}
	g, taken := parseGrammar(grammarText), map[string]bool{}
	for number := range programs {
		studio := newStudio(g, number, taken)
		studio.produce(number%25 == 24)
		records["Program"] = append(records["Program"], studio.program)
		for _, r := range studio.groups {
			records["EpisodeGroup"] = append(records["EpisodeGroup"], r)
		}
		for _, r := range studio.episodes {
			records["Episode"] = append(records["Episode"], r)
		}
	}
	c := catalog{}
	for _, m := range s.Models {
		if c[m.Name], err = newTable(m, records[m.Name]); err != nil {
			return nil, err
		}
	}
	return c, nil
}

// table is the entities of one model, in the order they were made.
type table struct {
	model    *schema.Model
	entities []store.Entity
	rows     map[string]int // by ID
	// indexes are those of the model and its key, by identity.
	indexes map[string]index
}

// index is the entities of each partition, in ascending order.
type index map[string][]store.Placed

func newTable(m *schema.Model, records []record) (*table, error) {
	t := &table{model: m, rows: make(map[string]int, len(records)), indexes: map[string]index{}}
	for row, r := range records {
		entity, err := json.Marshal(r)
		if err != nil {
			return nil, fmt.Errorf("sample %s %s: %w", m.Name, r.field("id"), err)
		}
		t.entities = append(t.entities, slices.Clip(entity))
		t.rows[r.field("id")] = row
	}
	for _, ix := range append([]*schema.Index{m.Key}, m.Indexes...) {
		t.indexes[identity(ix)] = t.arrange(ix, records)
	}
	return t, nil
}

// identity tells an index apart by all that decides its contents.
func identity(ix *schema.Index) string {
	return ix.Name + " " + ix.Partition.Name + " " + ix.SortAttribute()
}

// arrange puts the records that have all fields of an index in their places.
func (t *table) arrange(ix *schema.Index, records []record) index {
	partitions := index{}
	for row, r := range records {
		var key store.Key
		for _, f := range ix.Fields() {
			key = append(key, r.field(f.Name))
		}
		if !slices.Contains(key, "") {
			at := store.Cursor{Sort: key.SortValue(), Partition: r.field("id")}
			partitions[key[0]] = append(partitions[key[0]], store.Placed{Cursor: at, Entity: t.entities[row]})
		}
	}
	q := store.Query{Index: ix}
	for _, partition := range partitions {
		slices.SortFunc(partition, func(a, b store.Placed) int { return q.Compare(t.model, a.Cursor, b.Cursor) })
	}
	return partitions
}
