package main

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/chunkaside/chunkaside/cmd/internal/wiring"
)

// warm is the command warm.
type warm struct {
	JSON bool `help:"Print the result as JSON."`
}

// Run builds and publishes.
func (w *warm) Run(ctx context.Context, c *commands, con console) error {
	config := c.config()
	bars := newReading(con.err)
	config.Progress = bars.progress
	app, err := wiring.Open(ctx, config)
	if err != nil {
		return err
	}
	defer app.Close()
	p, err := app.Cache.Warm(ctx)
	bars.end(err == nil)
	if err != nil {
		return err
	}
	if w.JSON {
		return json.NewEncoder(con.out).Encode(p)
	}
	fmt.Fprintf(con.out, "published version %s as sequence %d\n", p.Manifest.Short(), p.Sequence)
	fmt.Fprintf(con.out, "chunks    %d, of which %d were sent (%s of %s)\n", p.Chunks, p.ChunksSent, megabytes(p.BytesSent), megabytes(p.Bytes))
	if c.Cache == "memory:" {
		fmt.Fprintln(con.err, "note: the cache memory: ends with this command; give --cache to keep the version")
	}
	return nil
}
