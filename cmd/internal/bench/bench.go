// Package bench asks a GraphQL API at a pace that does not wait for its answers, as many callers would, and says what came of it.
//
//	mix, err := bench.ReadMix("queries.graphql")
//	b, err := bench.New(url, mix, &bench.Options{Pace: bench.Pace{Rate: 5000, Duration: time.Minute}})
//	err = b.Try(ctx)
//	report := b.Run(ctx, nil)
//
// The life of a request: it is due at a moment that only the pace decides. It is sent then, on a connection of its own, and its latency counts from that moment, also where this process
// was late or no connection was free. So an API that stops for a second has a second's requests answered late, not one. What is not answered within the timeout, counted from the same moment, has
// failed.
package bench

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"sync"
	"time"
)

// Options tunes a Bench.
type Options struct {
	Pace       Pace
	Objectives Objectives
	// Timeout is how long an answer may take, from when its request was due. Default 30 s, as AppSync's; at most an hour.
	Timeout time.Duration
	// Connections is how many requests may be under way at once. Default 1,000.
	Connections int
	// Seed decides which queries and variables are drawn.
	Seed uint64
	// Prepare, if set, adds to each request what the API wants, such as a signature. It is called concurrently.
	Prepare func(r *http.Request, body []byte) error
}

const (
	defaultTimeout     = 30 * time.Second
	defaultConnections = 1000
)

// Bench is one load on one API.
type Bench struct {
	url     string
	mix     *Mix
	options Options
}

// New prepares a load. The error says which option is wrong.
func New(endpoint string, m *Mix, o *Options) (*Bench, error) {
	u, err := url.Parse(endpoint)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.User != nil {
		return nil, errors.New("the endpoint is no URL such as http://127.0.0.1:8080/graphql, without user and password")
	}
	b := &Bench{endpoint, m, *o}
	if b.options.Timeout == 0 {
		b.options.Timeout = defaultTimeout
	}
	if b.options.Connections == 0 {
		b.options.Connections = defaultConnections
	}
	if b.options.Timeout < 0 || b.options.Timeout > longest || b.options.Connections < 0 {
		return nil, fmt.Errorf("a timeout of %v or %d connections are out of bounds: more than 0, and at most %v", b.options.Timeout, b.options.Connections, longest)
	}
	return b, b.options.Pace.check()
}

// Try asks each query once, so that a load does not consist of errors. The error names those that are not answered, or are with an error.
func (b *Bench) Try(ctx context.Context) error {
	c := newClient(b.url, 1, b.options.Prepare)
	defer c.close()
	var failed []error
	for i := range b.mix.Queries {
		q := &b.mix.Queries[i]
		bounded, cancel := context.WithTimeout(ctx, b.options.Timeout)
		var a answer
		c.ask(bounded, q.Body(0), &a)
		cancel()
		if a.failure != nil {
			failed = append(failed, fmt.Errorf("query %s: %s", q.Name, a.failure))
		}
	}
	return errors.Join(failed...)
}

// Run sends the load, and comes back when all is answered, or has failed. If ctx ends, no more is sent, what is under way is not counted, and the report says so. progress,
// if not nil, is told how many requests were due, about ten times a second, from the goroutine that sends them: it must not block.
func (b *Bench) Run(ctx context.Context, progress func(due int)) *Report {
	o := b.options
	r := &run{
		Bench: b, client: newClient(b.url, o.Connections, o.Prepare), random: rand.New(rand.NewPCG(o.Seed, 0)), tally: newTally(b.mix, o), slots: make(chan struct{}, o.Connections), began: time.Now(),
	}
	defer r.client.close()
	lasted := r.send(ctx, progress)
	report := r.tally.report(b.mix, lasted, min(o.Pace.Ramp, lasted))
	report.Endpoint, report.Began, report.Seed, report.Interrupted = b.url, r.began, o.Seed, ctx.Err() != nil
	report.Rate, report.RampSeconds, report.DurationSeconds, report.TimeoutSeconds = o.Pace.Rate, o.Pace.Ramp.Seconds(), o.Pace.Duration.Seconds(), o.Timeout.Seconds()
	return report
}

// run is a load under way.
type run struct {
	*Bench

	client *client
	random *rand.Rand
	tally  *tally
	slots  chan struct{} // has one for each request under way
	began  time.Time
}

// send sends all requests, each when it is due, and returns how long that took by the pace. Nothing here waits for an answer, unless all connections are busy.
func (r *run) send(ctx context.Context, progress func(due int)) time.Duration {
	var under sync.WaitGroup
	defer under.Wait()
	pace, told := r.options.Pace, time.Duration(0)
	for n := range pace.Requests() {
		due := pace.due(n)
		if !r.sleep(ctx, due) {
			return due
		}
		if progress != nil && due-told >= 100*time.Millisecond {
			told = due
			progress(n)
		}
		query, set := r.mix.draw(r.random)
		a := answer{query: query, due: due, held: n >= pace.ramped()}
		if !r.enter(ctx, &a) {
			return due
		}
		under.Go(func() {
			defer func() { <-r.slots }()
			r.ask(ctx, set, &a)
		})
	}
	return pace.Ramp + pace.Duration
}

// sleep waits until it is so long after the beginning, and is false if ctx ends before.
func (r *run) sleep(ctx context.Context, until time.Duration) bool {
	wait := until - time.Since(r.began)
	if wait <= 0 {
		return ctx.Err() == nil
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}

// enter waits for a connection, and is false if ctx ends before. It does not wait for long: whatever holds one was due earlier, so it has to end earlier.
func (r *run) enter(ctx context.Context, a *answer) bool {
	select {
	case r.slots <- struct{}{}:
		return true
	default:
	}
	a.waited = true
	select {
	case r.slots <- struct{}{}:
		return true
	case <-ctx.Done():
		return false
	}
}

// ask sends one request and counts what came of it.
func (r *run) ask(ctx context.Context, set int, a *answer) {
	a.late = max(0, time.Since(r.began)-a.due)
	bounded, cancel := context.WithDeadline(ctx, r.began.Add(a.due+r.options.Timeout))
	defer cancel()
	r.client.ask(bounded, r.mix.Queries[a.query].Body(set), a)
	a.latency = max(0, time.Since(r.began)-a.due)
	if ctx.Err() == nil {
		r.tally.add(*a)
	}
}
