package catalog

import (
	"fmt"
	"maps"
	"math"
	"slices"

	"github.com/chunkaside/chunkaside/catalog/schema"
)

// Rules say what a version must be like to be announced. The zero value has the defaults.
//
// Shares are of the entities that a model had in the last version: 0.5 is half of them, 0 the default, a negative share no limit. A model that had fewer than ten is not judged by shares: there, one
// edit would be a large share. Give it a Minimum.
type Rules struct {
	// Minimum is the least number of entities, by the model's name; default none.
	Minimum map[string]int
	// MaxShrink is by what share a model may become smaller; those that came make up for those that went. Default 0.5, at most 1.
	MaxShrink float64
	// MaxGrowth is by what share a model may become larger: with 1 it may double. Default no limit.
	MaxGrowth float64
	// MaxChange is what share of a model may have other content, or give way to others with new keys, as when all of a table is taken from another system. It needs a last version of the same
	// schema that can be read. Default no limit, at most 1.
	MaxChange float64
	// Missing is for values that the schema says are never null, and that are absent or null: fields, those of nested objects, and elements of lists.
	Missing Action
	// Dangling is for entities that refer to one that is not there.
	Dangling Action
}

// Check finds fault with the rules themselves: a model that the schema lacks, a number that is out of bounds.
func (r Rules) Check(s *schema.Schema) error {
	for _, name := range slices.Sorted(maps.Keys(r.Minimum)) {
		if s.Model(name) == nil {
			return fmt.Errorf("a minimum for %s: the schema has no such model", name)
		}
		if least := r.Minimum[name]; least < 0 {
			return fmt.Errorf("a minimum of %d for %s: it cannot be negative", least, name)
		}
	}
	for _, share := range []struct {
		name        string
		value, most float64
	}{{"MaxShrink", r.MaxShrink, 1}, {"MaxGrowth", r.MaxGrowth, math.MaxFloat64}, {"MaxChange", r.MaxChange, 1}} {
		if !(share.value <= share.most) { // so that it is no NaN either
			return fmt.Errorf("a %s of %v: give a share, 0.5 is half", share.name, share.value)
		}
	}
	for _, action := range []Action{r.Missing, r.Dangling} {
		if action > Ignore {
			return fmt.Errorf("%v is no action", action)
		}
	}
	return nil
}

// Refusals are the same rules without those that only report: for who has no time to look for what changes nothing.
func (r Rules) Refusals() Rules {
	for _, action := range []*Action{&r.Missing, &r.Dangling} {
		if *action == Report {
			*action = Ignore
		}
	}
	return r
}
