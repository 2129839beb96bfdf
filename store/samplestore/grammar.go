package samplestore

import (
	_ "embed"
	"fmt"
	"slices"
	"strings"
	"unicode"
)

//go:embed grammar.txt
var grammarText string

// phrase is one thing said in both languages.
type phrase struct{ en, ja string }

// grammar is the rules of grammar.txt by name.
type grammar map[string][]form

// form is one line of a rule.
type form struct {
	// slots are the rules it refers to, in the order of their first mention in English.
	slots []slot
	en    []part
	ja    []part
}

type slot struct {
	name string // as written, such as "town.2"
	rule string // "town"
}

// part is a literal text, or the slot with this number if the text is empty.
type part struct {
	literal string
	slot    int
}

// scope is what takes a rule's place within one program: its own people and places.
type scope map[string][]phrase

// parseGrammar panics on a fault: the text is part of the program.
func parseGrammar(source string) grammar {
	g, rule := grammar{}, ""
	for line := range strings.Lines(source) {
		line = strings.TrimSpace(line)
		switch {
		case line == "" || strings.HasPrefix(line, "#"):
		case strings.HasPrefix(line, "["):
			rule = strings.Trim(line, "[]")
		default:
			g[rule] = append(g[rule], parseForm(line))
		}
	}
	return g
}

func parseForm(line string) form {
	en, ja, found := strings.Cut(line, " | ")
	if !found {
		panic("samplestore: no translation: " + line)
	}
	var f form
	f.en = f.parse(en)
	mentioned := len(f.slots)
	if f.ja = f.parse(ja); len(f.slots) > mentioned {
		panic("samplestore: only the translation mentions " + f.slots[mentioned].name + ": " + line)
	}
	return f
}

// parse splits a text into parts and notes the slots it mentions.
func (f *form) parse(text string) []part {
	var parts []part
	for text != "" {
		literal, rest, found := strings.Cut(text, "{")
		if literal != "" {
			parts = append(parts, part{literal: literal})
		}
		if !found {
			break
		}
		name, after, _ := strings.Cut(rest, "}")
		parts = append(parts, part{slot: f.slot(name)})
		text = after
	}
	return parts
}

func (f *form) slot(name string) int {
	if i := slices.IndexFunc(f.slots, func(s slot) bool { return s.name == name }); i >= 0 {
		return i
	}
	rule := name
	if dot := strings.LastIndexByte(name, '.'); dot >= 0 && unicode.IsDigit(rune(name[dot+1])) {
		rule = name[:dot]
	}
	f.slots = append(f.slots, slot{name, rule})
	return len(f.slots) - 1
}

// say expands a rule by the dice.
func (g grammar) say(d dice, own scope, rule string) phrase {
	if phrases := own[rule]; phrases != nil {
		return phrases[d.pick(len(phrases))]
	}
	return g.expand(d, own, g.choose(d, rule))
}

func (g grammar) choose(d dice, rule string) *form {
	forms := g[rule]
	if len(forms) == 0 {
		panic(fmt.Sprintf("samplestore: no rule %q", rule))
	}
	return &forms[d.pick(len(forms))]
}

func (g grammar) expand(d dice, own scope, f *form) phrase {
	values := make([]phrase, len(f.slots))
	for i, s := range f.slots {
		values[i] = another(values[:i], func() phrase { return g.say(d, own, s.rule) })
	}
	return phrase{join(f.en, values, phrase.english), join(f.ja, values, phrase.japanese)}
}

// another draws until it has what is not among those before, at most a few times: "{town} and {town.2}" should not name one
// town twice, but a program with a single town has no choice.
func another[T comparable](before []T, draw func() T) T {
	drawn := draw()
	for try := 0; try < 5 && slices.Contains(before, drawn); try++ {
		drawn = draw()
	}
	return drawn
}

func (p phrase) english() string  { return p.en }
func (p phrase) japanese() string { return p.ja }

func join(parts []part, values []phrase, language func(phrase) string) string {
	if len(parts) == 1 && parts[0].literal != "" {
		return parts[0].literal
	}
	var b strings.Builder
	for _, p := range parts {
		if p.literal != "" {
			b.WriteString(p.literal)
		} else {
			b.WriteString(language(values[p.slot]))
		}
	}
	return b.String()
}

// sentences says several rules one after another, each a sentence, and avoids saying two alike.
func (g grammar) sentences(d dice, own scope, rules ...string) phrase {
	var en, ja strings.Builder
	used := make([]*form, len(rules))
	for i, rule := range rules {
		used[i] = another(used[:i], func() *form { return g.choose(d, rule) })
		s := g.expand(d, own, used[i])
		if i > 0 {
			en.WriteString(separator(d))
		}
		en.WriteString(upperFirst(s.en))
		ja.WriteString(s.ja)
	}
	return phrase{en.String(), ja.String()}
}

// separator is a space but for the odd thing that editors paste into real catalogs.
func separator(d dice) string {
	switch d.below(200) {
	case 0:
		return "\u2028"
	case 1, 2, 3, 4, 5, 6:
		return "\n"
	default:
		return " "
	}
}

// title says a rule as a title: in English with capitals.
func (g grammar) title(d dice, own scope, rule string) phrase {
	p := g.say(d, own, rule)
	return phrase{titleCase(p.en), p.ja}
}

// small are the words that a title does not capitalize, but for the first.
var small = map[string]bool{
	"a": true, "an": true, "and": true, "at": true, "by": true, "for": true, "from": true, "in": true, "of": true, "on": true,
	"the": true, "to": true, "with": true,
}

func titleCase(text string) string {
	words := strings.Split(text, " ")
	for i, word := range words {
		if i == 0 || !small[word] {
			words[i] = upperFirst(word)
		}
	}
	return strings.Join(words, " ")
}

// upperFirst capitalizes ASCII: the grammar's English begins with nothing else.
func upperFirst(text string) string {
	if text == "" || text[0] < 'a' || text[0] > 'z' {
		return text
	}
	return string(text[0]-'a'+'A') + text[1:]
}
