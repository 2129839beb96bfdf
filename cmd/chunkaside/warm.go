package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"time"

	"github.com/chunkaside/chunkaside/cache"
	"github.com/chunkaside/chunkaside/cmd/internal/wiring"
)

// warm is the command warm.
type warm struct {
	JSON bool `help:"Print the result as JSON." env:"CHUNKASIDE_JSON"`
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
	stop := tellWaiting(app.Cache, con.err)
	p, err := app.Cache.Warm(ctx)
	stop()
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

// tellWaiting says, once and after a second, that Warm waits for another process: it was refused the lease and has not got it since. The caller must stop it.
func tellWaiting(c *cache.Cache, out io.Writer) (stop func()) {
	ended, told := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(told)
		ticker := time.NewTicker(time.Second)
		defer ticker.Stop()
		for {
			select {
			case <-ended:
				return
			case <-ticker.C:
			}
			if s := c.Stats(); s.LeasesLost > 0 && s.LeasesWon == 0 {
				fmt.Fprintln(out, "another process builds; waiting for it (if it died, its lease ends within two minutes)")
				return
			}
		}
	}()
	return func() {
		close(ended)
		<-told
	}
}
