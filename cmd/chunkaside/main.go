// Command chunkaside serves a catalog locally as AppSync would, and looks after its versions: see chunkaside --help.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"runtime/debug"
	"strings"
	"syscall"
	"time"

	"github.com/alecthomas/kong"

	"github.com/chunkaside/chunkaside/catalog"
	"github.com/chunkaside/chunkaside/cmd/internal/wiring"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // a second signal ends the program at once
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	if err != nil && !errors.Is(err, errAnswered) {
		fmt.Fprintln(os.Stderr, "chunkaside:", err)
	}
	stop()
	os.Exit(exitCode(err))
}

// commands are the program's flags and commands, as kong reads them.
type commands struct {
	Schema         string         `help:"The catalog's GraphQL SDL file. Default: the sample's, for the store sample: only." env:"CHUNKASIDE_SCHEMA" placeholder:"FILE"`
	Store          string         `help:"The source of truth: sample:, file:DIR, or dynamodb:?endpoint=URL&region=R&suffix=S." env:"CHUNKASIDE_STORE" default:"sample:" placeholder:"ADDRESS"`
	Cache          string         `help:"The shared cache: memory:, momento:NAME?endpoint=HOST:PORT, or valkey://HOST:PORT/DB." env:"CHUNKASIDE_CACHE" default:"memory:" placeholder:"ADDRESS"`
	Namespace      string         `help:"The first part of every key in the cache." env:"CHUNKASIDE_NAMESPACE" default:"chunkaside"`
	Catalog        string         `help:"The catalog's name, the second part of every key." env:"CHUNKASIDE_CATALOG" default:"catalog"`
	MaxAge         time.Duration  `help:"How long to answer without a look at the cache's pointer." env:"CHUNKASIDE_MAX_AGE" default:"1s"`
	MaxStale       time.Duration  `help:"How long the last good version is answered while the cache cannot be looked at." env:"CHUNKASIDE_MAX_STALE" default:"24h"`
	SoftTimeout    time.Duration  `help:"How long a query waits for a newer version." env:"CHUNKASIDE_SOFT_TIMEOUT" default:"200ms"`
	HardTimeout    time.Duration  `help:"How long a query waits for a version where there is none." env:"CHUNKASIDE_HARD_TIMEOUT" default:"20s"`
	BuildTimeout   time.Duration  `help:"How long a build with its publishing may take." env:"CHUNKASIDE_BUILD_TIMEOUT" default:"2m"`
	StoreUnits     float64        `help:"How many read units a second queries may cost this process that read the store for want of a version; -1 for any." env:"CHUNKASIDE_STORE_UNITS" default:"100"`
	BuildUnits     float64        `help:"How many read units a second a build may cost; 0 for any." env:"CHUNKASIDE_BUILD_UNITS" default:"0"`
	Codec          string         `help:"What compresses the chunks: gzip, or zstd for caches that only servers read. Readers know both." env:"CHUNKASIDE_CODEC" default:"gzip"`
	Level          int            `help:"The codec's level: gzip has 1, fast, to 9, small; zstd 1 to 4. 0 is its default." env:"CHUNKASIDE_LEVEL"`
	FillPages      bool           `help:"Let limit count what a filter lets pass, not what is looked at." env:"CHUNKASIDE_FILL_PAGES"`
	MaxEntities    int            `help:"The most entities that one answer may look at." env:"CHUNKASIDE_MAX_ENTITIES" default:"250000"`
	MaxDepth       int            `help:"The most levels that a query may be nested." env:"CHUNKASIDE_MAX_DEPTH" default:"75"`
	Policy         string         `help:"What may change while queries are answered: a JSON document at file:PATH, ssm:NAME or appconfig:APPLICATION/ENVIRONMENT/PROFILE." env:"CHUNKASIDE_POLICY" placeholder:"ADDRESS"`
	PolicyInterval time.Duration  `help:"The time between two looks at it." env:"CHUNKASIDE_POLICY_INTERVAL" default:"30s"`
	MinCount       map[string]int `help:"Refuse a version with fewer entities of a type." env:"CHUNKASIDE_MIN_COUNT" placeholder:"TYPE=N;..."`
	MaxShrink      float64        `help:"Refuse a version in which a larger share of a type's entities is gone; -1 for any." env:"CHUNKASIDE_MAX_SHRINK" default:"0.5"`
	MaxGrowth      float64        `help:"Refuse a version in which a larger share has come; -1 for any." env:"CHUNKASIDE_MAX_GROWTH" default:"-1"`
	MaxChange      float64        `help:"Refuse a version in which a larger share has other content; -1 for any." env:"CHUNKASIDE_MAX_CHANGE" default:"-1"`
	Missing        catalog.Action `help:"What to do about values that the schema says are never null, and are: report, refuse or ignore." env:"CHUNKASIDE_MISSING" default:"report"`
	Dangling       catalog.Action `help:"What to do about references to entities that are not there: report, refuse or ignore." env:"CHUNKASIDE_DANGLING" default:"report"`
	Announce       string         `help:"The GraphQL endpoint of the API whose subscribers are told of the version that this command makes current. Requests are signed, or have the key in CHUNKASIDE_ANNOUNCE_KEY." env:"CHUNKASIDE_ANNOUNCE" placeholder:"URL"`
	// For trials, see docs/reliability.md: the help is for what an operator needs.
	CacheFaults string `help:"What goes wrong with the cache, on purpose: rules such as 'get delay 3s; set fail 10%'." env:"CHUNKASIDE_CACHE_FAULTS" placeholder:"RULES" hidden:""`
	StoreFaults string `help:"What goes wrong with the store, on purpose: rules such as 'scan cut 1000'." env:"CHUNKASIDE_STORE_FAULTS" placeholder:"RULES" hidden:""`
	FaultSeed   uint64 `help:"What decides where those rules leave it to chance." env:"CHUNKASIDE_FAULT_SEED" default:"1" hidden:""`
	// Keys come from the environment alone, for a flag would show them to every process of the machine.
	MomentoAPIKey string `kong:"-"`
	APIKey        string `kong:"-"` // of bench and probe --endpoint
	AnnounceKey   string `kong:"-"`

	Version kong.VersionFlag `help:"Print the release and exit."`

	Serve   serve   `cmd:"" help:"Serve the catalog over HTTP, as AppSync would."`
	Warm    warm    `cmd:"" help:"Build a version from the store and publish it in the cache."`
	Inspect inspect `cmd:"" help:"Show a version: its sections, chunks and sizes; or where in it one entity is."`
	Verify  verify  `cmd:"" help:"Read a whole version and check every chunk, entity and index line."`
	Probe   prober  `cmd:"" help:"Ask a catalog that is in use how soon an edit can be read, whether all is stored, and whether answers are those of the store."`
	Export  export  `cmd:"" help:"Write a version as files of JSON lines."`
	SDL     sdl     `cmd:"" name:"schema" help:"Print the schema of the API that the catalog answers, for AppSync; what is left out of it goes to the error output."`
	Invoke  invoke  `cmd:"" help:"Answer one event, as the Lambda function would."`
	Load    load    `cmd:"" help:"Write the store's records into DynamoDB, with tables and indexes."`

	Bench    bencher  `cmd:"" help:"Send queries to a GraphQL API at a rate that does not wait for its answers, and report how soon they came."`
	Cost     estimate `cmd:"" help:"Estimate what a version costs a month under some traffic, and which quota is met first."`
	Infra    deploys  `cmd:"" help:"Deploy a catalog: what AWS SAM needs."`
	Simulate simulate `cmd:"" help:"Play processes, publishers and what goes wrong, in virtual time, and print what users and the store would have seen."`

	Versions versions `cmd:"" help:"List the versions of the history."`
	Diff     diff     `cmd:"" help:"Show what differs between two versions: entities and their fields."`
	Rollback rollback `cmd:"" help:"Make an older version the current one, until the next warm-up."`
	Pin      pin      `cmd:"" help:"Make a version the current one, and hold it."`
	Unpin    unpin    `cmd:"" help:"End a pin: the version that was built last becomes current."`
	GC       gc       `cmd:"" name:"gc" help:"Delete what only old versions have, now and not when their time in the cache ends."`
}

