package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/chunkaside/chunkaside/cache"
	"github.com/chunkaside/chunkaside/catalog"
	"github.com/chunkaside/chunkaside/cmd/internal/wiring"
	"github.com/chunkaside/chunkaside/probe"
)

// prober is the command probe.
type prober struct {
	Marker   string        `help:"Write a marker into this record, and wait for readers to see it: Type/id, as for inspect --key. Readers see it: name a record that is there for it. Without it, nothing is written." env:"CHUNKASIDE_MARKER" placeholder:"TYPE/ID"`
	Field    string        `help:"The marker's field: a String that is part of no key. Its own text is restored at the end." env:"CHUNKASIDE_FIELD" placeholder:"NAME"`
	Warm     bool          `help:"Start the warm-ups: for the marker's record after each marker, a whole one where entities differ. Without it, they are somebody else's." env:"CHUNKASIDE_WARM"`
	Endpoint string        `help:"Read the marker from this GraphQL API, with the key in CHUNKASIDE_API_KEY. Without it, from a resolver in this process." env:"CHUNKASIDE_ENDPOINT" placeholder:"URL"`
	Count    int           `help:"How many rounds." env:"CHUNKASIDE_COUNT" default:"1"`
	Every    time.Duration `help:"The pause between two rounds." env:"CHUNKASIDE_EVERY" default:"0s"`
	Entities int           `help:"How many entities to compare with the store in a round; 0 compares none." env:"CHUNKASIDE_ENTITIES" default:"1000"`
	Sample   int           `help:"How many of the current version's chunks to read in a round; 0 reads all." env:"CHUNKASIDE_SAMPLE" default:"0"`
	Patience time.Duration `help:"How long a marker may take to be seen, and an entity to be what the store has." env:"CHUNKASIDE_PATIENCE" default:"1m"`
	Seed     uint64        `help:"What decides which entities and chunks are picked; 0 takes any." env:"CHUNKASIDE_SEED" default:"0"`
	JSON     bool          `help:"Print the report as JSON." env:"CHUNKASIDE_JSON"`
}

// errProbed: the probe found something wrong, as has been printed.
var errProbed = errors.New("the probe found something wrong")

// Run asks, and reports.
func (p *prober) Run(ctx context.Context, c *commands, con console) error {
	if err := p.check(); err != nil {
		return err
	}
	return c.withHistory(ctx, con, func(app *wiring.App, _ cache.History) error {
		o, closing, err := p.options(ctx, c, app, con)
		if err != nil {
			return err
		}
		defer closing()
		pr, err := probe.New(app.Schema, app.Cache, app.Store.Builds(), o)
		if err != nil {
			return err
		}
		report, err := pr.Run(ctx)
		if report.Rounds == 0 {
			return err // there is nothing to report
		}
		if err == nil && !report.Sound() {
			err = errProbed
		}
		return errors.Join(p.print(con, report), err)
	})
}

func (p *prober) check() error {
	switch {
	case p.Count < 1 || p.Every < 0 || p.Entities < 0 || p.Sample < 0 || p.Patience < 0:
		return fmt.Errorf("%w: --count %d, --every %v, --entities %d, --sample %d or --patience %v is out of bounds: none is negative, and there is one round at least",
			wiring.ErrUsage, p.Count, p.Every, p.Entities, p.Sample, p.Patience)
	case p.Marker == "" && (p.Field != "" || p.Endpoint != ""):
		return fmt.Errorf("%w: --field and --endpoint are for a --marker, which is not given: nothing would be written", wiring.ErrUsage)
	case p.Marker != "" && p.Field == "":
		return fmt.Errorf("%w: --marker %s needs the --field to write to", wiring.ErrUsage, p.Marker)
	}
	return nil
}

// options are the library's, for the flags. closing frees what they hold.
func (p *prober) options(ctx context.Context, c *commands, app *wiring.App, con console) (o *probe.Options, closing func(), err error) {
	o = &probe.Options{Rounds: p.Count, Pause: p.Every, Entities: p.Entities, Chunks: p.Sample, Patience: p.Patience, Seed: p.Seed}
	if o.Entities == 0 {
		o.Entities = -1 // none, where the library takes 0 for the default
	}
	for o.Seed == 0 {
		o.Seed = uint64(rand.Uint32()) // short enough to be typed, and for any reader of JSON
	}
	only, closing := []catalog.Record(nil), func() {}
	if p.Marker != "" {
		if o.Marker, only, closing, err = p.marker(ctx, c, app, con); err != nil {
			return nil, nil, err
		}
	}
	if p.Warm {
		o.Warm = func(ctx context.Context, whole bool) error {
			return warmUp(ctx, app, whole, only, con)
		}
	}
	return o, closing, nil
}

// warmUp publishes the whole store, or what some records make of the last version, and tells those who watch the catalog.
func warmUp(ctx context.Context, app *wiring.App, whole bool, only []catalog.Record, con console) error {
	var done cache.Published
	var err error
	if whole {
		done, err = app.Cache.Warm(ctx, nil)
	} else {
		done, err = app.Update(ctx, only, nil)
	}
	if err != nil {
		return err
	}
	if told := app.Announce(ctx, done.Before, done.Pointer); told.NotAnnounced != "" {
		reportAnnounced(con, told) // nothing of those that were: they would stand in the report
	}
	return nil
}

func (p *prober) print(con console, r probe.Report) error {
	if p.JSON {
		return json.NewEncoder(con.out).Encode(r)
	}
	printProbed(con.out, r)
	return nil
}
