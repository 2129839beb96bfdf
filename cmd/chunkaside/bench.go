package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"time"

	"github.com/chunkaside/chunkaside/cmd/internal/bench"
	"github.com/chunkaside/chunkaside/cmd/internal/cost"
	"github.com/chunkaside/chunkaside/cmd/internal/wiring"
)

// bencher is the command bench.
type bencher struct {
	Endpoint    string           `help:"The GraphQL API. Its key is in CHUNKASIDE_API_KEY, if it wants one." env:"CHUNKASIDE_ENDPOINT" default:"http://127.0.0.1:8080/graphql" placeholder:"URL"`
	Queries     string           `help:"A file of GraphQL: each operation is a kind of query. Comments above it say '# weight: 3' and '# variables: FILE', a file of JSON lines beside it." env:"CHUNKASIDE_QUERIES" required:"" placeholder:"FILE"`
	Rate        perSecond        `help:"How many queries to send, such as 5000/s or 90/m, whether the last ones are answered or not." env:"CHUNKASIDE_RATE" default:"100/s"`
	Ramp        time.Duration    `help:"How long the rate grows from nothing to that, before the duration begins." env:"CHUNKASIDE_RAMP" default:"0s"`
	Duration    time.Duration    `help:"How long the rate holds." env:"CHUNKASIDE_DURATION" default:"30s"`
	Timeout     time.Duration    `help:"How long an answer may take, from when its query was due." env:"CHUNKASIDE_TIMEOUT" default:"30s"`
	Connections int              `help:"The most queries under way at once; each has a connection." env:"CHUNKASIDE_CONNECTIONS" default:"1000"`
	SLO         bench.Objectives `help:"What must be met, in shares of all queries: 'p50=60ms,p95=80ms,availability=99.9'." name:"slo" env:"CHUNKASIDE_SLO" placeholder:"LIST"`
	Remote      bool             `help:"Let the endpoint be another machine's: what it serves, it charges for." env:"CHUNKASIDE_REMOTE"`
	IAM         bool             `help:"Sign each request for AppSync, with the credentials that the AWS SDK finds." name:"iam" env:"CHUNKASIDE_IAM"`
	Header      []string         `help:"A header for each request, 'Name: value'; it may be repeated. The environment's are one a line, and are not shown to other processes." env:"CHUNKASIDE_HEADER" sep:"none" placeholder:"HEADER"`
	AllowErrors bool             `help:"Begin although a query is answered with an error when each is tried once." env:"CHUNKASIDE_ALLOW_ERRORS"`
	Report      string           `help:"Write a page of HTML with plots." env:"CHUNKASIDE_REPORT" placeholder:"FILE"`
	Seed        uint64           `help:"What decides which queries and variables are drawn; 0 takes any." env:"CHUNKASIDE_SEED" default:"0"`
	JSON        bool             `help:"Print the report as JSON." env:"CHUNKASIDE_JSON"`
}

// Errors of bench, which have been explained where they are met.
var (
	errUntried = errors.New("a query is answered with an error; correct it, or say --allow-errors")
	errMissed  = errors.New("an objective was missed")
)

// Run sends the load and reports.
func (b *bencher) Run(ctx context.Context, c *commands, con console) error {
	mix, load, err := b.open(ctx, c)
	if err != nil {
		return err
	}
	b.announce(con.err, mix)
	if err := load.Try(ctx); err != nil && !b.AllowErrors {
		return fmt.Errorf("%w: %w", errUntried, err)
	}
	bar := newWriting(con.err, "bench", b.pace().Requests())
	report := load.Run(ctx, bar.progress)
	bar.end(!report.Interrupted)
	if err := b.print(con, report); err != nil {
		return err
	}
	switch {
	case report.Interrupted:
		return errors.New("interrupted: the report is of what was answered before")
	case !report.Met():
		return errMissed
	}
	return nil
}

// open reads the queries and makes the load of them, for the flags.
func (b *bencher) open(ctx context.Context, c *commands) (*bench.Mix, *bench.Bench, error) {
	mix, err := bench.ReadMix(b.Queries)
	if err != nil {
		return nil, nil, fmt.Errorf("%w: --queries (CHUNKASIDE_QUERIES): %w", wiring.ErrUsage, err)
	}
	for b.Seed == 0 {
		b.Seed = uint64(rand.Uint32()) // short enough to be typed
	}
	prepare, err := b.prepare(ctx, c.APIKey)
	if err != nil {
		return nil, nil, err
	}
	load, err := bench.New(b.Endpoint, mix, &bench.Options{
		Pace: b.pace(), Objectives: b.SLO, Timeout: b.Timeout, Connections: b.Connections, Seed: b.Seed, Prepare: prepare,
	})
	if err != nil {
		return nil, nil, fmt.Errorf("%w: %w", wiring.ErrUsage, err)
	}
	if !b.Remote && !isLocal(b.Endpoint) {
		return nil, nil, fmt.Errorf("%w: %s is another machine. This would send it %s; if it is yours, and meant, say --remote", wiring.ErrUsage, b.Endpoint, b.size())
	}
	return mix, load, b.checkReport()
}

// checkReport refuses a place for the page before the load, not after it.
func (b *bencher) checkReport() error {
	folder, err := os.Stat(filepath.Dir(b.Report))
	if err == nil && folder.IsDir() {
		return nil
	}
	return fmt.Errorf("%w: --report (CHUNKASIDE_REPORT): there is no folder for %s", wiring.ErrUsage, b.Report)
}

func (b *bencher) pace() bench.Pace {
	return bench.Pace{Rate: float64(b.Rate), Ramp: b.Ramp, Duration: b.Duration}
}

// announce says what is about to be sent, and where to.
func (b *bencher) announce(out io.Writer, mix *bench.Mix) {
	fmt.Fprintf(out, "bench   %s, seed %d\n", b.Endpoint, b.Seed)
	fmt.Fprintf(out, "        %s\n", b.size())
	for _, q := range mix.Queries {
		fmt.Fprintf(out, "        query %s, weight %d, %s sets of variables\n", q.Name, q.Weight, thousands(len(q.Sets)))
	}
}

// size is how much a load is, and what AppSync would charge for it: the least that it costs, where that is the endpoint.
func (b *bencher) size() string {
	p := b.pace()
	text := fmt.Sprintf("%s queries: %s a second for %v", thousands(p.Requests()), plain(p.Rate), p.Duration)
	if p.Ramp > 0 {
		text += fmt.Sprintf(", after %v in which the rate grows", p.Ramp)
	}
	if isLocal(b.Endpoint) {
		return text
	}
	return text + fmt.Sprintf("; at AppSync they cost %s, and what it asks costs too", dollars(float64(p.Requests())*cost.DefaultPrices.AppSyncMillion/1e6))
}
