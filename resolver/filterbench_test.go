package resolver_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/chunkaside/chunkaside/catalog"
	"github.com/chunkaside/chunkaside/catalog/schema"
	"github.com/chunkaside/chunkaside/resolver"
	"github.com/chunkaside/chunkaside/store/samplestore"
	"github.com/chunkaside/chunkaside/store/storetest"
)

// benchmarked are filters of the generated catalog's episodes; the first one asks every entity for all that the others ask.
var benchmarked = []struct{ name, filter string }{
	{"all", `{"or":[{"synopsis":{"contains":"never there"}},{"number":{"gt":1000}},{"kind":{"eq":"SPECIAL"}}]}`},
	{"contains", `{"synopsis":{"contains":"never there"}}`},
	{"gt", `{"number":{"gt":1000}}`},
	{"eq", `{"kind":{"eq":"SPECIAL"}}`},
}

// decoded is what a resolver does that decodes its entities, for the first of them.
func decoded(b *testing.B, raw []byte) bool {
	b.Helper()
	var e map[string]any
	if err := json.Unmarshal(raw, &e); err != nil {
		b.Fatal(err)
	}
	synopsis, _ := e["synopsis"].(string)
	number, _ := e["number"].(float64)
	kind, _ := e["kind"].(string)
	return strings.Contains(synopsis, "never there") || number > 1000 || kind == "SPECIAL"
}

// episodes are the generated catalog's, each with a field more, of an enum.
func episodes(b *testing.B) (*schema.Model, []catalog.Entity) {
	b.Helper()
	var rows storetest.Tables = map[string][]string{}
	for _, e := range entitiesOf(b, build(b, samplestore.Schema, samplestore.New()), "Episode") {
		rows["Episode"] = append(rows["Episode"], `{"kind":"SEASON",`+strings.TrimPrefix(string(e.JSON()), "{"))
	}
	text := strings.Replace(samplestore.Schema, "type Episode @model @table(name: \"episodes\") {", "type Episode @model {\n  kind: GroupKind", 1)
	shot := build(b, text, rows)
	return shot.Schema().Model("Episode"), entitiesOf(b, shot, "Episode")
}

// BenchmarkFilter asks the episodes, compiled beside decoding each; an op is one entity.
func BenchmarkFilter(b *testing.B) {
	m, entities := episodes(b)
	for _, test := range benchmarked {
		holds, err := resolver.CompileFilter(m, test.filter)
		if err != nil {
			b.Fatal(err)
		}
		b.Run(test.name, func(b *testing.B) {
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				if holds(entities[i%len(entities)]) {
					b.Fatal("an episode passes")
				}
			}
		})
	}
	b.Run("decoded", func(b *testing.B) {
		b.ReportAllocs()
		for i := 0; b.Loop(); i++ {
			if decoded(b, entities[i%len(entities)].JSON()) {
				b.Fatal("an episode passes")
			}
		}
	})
}

// TestFiltersDoNotAllocate: memory is taken once for a query, not for each entity.
func TestFiltersDoNotAllocate(t *testing.T) {
	shot := build(t, thingSDL, things)
	m, entities := shot.Schema().Model("Thing"), entitiesOf(t, shot, "Thing")
	for _, filter := range []string{
		`{"text":{"contains":"x","beginsWith":"T","size":{"gt":1}}}`, // one has escapes
		`{"text":{"ne":"a"},"day":{"between":["2024","2025"]}}`,
		`{"or":[{"color":{"eq":"RED"}},{"not":{"bool":{"eq":true}}}]}`,
		`{"or":[{"int":{"gt":3}},{"float":{"between":[-1,1.25]}},{"time":{"le":5}}]}`,
		`{"or":[{"texts":{"contains":"zz"}},{"ints":{"contains":7}},{"colors":{"eq":["RED"]}},{"texts":{"size":{"eq":9}}},{"id":{"attributeType":"string"}}]}`,
	} {
		holds, err := resolver.CompileFilter(m, filter)
		if err != nil {
			t.Fatal(err)
		}
		if n := testing.AllocsPerRun(10, func() { ask(holds, entities) }); n != 0 {
			t.Errorf("%s: %v allocations", filter, n)
		}
	}
}

func ask(holds func(catalog.Entity) bool, entities []catalog.Entity) {
	for _, e := range entities {
		holds(e)
	}
}
