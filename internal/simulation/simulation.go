// Package simulation runs a whole house in one program: processes that answer queries as the Lambda function does, publishers, a shared cache, and a store, any of which may go wrong by rules. It counts
// what users and DynamoDB would have seen.
//
//	report, err := simulation.Run(ctx, simulation.Scenario{Processes: 20, Rate: 100, Duration: 10 * time.Minute})
//	fmt.Println(report)
//
// All time is that of package time. In a bubble of testing/synctest it is virtual: hours pass in seconds, nothing that the machine does beside takes any, and latencies are exact.
// Package virtual makes such a bubble for programs.
//
// Every entity carries the number of the edit that wrote it. So an answer tells by itself which version it is of, and whether it is of one.
package simulation

import (
	"context"
	"errors"
	"sync"
	"time"
)

// Rest is how long something may go on that the last calls have begun: a bubble of testing/synctest, whose time ends with its main goroutine, sleeps so long in the end.
const Rest = 5 * time.Minute

// Run plays a scenario to its end. The error is that it cannot be played, or that ctx was done before; what goes wrong in it is in the report.
func Run(ctx context.Context, s Scenario) (*Report, error) {
	w, err := NewWorld(s)
	if err != nil {
		return nil, err
	}
	defer w.End()
	return w.Run(ctx)
}

// Run plays the world's scenario, once more if it has been played. The counts of the report are of all times.
func (w *World) Run(ctx context.Context) (*Report, error) {
	if !w.scenario.Cold {
		if err := w.warm(ctx); err != nil {
			return nil, err
		}
	}
	report := newReport(w.scenario)
	playing, cancel := context.WithCancel(ctx)
	var others sync.WaitGroup
	others.Go(func() { w.publish(playing) })
	var wrong error
	others.Go(func() { wrong = w.follow(playing) })
	w.read(ctx, report)
	cancel()
	others.Wait()
	report.add(w)
	if wrong == nil {
		wrong = ctx.Err()
	}
	return report, wrong
}

// warm publishes a version, before anything goes wrong.
func (w *World) warm(ctx context.Context) error {
	if _, err := w.publisher.Cache.Warm(ctx, nil); err != nil {
		return err
	}
	return w.heat(ctx)
}

// heat lets each process answer a query for all, so that it holds the version: chunks are read by the queries that need them.
func (w *World) heat(ctx context.Context) error {
	for _, p := range w.Processes() {
		if a := p.Ask(ctx, Wide); a.Error != "" {
			return errors.New(a.Error)
		}
	}
	return nil
}

// read asks queries at the scenario's rate, whatever becomes of those before, and waits for their answers.
func (w *World) read(ctx context.Context, report *Report) {
	var asked sync.WaitGroup
	start := time.Now()
	for n := range w.scenario.queries() {
		if !pause(ctx, time.Until(start.Add(w.scenario.when(n)))) {
			break
		}
		p, q := w.pick(n)
		asked.Go(func() { report.count(p.Ask(ctx, q)) })
	}
	asked.Wait()
	if rest := time.Until(start.Add(w.scenario.Duration)); rest > 0 {
		pause(ctx, rest)
	}
}

// publish edits the store and warms up, now and then.
func (w *World) publish(ctx context.Context) {
	if w.scenario.Publish == 0 {
		return
	}
	for pause(ctx, w.scenario.Publish) {
		w.Source.Edit()
		_, err := w.publisher.Cache.Warm(ctx, nil)
		w.warmed(err)
	}
}

// pause waits, and says whether ctx lets the one who waited go on.
func pause(ctx context.Context, d time.Duration) bool {
	if d <= 0 {
		return ctx.Err() == nil
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}
