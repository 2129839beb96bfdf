// Package resolver answers AppSync's direct Lambda resolver events from a catalog's snapshot: one event, one answer, its nested fields included.
//
// A Resolver is a handler of aws-lambda-go, bytes in and bytes out:
//
//	r, err := resolver.New(schema, cache, nil)
//	lambda.StartHandler(r)
//
// An event goes through these files: event.go decodes it, plan.go and selection.go turn it into what to look up and which fields to write, condition.go and filter.go into which entities of
// it, answer.go writes the answer from one snapshot, error.go is the only place where errors become what the API's users see. A Resolver may be used by any number of goroutines.
package resolver

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/chunkaside/chunkaside/cache"
	"github.com/chunkaside/chunkaside/catalog"
	"github.com/chunkaside/chunkaside/catalog/schema"
	"github.com/chunkaside/chunkaside/chunker"
)

// Source gives snapshots; *cache.Cache is one.
type Source interface {
	// Current is the current version's.
	Current(ctx context.Context) (*catalog.Snapshot, error)
	// Within is Current for a caller who has something else to answer, and less patience where there is no version.
	Within(ctx context.Context, patience time.Duration) (*catalog.Snapshot, error)
	// Recover is one to read instead of a snapshot that could not be read, for this cause.
	Recover(ctx context.Context, unreadable *catalog.Snapshot, cause error) (*catalog.Snapshot, error)
	// At is an earlier version's, as long as that lives: for lists that go on in it.
	At(ctx context.Context, version chunker.Digest) (*catalog.Snapshot, error)
	// TokenKey is a secret that all readers of the catalog share, by which they know each other's nextTokens. It is asked for after Current; "" is a key too, one that is no secret.
	TokenKey() string
}

// Resolver answers events.
type Resolver struct {
	schema     *schema.Schema
	source     Source
	options    atomic.Pointer[Options]
	restricted bool // some may read what others may not
	tokens     atomic.Pointer[sealer]
	counts     struct{ answers, failures, narrow atomic.Int64 }
}

// Stats is what a Resolver has done. The numbers only grow.
type Stats struct {
	// Answers are fields answered, Failures those answered with an error; each context of a batch counts.
	Answers  int64 `json:"answers"`
	Failures int64 `json:"failures"`
	// Narrow are the events for which the store itself was read, for want of a version.
	Narrow int64 `json:"narrow"`
}

// New makes a Resolver of the schema's queries. The source's snapshots must be of this very schema. An error means that the options are out of bounds.
func New(s *schema.Schema, source Source, o *Options) (*Resolver, error) {
	r := &Resolver{schema: s, source: source, restricted: s.Restricted() != ""}
	if err := r.SetOptions(o); err != nil {
		return nil, err
	}
	return r, nil
}

// SetOptions replaces the options; the events that come are answered by them, those under way perhaps in part. An error means that they are out of bounds, and that the old ones go on.
func (r *Resolver) SetOptions(o *Options) error {
	options, err := o.withDefaults()
	if err == nil {
		r.options.Store(&options)
	}
	return err
}

// Stats returns the counts at this moment.
func (r *Resolver) Stats() Stats {
	return Stats{Answers: r.counts.answers.Load(), Failures: r.counts.failures.Load(), Narrow: r.counts.narrow.Load()}
}

// Invoke answers one event, of one context or a batch of them. The error is a messages.InvokeResponse_Error, which the Lambda runtime hands to AppSync as it is. It
// does not panic, whatever the event.
func (r *Resolver) Invoke(ctx context.Context, data []byte) (answer []byte, err error) {
	defer func() {
		if p := recover(); p != nil {
			r.panicked(ctx, p)
			r.counts.failures.Add(1)
			answer, err = nil, public(errPanic).response()
		}
	}()
	ctx, cancel := r.bound(ctx)
	defer cancel()
	if trimmed := bytes.TrimLeft(data, " \t\r\n"); len(trimmed) > 0 && trimmed[0] == '[' {
		answer, err = r.batch(ctx, data)
	} else {
		answer, err = r.single(ctx, data)
	}
	if err != nil {
		return nil, r.fail(ctx, err).response()
	}
	return answer, nil
}

// bound leaves half a second of the Lambda's time to hand over an error.
func (r *Resolver) bound(ctx context.Context) (context.Context, context.CancelFunc) {
	until := time.Now().Add(r.options.Load().Timeout)
	if deadline, ok := ctx.Deadline(); ok && deadline.Add(-time.Second/2).Before(until) {
		until = deadline.Add(-time.Second / 2)
	}
	return context.WithDeadline(ctx, until)
}

