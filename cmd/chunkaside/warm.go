package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"time"

	"github.com/chunkaside/chunkaside/announce"
	"github.com/chunkaside/chunkaside/cache"
	"github.com/chunkaside/chunkaside/catalog"
	"github.com/chunkaside/chunkaside/cmd/internal/wiring"
)

// warm is the command warm.
type warm struct {
	Only      []string `help:"Read only this record from the store, and publish what it makes of the last version: Type/id, as for inspect --key. It may be repeated." env:"CHUNKASIDE_ONLY" sep:"none" placeholder:"TYPE/ID"`
	Force     bool     `help:"Publish the version although rules refuse it; the history says so." env:"CHUNKASIDE_FORCE"`
	NewSchema bool     `help:"Publish although the current version is of another schema, which this one replaces." env:"CHUNKASIDE_NEW_SCHEMA"`
	JSON      bool     `help:"Print the result as JSON." env:"CHUNKASIDE_JSON"`
}

// Run builds and publishes.
func (w *warm) Run(ctx context.Context, c *commands, con console) error {
	config := c.config()
	config.Log = con.log()
	bars := newReading(con.err)
	config.Progress = bars.progress
	app, err := wiring.Open(ctx, config)
	if err != nil {
		return err
	}
	defer app.Close()
	stop := c.tellWaiting(app.Cache, con.err)
	p, err := w.publish(ctx, app)
	stop()
	bars.end(err == nil)
	if err != nil {
		return err
	}
	told := app.Announce(ctx, p.Before, p.Pointer)
	if w.JSON {
		return json.NewEncoder(con.out).Encode(struct {
			cache.Published
			announce.Outcome
		}{p, told})
	}
	fmt.Fprintf(con.out, "published version %s as sequence %d\n", p.Version.Manifest.Short(), p.Sequence)
	fmt.Fprintf(con.out, "chunks    %d, of which %d were sent (%s of %s)\n", p.Chunks, p.ChunksSent, megabytes(p.BytesSent), megabytes(p.Bytes))
	reportPublished(con, p)
	reportAnnounced(con, told)
	if c.Cache == "memory:" {
		fmt.Fprintln(con.err, "note: the cache memory: ends with this command; give --cache to keep the version")
	}
	return nil
}

// reportPublished says what is current if that is another version, what changed, and what the rules have to say.
func reportPublished(con console, p cache.Published) {
	if p.Manifest != p.Version.Manifest {
		fmt.Fprintf(con.out, "version %s is pinned and stays the current one, until chunkaside unpin\n", p.Manifest.Short())
	}
	for _, c := range p.Changes {
		if c.Added+c.Changed+c.Removed > 0 {
			fmt.Fprintf(con.out, "%-9s %s added, %s changed, %s removed\n", c.Model, thousands(c.Added), thousands(c.Changed), thousands(c.Removed))
		}
	}
	for _, finding := range p.Findings {
		fmt.Fprintln(con.err, "note:", finding)
	}
	if p.Forced {
		fmt.Fprintln(con.err, "note: rules refuse this version; it was published all the same, for --force says so")
	}
}

// reportAnnounced says whether those who watch the catalog were told, if they were to be.
func reportAnnounced(con console, told announce.Outcome) {
	switch {
	case told.NotAnnounced != "":
		fmt.Fprintf(con.err, "note: published, but not announced: %s\n", told.NotAnnounced)
	case told.Announced != nil:
		fmt.Fprintln(con.out, "announced")
	}
}

// publish builds from the whole store, or from the records that --only names.
func (w *warm) publish(ctx context.Context, app *wiring.App) (cache.Published, error) {
	o := &cache.WarmOptions{Force: w.Force, NewSchema: w.NewSchema}
	if len(w.Only) == 0 {
		return app.Cache.Warm(ctx, o)
	}
	var records []catalog.Record
	for _, text := range w.Only {
		record, err := catalog.ParseRecord(app.Schema, text)
		if err != nil {
			return cache.Published{}, fmt.Errorf("%w: --only %s: %w", wiring.ErrUsage, text, err)
		}
		records = append(records, record)
	}
	return app.Update(ctx, records, o)
}

// tellWaiting says, once and after a second, that Warm waits for another process: it was refused the lease and has not got it since. The caller must stop it.
func (c *commands) tellWaiting(on *cache.Cache, out io.Writer) (stop func()) {
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
			if s := on.Stats(); s.LeasesLost > 0 && s.LeasesWon == 0 {
				fmt.Fprintf(out, "another process builds; waiting for it (if it died, its lease ends within %v)\n", cache.LeaseTime)
				return
			}
		}
	}()
	return func() {
		close(ended)
		<-told
	}
}
