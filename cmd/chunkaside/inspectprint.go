package main

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"
)

func (v view) print(out io.Writer) error {
	fmt.Fprintf(out, "version   %s\nsequence  %d, published %s\ncatalog   %s, schema %s\nmanifest  %s bytes, codec %s\n\n", v.Version, v.Sequence,
		v.Published.Format(time.RFC3339), v.Catalog, v.Schema[:min(12, len(v.Schema))], thousands(v.Manifest), v.Codec)
	t := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(t, "section\tlines\tchunks\tnew\tblocks\traw\tstored\tratio\tlargest chunk\t")
	total := sectionView{Name: "total"}
	for _, s := range v.Sections {
		v.row(t, s)
		total.Lines += s.Lines
		total.Blocks += s.Blocks
		total.New += s.New
		total.Raw += s.Raw
		total.Stored += s.Stored
		total.Largest = max(total.Largest, s.Largest)
		total.Chunks = append(total.Chunks, s.Chunks...)
	}
	v.row(t, total)
	if err := t.Flush(); err != nil {
		return err
	}
	return v.printMap(out, total.Largest)
}

func (v view) row(t io.Writer, s sectionView) {
	ratio, fresh := "-", "-"
	if s.Stored > 0 {
		ratio = fmt.Sprintf("%.1fx", float64(s.Raw)/float64(s.Stored))
	}
	if v.Before != "" {
		fresh = thousands(s.New)
	}
	fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t\n", s.Name, thousands(s.Lines), thousands(len(s.Chunks)), fresh, thousands(s.Blocks), thousands(s.Raw),
		thousands(s.Stored), ratio, thousands(s.Largest))
}

// bars are the heights of a chunk in the map.
var bars = []rune("▁▂▃▄▅▆▇█")

// mapWidth is how many chunks are in a line of the map.
const mapWidth = 100

// printMap draws a bar for each chunk, and marks those that are new.
func (v view) printMap(out io.Writer, largest int) error {
	legend := "Each bar is a chunk; the highest is of " + thousands(largest) + " bytes."
	if v.Before != "" {
		legend += " A ^ marks those that version " + v.Before.Short() + " does not have."
	}
	width := 0
	for _, s := range v.Sections {
		width = max(width, len(s.Name))
	}
	if _, err := fmt.Fprintf(out, "\n%s\n", legend); err != nil {
		return err
	}
	for _, s := range v.Sections {
		name := s.Name
		for chunks := s.Chunks; len(chunks) > 0; {
			n := min(mapWidth, len(chunks))
			if err := v.printBars(out, fmt.Sprintf("%-*s  ", width, name), chunks[:n], largest); err != nil {
				return err
			}
			chunks, name = chunks[n:], ""
		}
	}
	return nil
}

func (v view) printBars(out io.Writer, name string, chunks []chunkView, largest int) error {
	var heights, marks strings.Builder
	for _, c := range chunks {
		heights.WriteRune(bars[c.Stored*(len(bars)-1)/largest])
		mark := byte(' ')
		if c.New && v.Before != "" {
			mark = '^'
		}
		marks.WriteByte(mark)
	}
	text := name + heights.String() + "\n"
	if line := strings.TrimRight(marks.String(), " "); line != "" {
		text += strings.Repeat(" ", len(name)) + line + "\n"
	}
	_, err := io.WriteString(out, text)
	return err
}
