package cache

import (
	"time"

	"github.com/chunkaside/chunkaside/chunker"
)

// EventKind says what happened.
type EventKind string

// The kinds of events, with what of an Event they have beside it.
const (
	// Looked: the pointer was read, or Err. Took.
	Looked EventKind = "looked"
	// Followed: a newer version became the one in memory. Version, Sequence.
	Followed EventKind = "followed"
	// Stale: a caller was answered with an old version, for want of a look. Version, Age since the pointer last named it.
	Stale EventKind = "stale"
	// LeaseWon and LeaseLost: a try to take the lease.
	LeaseWon  EventKind = "lease won"
	LeaseLost EventKind = "lease lost"
	// Built: the store was read and a version built of it, or Err. Took, Version.
	Built EventKind = "built"
	// Announced: a version was published. Took, with the build; Version, Sequence; Bytes that were sent.
	Announced EventKind = "announced"
	// Asked: a warm-up was asked for elsewhere.
	Asked EventKind = "asked"
	// Missing and Damaged: a chunk, a manifest or the pointer was not there, or not what it should be. Digest.
	Missing EventKind = "missing"
	Damaged EventKind = "damaged"
)

// Event is something that happened to a Cache. Fields that its kind does not have are zero.
type Event struct {
	Kind     EventKind
	Version  chunker.Digest
	Sequence int64
	Digest   chunker.Digest
	Took     time.Duration
	Age      time.Duration
	Bytes    int64
	Err      error
}

// tell hands an event to Options.Notify.
func (c *Cache) tell(e Event) {
	if c.options.Notify != nil {
		c.options.Notify(e)
	}
}
