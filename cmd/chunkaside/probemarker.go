package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/chunkaside/chunkaside/catalog"
	"github.com/chunkaside/chunkaside/cmd/internal/wiring"
	"github.com/chunkaside/chunkaside/probe"
)

// marker is what --marker and --field name, and the record as warm --only names it. closing frees what it holds.
func (p *prober) marker(ctx context.Context, c *commands, app *wiring.App, con console) (m *probe.Marker, only []catalog.Record, closing func(), err error) {
	if !strings.HasPrefix(c.Store, "dynamodb:") {
		return nil, nil, nil, fmt.Errorf("%w: --marker writes to dynamodb: stores only: the sample cannot change, and files are their owner's to edit; without --marker, the probe reads", wiring.ErrUsage)
	}
	record, err := catalog.ParseRecord(app.Schema, p.Marker)
	if err != nil {
		return nil, nil, nil, fmt.Errorf("%w: --marker %s: %w", wiring.ErrUsage, p.Marker, err)
	}
	model := record.Model
	field := model.Field(p.Field)
	if field == nil {
		return nil, nil, nil, fmt.Errorf("%w: --field %s: type %s has no such field", wiring.ErrUsage, p.Field, model.Name)
	}
	ask, err := newQuestion(app.Schema, model, record.Values, field)
	if err != nil {
		return nil, nil, nil, err
	}
	read, closeReader, err := p.reader(ctx, c, app, ask)
	if err != nil {
		return nil, nil, nil, err
	}
	tables, err := wiring.OpenDynamoDB(ctx, c.Store)
	if err != nil {
		closeReader()
		return nil, nil, nil, err
	}
	m = &probe.Marker{
		Model: model, Key: record.Values, Field: field, Read: read,
		Write: func(ctx context.Context, was, is string) (bool, error) {
			return tables.SetText(ctx, model, record.Values, field, was, is)
		},
		Begun: func(own string) {
			fmt.Fprintf(con.err, "note: %s of %s gets the texts of markers; if this program is killed, restore %q\n", field.Name, p.Marker, own)
		},
	}
	closing = func() {
		closeReader()
		tables.Close()
	}
	return m, []catalog.Record{record}, closing, nil
}

// reader asks the API at --endpoint, or a resolver of this process. That one has a cache of its own: what the probe publishes it has to find, as any reader.
func (p *prober) reader(ctx context.Context, c *commands, app *wiring.App, ask question) (read func(context.Context) (string, error), closing func(), err error) {
	if p.Endpoint != "" {
		endpoint, err := newEndpoint(p.Endpoint, c.APIKey)
		if err != nil {
			return nil, nil, err
		}
		return func(ctx context.Context) (string, error) { return endpoint.text(ctx, ask) }, func() {}, nil
	}
	if c.Cache == "memory:" {
		return func(ctx context.Context) (string, error) { return ask.of(ctx, app.Resolver) }, func() {}, nil
	}
	other, err := wiring.Open(ctx, c.config())
	if err != nil {
		return nil, nil, err
	}
	return func(ctx context.Context) (string, error) { return ask.of(ctx, other.Resolver) }, func() { other.Close() }, nil
}
