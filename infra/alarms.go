package infra

import (
	"fmt"
	"slices"
	"strings"
)

// alarm is one of CloudWatch's. Why is a comment in the template, What is told to whom it notifies, Runbook is a heading in docs/operations.md.
type alarm struct {
	Name, Runbook, What, Why string
	Queries                  []query
	Compare, Threshold       string
	Periods, Datapoints      int // 0 datapoints are all periods
	Missing                  string
	Urgency                  string // "" notifies nobody
}

const (
	above = "GreaterThanThreshold"
	below = "LessThanThreshold"

	// A count of 0 is not written, so where there are no data there is mostly nothing wrong.
	good = "notBreaching"
	bad  = "breaching"

	page   = "page"
	ticket = "ticket"
)

// Alarms are all but the composites.
func (d *deployment) Alarms() []alarm {
	return slices.Concat(d.burnAlarms(), d.callerAlarms(), d.versionAlarms(), d.warmerAlarms(), d.hopAlarms())
}

// one is the query of an alarm on one metric.
func one(m metric, statistic string, period int) []query {
	return []query{{ID: "value", Metric: m, Statistic: statistic, Period: period, Shown: true}}
}

// sum are the queries of an alarm on the sum of several metrics, where a count of 0 is not written.
func sum(period int, metrics ...metric) []query {
	queries, terms := make([]query, 0, len(metrics)+1), make([]string, 0, len(metrics))
	for i, m := range metrics {
		id := fmt.Sprintf("part%d", i+1)
		queries = append(queries, query{ID: id, Metric: m, Statistic: "Sum", Period: period})
		terms = append(terms, "FILL("+id+", 0)")
	}
	return append(queries, query{ID: "value", Label: "All together", Expression: strings.Join(terms, " + "), Shown: true})
}

func (d *deployment) callerAlarms() []alarm {
	return []alarm{
		{Name: "MedianLatency", Runbook: "Queries are slow", What: "Half of the queries take longer than ${MedianTarget} ms, for six hours.", Why: "Half of all cannot burn a budget fast, so the median is watched itself.",
			Queries: one(d.callers("Latency"), "p50", 3600), Compare: above, Threshold: "!Ref MedianTarget", Periods: 6, Missing: good, Urgency: ticket},
		{Name: "LargeAnswers", Runbook: "An answer is near its limit", What: "An answer has more than 4.75 MB; with 5 MB it would be an error.", Why: "Pages end at 4.5 MB; what is larger did not ask for nextToken.",
			Queries: one(ours("resolver", "AnswerBytes"), "Maximum", 300), Compare: above, Threshold: "4750000", Periods: 1, Missing: good, Urgency: ticket},
	}
}

func (d *deployment) versionAlarms() []alarm {
	return []alarm{
		{Name: "VersionTooOld", Runbook: "The version is old", What: "The newest version that any resolver has is older than it may be.", Why: "The minimum: a process that nobody asks may be behind.",
			Queries: one(ours("resolver", "VersionAgeSeconds"), "Minimum", 300), Compare: above, Threshold: "!Ref MaxVersionAge", Periods: 3, Missing: good, Urgency: page},
		{Name: "NothingPublished", Runbook: "The version is old", What: "The warmer has published nothing for eight hours.", Why: "What is cached lives for 24 hours, so there is time to act.",
			Queries: one(ours("warmer", "Published"), "Sum", 3600), Compare: below, Threshold: "1", Periods: 8, Missing: bad, Urgency: page},
		{Name: "ChunksLost", Runbook: "Chunks are missing or damaged", What: "The cache lacks, or has damaged, what a version needs.", Why: "Each is mended by a build, which reads the tables.",
			Queries: sum(300, ours("resolver", "Missing"), ours("resolver", "Damaged"), ours("warmer", "Missing"), ours("warmer", "Damaged")), Compare: above, Threshold: "0", Periods: 3, Datapoints: 2, Missing: good, Urgency: ticket},
		{Name: "StoreAnswers", Runbook: "Queries read the store", What: "Queries are answered by the tables, for want of a version.", Why: "Now and then it is a new process while the cache is away.",
			Queries: one(ours("resolver", "Narrow"), "Sum", 60), Compare: above, Threshold: "0", Periods: 15, Datapoints: 5, Missing: good, Urgency: page},
	}
}

