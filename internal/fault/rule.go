package fault

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Rule is one rule: see the package comment.
type Rule struct {
	// Operation is "*" for all that the action can befall.
	Operation string
	// Key is "" for all.
	Key    string
	Action Action
	// Delay is the amount of a delay, Entities that of a cut or a page.
	Delay    time.Duration
	Entities int
	// Percent is above 0; 100 is always.
	Percent float64
	After   int
	// For and Times are 0 for a rule without end.
	For, Times int
}

// String is the rule as it is parsed, in its shortest form.
func (r Rule) String() string {
	words := []string{r.Operation}
	if r.Key != "" {
		words = append(words, r.Key)
	}
	words = append(words, string(r.Action))
	switch r.Action {
	case Delay:
		words = append(words, r.Delay.String())
	case Cut, Page:
		words = append(words, strconv.Itoa(r.Entities))
	}
	if r.Percent < 100 {
		words = append(words, strconv.FormatFloat(r.Percent, 'f', -1, 64)+"%")
	}
	for _, limit := range r.limits() {
		if *limit.n > 0 {
			words = append(words, fmt.Sprint(limit.name, " ", *limit.n))
		}
	}
	return strings.Join(words, " ")
}

// limit is a number of the rule with a name before it, and the least that it can be.
type limit struct {
	name  string
	n     *int
	least int
}

func (r *Rule) limits() []limit {
	return []limit{{"after", &r.After, 0}, {"for", &r.For, 1}, {"times", &r.Times, 1}}
}

// isFor says whether the rule is for an operation on a key.
func (r *Rule) isFor(l *Language, operation, key string) bool {
	return r.isForAll(l, operation) && r.matches(key)
}

func (r *Rule) isForAll(l *Language, operation string) bool {
	return (r.Operation == "*" || r.Operation == operation) && slices.Contains(l.Actions[r.Action], operation)
}

// matches looks for the rule's key at the beginning of the key, and behind each of its slashes: a rule need not know namespace and catalog.
func (r *Rule) matches(key string) bool {
	if r.Key == "" {
		return true
	}
	start, open := strings.CutSuffix(r.Key, "*")
	for found := true; found; _, key, found = strings.Cut(key, "/") {
		if key == start || open && strings.HasPrefix(key, start) {
			return true
		}
	}
	return false
}
