package main

import (
	"fmt"
	"io"
	"math"
	"strings"

	"github.com/chunkaside/chunkaside/probe"
)

// printProbed writes a report for people.
func printProbed(out io.Writer, r probe.Report) {
	fmt.Fprintf(out, "probe       %d rounds, seed %d\n", r.Rounds, r.Seed)
	if r.Visibility != nil {
		printVisibility(out, *r.Visibility)
	}
	s := r.Stored
	fmt.Fprintf(out, "stored      version %s, sequence %d; %s manifests and %s chunks read, %s wrong\n", s.Version.Short(), s.Sequence, thousands(s.Manifests), thousands(s.Chunks), thousands(s.Wrong))
	for _, fault := range s.Faults {
		fmt.Fprintf(out, "  %s\n", fault)
	}
	printAnswers(out, r.Answers)
}

func printVisibility(out io.Writer, v probe.Visibility) {
	m := v.Milliseconds
	fmt.Fprintf(out, "visibility  %d of %d markers were seen; p50 %s, p90 %s, p99 %s, at most %s\n", v.Seen, v.Markers, seconds(m.P50), seconds(m.P90), seconds(m.P99), seconds(m.Max))
	for _, why := range v.Unseen {
		fmt.Fprintf(out, "  not seen %s\n", why)
	}
	if !v.Restored {
		fmt.Fprintln(out, "  the marker's record has not got its own text back")
	}
}

func printAnswers(out io.Writer, a probe.Answers) {
	if a.Compared == 0 {
		return
	}
	many := "none was wrong"
	if a.Right < a.Compared {
		many = nines(a.Nines)
	}
	fmt.Fprintf(out, "answers     %s of %s are right (%s), %s of them late; with a confidence of 95 %% at least %s (%s)\n",
		thousands(a.Right), thousands(a.Compared), many, thousands(a.Late), percent(a.AtLeast), nines(a.AtLeastNines))
	for _, d := range a.Differences {
		fmt.Fprintf(out, "  %s  %s\n", visible([]byte(d.Record)), strings.TrimSpace(d.Kind+" "+strings.Join(d.Fields, ", ")+d.Reason))
	}
}

// seconds writes milliseconds.
func seconds(milliseconds float64) string { return fmt.Sprintf("%.2f s", milliseconds/1000) }

// percent rounds down: 99.99 % must not become all.
func percent(share float64) string { return fmt.Sprintf("%.2f %%", math.Floor(share*10000)/100) }

// nines rounds down, too.
func nines(n float64) string { return fmt.Sprintf("%.1f nines", math.Floor(n*10)/10) }