func (r *Resolver) single(ctx context.Context, data []byte) (_ []byte, err error) {
	e, err := decodeEvent(data)
	if err != nil {
		return nil, err
	}
	p, err := r.plan(e)
	if err != nil {
		return nil, err
	}
	at, err := p.in(e.Source)
	if err != nil {
		return nil, err
	}
	ctx, end := r.options.Load().Trace.Begin(ctx, "answer", e.Info.FieldName)
	defer func() { end(err) }()
	v, err := r.current(ctx, p)
	if err != nil {
		return nil, err
	}
	if err = p.open(r.sealer()); err != nil {
		return nil, err
	}
	v = r.at(ctx, v, p.version())
	answer, err := inRoom(func(out []byte) ([]byte, error) { return r.answer(ctx, out, v, p, at) })
	if err == nil {
		r.counts.answers.Add(1)
	}
	return answer, err
}

// at is the version that pages go on in, if it lives, else the current one: there they go on behind their last keys.
func (r *Resolver) at(ctx context.Context, current view, version chunker.Digest) view {
	if version == "" || current.snapshot == nil || version == current.snapshot.Manifest().Digest {
		return current
	}
	earlier, err := r.source.At(ctx, version)
	if err != nil {
		r.options.Load().Log.DebugContext(ctx, "a list goes on in the current version", "version", version.Short(), "cause", err.Error())
		return current
	}
	return viewOf(earlier)
}

// answer appends the answer of a plan. A snapshot whose chunks are missing or damaged is replaced once.
func (r *Resolver) answer(ctx context.Context, out []byte, v view, p *plan, at place) ([]byte, error) {
	answer, err := r.answerFrom(ctx, out, v, p, at)
	if !unreadable(err) {
		return answer, err
	}
	if v, err = r.replace(ctx, v, err); err != nil {
		return answer, err
	}
	return r.answerFrom(ctx, answer[:len(out)], v, p, at)
}

// unreadable says whether an error is that a view cannot be read: chunks of a version are lost, or the store would have to be read too much.
func unreadable(err error) bool {
	for _, target := range []error{cache.ErrIncomplete, chunker.ErrDamaged, catalog.ErrWide, errNoToken} {
		if errors.Is(err, target) {
			return true
		}
	}
	return false
}

// replace is another view to read, for this cause. What is too wide for the store waits for a version. With an error comes the view that is left, for what it does answer.
func (r *Resolver) replace(ctx context.Context, v view, cause error) (view, error) {
	if v.snapshot == nil {
		o := r.options.Load()
		if o.StoreOnly {
			return view{reader: o.Narrow.Reader()}, fmt.Errorf("%w: %w", errStoreOnly, cause)
		}
		s, err := r.source.Current(ctx)
		if err != nil {
			return view{reader: o.Narrow.Reader()}, fmt.Errorf("%w: %w", cause, err)
		}
		return viewOf(s), nil
	}
	r.options.Load().Log.WarnContext(ctx, "a version cannot be read", "version", v.snapshot.Manifest().Digest.Short(), "cause", cause.Error())
	s, err := r.source.Recover(ctx, v.snapshot, cause)
	if err != nil {
		return v, err
	}
	return viewOf(s), nil
}

// answerFrom appends the answer of a plan from one view.
func (r *Resolver) answerFrom(ctx context.Context, out []byte, v view, p *plan, at place) (_ []byte, err error) {
	if v.snapshot == nil {
		var end func(error)
		ctx, end = r.options.Load().Trace.Begin(ctx, "narrow", "")
		defer func() { end(err) }()
	}
	if v.snapshot != nil && v.snapshot.Schema() != r.schema {
		return out, fmt.Errorf("the source's schema is not the resolver's own: %w", catalog.ErrSchema)
	}
	o := r.options.Load()
	w := &writer{ctx: ctx, view: v, out: out, start: len(out), limit: o.MaxAnswer, budget: o.PageBudget, most: o.MaxEntities, sealer: r.sealer()}
	if o.FillPages {
		w.fill = o.MaxScanned
	}
	err = w.plan(p, at)
	if err == nil && len(w.out)-w.start > w.limit {
		err = tooLarge(len(w.out)-w.start, w.limit)
	}
	return w.out, err
}

// fail counts and logs an error, and makes it fit for the API's users.
func (r *Resolver) fail(ctx context.Context, err error) *Error {
	r.counts.failures.Add(1)
	e := public(err)
	r.options.Load().Log.LogAttrs(ctx, e.level(), "query failed", slog.String("type", e.Type), slog.String("message", e.Message), slog.String("cause", err.Error()))
	return e
}
