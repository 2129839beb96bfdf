// Package warmer is the Lambda function that publishes: from an event of any of its triggers to what has to be done, and the answer that says what was done.
//
//	w := warmer.New(schema, cache, update, renew, &warmer.Options{Log: log})
//	lambda.Start(w)
//
// An event's trigger is told by its shape (event.go). Each event asks for one of the modes: a full warm-up, an incremental publish of the records that it names or says have changed, a look at the current version, or a
// rollback. All that one batch asks for is one publish, which includes every write that came before it began, so events may come twice, late, and in any order. Whatever changes
// anything holds the catalog's lease; what fails changes nothing. A full
// warm-up that there is not enough time for publishes what it has read, and hands over the rest (handover.go).
package warmer

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"slices"
	"time"

	"github.com/chunkaside/chunkaside/announce"
	"github.com/chunkaside/chunkaside/cache"
	"github.com/chunkaside/chunkaside/catalog"
	"github.com/chunkaside/chunkaside/catalog/schema"
	"github.com/chunkaside/chunkaside/chunker"
	"github.com/chunkaside/chunkaside/store"
	"github.com/chunkaside/chunkaside/warmer/export"
)

// Update reads the records from the store and publishes what they make of the last version, as the lease's holder. Where there is no last version that can be read, it warms up.
type Update func(ctx context.Context, records []catalog.Record, o *cache.WarmOptions) (cache.Published, error)

// Renew reads the tables of these models and publishes what they make of the last version, as the lease's holder. What is left are those that there was no time for, never all. Where there is no last
// version that can be read, it warms up.
type Renew func(ctx context.Context, models []*schema.Model, o *cache.WarmOptions) (p cache.Published, left []*schema.Model, err error)

// Options tunes a Warmer. A nil *Options has the defaults.
type Options struct {
	// Catalog is the one that events may name: cache.Options has the same. Default "catalog".
	Catalog string
	// Table is the model that a table's name means, nil for another application's table. Default: the name that the schema gives.
	Table func(name string) *schema.Model
	// Announce, if set, tells who watches the catalog that the pointer has been moved, from the version before it. It comes back within ctx's time; what fails there is no failure of the publish.
	Announce func(ctx context.Context, before chunker.Digest, now cache.Pointer) announce.Outcome
	// Again, if set, has the function called again, with this command, after the call that runs. Default: what there was no time for is an error.
	Again func(ctx context.Context, c Command) error
	// Objects are those of S3, for exports. Default: none, and events of S3 are refused.
	Objects export.Objects
	// Log gets one line for each event, and a warning for what was not announced. Default: nothing is logged.
	Log *slog.Logger
}

func (o *Options) withDefaults(s *schema.Schema) Options {
	full := Options{}
	if o != nil {
		full = *o
	}
	if full.Catalog == "" {
		full.Catalog = "catalog"
	}
	if full.Table == nil {
		full.Table = func(name string) *schema.Model {
			i := slices.IndexFunc(s.Models, func(m *schema.Model) bool { return m.Table == name })
			if i < 0 {
				return nil
			}
			return s.Models[i]
		}
	}
	if full.Announce == nil {
		full.Announce = func(context.Context, chunker.Digest, cache.Pointer) announce.Outcome { return announce.Outcome{} }
	}
	if full.Log == nil {
		full.Log = slog.New(slog.DiscardHandler)
	}
	return full
}

// Warmer does what events ask for. Its methods may be called concurrently.
type Warmer struct {
	schema    *schema.Schema
	cache     *cache.Cache
	update    Update
	renew     Renew
	options   Options
	gathering gathering
}

// New makes a Warmer of the catalog that the schema describes and the cache holds.
func New(s *schema.Schema, c *cache.Cache, update Update, renew Renew, o *Options) *Warmer {
	return &Warmer{schema: s, cache: c, update: update, renew: renew, options: o.withDefaults(s), gathering: gathering{running: make(chan struct{}, 1)}}
}

// margin is what is left of the function's time for giving the lease back, and for the answer.
const margin = 2 * time.Second

// Invoke does what one event asks for. The answer is a Result as JSON; the error is a messages.InvokeResponse_Error, which the Lambda runtime hands on as it is. An error means that nothing was done of
// what the event asks for, or not all of it, or that it is not known whether it was: it may be sent again.
func (w *Warmer) Invoke(ctx context.Context, data []byte) ([]byte, error) {
	begin := time.Now()
	result, err := w.within(ctx, data)
	if err != nil {
		e := public(err)
		w.options.Log.ErrorContext(ctx, "event failed", "trigger", result.Trigger, "type", e.Type, "cause", err.Error())
		return nil, e.response()
	}
	result.log(ctx, w.options.Log, time.Since(begin))
	return json.Marshal(result)
}

// within does it within the time that the function has.
func (w *Warmer) within(ctx context.Context, data []byte) (Result, error) {
	limited := ctx
	if deadline, ok := ctx.Deadline(); ok {
		var cancel context.CancelFunc
		limited, cancel = context.WithDeadline(ctx, deadline.Add(-margin))
		defer cancel()
	}
	result, err := w.handle(limited, data)
	return result, late(limited, err)
}

// late says which time was too short, if one was.
func late(ctx context.Context, err error) error {
	e, _ := errors.AsType[*Error](err)
	switch {
	case err == nil:
	case e != nil && e.Type == OutOfTime: // it says so itself
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		return &Error{OutOfTime, "the function's time ended before the work did: give it more, of Lambda's 15 minutes at most, or run chunkaside warm elsewhere. Readers go on with the last version", err}
	case errors.Is(err, context.DeadlineExceeded) && !errors.Is(err, cache.ErrUnavailable) && !errors.Is(err, store.ErrUnavailable):
		return &Error{OutOfTime, "the work took longer than a build may: raise CHUNKASIDE_BUILD_TIMEOUT. Readers go on with the last version", err}
	}
	return err
}

// handle tells the triggers apart.
func (w *Warmer) handle(ctx context.Context, data []byte) (Result, error) {
	e, err := decode(data)
	if err != nil {
		return Result{}, err
	}
	trigger, err := e.trigger()
	if err != nil {
		return Result{}, err
	}
	var result Result
	switch trigger {
	case Queue:
		result, err = w.queue(ctx, e)
	case Stream, Kinesis:
		result, err = w.records(ctx, trigger, e)
	case Topic:
		result, err = w.topic(ctx, e)
	default:
		var r request
		if r, err = w.request(ctx, trigger, e); err == nil {
			result, err = w.do(ctx, r)
		}
	}
	result.Trigger = trigger
	return result, err
}
