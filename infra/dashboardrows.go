package infra

import "slices"

// line is a metric that is drawn.
func line(m metric, statistic, label string) query {
	return query{Metric: m, Statistic: statistic, Label: label, Shown: true}
}

// totals are metrics that are drawn as sums, under their own names.
func totals(metrics ...metric) (all []query) {
	for _, m := range metrics {
		all = append(all, line(m, "Sum", m.Name))
	}
	return all
}

// ofResolver are metrics that the resolver writes.
func ofResolver(names ...string) (all []metric) {
	for _, name := range names {
		all = append(all, ours("resolver", name))
	}
	return all
}

// rows are in the order in which an operator asks.
func (d *deployment) rows() []row {
	return []row{d.objectiveRow(), d.trafficRow(), d.hopRow(), d.latencyRow(), d.versionRow(), d.cacheRow(), d.warmerRow(), d.storeRow()}
}

func (d *deployment) objectiveRow() row {
	available := replaceLast(d.availability(300), query{ID: "available", Label: "Percent of queries answered", Expression: "IF(all > 0, 100 * (all - bad) / all, 100)", Shown: true})
	fast := []query{line(d.callers("Latency"), "PR(:${LatencyTarget})", "Percent within ${LatencyTarget} ms"), line(d.callers("Latency"), "PR(:${MedianTarget})", "Percent within ${MedianTarget} ms")}
	return row{"Are the objectives met?", "Over 28 days: ${AvailabilityTarget} % answered, 95 % within ${LatencyTarget} ms, 50 % within ${MedianTarget} ms. A budget that burns at a rate above 1 does not last.", []widget{
		{title: "Availability, 28 days", lines: available, whole: true},
		{title: "Speed, 28 days", lines: fast, whole: true},
		{title: "How fast the budget of failures burns", lines: d.availability(3600), limit: "1", limitName: "even"},
		{title: "How fast the budget of slow queries burns", lines: d.latency(3600), limit: "1", limitName: "even"},
	}}
}

func replaceLast(queries []query, q query) []query {
	return append(slices.Clone(queries[:len(queries)-1]), q)
}

func (d *deployment) trafficRow() row {
	return row{"What do callers ask, and what fails?", "Errors of callers, such as BadArgument, are answers. The others are ours: README.md, Errors.", []widget{
		{title: "Queries", lines: []query{line(d.callers("Latency"), "SampleCount", "Requests to the API"), line(ours("resolver", "Answers"), "Sum", "Fields answered")}},
		{title: "Failures of ours", stacked: true, lines: totals(ofResolver("CatalogUnavailable", "CatalogMismatch", "CatalogInvalid", "InternalFailure")...)},
		{title: "Failures of callers", stacked: true, lines: totals(ofResolver("BadArgument", "BadNextToken", "Unauthorized", "QueryTooLarge", "ResponseTooLarge", "AliasConflict")...)},
		{title: "The API's own", lines: totals(d.callers("4XXError"), d.callers("5XXError"))},
	}}
}

func (d *deployment) hopRow() row {
	var reads []metric
	for _, m := range d.Models {
		reads = append(reads, table(m, "ReadThrottleEvents"))
	}
	return row{"Where is it throttled?", "From the caller to the tables. A throttled cache shows as looks that fail and as a breaker that opens.", []widget{
		{title: "AppSync: percent of the quota of tokens", limit: "70", limitName: "alarm", lines: []query{
			{ID: "used", Metric: tokens, Statistic: "Sum"}, {ID: "share", Label: "Used", Expression: "100 * used / PERIOD(used) / ${TokenQuota}", Shown: true},
		}},
		{title: "Lambda: refused", lines: []query{line(lambda("Resolver", "Throttles"), "Sum", "Resolver"), line(lambda("Warmer", "Throttles"), "Sum", "Warmer, by intent")}},
		{title: "The cache", lines: totals(ofResolver("LooksFailed", "CacheBreakerOpened")...)},
		{title: "DynamoDB", lines: append(totals(reads[:min(len(reads), 20)]...), totals(ofResolver("Throttled", "StoreBreakerOpened")...)...)},
	}}
}

