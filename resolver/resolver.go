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
	// Recover is one to read instead of a snapshot that could not be read.
	Recover(ctx context.Context, unreadable *catalog.Snapshot) (*catalog.Snapshot, error)
	// At is an earlier version's, as long as that lives: for lists that go on in it.
	At(ctx context.Context, version chunker.Digest) (*catalog.Snapshot, error)
	// TokenKey is a secret that all readers of the catalog share, by which they know each other's nextTokens. It is asked for after Current; "" is a key too, one that is no secret.
	TokenKey() string
}

// Options tunes a Resolver. The zero value of each field means its default.
type Options struct {
	// Timeout bounds an answer, within the Lambda's own deadline less half a second. Default 25 s: AppSync gives up at 30.
	Timeout time.Duration
	// MaxAnswer is the most bytes of one answer; a larger one is a ResponseTooLarge error. Default 5,000,000: AppSync takes 5 MB, Lambda 6,291,556 bytes.
	MaxAnswer int
	// FillPages makes limit count what a filter lets pass. Default: limit counts what is looked at, as in DynamoDB, so that a page may be short or empty, and go on with its nextToken.
	FillPages bool
	// MaxScanned is the most entities looked at to fill one page; then it ends early, with a nextToken. A greater limit goes before it. Default 10,000.
	MaxScanned int
	// PageBudget is how many bytes an answer may have before its pages end early, with a nextToken: nested ones too, each after the entity that it is at. A page whose nextToken is not asked for
	// goes on. Default nine tenths of MaxAnswer.
	PageBudget int
	// Log gets what the API's users are not told: the causes of errors. Default: nothing is logged.
	Log *slog.Logger
}

// Resolver answers events.
type Resolver struct {
	schema     *schema.Schema
	source     Source
	options    Options
	restricted bool // some may read what others may not
	counts     struct{ answers, failures atomic.Int64 }
}

// Stats is what a Resolver has done. The numbers only grow.
type Stats struct {
	// Answers are fields answered, Failures those answered with an error; each context of a batch counts.
	Answers  int64 `json:"answers"`
	Failures int64 `json:"failures"`
}

const maxLambdaAnswer = 6_291_556

// New makes a Resolver of the schema's queries. The source's snapshots must be of this very schema.
func New(s *schema.Schema, source Source, o *Options) (*Resolver, error) {
	r := &Resolver{schema: s, source: source, restricted: s.Restricted() != ""}
	if o != nil {
		r.options = *o
	}
	if r.options.Timeout == 0 {
		r.options.Timeout = 25 * time.Second
	}
	if r.options.MaxAnswer == 0 {
		r.options.MaxAnswer = 5_000_000
	}
	if r.options.PageBudget == 0 {
		r.options.PageBudget = r.options.MaxAnswer / 10 * 9
	}
	if r.options.MaxScanned == 0 {
		r.options.MaxScanned = 10_000
	}
	if r.options.Log == nil {
		r.options.Log = slog.New(slog.DiscardHandler)
	}
	if r.options.Timeout < 0 || r.options.MaxAnswer < 0 || r.options.MaxAnswer > maxLambdaAnswer {
		return nil, fmt.Errorf("a timeout of %v or an answer of %d bytes is out of bounds: both are positive, Lambda takes %d bytes", r.options.Timeout,
			r.options.MaxAnswer, maxLambdaAnswer)
	}
	if r.options.PageBudget < 0 || r.options.PageBudget > r.options.MaxAnswer {
		return nil, fmt.Errorf("a page budget of %d bytes is out of bounds: it is positive, and at most the answer's %d", r.options.PageBudget, r.options.MaxAnswer)
	}
	if r.options.MaxScanned < 0 {
		return nil, fmt.Errorf("a page of at most %d entities looked at is out of bounds: it is positive", r.options.MaxScanned)
	}
	return r, nil
}

// Stats returns the counts at this moment.
func (r *Resolver) Stats() Stats {
	return Stats{Answers: r.counts.answers.Load(), Failures: r.counts.failures.Load()}
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
	until := time.Now().Add(r.options.Timeout)
	if deadline, ok := ctx.Deadline(); ok && deadline.Add(-time.Second/2).Before(until) {
		until = deadline.Add(-time.Second / 2)
	}
	return context.WithDeadline(ctx, until)
}

func (r *Resolver) single(ctx context.Context, data []byte) ([]byte, error) {
	e, err := decodeEvent(data)
	if err != nil {
		return nil, err
	}
	p, err := r.plan(e)
	if err != nil {
		return nil, err
	}
	s, err := r.source.Current(ctx)
	if err != nil {
		return nil, err
	}
	if err = p.open(r.source.TokenKey()); err != nil {
		return nil, err
	}
	answer, err := r.answer(ctx, nil, r.at(ctx, s, p.version()), p)
	if err == nil {
		r.counts.answers.Add(1)
	}
	return answer, err
}

// at is the version that pages go on in, if it lives, else the current one: there they go on behind their last keys.
func (r *Resolver) at(ctx context.Context, current *catalog.Snapshot, version chunker.Digest) *catalog.Snapshot {
	if version == "" || version == current.Manifest().Digest {
		return current
	}
	earlier, err := r.source.At(ctx, version)
	if err != nil {
		r.options.Log.DebugContext(ctx, "a list goes on in the current version", "version", version.Short(), "cause", err.Error())
		return current
	}
	return earlier
}

// answer appends the answer of a plan. A snapshot whose chunks are missing or damaged is replaced once.
func (r *Resolver) answer(ctx context.Context, out []byte, s *catalog.Snapshot, p *plan) ([]byte, error) {
	answer, err := r.answerFrom(ctx, out, s, p)
	if !unreadable(err) {
		return answer, err
	}
	if s, err = r.replace(ctx, s, err); err != nil {
		return answer, err
	}
	return r.answerFrom(ctx, answer[:len(out)], s, p)
}

// unreadable says whether an error is that a version cannot be read.
func unreadable(err error) bool {
	return errors.Is(err, cache.ErrIncomplete) || errors.Is(err, chunker.ErrDamaged)
}

func (r *Resolver) replace(ctx context.Context, s *catalog.Snapshot, cause error) (*catalog.Snapshot, error) {
	r.options.Log.WarnContext(ctx, "a version cannot be read", "version", s.Manifest().Digest.Short(), "cause", cause.Error())
	return r.source.Recover(ctx, s)
}

func (r *Resolver) answerFrom(ctx context.Context, out []byte, s *catalog.Snapshot, p *plan) ([]byte, error) {
	if s.Schema() != r.schema {
		return out, fmt.Errorf("the source's schema is not the resolver's own: %w", catalog.ErrSchema)
	}
	w := &writer{ctx: ctx, snapshot: s, out: out, start: len(out), limit: r.options.MaxAnswer, budget: r.options.PageBudget, tokenKey: r.source.TokenKey()}
	if r.options.FillPages {
		w.fill = r.options.MaxScanned
	}
	err := w.plan(p)
	if err == nil && len(w.out)-w.start > w.limit {
		err = tooLarge(len(w.out)-w.start, w.limit)
	}
	return w.out, err
}

// fail counts and logs an error, and makes it fit for the API's users.
func (r *Resolver) fail(ctx context.Context, err error) *Error {
	r.counts.failures.Add(1)
	e := public(err)
	r.options.Log.LogAttrs(ctx, e.level(), "query failed", slog.String("type", e.Type), slog.String("message", e.Message), slog.String("cause", err.Error()))
	return e
}
