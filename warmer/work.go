package warmer

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/chunkaside/chunkaside/cache"
	"github.com/chunkaside/chunkaside/catalog/schema"
)

// do does what is asked for, and says what was left out for it.
func (w *Warmer) do(ctx context.Context, r request) (Result, error) {
	result, err := w.mode(ctx, r)
	result.Skipped, result.Items = r.skipped, r.items
	return result, err
}

// mode does what is asked for; without a mode, nothing.
func (w *Warmer) mode(ctx context.Context, r request) (Result, error) {
	switch r.mode {
	case Full, Incremental:
		return w.gathering.do(ctx, r, w.publish)
	case Verify:
		return w.verify(ctx)
	case Rollback:
		return w.rollback(ctx, r.to)
	}
	return Result{}, nil
}

// publish publishes the store, some of its tables, or what some records make of the last version.
func (w *Warmer) publish(ctx context.Context, r request) (Result, error) {
	var done cache.Published
	var left []*schema.Model
	var err error
	switch {
	case r.mode == Incremental:
		done, err = w.update(ctx, r.records, nil)
	case r.whole():
		done, left, err = w.renew(ctx, w.schema.Models, nil)
	default:
		done, left, err = w.renew(ctx, r.models, nil)
	}
	if err != nil {
		return Result{}, err
	}
	result := published(r, done)
	result.Left = names(left)
	handed := w.handOver(ctx, result) // first, for an announcement may take what time there is
	result.Outcome = w.options.Announce(ctx, done.Before, done.Pointer)
	return result, handed
}

// verify checks the current version.
func (w *Warmer) verify(ctx context.Context) (Result, error) {
	history, err := w.cache.Versions(ctx)
	if err != nil {
		return Result{}, err
	}
	v, err := w.cache.Verify(ctx, history.Current(), nil)
	if err != nil {
		return Result{}, err
	}
	if !v.Sound() {
		return Result{}, &Error{Type: Unsound, Message: fmt.Sprintf("version %s has %d faults, the first: %s; a full warm-up mends them", v.Manifest.Short(), len(v.Faults), v.Faults[0])}
	}
	return Result{
		Mode: Verify, Version: v.Manifest, Sequence: history.Sequence, Pinned: history.Pinned,
		Entities: v.Entities, Chunks: v.Chunks, Bytes: v.Stored, Findings: first(v.Findings),
	}, nil
}

// rollback makes an older version the current one. If it is that already, nothing changes, so that the event may come again.
func (w *Warmer) rollback(ctx context.Context, to string) (Result, error) {
	history, err := w.cache.Versions(ctx)
	if err != nil {
		return Result{}, err
	}
	if to == "" || to == "previous" {
		return Result{}, badf(`a rollback needs "to", the sequence of a version or the beginning of its digest: an event may come twice, and would go back twice. There are %s`, choices(history))
	}
	v, err := history.Find(to)
	if errors.Is(err, cache.ErrNoSuchVersion) {
		return Result{}, badf("%s. There are %s", err, choices(history))
	}
	if err != nil {
		return Result{}, err
	}
	p, err := w.cache.Rollback(ctx, history, v, nil)
	if err != nil {
		return Result{}, err
	}
	return Result{
		Mode: Rollback, Version: p.Manifest, Sequence: p.Sequence, Pinned: p.Pinned, Entities: v.Entities, Bytes: v.Bytes,
		Outcome: w.options.Announce(ctx, history.Manifest, p),
	}, nil
}

// choices are the newest versions of the history.
func choices(h cache.History) string {
	const most = 5
	var list []string
	for _, v := range h.Versions[:min(most, len(h.Versions))] {
		text := fmt.Sprintf("%d (%s)", v.Sequence, v.Manifest.Short())
		if v.Manifest == h.Manifest {
			text += " which is current"
		}
		list = append(list, text)
	}
	return strings.Join(list, ", ")
}
