package resolver

import (
	"bytes"
	"context"
	stdjson "encoding/json"
	"fmt"
	"log/slog"
	"runtime/debug"

	"github.com/go-json-experiment/json"

	"github.com/chunkaside/chunkaside/chunker"
)

// MaxBatch is the most contexts in one event, AppSync's limit of maxBatchSize.
const MaxBatch = 2000

// maxBatchAnswer is the most bytes of a batch's answers: Lambda's limit, less what the errors of all its contexts may take.
const maxBatchAnswer = maxLambdaAnswer - MaxBatch*400

// entry is one context of a batch: what it asks for, or why that is not known.
type entry struct {
	plan  *plan
	place place
	err   error
}

// batch answers each context for itself, all from one version: a bad one does not spoil the others.
func (r *Resolver) batch(ctx context.Context, data []byte) (_ []byte, err error) {
	events, err := decodeBatch(data)
	if err != nil {
		return nil, err
	}
	b := batch{Resolver: r, plans: map[string]entry{}, answers: map[question]span{}}
	entries := make([]entry, len(events))
	var plans []*plan
	for i, raw := range events {
		if entries[i] = b.entry(ctx, raw); entries[i].err == nil {
			plans = append(plans, entries[i].plan)
		}
	}
	ctx, end := r.options.Load().Trace.Begin(ctx, "answer", "")
	defer func() { end(err) }()
	v, err := r.current(ctx, plans...)
	if err != nil {
		return nil, err
	}
	tokens := r.sealer()
	for i := range entries {
		if e := &entries[i]; e.err == nil {
			e.err = e.plan.open(tokens)
		}
	}
	v = r.at(ctx, v, firstVersion(entries))
	answer, err := b.from(ctx, entries, v)
	if unreadable(err) {
		// From the beginning, so that all are answered from one version.
		clear(b.answers)
		v, _ = r.replace(ctx, v, err)
		b.last = true // what cannot be read is so for its own context
		answer, err = b.from(ctx, entries, v)
	}
	return answer, err
}

// batch is the work that the contexts of an event share: those of one field differ in their source alone, so they have one plan, and those that ask the same have one answer.
type batch struct {
	*Resolver
	plans   map[string]entry // by what they are made of; their places are not filled in
	answers map[question]span
	last    bool // there is no other view to try
}

// question is what an answer depends on.
type question struct {
	plan   *plan
	prefix string
	none   bool
}

// span is where an answer stands in the batch's.
type span struct{ from, to int }

// entry plans one context.
func (b *batch) entry(ctx context.Context, raw stdjson.RawMessage) (e entry) {
	defer func() {
		if p := recover(); p != nil {
			b.panicked(ctx, p)
			e = entry{err: errPanic}
		}
	}()
	if err := ctx.Err(); err != nil {
		return entry{err: err}
	}
	key, source := sharedPart(raw)
	e, known := b.plans[key]
	if !known || key == "" {
		e = b.planned(raw)
		b.plans[key] = e
	}
	if e.err == nil {
		e.place, e.err = e.plan.in(source)
	}
	return e
}

// planned is the plan of a context.
func (b *batch) planned(raw stdjson.RawMessage) (e entry) {
	event, err := decodeEvent(raw)
	if err != nil {
		return entry{err: err}
	}
	e.plan, e.err = b.plan(event)
	return e
}

// sharedPart is all that a plan is made of, and the source that it is not. It is "" for what is no event.
func sharedPart(raw stdjson.RawMessage) (key string, source stdjson.RawMessage) {
	var e struct {
		TypeName         stdjson.RawMessage `json:"typeName"`
		ParentTypeName   stdjson.RawMessage `json:"parentTypeName"`
		FieldName        stdjson.RawMessage `json:"fieldName"`
		SelectionSetList stdjson.RawMessage `json:"selectionSetList"`
		Arguments        stdjson.RawMessage `json:"arguments"`
		Info             stdjson.RawMessage `json:"info"`
		Identity         stdjson.RawMessage `json:"identity"`
		Request          stdjson.RawMessage `json:"request"`
		Payload          stdjson.RawMessage `json:"payload"`
		Operation        stdjson.RawMessage `json:"operation"`
		Source           stdjson.RawMessage `json:"source"`
	}
	if json.Unmarshal(raw, &e, asSent) != nil {
		return "", nil
	}
	parts := [][]byte{e.TypeName, e.ParentTypeName, e.FieldName, e.SelectionSetList, e.Arguments, e.Info, e.Identity, e.Request, e.Payload, e.Operation}
	return string(bytes.Join(parts, []byte{0})), e.Source // JSON has no such byte
}

// firstVersion is what the first page that goes on is to go on with, "" if none does.
func firstVersion(entries []entry) chunker.Digest {
	for _, e := range entries {
		if e.err == nil && e.plan.version() != "" {
			return e.plan.version()
		}
	}
	return ""
}

// from answers a batch from one view. The error is that it cannot be read; all others are their entries'.
func (b *batch) from(ctx context.Context, entries []entry, v view) (out []byte, err error) {
	out = []byte{'['}
	for i, e := range entries {
		if i > 0 {
			out = append(out, ',')
		}
		if out, err = b.append(ctx, out, e, v); err != nil {
			return nil, err
		}
	}
	return append(out, ']'), nil
}

// append appends the answer of one context, or its error. The error it returns is that the version cannot be read.
func (b *batch) append(ctx context.Context, out []byte, e entry, v view) (result []byte, err error) {
	start := len(out)
	defer func() {
		if p := recover(); p != nil {
			b.panicked(ctx, p)
			result, err = b.fail(ctx, errPanic).appendBatch(out[:start]), nil
		}
	}()
	if e.err != nil {
		return b.fail(ctx, e.err).appendBatch(out), nil
	}
	answer, err := b.data(ctx, append(out, `{"data":`...), e, v)
	if err == nil && len(answer) > maxBatchAnswer {
		err = failf(ResponseTooLarge, "the answers of the batch have more than %d bytes: ask for fewer at once", maxBatchAnswer)
	}
	switch {
	case unreadable(err) && !b.last:
		return nil, err
	case err != nil:
		return b.fail(ctx, err).appendBatch(answer[:start]), nil
	}
	b.counts.answers.Add(1)
	return append(answer, `,"errorMessage":null,"errorType":null}`...), nil
}

// data appends the answer of one context: a copy, if another one has asked for the same.
func (b *batch) data(ctx context.Context, out []byte, e entry, v view) ([]byte, error) {
	q := question{e.plan, e.place.prefix, e.place.none}
	if same, ok := b.answers[q]; ok && e.place.value == nil {
		return append(out, out[same.from:same.to]...), nil
	}
	from := len(out)
	out, err := b.answerFrom(ctx, out, v, e.plan, e.place)
	if err == nil && e.place.value == nil {
		b.answers[q] = span{from, len(out)}
	}
	return out, err
}

// panicked logs a panic: the process and its version outlive one bad event.
func (r *Resolver) panicked(ctx context.Context, p any) {
	r.options.Load().Log.ErrorContext(ctx, "panic", slog.String("panic", fmt.Sprint(p)), slog.String("stack", string(debug.Stack())))
}
