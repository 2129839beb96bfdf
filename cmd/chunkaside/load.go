package main

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/chunkaside/chunkaside/catalog/schema"
	"github.com/chunkaside/chunkaside/cmd/internal/wiring"
	"github.com/chunkaside/chunkaside/store"
	"github.com/chunkaside/chunkaside/store/dynamostore"
)

// load is the command load.
type load struct {
	To   string `help:"Where to: dynamodb:?endpoint=URL&region=R&suffix=S. Tables that are missing are created." required:"" env:"CHUNKASIDE_TO" placeholder:"ADDRESS"`
	JSON bool   `help:"Print the result as JSON." env:"CHUNKASIDE_JSON"`
}

// loaded is what was written, by table.
type loaded struct {
	Table    string `json:"table"`
	Entities int    `json:"entities"`
}

// Run copies every table of the store into DynamoDB.
func (l *load) Run(ctx context.Context, c *commands, con console) error {
	if !strings.HasPrefix(l.To, "dynamodb:") {
		return fmt.Errorf("%w: --to %s: load writes to dynamodb: addresses only", wiring.ErrUsage, l.To)
	}
	app, err := wiring.Open(ctx, c.config())
	if err != nil {
		return err
	}
	defer app.Close()
	target, err := wiring.OpenDynamoDB(ctx, l.To)
	if err != nil {
		return err
	}
	defer target.Close()
	if err := target.CreateTables(ctx, app.Schema); err != nil {
		return err
	}
	var done []loaded
	for _, m := range app.Schema.Models {
		n, err := copyTable(ctx, app.Store.Builds(), target, m, con)
		if err != nil {
			return err
		}
		done = append(done, loaded{m.Table, n})
	}
	return printLoaded(con, done, l.JSON)
}

// printLoaded prints what was written, by table.
func printLoaded(con console, done []loaded, asJSON bool) error {
	if asJSON {
		return json.NewEncoder(con.out).Encode(done)
	}
	for _, d := range done {
		fmt.Fprintf(con.out, "%-20s %10s entities\n", d.Table, thousands(d.Entities))
	}
	return nil
}

func copyTable(ctx context.Context, from store.Store, to *dynamostore.Store, m *schema.Model, con console) (int, error) {
	var entities []store.Entity
	if err := from.Scan(ctx, m, nil, func(batch []store.Entity) error {
		entities = append(entities, batch...)
		return nil
	}); err != nil {
		return 0, err
	}
	bar := newWriting(con.err, m.Table, len(entities))
	err := to.Write(ctx, m, entities, &dynamostore.WriteOptions{Progress: bar.progress})
	bar.end(err == nil)
	return len(entities), err
}
