package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"text/tabwriter"
	"time"

	"github.com/chunkaside/chunkaside/cache"
	"github.com/chunkaside/chunkaside/chunker"
	"github.com/chunkaside/chunkaside/cmd/internal/wiring"
)

// inspect is the command inspect.
type inspect struct {
	JSON bool `help:"Print the pointer and the whole manifest's numbers as JSON." env:"CHUNKASIDE_JSON"`
}

// Run shows the current version.
func (i *inspect) Run(ctx context.Context, c *commands, con console) error {
	app, err := wiring.Open(ctx, c.config())
	if err != nil {
		return err
	}
	defer app.Close()
	if err := c.haveVersion(ctx, app); err != nil {
		return err
	}
	pointer, manifest, err := app.Cache.Inspect(ctx)
	if err != nil {
		return err
	}
	view := newView(pointer, manifest)
	if i.JSON {
		return json.NewEncoder(con.out).Encode(view)
	}
	return view.print(con.out)
}

// haveVersion fails with cache.ErrNoVersion if the cache is empty: a command that looks at a version does not make one. The embedded cache begins empty, so there it does: there
// is nothing to look at but what this process makes.
func (c *commands) haveVersion(ctx context.Context, app *wiring.App) error {
	if c.Cache == "memory:" {
		_, err := app.Cache.Warm(ctx)
		return err
	}
	_, _, err := app.Cache.Inspect(ctx)
	return err
}

// view is a version as inspect shows it. Sizes are in bytes.
type view struct {
	Version   chunker.Digest `json:"version"`
	Sequence  int64          `json:"sequence"`
	Published time.Time      `json:"published"`
	Schema    string         `json:"schema"`
	Catalog   string         `json:"catalog"`
	Manifest  int            `json:"manifestBytes"`
	Sections  []sectionView  `json:"sections"`
}

type sectionView struct {
	Name    string      `json:"name"`
	Kind    string      `json:"kind"`
	Lines   int         `json:"lines"` // entities, or an index's entries
	Blocks  int         `json:"blocks"`
	Raw     int         `json:"rawBytes"`
	Stored  int         `json:"storedBytes"`
	Largest int         `json:"largestChunkBytes"`
	Chunks  []chunkView `json:"chunks"`
}

type chunkView struct {
	Digest chunker.Digest `json:"digest"`
	Blocks int            `json:"blocks"`
	Lines  int            `json:"lines"`
	Stored int            `json:"storedBytes"`
}

func newView(p cache.Pointer, m *chunker.Manifest) view {
	v := view{Version: p.Manifest, Sequence: p.Sequence, Published: p.Published, Schema: m.Schema, Catalog: m.Catalog, Manifest: len(m.Encoded)}
	for _, s := range m.Sections {
		section := sectionView{Name: s.Name, Kind: s.Kind, Lines: s.Count, Raw: s.Raw, Stored: s.Size(), Chunks: []chunkView{}}
		for i := range s.Chunks {
			chunk := chunkView{Digest: s.Chunks[i].Digest, Blocks: len(s.Chunks[i].Blocks), Stored: s.Chunks[i].Size()}
			for _, b := range s.Chunks[i].Blocks {
				chunk.Lines += b.Count
			}
			section.Chunks = append(section.Chunks, chunk)
			section.Blocks += chunk.Blocks
			section.Largest = max(section.Largest, chunk.Stored)
		}
		v.Sections = append(v.Sections, section)
	}
	return v
}

func (v view) print(out io.Writer) error {
	fmt.Fprintf(out, "version   %s\nsequence  %d, published %s\ncatalog   %s, schema %s\nmanifest  %s bytes\n\n", v.Version, v.Sequence,
		v.Published.Format(time.RFC3339), v.Catalog, v.Schema[:min(12, len(v.Schema))], thousands(v.Manifest))
	t := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(t, "section\tlines\tchunks\tblocks\traw\tstored\tratio\tlargest chunk\t")
	total := sectionView{Name: "total"}
	for _, s := range v.Sections {
		s.row(t)
		total.Lines += s.Lines
		total.Blocks += s.Blocks
		total.Raw += s.Raw
		total.Stored += s.Stored
		total.Largest = max(total.Largest, s.Largest)
		total.Chunks = append(total.Chunks, s.Chunks...)
	}
	total.row(t)
	return t.Flush()
}

func (s sectionView) row(t io.Writer) {
	ratio := "-"
	if s.Stored > 0 {
		ratio = fmt.Sprintf("%.1fx", float64(s.Raw)/float64(s.Stored))
	}
	fmt.Fprintf(t, "%s\t%s\t%d\t%d\t%s\t%s\t%s\t%s\t\n", s.Name, thousands(s.Lines), len(s.Chunks), s.Blocks, thousands(s.Raw), thousands(s.Stored), ratio,
		thousands(s.Largest))
}
