package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"text/tabwriter"
	"time"

	"github.com/chunkaside/chunkaside/cache"
	"github.com/chunkaside/chunkaside/catalog"
	"github.com/chunkaside/chunkaside/cmd/internal/wiring"
)

// naming is how the commands that look at one version are told which.
type naming struct {
	Of string `arg:"" optional:"" name:"version" default:"current" help:"A sequence, the beginning of a version's digest, current, previous or newest (built last)."`
}

// versions is the command versions.
type versions struct {
	JSON bool `help:"Print the pointer and the versions as JSON." env:"CHUNKASIDE_JSON"`
}

// Run lists the versions of the history.
func (v *versions) Run(ctx context.Context, c *commands, con console) error {
	return c.withHistory(ctx, con, func(_ *wiring.App, h cache.History) error {
		if v.JSON {
			return json.NewEncoder(con.out).Encode(h)
		}
		return printVersions(con.out, h)
	})
}

// withHistory opens the rooms and reads the history.
func (c *commands) withHistory(ctx context.Context, con console, do func(*wiring.App, cache.History) error) error {
	config := c.config()
	config.Log = con.log()
	app, err := wiring.Open(ctx, config)
	if err != nil {
		return err
	}
	defer app.Close()
	if err := c.haveVersion(ctx, app); err != nil {
		return err
	}
	h, err := app.Cache.Versions(ctx)
	if err != nil {
		return err
	}
	return do(app, h)
}

func printVersions(out io.Writer, h cache.History) error {
	t := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "SEQUENCE\tVERSION\tPUBLISHED\tENTITIES\tSTORED\t")
	told := false
	for _, v := range h.Versions {
		state := ""
		if v.Manifest == h.Manifest && !told {
			state, told = "current", true
			if h.Pinned {
				state = "current, pinned"
			}
		}
		if v.Of != 0 {
			state = join(state, fmt.Sprintf("%d again", v.Of))
		}
		fmt.Fprintf(t, "%d\t%s\t%s\t%s\t%s\t%s\n", v.Sequence, v.Manifest.Short(), v.Published.Format(time.RFC3339), thousands(v.Entities), megabytes(v.Bytes), join(state, v.Note))
	}
	return t.Flush()
}

// join puts a comma between two remarks, if there are two.
func join(a, b string) string {
	if a == "" || b == "" {
		return a + b
	}
	return a + ", " + b
}

// diff is the command diff.
type diff struct {
	From  string `arg:"" optional:"" default:"previous" help:"The version before: a sequence, the beginning of a digest, current, previous or newest."`
	To    string `arg:"" optional:"" default:"current" help:"The version after."`
	Limit int    `help:"How many changes to show; all are counted." env:"CHUNKASIDE_LIMIT" default:"100"`
	JSON  bool   `help:"Print the changes as JSON." env:"CHUNKASIDE_JSON"`
}

// Run shows what differs between two versions.
func (d *diff) Run(ctx context.Context, c *commands, con console) error {
	if d.Limit < 0 {
		return fmt.Errorf("%w: --limit %d is negative", wiring.ErrUsage, d.Limit)
	}
	return c.withHistory(ctx, con, func(app *wiring.App, h cache.History) error {
		from, before, err := openVersion(ctx, app, h, d.From)
		if err != nil {
			return err
		}
		to, after, err := openVersion(ctx, app, h, d.To)
		if err != nil {
			return err
		}
		var p diffPrinter = &diffText{out: con.out, limit: d.Limit}
		if d.JSON {
			p = newDiffJSON(con.out, from.Manifest, to.Manifest, d.Limit)
		}
		bar := newCounting(con.err, "diff")
		counts, err := catalog.Diff(ctx, before, after, bar.progress, p.change)
		bar.end(err == nil)
		if err != nil {
			return err
		}
		return p.end(counts)
	})
}

// openVersion opens a version of the history by name.
func openVersion(ctx context.Context, app *wiring.App, h cache.History, name string) (cache.Version, *catalog.Snapshot, error) {
	v, err := h.Find(name)
	if err != nil {
		return v, nil, err
	}
	shot, err := app.Cache.Open(ctx, v)
	return v, shot, err
}
