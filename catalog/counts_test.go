package catalog_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/chunkaside/chunkaside/catalog"
	"github.com/chunkaside/chunkaside/store/storetest"
)

const thingSDL = `type Thing @model(timestamps: null) { id: ID! text: String }`

// things are entities of thingSDL with these numbers.
func things(text string, from, to int) []string {
	var rows []string
	for i := from; i < to; i++ {
		rows = append(rows, fmt.Sprintf(`{"id":"t%03d","text":%q}`, i, text))
	}
	return rows
}

func TestCounts(t *testing.T) {
	none := catalog.Rules{MaxShrink: -1, MaxGrowth: -1, MaxChange: -1}
	for _, test := range []struct {
		name         string
		before, next []string
		rules        catalog.Rules
		want         string
	}{
		{"half may go", things("x", 0, 100), things("x", 0, 50), catalog.Rules{}, ""},
		{"more may not", things("x", 0, 100), things("x", 0, 49), catalog.Rules{}, "Thing: 100 -> 49 entities, 51.0 % fewer; at most 50 % may go"},
		{"nor all", things("x", 0, 10), nil, catalog.Rules{}, "Thing: 10 -> 0 entities, 100.0 % fewer; at most 50 % may go"},
		{"but of few", things("x", 0, 9), nil, catalog.Rules{MaxChange: 0.1}, ""},
		{"others make up for them", things("x", 0, 100), things("x", 60, 120), catalog.Rules{}, ""},
		{"a limit of its own", things("x", 0, 100), things("x", 0, 71), catalog.Rules{MaxShrink: 0.29}, ""},
		{"and beyond it", things("x", 0, 100), things("x", 0, 70), catalog.Rules{MaxShrink: 0.29}, "Thing: 100 -> 70 entities, 30.0 % fewer; at most 29 % may go"},
		{"none may go", things("x", 0, 100), things("x", 0, 99), catalog.Rules{MaxShrink: 1e-9}, "Thing: 100 -> 99 entities, 1.0 % fewer; at most 0 % may go"},
		{"all may go", things("x", 0, 100), nil, none, ""},
		{"as many as you like may come", things("x", 0, 10), things("x", 0, 500), catalog.Rules{}, ""},
		{"it may double", things("x", 0, 10), things("x", 0, 20), catalog.Rules{MaxGrowth: 1}, ""},
		{"and not more", things("x", 0, 10), things("x", 0, 21), catalog.Rules{MaxGrowth: 1}, "Thing: 10 -> 21 entities, 110.0 % more; at most 100 % may come"},
		{"all may change", things("x", 0, 10), things("y", 0, 10), catalog.Rules{}, ""},
		{"a part may change", things("x", 0, 16), append(things("x", 0, 14), things("y", 14, 16)...), catalog.Rules{MaxChange: 0.125}, ""},
		{"and not more of it", things("x", 0, 16), append(things("x", 0, 13), things("y", 13, 16)...), catalog.Rules{MaxChange: 0.125},
			"Thing: 3 of 16 entities changed or were replaced, 18.8 %; at most 12.5 % may"},
		{"nor be replaced", things("x", 0, 10), things("x", 9, 19), catalog.Rules{MaxChange: 0.5}, "Thing: 9 of 10 entities changed or were replaced, 90.0 %; at most 50 % may"},
		{"that few came is no change", things("x", 0, 10), things("x", 0, 20), catalog.Rules{MaxChange: 0.1}, ""},
		{"nor that some went", things("x", 0, 20), things("x", 0, 12), catalog.Rules{MaxChange: 0.1}, ""},
		{"enough", nil, things("x", 0, 3), catalog.Rules{Minimum: map[string]int{"Thing": 3}}, ""},
		{"too few", nil, things("x", 0, 1), catalog.Rules{Minimum: map[string]int{"Thing": 3000}}, "Thing: 1 entity; at least 3,000 must be there"},
		{"too few where none is asked for by shares", things("x", 0, 4), nil, catalog.Rules{Minimum: map[string]int{"Thing": 1}}, "Thing: 0 entities; at least 1 must be there"},
	} {
		v := validate(t, build(t, thingSDL, storetest.Tables{"Thing": test.before}, tiny), build(t, thingSDL, storetest.Tables{"Thing": test.next}, tiny), test.rules)
		checkFindings(t, test.name, v, test.want)
		var refused *catalog.RefusedError
		if errors.As(v.Err(), &refused) != (test.want != "") {
			t.Errorf("%s: Err = %v", test.name, v.Err())
		}
	}
}

// TestCountsOfAnotherSchema: a model's numbers are compared by its name. Of what changed, nothing can be said.
func TestCountsOfAnotherSchema(t *testing.T) {
	last := build(t, `type Thing @model(timestamps: null) { id: ID! text: String } type Old @model(timestamps: null) { id: ID! text: String }`, storetest.Tables{"Thing": things("x", 0, 20), "Old": things("x", 0, 20)}, nil)
	next := build(t, `type Thing @model(timestamps: null) { id: ID! number: Int } type New @model(timestamps: null) { id: ID! }`, storetest.Tables{"Thing": {`{"id":"a"}`}}, nil)
	v := validate(t, last, next, catalog.Rules{MaxChange: 0.1})
	checkFindings(t, "another schema", v, "Thing: 20 -> 1 entities, 95.0 % fewer; at most 50 % may go")
	if v.Counts != nil {
		t.Errorf("changes since a version of another schema: %+v", v.Counts)
	}
}
