package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/chunkaside/chunkaside/announce"
	"github.com/chunkaside/chunkaside/cache"
	"github.com/chunkaside/chunkaside/catalog"
	"github.com/chunkaside/chunkaside/chunker"
	"github.com/chunkaside/chunkaside/cmd/internal/wiring"
)

// verify is the command verify.
type verify struct {
	naming
	All    bool `help:"Read all versions that warm-ups keep alive: the last ten, and a pinned one." env:"CHUNKASIDE_ALL"`
	Repair bool `help:"If something is missing or damaged, build from the store, and send what the cache lacks of it." env:"CHUNKASIDE_REPAIR"`
	JSON   bool `help:"Print the result as JSON." env:"CHUNKASIDE_JSON"`
}

// errUnsound: a version is not whole, as has been printed. errBeyondRepair: nor is it after a repair.
var (
	errUnsound      = errors.New("a version is not sound: chunkaside verify --repair, or the next chunkaside warm, sends anew what the store still makes of it")
	errBeyondRepair = errors.New("a version is not sound, and what the store makes does not mend it: an older one leaves the history by chunkaside gc, a pinned one gives way by chunkaside unpin")
)

// verification is what verify prints.
type verification struct {
	Versions []cache.Verified `json:"versions"`
	// Repair is what became of those with faults; nil if none was asked for, or needed.
	Repair *cache.Repair `json:"repair,omitempty"`
	announce.Outcome
}

// Run walks a version, or all.
func (v *verify) Run(ctx context.Context, c *commands, con console) error {
	if v.All && v.Of != "current" {
		return fmt.Errorf("%w: verify --all reads all versions, not %s alone", wiring.ErrUsage, v.Of)
	}
	return c.withHistory(ctx, con, func(app *wiring.App, h cache.History) error {
		versions, err := v.versions(app.Cache, h)
		if err != nil {
			return err
		}
		bar := newCounting(con.err, "verify")
		all, err := app.Cache.VerifyAll(ctx, versions, bar.progress)
		bar.end(err == nil)
		if err != nil {
			return err
		}
		done := verification{Versions: all}
		failure := v.judge(h, all)
		if v.Repair && errors.Is(failure, errUnsound) {
			done.Repair, failure = v.repair(ctx, c, app, con, all)
			if done.Repair != nil && done.Repair.Published != nil {
				done.Outcome = app.Announce(ctx, done.Repair.Published.Before, done.Repair.Published.Pointer)
			}
		}
		return errors.Join(v.print(con, done), failure)
	})
}

// versions are those to walk.
func (v *verify) versions(in *cache.Cache, h cache.History) ([]cache.Version, error) {
	if v.All {
		return in.Kept(h), nil
	}
	one, err := h.Find(v.Of)
	return []cache.Version{one}, err
}

// judge is what is wrong with what was found. One of many may be of another schema: but not the current one, which nobody with this schema can read, nor a single one, for it was not looked into.
func (v *verify) judge(h cache.History, all []cache.Verified) error {
	for _, found := range all {
		if found.Foreign && (!v.All || found.Manifest == h.Manifest) {
			return fmt.Errorf("version %s: %w", found.Manifest.Short(), catalog.ErrSchema)
		}
	}
	if slices.ContainsFunc(all, unsound) {
		return errUnsound
	}
	return nil
}

func unsound(v cache.Verified) bool { return !v.Sound() }

// repair restores what can be. The result is nil if there is none.
func (v *verify) repair(ctx context.Context, c *commands, app *wiring.App, con console, all []cache.Verified) (*cache.Repair, error) {
	stop := c.tellWaiting(app.Cache, con.err)
	bar := newCounting(con.err, "verify again")
	done, err := app.Cache.Repair(ctx, slices.DeleteFunc(slices.Clone(all), cache.Verified.Sound), bar.progress)
	bar.end(err == nil)
	stop()
	switch refused := (*catalog.RefusedError)(nil); {
	case err != nil && !errors.As(err, &refused):
		return nil, err
	case err == nil && !done.Sound() && !v.replaced(done):
		err = errBeyondRepair
	}
	return &done, err
}

// replaced says whether readers have a new version, and what it replaced was all that was asked about.
func (v *verify) replaced(done cache.Repair) bool {
	return !v.All && v.Of == "current" && done.Published.Manifest != done.Versions[0].Manifest
}

func (v *verify) print(con console, done verification) error {
	if v.JSON {
		return json.NewEncoder(con.out).Encode(done)
	}
	for _, found := range done.Versions {
		printVerified(con, found)
	}
	if done.Repair != nil {
		printRepair(con, *done.Repair)
		reportAnnounced(con, done.Outcome)
	}
	return nil
}

func printVerified(con console, found cache.Verified) {
	fmt.Fprintf(con.out, "version %s, sequence %d: %d chunks, %s; %d missing, %d damaged\n", found.Manifest.Short(), found.Sequence, found.Chunks,
		megabytes(found.Stored), found.Missing, found.Damaged)
	for _, fault := range found.Faults {
		fmt.Fprintln(con.out, fault)
	}
	for _, finding := range found.Findings {
		fmt.Fprintln(con.out, "note:", finding)
	}
	if found.Foreign {
		fmt.Fprintln(con.out, "note: it is of another schema, so what is in its chunks was not looked into")
	}
}

func printRepair(con console, done cache.Repair) {
	if p := done.Published; p != nil {
		fmt.Fprintf(con.out, "repair: the store makes version %s, published as sequence %d; %d of its %d chunks were sent\n", p.Version.Manifest.Short(), p.Sequence, p.ChunksSent, p.Chunks)
		reportPublished(con, *p)
	}
	for _, v := range done.Versions {
		state := "whole again"
		if !v.Sound() {
			state = "not whole"
		}
		fmt.Fprintf(con.out, "repair: version %s, sequence %d: %s\n", v.Manifest.Short(), v.Sequence, state)
		for _, d := range v.Restored {
			fmt.Fprintf(con.out, "  %s is restored\n", part(v.Verified, d))
		}
		for _, fault := range v.Faults {
			fmt.Fprintf(con.out, "  %s; what the store makes does not mend it\n", fault)
		}
	}
}

// part names a chunk of a version, or its manifest.
func part(v cache.Verified, d chunker.Digest) string {
	if d == v.Manifest {
		return "manifest " + string(d)
	}
	return "chunk " + string(d)
}
