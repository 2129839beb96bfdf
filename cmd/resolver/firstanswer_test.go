package main

import (
	"context"
	"encoding/json"
	"path/filepath"
	"testing"
	"time"

	"github.com/chunkaside/chunkaside/cache"
	"github.com/chunkaside/chunkaside/cache/momentocache"
	"github.com/chunkaside/chunkaside/catalog"
	"github.com/chunkaside/chunkaside/catalog/schema"
	"github.com/chunkaside/chunkaside/chunker"
	"github.com/chunkaside/chunkaside/internal/lambdatest"
	"github.com/chunkaside/chunkaside/internal/momentofake"
	"github.com/chunkaside/chunkaside/resolver"
	"github.com/chunkaside/chunkaside/store/samplestore"
)

// page asks for one program with its groups and their first episodes.
const page = `{"arguments":{"id":"detective-arthur"},"identity":null,"source":null,"request":{"headers":{}},"info":{"parentTypeName":"Query","fieldName":"getProgram","variables":{},` +
	`"selectionSetList":["title"],"selectionSetGraphQL":"{ title groups(limit: 9) { items { title episodes(limit: 10) { items { id title } } } } }"}}`

// calls notes what is read from a cache.
type calls struct {
	cache.Driver
	keys [][]string
}

func (c *calls) Get(ctx context.Context, keys []string) ([][]byte, error) {
	c.keys = append(c.keys, keys)
	return c.Driver.Get(ctx, keys)
}

// BenchmarkFirstAnswer is the time of a process's first answer, of a page, from the cache: from the event to the answer, after the start. Beside it the same keys are read by a process that does nothing else. They take
// turns; the median of each is given.
func BenchmarkFirstAnswer(b *testing.B) {
	momento, err := momentofake.Start("127.0.0.1:0", nil)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(momento.Close)
	file, err := filepath.Abs("../../store/samplestore/sample.graphql")
	if err != nil {
		b.Fatal(err)
	}
	keys := fill(b, momento.Addr())
	functions := []struct {
		name, bootstrap string
		env             []string
		event           []byte
		took            []time.Duration
	}{
		{name: "fetch", bootstrap: lambdatest.Build(b, "./internal/lambdatest/cmd/fetch"), env: []string{"CHUNKASIDE_MOMENTO=" + momento.Addr()}, event: keys},
		{name: "resolver", bootstrap: lambdatest.Build(b, "./cmd/resolver"), event: []byte(page), env: []string{
			"CHUNKASIDE_STORE=dynamodb:", "CHUNKASIDE_SCHEMA=" + file, "AWS_REGION=eu-west-1", "CHUNKASIDE_CACHE=momento:catalog?endpoint=" + momento.Addr(),
		}},
	}
	for b.Loop() {
		for i := range functions {
			f := &functions[i]
			r := lambdatest.Run(b, f.bootstrap, f.env...)
			r.ColdStart(b)
			asked := time.Now()
			if answer, failed := r.Invoke(b, f.event); failed {
				b.Fatalf("%s: %s", f.name, answer)
			}
			f.took = append(f.took, time.Since(asked))
			r.Stop()
		}
	}
	b.ReportMetric(0, "ns/op") // of all turns: it says nothing
	alone := median(functions[0].took)
	b.ReportMetric(alone.Seconds()*1000, "ms-fetch")
	b.ReportMetric(median(functions[1].took).Seconds()*1000, "ms-resolver")
	b.ReportMetric(float64(median(functions[1].took))/float64(alone), "x-resolver")
}

// fill publishes the sample, and returns what a process reads for its first page: an event of the function fetch.
func fill(b *testing.B, address string) []byte {
	b.Helper()
	s, err := schema.Parse("sample.graphql", samplestore.Schema)
	if err != nil {
		b.Fatal(err)
	}
	driver, err := momentocache.New("catalog", &momentocache.Options{Endpoint: address})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = driver.Close() })
	build := func(ctx context.Context, emit func(chunker.Digest, []byte) error) (*chunker.Manifest, error) {
		return catalog.Build(ctx, samplestore.New(), s, nil, emit)
	}
	writer, err := cache.New(driver, s, &cache.Options{Build: build})
	if err != nil {
		b.Fatal(err)
	}
	if _, err := writer.Warm(b.Context(), nil); err != nil {
		b.Fatal(err)
	}
	read := &calls{Driver: driver}
	reader, err := cache.New(read, s, nil)
	if err != nil {
		b.Fatal(err)
	}
	r, err := resolver.New(s, reader, nil)
	if err != nil {
		b.Fatal(err)
	}
	if _, err := r.Invoke(b.Context(), []byte(page)); err != nil {
		b.Fatal(err)
	}
	event, err := json.Marshal(read.keys)
	if err != nil {
		b.Fatal(err)
	}
	return event
}
