package cache

import (
	"context"
	"log/slog"
	"sync"
	"time"
)

// trouble logs what goes wrong, without saying the same at every query: a cause is logged when it is new, and once a minute as long as it lasts; its end is logged too.
type trouble struct {
	log *slog.Logger

	mu    sync.Mutex
	cause string
	said  time.Time
}

// met says that something went wrong.
func (t *trouble) met(ctx context.Context, what string, err error) {
	cause := what + ": " + err.Error()
	t.mu.Lock()
	repeated := cause == t.cause && time.Since(t.said) < time.Minute
	if !repeated {
		t.cause, t.said = cause, time.Now()
	}
	t.mu.Unlock()
	if !repeated {
		t.log.WarnContext(ctx, what, "cause", err.Error())
	}
}

// over says that all is well again.
func (t *trouble) over(ctx context.Context, p Pointer) {
	t.mu.Lock()
	was := t.cause
	t.cause = ""
	t.mu.Unlock()
	if was != "" {
		t.log.InfoContext(ctx, "the catalog is well again", "version", p.Manifest.Short(), "sequence", p.Sequence)
	}
}
