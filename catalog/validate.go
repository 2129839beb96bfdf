package catalog

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/chunkaside/chunkaside/catalog/schema"
	"github.com/chunkaside/chunkaside/chunker"
)

// Validated is what a validation found.
type Validated struct {
	// Findings are by model, then by rule.
	Findings []Finding
	// Counts are the changes since the last version, by model; nil where it could not be compared.
	Counts []DiffCounts
}

// Err is a *RefusedError with the findings that refuse, or nil if there are none.
func (v Validated) Err() error {
	refusals := slices.DeleteFunc(slices.Clone(v.Findings), func(f Finding) bool { return !f.Refuses })
	if len(refusals) == 0 {
		return nil
	}
	return &RefusedError{refusals}
}

// Validate judges a version by rules before it is announced, beside the last one: nil if there is none. That one is given as its manifest, for there is no Snapshot of one with another schema; it is read
// through next's Memory.
//
// With a last version of the same schema it costs what an edit does: see Diff. Entities that were added or changed are looked at whole; for those that were removed, what still refers to them is looked
// up, in an index that has just the fields that refer, or whose partition is the one that does. So what was wrong in the last version already, and did not change, is not found again. Nor is an entity
// that did not change, refers to one that was removed, and is in no such index, or lacks another field of it. A schema that differs by a "!" or a relation alone counts as the same: what breaks the new
// one already is found without a last version.
//
// Without one, with one of another schema, or with one that cannot be read, all of next is read and everything is found, unless Missing and Dangling are both Ignore. How many entities each model had,
// by its name, is compared all the same: the manifest tells.
//
// An entity refers by the fields of @belongsTo and @hasOne, and by those of the index that a @hasMany reads, if they stand for the whole primary key of the model that has it. If one of them is absent,
// null or empty, it refers to nothing. A nullable @hasOne by the model's own key is no reference: its entities may have one.
//
// The error is that of Rules.Check, of reading next, or ctx's. A version that breaks rules is no error: see Validated.Err.
func Validate(ctx context.Context, last *chunker.Manifest, next *Snapshot, rules Rules) (Validated, error) {
	if err := rules.Check(next.schema); err != nil {
		return Validated{}, err
	}
	v := newValidation(next, rules)
	counts, err := v.compare(ctx, last)
	if err != nil {
		// Whatever is wrong with the last version keeps no good one from following it. If it is next that cannot be read, or time is up, this ends the same way.
		v, counts = newValidation(next, rules), nil
		if err := v.walk(ctx); err != nil {
			return Validated{}, err
		}
	}
	return Validated{Findings: v.findings(last, counts), Counts: counts}, nil
}

// validation is what a Validate has found so far.
type validation struct {
	rules      Rules
	last, next *Snapshot // last is nil where it is not compared
	required   *required
	from, to   map[*schema.Model][]*reference // by the model that refers, and by the target
	tallies    map[tallyKey]*tally
}

func newValidation(next *Snapshot, rules Rules) *validation {
	v := &validation{rules: rules, next: next, required: &required{}, tallies: map[tallyKey]*tally{}}
	v.from, v.to = map[*schema.Model][]*reference{}, map[*schema.Model][]*reference{}
	if rules.Missing != Ignore {
		v.required = newRequired(next.schema)
	}
	if rules.Dangling != Ignore {
		for _, r := range references(next.schema) {
			v.from[r.model] = append(v.from[r.model], r)
			v.to[r.target] = append(v.to[r.target], r)
		}
	}
	return v
}

var errNoLast = errors.New("there is no last version")

// compare looks at what an edit touched.
func (v *validation) compare(ctx context.Context, last *chunker.Manifest) (counts []DiffCounts, err error) {
	if last == nil {
		return nil, errNoLast
	}
	if v.last, err = NewSnapshot(v.next.schema, last, v.next.memory); err != nil {
		return nil, err
	}
	return Diff(ctx, v.last, v.next, nil, func(c Change) error {
		if c.Kind == Removed {
			return v.removed(ctx, c.Model, c.Before)
		}
		return v.entity(ctx, c.Model, c.After)
	})
}

// walk looks at all entities of which there may be something to find.
func (v *validation) walk(ctx context.Context) error {
	for _, m := range byName(v.next.schema) {
		if err := ctx.Err(); err != nil {
			return err
		}
		if len(v.required.fields[&m.Object]) == 0 && len(v.from[m]) == 0 {
			continue
		}
		if err := v.next.Walk(ctx, m, func(e Entity) error {
			if err := ctx.Err(); err != nil {
				return err
			}
			return v.entity(ctx, m, e)
		}); err != nil {
			return err
		}
	}
	return nil
}

// entity looks at what an entity lacks, and at what it refers to.
func (v *validation) entity(ctx context.Context, m *schema.Model, e Entity) error {
	if err := v.required.check(m, e, func(path string) { v.missing(m, e, path) }); err != nil {
		return err
	}
	for _, r := range v.from[m] {
		if err := v.refers(ctx, r, e); err != nil {
			return err
		}
	}
	return nil
}

func (v *validation) missing(m *schema.Model, e Entity, path string) {
	t := v.tally(tallyKey{RuleMissing, m, path, ""}, v.rules.Missing)
	if t.latest == e {
		return // it lacks the same in several elements of a list
	}
	t.latest = e
	t.add(1, readableKey(m, e))
}

// findings are the numbers judged, and what else was found.
func (v *validation) findings(last *chunker.Manifest, counts []DiffCounts) []Finding {
	all := v.numbers(last, counts)
	for _, t := range v.tallies {
		all = append(all, t.Finding)
	}
	slices.SortFunc(all, func(a, b Finding) int {
		return cmp.Or(strings.Compare(a.Model, b.Model), cmp.Compare(a.Rule, b.Rule), strings.Compare(a.Field, b.Field), strings.Compare(a.Target, b.Target))
	})
	return all
}
