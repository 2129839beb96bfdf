package catalog

import (
	"fmt"
	"strconv"
	"strings"
)

// Rule is what a Finding was found by.
type Rule string

// The rules. RuleMissing and RuleDangling refuse a version if their Action says so, all others always.
const (
	RuleMinimum  Rule = "minimum"
	RuleShrink   Rule = "shrink"
	RuleGrowth   Rule = "growth"
	RuleChange   Rule = "change"
	RuleMissing  Rule = "missing"
	RuleDangling Rule = "dangling"
)

// Finding is what one rule has to say of one model, or of one field of it.
type Finding struct {
	Rule  Rule
	Model string
	// Field is the path of a missing value, such as "videos.url", with "[]" at its end if it is an element of a list; or the fields that dangle, with commas between them.
	Field string
	// Target is the model that dangling fields refer to.
	Target string
	// Count is how many entities are meant: for the minimum, all that are there; for shrink and growth, how many fewer or more there are. Of is the least there must be for the minimum, how many there
	// were for a share, and how many there are for missing and dangling.
	Count, Of int
	// Limit is the share of Of that may go, come or change.
	Limit float64
	// Examples are the keys of up to five of the entities, as people read them; of dangling ones also the key that is not there.
	Examples []string
	// Refuses says that the version is not to be announced.
	Refuses bool
}

// String is one sentence for people.
func (f Finding) String() string {
	return f.Model + ": " + f.text() + f.examples()
}

func (f Finding) text() string {
	count, of := thousands(f.Count), thousands(f.Of)
	share := strconv.FormatFloat(100*float64(f.Count)/float64(f.Of), 'f', 1, 64) + " %"
	limit := strings.TrimSuffix(strconv.FormatFloat(100*f.Limit, 'f', 1, 64), ".0") + " %"
	switch f.Rule {
	case RuleMinimum:
		return fmt.Sprintf("%s; at least %s must be there", f.entities(), of)
	case RuleShrink:
		return fmt.Sprintf("%s -> %s entities, %s fewer; at most %s may go", of, thousands(f.Of-f.Count), share, limit)
	case RuleGrowth:
		return fmt.Sprintf("%s -> %s entities, %s more; at most %s may come", of, thousands(f.Of+f.Count), share, limit)
	case RuleChange:
		return fmt.Sprintf("%s of %s entities changed or were replaced, %s; at most %s may", count, of, share, limit)
	case RuleMissing:
		if list, ok := strings.CutSuffix(f.Field, "[]"); ok {
			return fmt.Sprintf("%s %s a null in the list %s, which the schema says has none", f.entities(), f.plural("has", "have"), list)
		}
		return fmt.Sprintf("%s %s the field %s, which the schema says is never null", f.entities(), f.plural("lacks", "lack"), f.Field)
	case RuleDangling:
		return fmt.Sprintf("%s %s by %s to %s that is not there", count, f.plural("refers", "refer"), f.Field, withArticle(f.Target))
	}
	return fmt.Sprintf("%s by the rule %s", f.entities(), f.Rule)
}

// examples follow the sentence; dots stand for those that are not named.
func (f Finding) examples() string {
	if len(f.Examples) == 0 {
		return ""
	}
	text := ": " + strings.Join(f.Examples, ", ")
	if f.Count > len(f.Examples) {
		text += ", ..."
	}
	return text
}

func (f Finding) entities() string { return thousands(f.Count) + " " + f.plural("entity", "entities") }

func (f Finding) plural(one, many string) string {
	if f.Count == 1 {
		return one
	}
	return many
}

func withArticle(name string) string {
	if strings.IndexAny(name, "AEIOaeio") == 0 {
		return "an " + name
	}
	return "a " + name
}

// thousands writes a count as people read it: 1,234,567.
func thousands(n int) string {
	digits := strconv.Itoa(n)
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits
}

// RefusedError: a version breaks rules and is not to be announced.
type RefusedError struct {
	// Findings are those that refuse, at least one.
	Findings []Finding
}

func (e *RefusedError) Error() string {
	sentences := make([]string, len(e.Findings))
	for i, f := range e.Findings {
		sentences[i] = f.String()
	}
	return "the version is refused: " + strings.Join(sentences, ". ")
}
