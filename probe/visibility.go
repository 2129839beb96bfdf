package probe

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// visibility writes a marker and waits until it is read. The time counts from when the store has it.
func (r *run) visibility(ctx context.Context, m *marking) error {
	if m == nil {
		return nil
	}
	text, err := m.mark(ctx)
	if err != nil {
		return err
	}
	start := time.Now()
	if err := r.warm(ctx, false); err != nil {
		return err
	}
	unseen := r.await(ctx, m, text)
	if ctx.Err() != nil {
		return fmt.Errorf("%w: %w", errEnded, ctx.Err())
	}
	r.report.Visibility.Markers++
	if unseen != nil {
		r.report.Visibility.unseen(unseen)
		return nil
	}
	r.latencies = append(r.latencies, time.Since(start))
	return nil
}

var errOld = errors.New("readers get an older text")

// await polls until the text is read, or says why it is not.
func (r *run) await(ctx context.Context, m *marking, text string) error {
	ctx, cancel := context.WithTimeout(ctx, r.options.Patience)
	defer cancel()
	for {
		read, err := m.Read(ctx)
		if err == nil && read == text {
			return nil
		}
		if err == nil {
			err = errOld
		}
		if pause(ctx, r.options.Poll) != nil {
			return fmt.Errorf("after %v: %w", r.options.Patience, err)
		}
	}
}
