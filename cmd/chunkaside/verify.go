package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/chunkaside/chunkaside/cache"
	"github.com/chunkaside/chunkaside/cmd/internal/wiring"
)

// verify is the command verify.
type verify struct {
	naming
	JSON bool `help:"Print the result as JSON." env:"CHUNKASIDE_JSON"`
}

// errUnsound: the version is not whole, as has been printed.
var errUnsound = errors.New("the version is not sound: chunkaside warm sends anew what is missing or damaged")

// Run walks a version.
func (v *verify) Run(ctx context.Context, c *commands, con console) error {
	return c.withHistory(ctx, con, func(app *wiring.App, h cache.History) error {
		version, err := h.Find(v.Of)
		if err != nil {
			return err
		}
		bar := newCounting(con.err, "verify")
		result, err := app.Cache.Verify(ctx, version, bar.progress)
		bar.end(err == nil)
		if err != nil {
			return err
		}
		if err := v.print(con, result); err != nil {
			return err
		}
		if !result.Sound() {
			return errUnsound
		}
		return nil
	})
}

func (v *verify) print(con console, result cache.Verified) error {
	if v.JSON {
		return json.NewEncoder(con.out).Encode(result)
	}
	fmt.Fprintf(con.out, "version %s, sequence %d: %d chunks, %s; %d missing, %d damaged\n", result.Manifest.Short(), result.Sequence, result.Chunks,
		megabytes(result.Stored), result.Missing, result.Damaged)
	for _, fault := range result.Faults {
		fmt.Fprintln(con.out, fault)
	}
	for _, finding := range result.Findings {
		fmt.Fprintln(con.out, "note:", finding)
	}
	return nil
}
