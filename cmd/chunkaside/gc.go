package main

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/chunkaside/chunkaside/cache"
	"github.com/chunkaside/chunkaside/cmd/internal/wiring"
)

// gc is the command gc.
type gc struct {
	Keep   int           `help:"How many of the newest versions stay." env:"CHUNKASIDE_KEEP" default:"10"`
	Grace  time.Duration `help:"How long a version stays after it was the current one, for those who still read it." env:"CHUNKASIDE_GRACE" default:"1h"`
	DryRun bool          `help:"Only say what would be deleted." env:"CHUNKASIDE_DRY_RUN"`
	JSON   bool          `help:"Print the result as JSON." env:"CHUNKASIDE_JSON"`
}

// Run deletes what only old versions have.
func (g *gc) Run(ctx context.Context, c *commands, con console) error {
	if g.Keep < 0 || g.Grace < 0 {
		return fmt.Errorf("%w: --keep %d or --grace %v is negative", wiring.ErrUsage, g.Keep, g.Grace)
	}
	o := cache.CollectOptions{Keep: g.Keep, Grace: g.Grace, DryRun: g.DryRun}
	if o.Keep == 0 {
		o.Keep = -1 // none, where the library takes 0 for the default
	}
	if o.Grace == 0 {
		o.Grace = -1
	}
	return c.withHistory(ctx, con, func(app *wiring.App, _ cache.History) error {
		stop := c.tellWaiting(app.Cache, con.err)
		done, err := app.Cache.Collect(ctx, o)
		stop()
		switch {
		case err != nil:
			return err
		case g.JSON:
			return json.NewEncoder(con.out).Encode(done)
		}
		deleted := "deleted"
		if g.DryRun {
			deleted = "would delete"
		}
		for _, v := range done.Versions {
			fmt.Fprintf(con.out, "%s version %s, sequence %d\n", deleted, v.Manifest.Short(), v.Sequence)
		}
		fmt.Fprintf(con.out, "%s %d versions, %d chunks, %s\n", deleted, len(done.Versions), done.Chunks, megabytes(done.Bytes))
		return nil
	})
}