func (c *commands) config() wiring.Config {
	return wiring.Config{
		Schema: c.Schema, Store: c.Store, Cache: c.Cache, MomentoAPIKey: c.MomentoAPIKey, Namespace: c.Namespace, Catalog: c.Catalog, MaxAge: c.MaxAge, BuildTimeout: c.BuildTimeout,
		MaxStale: c.MaxStale, SoftTimeout: c.SoftTimeout, HardTimeout: c.HardTimeout, StoreUnits: c.StoreUnits, BuildUnits: c.BuildUnits,
		Codec: c.Codec, Level: c.Level, FillPages: c.FillPages, MaxEntities: c.MaxEntities, MaxDepth: c.MaxDepth,
		Rules: catalog.Rules{
			Minimum: c.MinCount, MaxShrink: wiring.Share(c.MaxShrink), MaxGrowth: wiring.Share(c.MaxGrowth), MaxChange: wiring.Share(c.MaxChange),
			Missing: c.Missing, Dangling: c.Dangling,
		},
		Policy: c.Policy, PolicyInterval: c.PolicyInterval,
		Announce: c.Announce, AnnounceKey: c.AnnounceKey,
		CacheFaults: c.CacheFaults, StoreFaults: c.StoreFaults, FaultSeed: c.FaultSeed,
	}
}

