package cache

import (
	"math/rand/v2"
	"time"

	"github.com/chunkaside/chunkaside/catalog"
)

// held is the version in memory. It is replaced, never changed.
type held struct {
	Pointer
	snapshot *catalog.Snapshot
	seen     time.Time // when the pointer last said that it is the current one
	early    time.Time // from when on one caller looks again, and the others do not wait for it
	due      time.Time // from when on all callers wait for the look
}

// freshness is what a version in memory is good for. docs/reliability.md has it as a table.
type freshness uint8

const (
	absent  freshness = iota // there is none: callers wait up to HardTimeout
	fresh                    // it is the answer
	early                    // the same, but one caller looks at the pointer, so that the others need not wait later
	due                      // callers wait for a look, up to SoftTimeout; then it is the answer
	expired                  // it has been seen too long ago to be an answer: as if there were none
)

func (c *Cache) freshness(h *held) freshness {
	switch {
	case h == nil:
		return absent
	case reached(h.seen.Add(c.policy.Load().MaxStale)):
		return expired
	case reached(h.due):
		return due
	case reached(h.early):
		return early
	}
	return fresh
}

// answers says whether a version in memory may be answered from.
func (c *Cache) answers(h *held) bool { return c.freshness(h) != absent && c.freshness(h) != expired }

// reached says whether a time has come by either clock: the monotonic one may stand still while a Lambda function is frozen, the other may be set back.
func reached(t time.Time) bool {
	now := time.Now()
	return !now.Before(t) || !now.Round(0).Before(t.Round(0))
}

// looked is the version after a look, whose result is that it is the current one, or none.
func (c *Cache) looked(h held, seen bool) *held {
	now := time.Now()
	if seen {
		h.seen = now
	}
	age := max(c.policy.Load().MaxAge, 0)
	h.due = now.Add(age)
	// At another time in each process, so that many do not look at once.
	h.early = h.due.Add(-rand.N(age/earlyPart + 1))
	return &h
}

// earlyPart: the look may be early by a fifth of MaxAge.
const earlyPart = 5
