package telemetry

import (
	"github.com/chunkaside/chunkaside/cache"
	cacheguard "github.com/chunkaside/chunkaside/cache/guard"
	"github.com/chunkaside/chunkaside/cmd/internal/wiring"
	"github.com/chunkaside/chunkaside/resolver"
	storeguard "github.com/chunkaside/chunkaside/store/guard"
)

// metric is a name and one of CloudWatch's units.
type metric struct{ name, unit string }

const (
	count   = "Count"
	bytes   = "Bytes"
	millis  = "Milliseconds"
	seconds = "Seconds"
)

// state is what an App has counted since it was opened.
type state struct {
	resolver   resolver.Stats
	cache      cache.Stats
	cacheGuard cacheguard.Stats
	storeGuard storeguard.Stats
}

func stateOf(app *wiring.App) state {
	return state{app.Resolver.Stats(), app.Cache.Stats(), app.Guard.Stats(), app.Store.Stats()}
}

// counters are the metrics that others count: an invocation's is what the count has grown by. What has not grown is not written.
var counters = []struct {
	metric
	of func(*state) int64
}{
	{metric{"Answers", count}, func(s *state) int64 { return s.resolver.Answers }},
	{metric{"Hits", count}, func(s *state) int64 { return s.cache.Hits }},
	{metric{"Stale", count}, func(s *state) int64 { return s.cache.Stale }},
	{metric{"Misses", count}, func(s *state) int64 { return s.cache.Misses }},
	{metric{"Narrow", count}, func(s *state) int64 { return s.resolver.Narrow }},
	{metric{"Published", count}, func(s *state) int64 { return s.cache.Published }},
	{metric{"Drifted", count}, func(s *state) int64 { return s.cache.Drifted }},
	{metric{"ChunksRead", count}, func(s *state) int64 { return s.cache.ChunksRead }},
	{metric{"BytesRead", bytes}, func(s *state) int64 { return s.cache.BytesRead }},
	{metric{"BytesSent", bytes}, func(s *state) int64 { return s.cache.BytesWritten }},
	{metric{"ReadUnits", count}, func(s *state) int64 { return s.storeGuard.Units }},
	{metric{"BuildReadUnits", count}, func(s *state) int64 { return s.storeGuard.BuildUnits }},
	{metric{"Throttled", count}, func(s *state) int64 { return s.storeGuard.Throttled }},
	{metric{"Damaged", count}, func(s *state) int64 { return s.cache.Damaged }},
	{metric{"Missing", count}, func(s *state) int64 { return s.cache.Missing }},
	{metric{"CacheBreakerOpened", count}, func(s *state) int64 { return s.cacheGuard.Opened }},
	{metric{"StoreBreakerOpened", count}, func(s *state) int64 { return s.storeGuard.Opened }},
}

// The metrics that are not counted elsewhere. Beside them each type of error has one of its own name: see resolver.Error.
var (
	failures     = metric{"Failures", count}
	answerBytes  = metric{"AnswerBytes", bytes}
	coldStart    = metric{"ColdStart", count}
	versionAge   = metric{"VersionAgeSeconds", seconds}
	lookTime     = metric{"LookMilliseconds", millis}
	looksFailed  = metric{"LooksFailed", count}
	buildTime    = metric{"BuildMilliseconds", millis}
	buildsFailed = metric{"BuildsFailed", count}
)