// check refuses what a flag must not be, though the library would take it for "the default".
func (c *commands) check() error {
	for name, value := range map[string]string{"namespace": c.Namespace, "catalog": c.Catalog} {
		if value == "" {
			return fmt.Errorf("%w: --%s (CHUNKASIDE_%s) is empty", wiring.ErrUsage, name, strings.ToUpper(name))
		}
	}
	return nil
}

// console is where a command writes: answers to out, all else to err.
type console struct{ out, err io.Writer }

// log gets what went wrong on the way and was mended, in lines for people.
func (c console) log() *slog.Logger {
	return slog.New(slog.NewTextHandler(c.err, &slog.HandlerOptions{Level: slog.LevelWarn}))
}

const description = `chunkaside answers whole GraphQL queries on a catalog from compressed chunks in a cache.

Exit codes: 0 done; 1 failed; 2 wrong usage; 3 the schema or a record is invalid; 4 the store is not available, or a table is missing;
5 the cache is not available, or refuses; 6 the cache has no usable version, or one is not whole; 7 the event, or a query tried before a load, was answered with an error;
8 rules refuse the version; 9 the probe found something wrong; 10 the load missed an objective.`

// run is the program: arguments in, output to the writers, an error for exitCode out.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	c := commands{MomentoAPIKey: os.Getenv("MOMENTO_API_KEY"), APIKey: os.Getenv("CHUNKASIDE_API_KEY"), AnnounceKey: os.Getenv("CHUNKASIDE_ANNOUNCE_KEY")}
	exited := false
	parser, err := kong.New(&c, kong.Name("chunkaside"), kong.Description(description), kong.Writers(stdout, stderr), kong.UsageOnError(),
		kong.Vars{"version": "chunkaside " + version()}, kong.Exit(func(int) { exited = true }), kong.BindTo(ctx, (*context.Context)(nil)),
		kong.Bind(&c, console{stdout, stderr}))
	if err != nil {
		return err
	}
	parsed, err := parser.Parse(args)
	if exited {
		return nil // --help or --version has been answered
	}
	if err != nil {
		return fmt.Errorf("%w: %w; see chunkaside --help", wiring.ErrUsage, err)
	}
	if err := c.check(); err != nil {
		return err
	}
	return c.explain(parsed.Run())
}

// version is the release, or the commit, that the program was built from.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok || info.Main.Version == "" || info.Main.Version == "(devel)" {
		return "devel"
	}
	return info.Main.Version
}
