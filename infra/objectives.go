package infra

import "fmt"

// The objectives are over 28 days. Whoever uses the budget of failures evenly burns at a rate of 1. An alarm that waits for the budget's end comes too late, and one that rings at each failure too often,
// so several windows are watched, each with the rate at which the share beside it is used up within it: 2 % in an hour, 5 % in six, 10 % in three days. A shorter window beside the long one ends the
// alarm soon after the failures.
var burns = []burn{
	{"Fast", 3600, 300, 13.44},
	{"Medium", 21600, 1800, 5.6},
	{"Slow", 259200, 21600, 0.933},
}

// burn is a rate, with its windows in seconds.
type burn struct {
	name        string
	long, short int
	rate        float64
}

// objective is one that is measured by the share of bad events.
type objective struct {
	name, runbook, what string
	// rate are the queries whose last is the rate of burning, in periods of so many seconds.
	rate func(period int) []query
}

func (d *deployment) objectives() []objective {
	return []objective{
		{"Availability", "Queries fail", "Too many queries fail for the objective of ${AvailabilityTarget} % over 28 days.", d.availability},
		{"Latency", "Queries are slow", "Too many queries are slow for the objective that 95 % take at most ${LatencyTarget} ms over 28 days.", d.latency},
	}
}

// availability counts what callers cannot help: errors of these types, processes that end (Lambda's errors beyond those that were answered), throttles, and AppSync's own faults. What a caller may have done
// wrong, such as BadArgument, is an answer.
func (d *deployment) availability(period int) []query {
	sum := func(id string, m metric) query { return query{ID: id, Metric: m, Statistic: "Sum", Period: period} }
	return []query{
		sum("answers", ours("resolver", "Answers")),
		sum("failures", ours("resolver", "Failures")),
		sum("unavailable", ours("resolver", "CatalogUnavailable")),
		sum("mismatch", ours("resolver", "CatalogMismatch")),
		sum("invalid", ours("resolver", "CatalogInvalid")),
		sum("internal", ours("resolver", "InternalFailure")),
		sum("errors", lambda("Resolver", "Errors")),
		sum("throttles", lambda("Resolver", "Throttles")),
		sum("faults", d.callers("5XXError")),
		{ID: "ended", Expression: "IF(FILL(errors, 0) > FILL(failures, 0), FILL(errors, 0) - FILL(failures, 0), 0)"},
		{ID: "lost", Expression: "ended + FILL(throttles, 0) + FILL(faults, 0)"},
		{ID: "bad", Expression: "lost + FILL(unavailable, 0) + FILL(mismatch, 0) + FILL(invalid, 0) + FILL(internal, 0)"},
		{ID: "all", Expression: "lost + FILL(answers, 0)"},
		{ID: "burn", Label: "Rate at which the budget of failures burns", Shown: true, Expression: "IF(all > 0, 100 * bad / all / (100 - ${AvailabilityTarget}), 0)"},
	}
}

// latency is that of the API that callers ask. The statistic PR is the percentage of values within a range.
func (d *deployment) latency(period int) []query {
	return []query{
		{ID: "fast", Metric: d.callers("Latency"), Statistic: "PR(:${LatencyTarget})", Period: period},
		{ID: "burn", Label: "Rate at which the budget of slow queries burns", Shown: true, Expression: "(100 - fast) / 5"},
	}
}

// burnAlarms are those of one window each. They notify nobody.
func (d *deployment) burnAlarms() (alarms []alarm) {
	for _, o := range d.objectives() {
		for _, b := range burns {
			for _, w := range []struct {
				name   string
				period int
			}{{"Long", b.long}, {"Short", b.short}} {
				alarms = append(alarms, alarm{
					Name: o.name + b.name + w.name, Runbook: o.runbook, What: "A part of another alarm.",
					Why:     fmt.Sprintf("%s: the budget burns more than %v times too fast for %s.", o.name, b.rate, duration(w.period)),
					Queries: o.rate(w.period), Compare: above, Threshold: fmt.Sprint(b.rate), Periods: 1, Missing: good,
				})
			}
		}
	}
	return alarms
}

// duration is a time in words.
func duration(seconds int) string {
	switch {
	case seconds >= 2*86400:
		return fmt.Sprintf("%d days", seconds/86400)
	case seconds >= 3600:
		return fmt.Sprintf("%d h", seconds/3600)
	}
	return fmt.Sprintf("%d min", seconds/60)
}

// composite is an alarm over others.
type composite struct{ Name, Runbook, What, Why, Rule, Urgency string }

// Composites notify: the two fast burns wake somebody, the slow one waits.
func (d *deployment) Composites() (all []composite) {
	for _, o := range d.objectives() {
		both := func(b burn) string {
			return fmt.Sprintf(`(ALARM("${%[1]sLong}") AND ALARM("${%[1]sShort}"))`, o.name+b.name)
		}
		all = append(all,
			composite{o.name, o.runbook, o.what, "Both of a rate's windows, so that it rings late for no outage and long after none.", both(burns[0]) + " OR " + both(burns[1]), page},
			composite{o.name + "Slowly", o.runbook, o.what, "A tenth of the budget in three days: nobody need wake up.", both(burns[2]), ticket})
	}
	return all
}
