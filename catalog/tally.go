package catalog

import "github.com/chunkaside/chunkaside/catalog/schema"

// maxExamples is how many examples a finding has at most.
const maxExamples = 5

// tally is a finding that is still counted.
type tally struct {
	Finding
	latest Entity
}

// tallyKey is what tells findings of a Validate apart.
type tallyKey struct {
	rule   Rule
	model  *schema.Model
	field  string
	target string
}

// tally begins one, or goes on with it.
func (v *validation) tally(key tallyKey, action Action) *tally {
	t := v.tallies[key]
	if t == nil {
		t = &tally{Finding: Finding{
			Rule: key.rule, Model: key.model.Name, Field: key.field, Target: key.target, Of: v.next.Count(key.model), Refuses: action == Refuse,
		}}
		v.tallies[key] = t
	}
	return t
}

// add counts entities, some of which are examples.
func (t *tally) add(count int, examples ...string) {
	t.Count += count
	t.Examples = append(t.Examples, examples[:min(len(examples), maxExamples-len(t.Examples))]...)
}

// readableKey is an entity's primary key as people read it.
func readableKey(m *schema.Model, e Entity) string {
	key, _ := entityKey(m, m.Key, e.Field) // it was made when its block was read
	return readable(m.Key, key)
}
