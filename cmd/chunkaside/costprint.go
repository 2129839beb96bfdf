package main

import (
	"fmt"
	"io"
	"math"
	"strconv"
	"text/tabwriter"

	"github.com/chunkaside/chunkaside/cmd/internal/cost"
)

// printCosts writes an estimate for people.
func printCosts(out io.Writer, r *cost.Result) error {
	t := r.Input.Traffic
	fmt.Fprintf(out, "%s queries a second, %s at the peak, answered by %s processes; a month of 730 hours, without free tiers\n\n", plain(t.PerSecond), plain(t.Peak), plain(r.Input.Setup.Environments))
	if err := printTerms(out, r); err != nil {
		return err
	}
	if err := printLimits(out, r); err != nil {
		return err
	}
	f := r.FieldByField
	if f == nil {
		return nil
	}
	fmt.Fprintf(out, "\nfield by field, %s resolvers and %s tokens a query:\n\n", plain(r.Input.FieldByField.Resolvers), plain(r.Input.FieldByField.Tokens))
	if err := printTerms(out, f); err != nil {
		return err
	}
	return printLimits(out, f)
}

func printTerms(out io.Writer, r *cost.Result) error {
	t := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	for _, term := range r.Terms {
		fmt.Fprintf(t, "%s\t%12s\t%s %s\t%s\n", term.Name, dollars(term.Dollars), quantity(term.Amount), term.Unit, term.How)
	}
	fmt.Fprintf(t, "a month\t%12s\t\t\n", dollars(r.Dollars))
	return t.Flush()
}

func printLimits(out io.Writer, r *cost.Result) error {
	fmt.Fprintln(out)
	t := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	for _, l := range r.Limits {
		state := "reached at " + quantity(math.Floor(l.ReachedAt)) + " queries a second"
		if l.ReachedAt == 0 {
			state = "whatever the traffic"
		}
		if l.Used > l.Quota {
			state += ", EXCEEDED"
		}
		fmt.Fprintf(t, "%s\t%s of %s\t%s\n", l.Name, quantity(l.Used), quantity(l.Quota), state)
	}
	if err := t.Flush(); err != nil {
		return err
	}
	fmt.Fprintf(out, "more traffic meets first: %s\n", r.First)
	return nil
}

// dollars rounds to cents; what is less than one is not nothing.
func dollars(d float64) string {
	if d > 0 && d < 0.01 {
		return "< $0.01"
	}
	whole := math.Floor(math.Round(d*100) / 100)
	return "$" + thousands(int(whole)) + fmt.Sprintf("%.2f", math.Round(d*100)/100-whole)[1:]
}

// quantity writes a number with three digits at least, if it has them.
func quantity(v float64) string {
	if v >= 100 {
		return thousands(int(math.Round(v)))
	}
	return strconv.FormatFloat(v, 'g', 3, 64)
}