func (d *deployment) latencyRow() row {
	return row{"Where is the time spent?", "The API's time holds the function's, and that holds the look at the cache, which is rare.", []widget{
		{title: "The API", limit: "${LatencyTarget}", limitName: "objective", lines: percentiles(d.callers("Latency"))},
		{title: "The resolver", lines: percentiles(lambda("Resolver", "Duration"))},
		{title: "A look at the cache", lines: percentiles(ours("resolver", "LookMilliseconds"))},
		{title: "Environments", lines: []query{
			line(lambda("Resolver", "ConcurrentExecutions"), "Maximum", "At once"), line(lambda("Resolver", "ProvisionedConcurrentExecutions"), "Maximum", "Of those, kept warm"), line(ours("resolver", "ColdStart"), "Sum", "Started"),
		}},
	}}
}

func percentiles(m metric) []query {
	return []query{line(m, "p50", "p50"), line(m, "p95", "p95"), line(m, "p99", "p99")}
}

func (d *deployment) versionRow() row {
	return row{"How old is the version?", "It is published anew at least every eight hours, and after edits.", []widget{
		{title: "Age of the newest version in use, seconds", limit: "${MaxVersionAge}", limitName: "alarm", lines: []query{line(ours("resolver", "VersionAgeSeconds"), "Minimum", "Newest"), line(ours("resolver", "VersionAgeSeconds"), "Maximum", "Oldest")}},
		{title: "Published", lines: []query{line(ours("warmer", "Published"), "Sum", "By the warmer"), line(ours("resolver", "Published"), "Sum", "By resolvers, where the cache had none")}},
		{title: "Entities that whole warm-ups set right", lines: totals(ours("warmer", "Drifted"))},
		{title: "Stale answers and answers by the store", lines: totals(ofResolver("Stale", "Narrow")...)},
	}}
}

func (d *deployment) cacheRow() row {
	return row{"How is the cache?", "Hits are answers without a look. Misses are looks that found no version.", []widget{
		{title: "Answers from memory", lines: totals(ours("resolver", "Hits"))},
		{title: "Lost or damaged", lines: totals(ofResolver("Misses", "Missing", "Damaged")...)},
		{title: "Bytes", lines: []query{line(ours("resolver", "BytesRead"), "Sum", "Read by resolvers"), line(ours("warmer", "BytesSent"), "Sum", "Sent by the warmer")}},
		{title: "The largest answer", limit: "5000000", limitName: "AppSync's limit", lines: []query{line(ours("resolver", "AnswerBytes"), "Maximum", "Bytes")}},
	}}
}

func (d *deployment) warmerRow() row {
	return row{"How is the warmer?", "Failures come again, until they are given up.", []widget{
		{title: "Invocations", lines: totals(lambda("Warmer", "Invocations"), lambda("Warmer", "Errors"), ours("warmer", "BuildsFailed"))},
		{title: "How long builds take, milliseconds", lines: []query{line(ours("warmer", "BuildMilliseconds"), "p50", "Half"), line(ours("warmer", "BuildMilliseconds"), "Maximum", "The longest"), line(lambda("Warmer", "Duration"), "Maximum", "The longest invocation")}},
		{title: "How far behind the streams are, milliseconds", lines: []query{line(lambda("Warmer", "IteratorAge"), "Maximum", "The furthest")}},
		{title: "Given up", lines: []query{line(queue("ApproximateNumberOfMessagesVisible"), "Maximum", "Waiting")}},
	}}
}

func (d *deployment) storeRow() row {
	return row{"What does it cost the store?", "Read units, as DynamoDB charges them.", []widget{
		{title: "Builds", stacked: true, lines: []query{line(ours("warmer", "BuildReadUnits"), "Sum", "By the warmer"), line(ours("resolver", "BuildReadUnits"), "Sum", "By resolvers")}},
		{title: "Queries that read the store", lines: totals(ours("resolver", "ReadUnits"))},
	}}
}
