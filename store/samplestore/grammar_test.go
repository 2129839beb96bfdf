package samplestore

import (
	"strings"
	"testing"
)

// own are the rules that only a program's scope has.
var own = map[string]bool{"hero": true, "friend": true, "rival": true, "host": true, "number": true}

func TestGrammarIsWhole(t *testing.T) {
	g := parseGrammar(grammarText)
	for rule, forms := range g {
		if len(forms) > maxForms {
			t.Errorf("rule %s has %d forms, more than %d", rule, len(forms), maxForms)
		}
		seen := map[string]bool{}
		for _, f := range forms {
			for _, s := range f.slots {
				if g[s.rule] == nil && !own[s.rule] {
					t.Errorf("rule %s refers to %s, which there is not", rule, s.name)
				}
			}
			if text := join(f.en, make([]phrase, len(f.slots)), phrase.english); len(f.slots) == 0 && seen[text] {
				t.Errorf("rule %s has %q twice", rule, text)
			} else {
				seen[text] = true
			}
		}
	}
}

func TestParseFormKeepsLanguagesTogether(t *testing.T) {
	g := parseGrammar("[a]\n{b} and {b.2} | {b.2}と{b}\n[b]\nsea | 海\nsky | 空\n")
	for range 20 {
		got := g.say(newDice(1), nil, "a")
		if got != (phrase{"sea and sky", "空と海"}) && got != (phrase{"sky and sea", "海と空"}) {
			t.Fatalf("say(a) = %q", got)
		}
	}
}

func TestParseFormPanics(t *testing.T) {
	for _, line := range []string{"no translation", "only there | {there}"} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("parseForm(%q) did not panic", line)
				}
			}()
			parseForm(line)
		}()
	}
}

func TestTitleCase(t *testing.T) {
	for in, want := range map[string]string{
		"the sound of the sea": "The Sound of the Sea", "goodbye, Aoi": "Goodbye, Aoi", "": "", "八月": "八月",
	} {
		if got := titleCase(in); got != want {
			t.Errorf("titleCase(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestSlug(t *testing.T) {
	for in, want := range map[string]string{"Nora's Sea": "noras-sea", "The Last, & the First!": "the-last-the-first"} {
		if got := slug(in); got != want {
			t.Errorf("slug(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestPickPrefersTheFirst(t *testing.T) {
	d, counts := newDice(0), [40]int{}
	for range 40000 {
		counts[d.pick(len(counts))]++
	}
	if first, last := counts[0], counts[39]; first < last*3/2 || last == 0 {
		t.Errorf("of 40000 picks the first rank got %d, the last %d", first, last)
	}
}

func TestGrammarHasNoStrayBraces(t *testing.T) {
	for _, m := range models(t) {
		for _, e := range scanned(t, m) {
			for _, stray := range []string{"{hero", "[story", " | "} {
				if strings.Contains(string(e), stray) {
					t.Fatalf("%s has %q", e, stray)
				}
			}
		}
	}
}
