package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/chunkaside/chunkaside/cmd/internal/bench"
	"github.com/chunkaside/chunkaside/cmd/internal/cost"
	"github.com/chunkaside/chunkaside/cmd/internal/wiring"
	"github.com/chunkaside/chunkaside/internal/appsync"
)

// usualPage is how many entities an answer is taken to have: what a list has without a limit.
const usualPage = 100

// maxSample is how many sets of variables are tried of a query.
const maxSample = 20

// answerSize is the mean size of an answer: as said, or measured, or guessed.
func (e *estimate) answerSize(ctx context.Context, app *wiring.App, c cost.Catalog) (float64, error) {
	switch {
	case e.AnswerSize != 0:
		return float64(e.AnswerSize), nil
	case e.Queries != "":
		return measure(ctx, app, e.Queries)
	}
	sum := 0
	for _, size := range c.Tables {
		sum += size
	}
	return usualPage * float64(sum) / float64(max(1, c.Entities)), nil
}

// measure answers queries in this process and returns the mean size of the answers, by weight.
func measure(ctx context.Context, app *wiring.App, path string) (float64, error) {
	mix, err := bench.ReadMix(path)
	if err != nil {
		return 0, fmt.Errorf("%w: --queries (CHUNKASIDE_QUERIES): %w", wiring.ErrUsage, err)
	}
	api, err := appsync.New(app.Schema, app.Resolver, nil)
	if err != nil {
		return 0, err
	}
	sum, weights := 0.0, 0
	for i := range mix.Queries {
		q := &mix.Queries[i]
		size, err := meanAnswer(ctx, api, q)
		if err != nil {
			return 0, fmt.Errorf("%w: query %s: %w", errUntried, q.Name, err)
		}
		sum += float64(q.Weight) * size
		weights += q.Weight
	}
	return sum / float64(weights), nil
}

// meanAnswer asks with some of a query's sets, evenly picked.
func meanAnswer(ctx context.Context, api http.Handler, q *bench.Query) (float64, error) {
	tries, sum := min(maxSample, len(q.Sets)), 0
	for n := range tries {
		request, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://localhost/graphql", bytes.NewReader(q.Body(n*len(q.Sets)/tries)))
		if err != nil {
			return 0, err
		}
		request.Header.Set("Content-Type", "application/json")
		var a inMemory
		api.ServeHTTP(&a, request)
		if failure := bench.Judge(a.status, a.body.Bytes()); failure != nil {
			return 0, errors.New(failure.String())
		}
		sum += a.body.Len()
	}
	return float64(sum) / float64(tries), nil
}

// inMemory takes an answer that goes nowhere.
type inMemory struct {
	header http.Header
	status int
	body   bytes.Buffer
}

// Header implements http.ResponseWriter.
func (a *inMemory) Header() http.Header {
	if a.header == nil {
		a.header = http.Header{}
	}
	return a.header
}

// WriteHeader implements http.ResponseWriter.
func (a *inMemory) WriteHeader(status int) {
	if a.status == 0 {
		a.status = status
	}
}

// Write implements http.ResponseWriter.
func (a *inMemory) Write(data []byte) (int, error) {
	a.WriteHeader(http.StatusOK)
	return a.body.Write(data)
}
