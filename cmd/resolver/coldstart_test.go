package main

import (
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/chunkaside/chunkaside/internal/lambdatest"
)

// BenchmarkColdStart is the time from the start of a function's process until it asks for its first event, beside that of a function that does nothing. They take turns; the median of each is given.
func BenchmarkColdStart(b *testing.B) {
	schema, err := filepath.Abs("../../store/samplestore/sample.graphql")
	if err != nil {
		b.Fatal(err)
	}
	settings := []string{"CHUNKASIDE_STORE=dynamodb:", "CHUNKASIDE_SCHEMA=" + schema, "AWS_REGION=eu-west-1"}
	momento, valkey := append(settings, "CHUNKASIDE_CACHE=momento:catalog?endpoint=127.0.0.1:1"), append(settings[:3:3], "CHUNKASIDE_CACHE=valkey://127.0.0.1:1/0")
	resolver, warmer := lambdatest.Build(b, "./cmd/resolver"), lambdatest.Build(b, "./cmd/warmer")
	starts := []struct {
		name, bootstrap string
		env             []string
		took            []time.Duration
	}{
		{name: "idle", bootstrap: lambdatest.Build(b, "./internal/lambdatest/cmd/idle")},
		{name: "resolver-momento", bootstrap: resolver, env: momento},
		{name: "resolver-valkey", bootstrap: resolver, env: valkey},
		{name: "warmer-momento", bootstrap: warmer, env: momento},
		{name: "warmer-valkey", bootstrap: warmer, env: valkey},
	}
	for b.Loop() {
		for i := range starts {
			s := &starts[i]
			function := lambdatest.Run(b, s.bootstrap, s.env...)
			s.took = append(s.took, function.ColdStart(b))
			function.Stop()
		}
	}
	b.ReportMetric(0, "ns/op") // of all turns: it says nothing
	idle := median(starts[0].took)
	b.ReportMetric(idle.Seconds()*1000, "ms-idle")
	for _, s := range starts[1:] {
		b.ReportMetric(median(s.took).Seconds()*1000, "ms-"+s.name)
		b.ReportMetric(float64(median(s.took))/float64(idle), "x-"+s.name)
	}
}

func median(took []time.Duration) time.Duration {
	return slices.Sorted(slices.Values(took))[len(took)/2]
}
