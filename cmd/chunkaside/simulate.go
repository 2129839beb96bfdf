package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/chunkaside/chunkaside/cache"
	"github.com/chunkaside/chunkaside/cmd/internal/wiring"
	"github.com/chunkaside/chunkaside/internal/simulation"
	"github.com/chunkaside/chunkaside/internal/simulation/virtual"
)

// simulate is the command simulate.
type simulate struct {
	Processes int           `help:"How many processes answer queries." default:"10" env:"CHUNKASIDE_PROCESSES"`
	Rate      float64       `help:"Queries a second, to all processes together." default:"100" env:"CHUNKASIDE_RATE"`
	Once      bool          `help:"Ask each process once, all at the start, and no more." env:"CHUNKASIDE_ONCE"`
	Duration  time.Duration `help:"How long queries come." default:"10m" env:"CHUNKASIDE_DURATION"`
	Wide      int           `help:"How many of a hundred queries ask for the whole catalog." default:"0" env:"CHUNKASIDE_WIDE"`
	Cold      bool          `help:"Begin with an empty cache, and without a version in any process." env:"CHUNKASIDE_COLD"`
	Shows     int           `help:"Entities of the catalog that have others." default:"20" env:"CHUNKASIDE_SHOWS"`
	Episodes  int           `help:"Entities that each of them has." default:"5" env:"CHUNKASIDE_EPISODES"`
	Load      time.Duration `help:"How long the store takes to give the whole catalog." default:"2s" env:"CHUNKASIDE_LOAD"`
	Read      time.Duration `help:"How long it takes for one read." default:"5ms" env:"CHUNKASIDE_READ"`
	Latency   time.Duration `help:"How long each operation of the cache takes." default:"2ms" env:"CHUNKASIDE_LATENCY"`
	Publish   time.Duration `help:"After how long an edit, and a warm-up, follow the last; 0 is never." default:"0" env:"CHUNKASIDE_PUBLISH"`
	At        []string      `help:"What goes wrong when, once for each: '1m cache get fail', '11m cache -', '2m store scan fail', '3m crash' of a process, '4m empty' the cache." sep:"none" env:"CHUNKASIDE_AT" placeholder:"STEP"`
}

// Run plays the scenario in virtual time and prints what users and the store saw.
func (s *simulate) Run(c *commands, con console) error {
	scenario, err := s.scenario(c)
	if err != nil {
		return fmt.Errorf("%w: %w", wiring.ErrUsage, err)
	}
	var report *simulation.Report
	begin := time.Now()
	virtual.Run(simulation.Rest, func(ctx context.Context) { report, err = simulation.Run(ctx, scenario) })
	if err != nil {
		return err
	}
	fmt.Fprint(con.out, report)
	fmt.Fprintf(con.err, "%v in %v\n", s.Duration, time.Since(begin).Round(time.Millisecond))
	for _, v := range report.Violations {
		fmt.Fprintln(con.err, "nobody should see", v)
	}
	if n := len(report.Violations); n > 0 {
		return fmt.Errorf("%d answers broke a promise", n)
	}
	return nil
}

func (s *simulate) scenario(c *commands) (simulation.Scenario, error) {
	made := simulation.Scenario{
		Processes: s.Processes, Rate: s.Rate, Duration: s.Duration, Wide: s.Wide, Cold: s.Cold, Shows: s.Shows, Episodes: s.Episodes,
		Load: s.Load, Read: s.Read, Latency: s.Latency, Publish: s.Publish, Seed: c.FaultSeed,
		Cache: cache.Options{MaxAge: c.MaxAge, MaxStale: c.MaxStale, SoftTimeout: c.SoftTimeout, HardTimeout: c.HardTimeout, BuildTimeout: c.BuildTimeout},
	}
	if s.Once {
		made.Rate = -1
	}
	// A variable of the environment has one line for each.
	for text := range strings.SplitSeq(strings.Join(s.At, "\n"), "\n") {
		if strings.TrimSpace(text) == "" {
			continue
		}
		step, err := simulation.ParseStep(text)
		if err != nil {
			return made, err
		}
		made.Steps = append(made.Steps, step)
	}
	return made, made.Check()
}
