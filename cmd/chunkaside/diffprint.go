package main

import (
	"fmt"
	"io"
	"text/tabwriter"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/chunkaside/chunkaside/catalog"
)

// diffPrinter shows what catalog.Diff finds: each change, of which it shows no more than a limit, and in the end the counts, which are of all.
type diffPrinter interface {
	change(catalog.Change) error
	end([]catalog.DiffCounts) error
}

// diffText prints for people, each change as it comes.
type diffText struct {
	out         io.Writer
	limit       int
	shown, more int
}

func (p *diffText) change(c catalog.Change) error {
	if p.shown == p.limit {
		p.more++
		return nil
	}
	p.shown++
	width := 0
	for _, f := range c.Fields {
		width = max(width, len(f.Field.Name))
	}
	text := fmt.Appendf(nil, "%s  %s  %s\n", c.Model.Name, c.Key, c.Kind)
	for _, f := range c.Fields {
		before, after := shortened(f.Before, f.After)
		text = fmt.Appendf(text, "  %-*s  %s  ->  %s\n", width, f.Field.Name, before, after)
	}
	_, err := p.out.Write(text)
	return err
}

func (p *diffText) end(counts []catalog.DiffCounts) error {
	if p.more > 0 {
		fmt.Fprintf(p.out, "and %s more, which are only counted\n", thousands(p.more))
	}
	if p.shown+p.more > 0 {
		fmt.Fprintln(p.out)
	}
	t := tabwriter.NewWriter(p.out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(t, "model\tadded\tchanged\tremoved\tblocks read\t")
	var total catalog.DiffCounts
	for _, c := range counts {
		diffRow(t, c.Model.Name, c)
		total.Added += c.Added
		total.Changed += c.Changed
		total.Removed += c.Removed
		total.Read += c.Read
		total.Blocks += c.Blocks
	}
	diffRow(t, "total", total)
	return t.Flush()
}

func diffRow(t io.Writer, name string, c catalog.DiffCounts) {
	fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s of %s\t\n", name, thousands(c.Added), thousands(c.Changed), thousands(c.Removed), thousands(c.Read), thousands(c.Blocks))
}

// longestValue is how many characters of a value are shown.
const longestValue = 100

// shortened are the values of a field before and after, as one line each; of long ones the part where they begin to differ.
func shortened(before, after []byte) (string, string) {
	b, a := []rune(string(before)), []rune(string(after))
	equal := 0
	for equal < min(len(b), len(a)) && b[equal] == a[equal] {
		equal++
	}
	return around(b, equal), around(a, equal)
}

// around is a value, or the part of it that has the character at this place.
func around(value []rune, place int) string {
	if len(value) == 0 {
		return "(none)"
	}
	// A quarter of what is shown stands before the place.
	from := max(0, min(place-longestValue/4, len(value)-longestValue))
	to := min(len(value), from+longestValue)
	text := string(visible([]byte(string(value[from:to]))))
	if from > 0 {
		text = "..." + text
	}
	if to < len(value) {
		text += "..."
	}
	return text
}

// visible is JSON with its texts written so that a terminal can do nothing but show them: what has no shape, such as controls and what turns the direction of text, is escaped. It says the same
// as before.
func visible(raw []byte) []byte {
	text := make([]byte, 0, len(raw))
	for _, r := range string(raw) {
		switch {
		case unicode.IsGraphic(r):
			text = utf8.AppendRune(text, r)
		case r > 0xFFFF:
			high, low := utf16.EncodeRune(r)
			text = fmt.Appendf(text, `\u%04x\u%04x`, high, low)
		default:
			text = fmt.Appendf(text, `\u%04x`, r)
		}
	}
	return text
}
