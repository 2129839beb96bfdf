package catalog

import "github.com/chunkaside/chunkaside/chunker"

// numbers judges how many entities each model has, and what became of those it had.
func (v *validation) numbers(last *chunker.Manifest, counts []DiffCounts) []Finding {
	var found []Finding
	for i, m := range byName(v.next.schema) {
		after := v.next.Count(m)
		found = append(found, v.rules.minimum(m.Name, after)...)
		if last == nil || last.Section(m.Name) == nil {
			continue
		}
		replaced := 0
		if counts != nil { // in the same order
			replaced = counts[i].Changed + min(counts[i].Added, counts[i].Removed)
		}
		found = append(found, v.rules.shares(m.Name, last.Section(m.Name).Count, after, replaced)...)
	}
	return found
}

// fewest is how many entities a model must have had to be judged by shares.
const fewest = 10

// minimum judges how many entities a model has.
func (r Rules) minimum(model string, count int) []Finding {
	if least := r.Minimum[model]; count < least {
		return []Finding{{Rule: RuleMinimum, Model: model, Count: count, Of: least, Refuses: true}}
	}
	return nil
}

// shares judges what became of a model that had so many entities; replaced is how many of them have other content, or gave way to others.
func (r Rules) shares(model string, before, after, replaced int) []Finding {
	if before < fewest {
		return nil
	}
	var findings []Finding
	for _, test := range []struct {
		rule            Rule
		count           int
		share, standard float64
	}{{RuleShrink, before - after, r.MaxShrink, 0.5}, {RuleGrowth, after - before, r.MaxGrowth, -1}, {RuleChange, replaced, r.MaxChange, -1}} {
		limit := test.share
		if limit == 0 {
			limit = test.standard
		}
		if limit > 0 && float64(test.count)/float64(before) > limit {
			findings = append(findings, Finding{Rule: test.rule, Model: model, Count: test.count, Of: before, Limit: limit, Refuses: true})
		}
	}
	return findings
}
