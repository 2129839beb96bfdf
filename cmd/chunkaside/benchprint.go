package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strconv"
	"text/tabwriter"

	"github.com/chunkaside/chunkaside/cmd/internal/bench"
	"github.com/chunkaside/chunkaside/cmd/internal/wiring"
)

// print writes the report: as lines or JSON, and as a page if one is wanted.
func (b *bencher) print(con console, r *bench.Report) error {
	if b.Report != "" {
		if err := writePage(b.Report, r, b.SLO); err != nil {
			return err
		}
	}
	if b.JSON {
		return json.NewEncoder(con.out).Encode(r)
	}
	return printBenched(con.out, r)
}

func writePage(path string, r *bench.Report, o bench.Objectives) error {
	file, err := os.Create(path)
	if err != nil {
		return fmt.Errorf("%w: --report: %w", wiring.ErrUsage, err)
	}
	err = r.WritePage(file, o)
	if closing := file.Close(); err == nil {
		err = closing
	}
	if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	return nil
}

// printBenched writes a report for people.
func printBenched(out io.Writer, r *bench.Report) error {
	t := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(t, "milliseconds\tqueries\tfailed\tp50\tp90\tp95\tp99\tp99.9\tmax\tbytes\ttokens\t")
	for _, q := range r.Queries {
		benchedRow(t, q.Name, q.Total)
	}
	if len(r.Queries) > 1 {
		benchedRow(t, "all", r.Total)
	}
	if err := t.Flush(); err != nil {
		return err
	}
	fmt.Fprintf(out, "\nanswered    %s a second of %s, without an error", plain(r.AnswersASec), plain(r.Rate))
	if r.Ramp.Requests > 0 {
		fmt.Fprintf(out, "; before it, while the rate grew, %s queries, %s of them failed", thousands(r.Ramp.Requests), thousands(r.Ramp.Failed))
	}
	fmt.Fprintln(out)
	if r.Tokens > 0 {
		fmt.Fprintf(out, "tokens      %s a second of AppSync's; one query took at most %s\n", plain(r.Tokens/r.DurationSeconds), plain(r.MostTokens))
	}
	for _, f := range r.Failures {
		fmt.Fprintf(out, "failed      %s x %s: %s  %s\n", thousands(f.Count), f.Layer, f.Type, f.Message)
	}
	printVerdicts(out, r)
	return nil
}

func printVerdicts(out io.Writer, r *bench.Report) {
	late := r.Generator.Late
	fmt.Fprintf(out, "generator   sent %.2f ms late at p99, at most %.2f ms; latencies count that\n", late.P99, late.Max)
	if r.Generator.Saturated != "" {
		fmt.Fprintf(out, "saturated   %s\n", r.Generator.Saturated)
	}
	for _, v := range r.Verdicts {
		verdict := "met"
		if !v.Met {
			verdict = "MISSED"
		}
		fmt.Fprintf(out, "slo         %s: %s, by %s of all queries; %v %% are wanted\n", v.Objective, verdict, percent(v.Got/100), v.Wanted)
	}
}

func benchedRow(t io.Writer, name string, total bench.Total) {
	l := total.Latency
	fmt.Fprintf(t, "%s\t%s\t%s\t%.2f\t%.2f\t%.2f\t%.2f\t%.2f\t%.2f\t%s\t%.1f\t\n", name, thousands(total.Requests), thousands(total.Failed), l.P50, l.P90, l.P95, l.P99, l.P999, l.Max,
		thousands(int(total.MeanBytes)), total.MeanTokens)
}

// plain writes a number with at most one digit after the point.
func plain(v float64) string {
	if v == float64(int(v)) {
		return thousands(int(v))
	}
	return strconv.FormatFloat(v, 'f', 1, 64)
}
