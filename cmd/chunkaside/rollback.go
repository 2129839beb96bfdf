package main

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/chunkaside/chunkaside/announce"
	"github.com/chunkaside/chunkaside/cache"
	"github.com/chunkaside/chunkaside/cmd/internal/wiring"
)

// rollback is the command rollback.
type rollback struct {
	To   string `arg:"" optional:"" name:"version" default:"previous" help:"A sequence, the beginning of a version's digest, previous or newest."`
	JSON bool   `help:"Print the pointer as JSON." env:"CHUNKASIDE_JSON"`
}

// Run makes an older version the current one.
func (r *rollback) Run(ctx context.Context, c *commands, con console) error {
	return c.point(ctx, con, r.JSON, func(ctx context.Context, in *cache.Cache, h cache.History, progress func(done, of int)) (cache.Pointer, error) {
		v, err := h.Find(r.To)
		if err != nil {
			return cache.Pointer{}, err
		}
		return in.Rollback(ctx, h, v, progress)
	})
}

// pin is the command pin.
type pin struct {
	To   string `arg:"" optional:"" name:"version" default:"current" help:"A sequence, the beginning of a version's digest, current, previous or newest."`
	JSON bool   `help:"Print the pointer as JSON." env:"CHUNKASIDE_JSON"`
}

// Run makes a version the current one and holds it.
func (p *pin) Run(ctx context.Context, c *commands, con console) error {
	return c.point(ctx, con, p.JSON, func(ctx context.Context, in *cache.Cache, h cache.History, progress func(done, of int)) (cache.Pointer, error) {
		v, err := h.Find(p.To)
		if err != nil {
			return cache.Pointer{}, err
		}
		return in.Pin(ctx, h, v, progress)
	})
}

// unpin is the command unpin.
type unpin struct {
	JSON bool `help:"Print the pointer as JSON." env:"CHUNKASIDE_JSON"`
}

// Run makes the version that was built last the current one.
func (u *unpin) Run(ctx context.Context, c *commands, con console) error {
	return c.point(ctx, con, u.JSON, func(ctx context.Context, in *cache.Cache, _ cache.History, progress func(done, of int)) (cache.Pointer, error) {
		return in.Unpin(ctx, progress)
	})
}

// mover moves the pointer of a cache, whose history is given.
type mover func(ctx context.Context, in *cache.Cache, h cache.History, progress func(done, of int)) (cache.Pointer, error)

// point moves the pointer, and says where to.
func (c *commands) point(ctx context.Context, con console, asJSON bool, move mover) error {
	return c.withHistory(ctx, con, func(app *wiring.App, h cache.History) error {
		stop := c.tellWaiting(app.Cache, con.err)
		bar := newCounting(con.err, "check")
		p, err := move(ctx, app.Cache, h, bar.progress)
		bar.end(err == nil)
		stop()
		if err != nil {
			return err
		}
		told := app.Announce(ctx, h.Manifest, p)
		switch {
		case asJSON:
			return json.NewEncoder(con.out).Encode(struct {
				cache.Pointer
				announce.Outcome
			}{p, told})
		case p == h.Pointer:
			fmt.Fprintf(con.out, "version %s is the current one already; nothing was changed\n", p.Manifest.Short())
			return nil
		}
		fmt.Fprintf(con.out, "version %s is current, as sequence %d\n", p.Manifest.Short(), p.Sequence)
		switch {
		case p.Pinned:
			fmt.Fprintln(con.out, "it stays so until chunkaside unpin, whatever is published")
		case p.Manifest != h.Newest().Manifest:
			fmt.Fprintln(con.out, "the next warm-up publishes what the store holds then; chunkaside pin keeps this version")
		}
		reportAnnounced(con, told)
		return nil
	})
}
