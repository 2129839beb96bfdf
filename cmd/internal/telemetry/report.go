package telemetry

import (
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"time"

	"github.com/aws/aws-lambda-go/lambda/messages"

	"github.com/chunkaside/chunkaside/cmd/internal/wiring"
)

// report writes the metrics of an invocation that has ended, if there are any.
func (t *Telemetry) report(i invocation, app *wiring.App, answer []byte, err error) {
	if l := t.measure(i, app, answer, err); len(l.names) > 0 {
		_, _ = t.out.Write(l.end(t.header, i, t.now())) // there is nowhere to say that the log cannot be written
	}
}

// measure takes what has come since the last report, so that of invocations at the same time none counts what another one has.
func (t *Telemetry) measure(i invocation, app *wiring.App, answer []byte, err error) *line {
	t.mu.Lock()
	defer t.mu.Unlock()
	now, last := stateOf(app), t.last
	t.last = now

	l := &line{}
	for _, c := range counters {
		l.add(c.metric, c.of(&now)-c.of(&last))
	}
	failed := now.resolver.Failures - last.resolver.Failures
	if err != nil {
		failed = max(failed, 1) // the warmer's are not counted elsewhere
	}
	l.add(failures, failed)
	if failed > 0 {
		l.addTypes(answer, err)
	}
	if now.resolver.Answers > last.resolver.Answers {
		l.add(answerBytes, int64(len(answer)))
	}
	if i.cold {
		l.add(coldStart, 1)
	}
	t.times.addTo(l)
	t.times.clear()
	if now.cache.Sequence > 0 {
		l.addAge(versionAge, t.now().Sub(time.UnixMilli(now.cache.Sequence)))
	}
	return l
}

// addTypes adds a metric for each type of error: that of the whole invocation, or of contexts in a batch.
func (l *line) addTypes(answer []byte, err error) {
	types := map[string]int64{}
	if public, ok := errors.AsType[messages.InvokeResponse_Error](err); ok {
		types[public.Type]++
	} else if err == nil {
		countTypes(types, answer)
	}
	for _, name := range slices.Sorted(maps.Keys(types)) {
		l.add(metric{name, count}, types[name])
	}
}

// countTypes counts the errors of a batch's answer.
func countTypes(types map[string]int64, answer []byte) {
	var entries []struct {
		ErrorType string `json:"errorType"`
	}
	if json.Unmarshal(answer, &entries) != nil {
		return // no batch
	}
	for _, e := range entries {
		if e.ErrorType != "" {
			types[e.ErrorType]++
		}
	}
}