func (d *deployment) warmerAlarms() []alarm {
	return []alarm{
		{Name: "WarmUpsFail", Runbook: "Warm-ups fail", What: "Warm-ups fail: readers go on with the last version.", Why: "One that fails is sent again, so three of four quarters of an hour count.",
			Queries: one(lambda("Warmer", "Errors"), "Sum", 900), Compare: above, Threshold: "0", Periods: 4, Datapoints: 3, Missing: good, Urgency: ticket},
		{Name: "EditsWait", Runbook: "Edits are late", What: "Edits wait in a stream for more than ten minutes.", Why: "Of all streams the one that is furthest behind.",
			Queries: one(lambda("Warmer", "IteratorAge"), "Maximum", 300), Compare: above, Threshold: "600000", Periods: 3, Missing: good, Urgency: ticket},
		{Name: "EventsGivenUp", Runbook: "Events were given up", What: "Edits or schedules were sent to the warmer in vain and given up.", Why: "They are not in the version until the next full warm-up.",
			Queries: one(queue("ApproximateNumberOfMessagesVisible"), "Maximum", 300), Compare: above, Threshold: "0", Periods: 1, Missing: good, Urgency: ticket},
	}
}

// hopAlarms are the throttles on a query's way, from the caller to the tables.
func (d *deployment) hopAlarms() []alarm {
	alarms := []alarm{
		{Name: "TokensRunOut", Runbook: "AppSync's tokens run out", What: "More than 70 % of AppSync's request tokens are used.", Why: "The quota is the account's in this Region: other APIs use it too.",
			Queries: []query{
				{ID: "used", Metric: tokens, Statistic: "Sum", Period: 60},
				{ID: "share", Label: "Percent of the quota", Expression: "100 * used / (60 * ${TokenQuota})", Shown: true},
			}, Compare: above, Threshold: "70", Periods: 5, Datapoints: 3, Missing: good, Urgency: page},
		{Name: "LambdaThrottles", Runbook: "Lambda throttles", What: "Lambda refuses invocations of the resolver.", Why: "The warmer's are throttled by intent, and come again.",
			Queries: one(lambda("Resolver", "Throttles"), "Sum", 60), Compare: above, Threshold: "0", Periods: 5, Datapoints: 2, Missing: good, Urgency: page},
		{Name: "CacheAway", Runbook: "The cache is away or throttles", What: "The cache fails or throttles: the resolvers leave it alone for a while, and answer from memory.", Why: "Looks fail in ones and twos on any day; the breaker opens when half of them do.",
			Queries: sum(60, ours("resolver", "CacheBreakerOpened"), ours("warmer", "CacheBreakerOpened")), Compare: above, Threshold: "0", Periods: 10, Datapoints: 3, Missing: good, Urgency: page},
		{Name: "LooksFail", Runbook: "The cache is away or throttles", What: "Looks at the cache's pointer fail: answers grow old.", Why: "The breaker does not open where few ask.",
			Queries: one(ours("resolver", "LooksFailed"), "Sum", 300), Compare: above, Threshold: "5", Periods: 3, Missing: good, Urgency: ticket},
		{Name: "StoreBudget", Runbook: "The store throttles", What: "The resolvers refuse reads of the tables, for they cost too much, or the tables are away.", Why: "It protects DynamoDB while there is no version.",
			Queries: sum(60, ours("resolver", "Throttled"), ours("resolver", "StoreBreakerOpened"), ours("warmer", "StoreBreakerOpened")), Compare: above, Threshold: "0", Periods: 5, Datapoints: 3, Missing: good, Urgency: ticket},
	}
	return append(alarms, d.tableAlarms()...)
}

// tableAlarms are for nine tables each, for an alarm takes ten metrics.
func (d *deployment) tableAlarms() (alarms []alarm) {
	i := 0
	for models := range slices.Chunk(d.Models, 9) {
		i++
		var metrics []metric
		for _, m := range models {
			metrics = append(metrics, table(m, "ReadThrottleEvents"))
		}
		alarms = append(alarms, alarm{Name: fmt.Sprintf("TableThrottles%d", i), Runbook: "The store throttles", What: "DynamoDB throttles reads.", Why: "The SDK tries again; what lasts makes builds late.",
			Queries: sum(60, metrics...), Compare: above, Threshold: "0", Periods: 5, Datapoints: 3, Missing: good, Urgency: ticket})
	}
	return alarms
}
