package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/chunkaside/chunkaside/cmd/internal/wiring"
)

// verify is the command verify.
type verify struct {
	JSON bool `help:"Print the result as JSON." env:"CHUNKASIDE_JSON"`
}

// errUnsound: the version is not whole, as has been printed.
var errUnsound = errors.New("the version is not sound: chunkaside warm sends anew what is missing or damaged")

// Run walks the current version.
func (v *verify) Run(ctx context.Context, c *commands, con console) error {
	app, err := wiring.Open(ctx, c.config())
	if err != nil {
		return err
	}
	defer app.Close()
	if err := c.haveVersion(ctx, app); err != nil {
		return err
	}
	bar := newCounting(con.err, "verify")
	result, err := app.Cache.Verify(ctx, bar.progress)
	bar.end(err == nil)
	if err != nil {
		return err
	}
	if v.JSON {
		if err := json.NewEncoder(con.out).Encode(result); err != nil {
			return err
		}
	} else {
		fmt.Fprintf(con.out, "version %s, sequence %d: %d chunks, %s; %d missing, %d damaged\n", result.Manifest.Short(), result.Sequence, result.Chunks,
			megabytes(result.Bytes), result.Missing, result.Damaged)
		for _, fault := range result.Faults {
			fmt.Fprintln(con.out, fault)
		}
	}
	if !result.Sound() {
		return errUnsound
	}
	return nil
}
