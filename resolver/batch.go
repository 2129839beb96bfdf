package resolver

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"runtime/debug"

	"github.com/chunkaside/chunkaside/catalog"
	"github.com/chunkaside/chunkaside/chunker"
)

// MaxBatch is the most contexts in one event, AppSync's limit of maxBatchSize.
const MaxBatch = 2000

// maxBatchAnswer is the most bytes of a batch's answers: Lambda's limit, less what the errors of all its contexts may take.
const maxBatchAnswer = maxLambdaAnswer - MaxBatch*400

// entry is one context of a batch: what it asks for, or why that is not known.
type entry struct {
	plan *plan
	err  error
}

// batch answers each context for itself, all from one version: a bad one does not spoil the others.
func (r *Resolver) batch(ctx context.Context, data []byte) ([]byte, error) {
	events, err := decodeBatch(data)
	if err != nil {
		return nil, err
	}
	s, err := r.source.Current(ctx)
	if err != nil {
		return nil, err
	}
	entries := make([]entry, len(events))
	for i, raw := range events {
		entries[i] = r.entry(ctx, raw)
	}
	s = r.at(ctx, s, firstVersion(entries))
	answer, err := r.batchFrom(ctx, entries, s)
	if unreadable(err) {
		// From the beginning, so that all are answered from one version.
		if s, err = r.replace(ctx, s, err); err == nil {
			answer, err = r.batchFrom(ctx, entries, s)
		}
	}
	return answer, err
}

// entry plans one context.
func (r *Resolver) entry(ctx context.Context, raw json.RawMessage) (e entry) {
	defer func() {
		if p := recover(); p != nil {
			r.panicked(ctx, p)
			e = entry{err: errPanic}
		}
	}()
	if e.err = ctx.Err(); e.err != nil {
		return e
	}
	event, err := decodeEvent(raw)
	if err != nil {
		return entry{err: err}
	}
	if e.plan, e.err = r.plan(event); e.err == nil {
		e.err = e.plan.open(r.source.TokenKey())
	}
	return e
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

// batchFrom answers a batch from one snapshot. The error is that it cannot be read; all others are their entries'.
func (r *Resolver) batchFrom(ctx context.Context, entries []entry, s *catalog.Snapshot) (out []byte, err error) {
	out = []byte{'['}
	for i, e := range entries {
		if i > 0 {
			out = append(out, ',')
		}
		if out, err = r.batchEntry(ctx, out, e, s); err != nil {
			return nil, err
		}
	}
	return append(out, ']'), nil
}

// batchEntry appends the answer of one context, or its error. The error it returns is that the snapshot cannot be read.
func (r *Resolver) batchEntry(ctx context.Context, out []byte, e entry, s *catalog.Snapshot) (result []byte, err error) {
	start := len(out)
	defer func() {
		if p := recover(); p != nil {
			r.panicked(ctx, p)
			result, err = r.fail(ctx, errPanic).appendBatch(out[:start]), nil
		}
	}()
	if e.err != nil {
		return r.fail(ctx, e.err).appendBatch(out), nil
	}
	answer, err := r.answerFrom(ctx, append(out, `{"data":`...), s, e.plan)
	if err == nil && len(answer) > maxBatchAnswer {
		err = failf(ResponseTooLarge, "the answers of the batch have more than %d bytes: ask for fewer at once", maxBatchAnswer)
	}
	switch {
	case unreadable(err):
		return nil, err
	case err != nil:
		return r.fail(ctx, err).appendBatch(answer[:start]), nil
	}
	r.counts.answers.Add(1)
	return append(answer, `,"errorMessage":null,"errorType":null}`...), nil
}

// panicked logs a panic: the process and its version outlive one bad event.
func (r *Resolver) panicked(ctx context.Context, p any) {
	r.options.Log.ErrorContext(ctx, "panic", slog.String("panic", fmt.Sprint(p)), slog.String("stack", string(debug.Stack())))
}
