package settings

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// followed is a Follower with what it reads, what it has applied, and its log.
type followed struct {
	*Follower
	document string
	err      error
	takes    time.Duration
	reads    int
	applied  []Policy
	log      bytes.Buffer
}

func follow() *followed {
	f := &followed{}
	f.Follower = NewFollower(func(ctx context.Context) ([]byte, error) {
		f.reads++
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(f.takes):
			return []byte(f.document), f.err
		}
	}, func(p Policy) error {
		if p.MaxDepth != nil && *p.MaxDepth > 75 {
			return errors.New("maxDepth is too deep")
		}
		f.applied = append(f.applied, p)
		return nil
	}, 0, slog.New(slog.NewTextHandler(&f.log, nil)))
	return f
}

// lines is what was logged since the last time.
func (f *followed) lines() (lines []string) {
	for line := range strings.Lines(f.log.String()) {
		lines = append(lines, line)
	}
	f.log.Reset()
	return lines
}

// TestFollower: a document is read twice a minute, applied once, and what comes of it is one line in the log.
func TestFollower(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := follow()
		for i, step := range []struct {
			document string
			err      error
			applied  int // how often, so far
			line     string
		}{
			{`{"maxDepth":5}`, nil, 1, "level=INFO msg=\"the policy is followed"},
			{`{"maxDepth":5}`, nil, 1, ""},
			{`{"maxDepth":6}`, nil, 2, "maxDepth"},
			{`{"maxDepth":"six"}`, nil, 2, "level=ERROR msg=\"the policy is refused; the last good one goes on\" cause=\"its member \\\"maxDepth\\\" is of a wrong type"},
			{`{"maxDepth":"six"}`, nil, 2, ""},
			{`{"maxDepth":76}`, nil, 2, "too deep"},
			{"", ErrMissing, 3, "level=WARN msg=\"there is no policy; what was deployed holds"},
			{"", ErrMissing, 3, ""},
			{`{"bypassCache":true}`, nil, 4, "bypassCache"},
		} {
			f.document, f.err = step.document, step.err
			for range 3 {
				f.Look(t.Context())
				time.Sleep(DefaultEvery / 3)
			}
			lines := f.lines()
			if f.reads != i+1 || len(f.applied) != step.applied || len(lines) > 1 || step.line == "" && len(lines) > 0 || step.line != "" && (len(lines) == 0 || !strings.Contains(lines[0], step.line)) {
				t.Errorf("step %d: %d reads, %d applied, logged %q", i, f.reads, len(f.applied), lines)
			}
		}
		if last := f.applied[2]; last != (Policy{}) {
			t.Errorf("without a document the policy is %+v", last)
		}
	})
}

// TestFollowerInVain: who cannot read keeps the last good policy, waits a moment at most, and tries again soon. The log says it once.
func TestFollowerInVain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := follow()
		f.document = "{}"
		f.Look(t.Context())
		f.lines()
		f.takes = time.Hour
		for range 3 {
			time.Sleep(DefaultEvery)
			begin := time.Now()
			f.Look(t.Context())
			if took := time.Since(begin); took != lookTime {
				t.Errorf("a look took %v", took)
			}
		}
		if lines := f.lines(); len(lines) != 1 || !strings.Contains(lines[0], "level=WARN") || len(f.applied) != 1 {
			t.Errorf("logged %q, applied %d", lines, len(f.applied))
		}
		f.takes, f.document = 0, `{"bypassCache":true}`
		time.Sleep(retryEvery)
		if f.Look(t.Context()); len(f.applied) != 2 {
			t.Errorf("applied %d", len(f.applied))
		}

		// A caller who has no time left says nothing of the policy.
		time.Sleep(DefaultEvery)
		f.takes = time.Second
		ended, cancel := context.WithCancel(t.Context())
		cancel()
		if f.Look(ended); len(f.applied) != 2 || strings.Contains(f.log.String(), "WARN") {
			t.Errorf("applied %d, logged %s", len(f.applied), f.log.String())
		}
	})
}

// TestFollowerAtOnce: one of many calls looks, and the others do not wait for it.
func TestFollowerAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := follow()
		f.document, f.takes = "{}", 100*time.Millisecond
		begin := time.Now()
		go f.Look(t.Context())
		synctest.Wait()
		var group sync.WaitGroup
		for range 20 {
			group.Go(func() { f.Look(t.Context()) })
		}
		group.Wait()
		if waited := time.Since(begin); waited != 0 || f.reads != 1 {
			t.Errorf("%d reads, the others waited %v", f.reads, waited)
		}
	})
}

// TestFollowerCostsNothing while nothing is due.
func TestFollowerCostsNothing(t *testing.T) {
	f := follow()
	f.document = "{}"
	f.Look(t.Context())
	if n := testing.AllocsPerRun(100, func() { f.Look(t.Context()) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
