package fault

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// maxDelay is the longest delay of a rule.
const maxDelay = 24 * time.Hour

// SyntaxError says what is wrong with a rule, and where.
type SyntaxError struct {
	// Rule is its text.
	Rule string
	// Column is where the fault is, in characters of the rule, from 1; one past its end where something is missing.
	Column int
	Reason string
}

func (e *SyntaxError) Error() string {
	return fmt.Sprintf("rule %q, column %d: %s", e.Rule, e.Column, e.Reason)
}

// Parse reads rules. A text of blanks has none. The error is a *SyntaxError.
func (l *Language) Parse(text string) ([]Rule, error) {
	var rules []Rule
	for line := range strings.FieldsFuncSeq(text, func(r rune) bool { return r == ';' || r == '\n' }) {
		line = strings.TrimSpace(line)
		if line == "" {
			continue
		}
		p := parser{language: l, rule: line, words: split(line)}
		r, err := p.parse()
		if err != nil {
			return nil, err
		}
		rules = append(rules, r)
	}
	return rules, nil
}

type word struct {
	text   string
	column int
}

func split(line string) []word {
	var words []word
	column := 1
	for rest := line; rest != ""; {
		end := strings.IndexFunc(rest, unicode.IsSpace)
		if end < 0 {
			end = len(rest)
		}
		words = append(words, word{rest[:end], column})
		next := strings.TrimLeftFunc(rest[end:], unicode.IsSpace)
		column += utf8.RuneCountInString(rest[:len(rest)-len(next)])
		rest = next
	}
	return words
}

// parser reads one rule from left to right.
type parser struct {
	language *Language
	rule     string
	words    []word // those that are left
}

func (p *parser) parse() (Rule, error) {
	r := Rule{Percent: 100}
	for _, part := range []func(*Rule) error{p.operation, p.key, p.action, p.amount, p.conditions} {
		if err := part(&r); err != nil {
			return Rule{}, err
		}
	}
	return r, nil
}

// next takes a word; behind the last one it is empty.
func (p *parser) next() word {
	if len(p.words) == 0 {
		return word{"", utf8.RuneCountInString(p.rule) + 1}
	}
	w := p.words[0]
	p.words = p.words[1:]
	return w
}

func (p *parser) fail(at word, format string, args ...any) error {
	return &SyntaxError{p.rule, at.column, fmt.Sprintf(format, args...)}
}

func (p *parser) operation(r *Rule) error {
	w := p.next()
	if w.text != "*" && !slices.Contains(p.language.Operations, w.text) {
		return p.fail(w, "%q is no operation of a %s: use %s, or *", w.text, p.language.Kind, strings.Join(p.language.Operations, ", "))
	}
	r.Operation = w.text
	return nil
}

// key takes a word that is no action, if an action comes behind it.
func (p *parser) key(r *Rule) error {
	if len(p.words) == 0 || p.isAction(p.words[0]) {
		return nil
	}
	w := p.next()
	switch {
	case len(p.words) == 0:
		return p.fail(w, "%q is no action: use %s", w.text, p.actions())
	case !p.isAction(p.words[0]):
		return p.fail(w, "neither %q nor %q is an action: use %s", w.text, p.words[0].text, p.actions())
	}
	r.Key = w.text
	if star := strings.Index(r.Key, "*"); star >= 0 && star < len(r.Key)-1 {
		return p.fail(w, "the key %q has a * that is not at its end", w.text)
	}
	if r.Key == "*" {
		r.Key = ""
	}
	return nil
}

func (p *parser) isAction(w word) bool { return slices.Contains(p.known(), Action(w.text)) }

// known are the language's actions, in the order of messages.
func (p *parser) known() (known []Action) {
	for _, a := range actions {
		if len(p.language.Actions[a]) > 0 {
			known = append(known, a)
		}
	}
	return known
}

func (p *parser) actions() string {
	var names []string
	for _, a := range p.known() {
		names = append(names, string(a))
	}
	return strings.Join(names, ", ")
}

func (p *parser) action(r *Rule) error {
	w := p.next()
	if w.text == "" {
		return p.fail(w, "the action is missing: use %s", p.actions())
	}
	r.Action = Action(w.text)
	if able := p.language.Actions[r.Action]; r.Operation != "*" && !slices.Contains(able, r.Operation) {
		return p.fail(w, "%s cannot befall %s: use it with %s, or *", w.text, r.Operation, strings.Join(able, ", "))
	}
	return nil
}

func (p *parser) amount(r *Rule) (err error) {
	switch r.Action {
	case Delay:
		w := p.next()
		r.Delay, err = time.ParseDuration(w.text)
		if err != nil || r.Delay <= 0 || r.Delay > maxDelay {
			return p.fail(w, "%q is no time for a delay: use one such as 3s, at most 24h", w.text)
		}
	case Cut:
		r.Entities, err = p.number("cut", 0)
	case Page:
		r.Entities, err = p.number("page", 1)
	}
	return err
}

// number takes the number behind a name.
func (p *parser) number(name string, least int) (int, error) {
	w := p.next()
	n, err := strconv.ParseUint(w.text, 10, 31)
	if err != nil || int(n) < least {
		return 0, p.fail(w, "%q is no number for %s: use one from %d on", w.text, name, least)
	}
	return int(n), nil
}

// conditions takes chance and limits, in any order, each once.
func (p *parser) conditions(r *Rule) error {
	seen := map[string]bool{}
	for len(p.words) > 0 {
		w := p.next()
		name := w.text
		if strings.HasSuffix(name, "%") {
			name = "the chance"
		}
		if seen[name] {
			return p.fail(w, "%s is there twice", name)
		}
		seen[name] = true
		if err := p.condition(r, w); err != nil {
			return err
		}
	}
	return nil
}

func (p *parser) condition(r *Rule, w word) (err error) {
	if digits, ok := strings.CutSuffix(w.text, "%"); ok {
		r.Percent, err = strconv.ParseFloat(digits, 64)
		// ParseFloat reads hexadecimal numbers and names of numbers too, which a person would take for a slip.
		if err != nil || strings.Trim(digits, "0123456789.") != "" || r.Percent <= 0 || r.Percent > 100 {
			return p.fail(w, "%q is no chance: use one above 0%% and up to 100%%", w.text)
		}
		return nil
	}
	for _, l := range r.limits() {
		if l.name == w.text {
			*l.n, err = p.number(l.name, l.least)
			return err
		}
	}
	return p.fail(w, "%q is not understood: behind the action there may be a chance such as 10%%, after, for and times, each with a number", w.text)
}
