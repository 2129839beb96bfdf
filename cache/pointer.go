package cache

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"time"

	"github.com/chunkaside/chunkaside/chunker"
)

const (
	pointerMagic  = "chunkaside pointer"
	pointerFormat = 1
	maxPointer    = 4 << 10
	maxSkew       = 24 * time.Hour // of a publisher's clock
)

// Pointer says which version is current: docs/format.md, "Pointer".
type Pointer struct {
	// Sequence grows with every change.
	Sequence int64 `json:"sequence"`
	// Manifest names the version.
	Manifest chunker.Digest `json:"manifest"`
	// Published is when the pointer was moved, by the publisher's clock.
	Published time.Time `json:"published"`
	// History names the list of versions that led here; "" if there is none.
	History chunker.Digest `json:"history,omitempty"`
	// Pinned says that an operator holds this version: later ones are published, but not read.
	Pinned bool `json:"pinned,omitempty"`
	// Floor is the sequence at which an operator last went to another version by hand; 0 if none did. What was current before is not gone back to, not even for want of something better.
	Floor int64 `json:"floor,omitempty"`

	// tokenKey is not exported, so that nothing prints it: see Cache.TokenKey.
	tokenKey string // raw bytes
}

type storedPointer struct {
	Magic  string `json:"magic"`
	Format int    `json:"format"`
	Pointer
	TokenKey []byte `json:"tokenKey,omitempty"`
}

func (p Pointer) encode() ([]byte, error) {
	return json.Marshal(storedPointer{pointerMagic, pointerFormat, p, []byte(p.tokenKey)})
}

// decodePointer reads a stored pointer, now. The error is a chunker.DamageError, or matches chunker.ErrFormat.
func decodePointer(data []byte, now time.Time) (Pointer, error) {
	var s storedPointer
	if len(data) > maxPointer {
		return Pointer{}, &chunker.DamageError{Part: "pointer", Reason: "it is larger than any"}
	}
	if err := json.Unmarshal(data, &s); err != nil && s.Format <= pointerFormat {
		return Pointer{}, &chunker.DamageError{Part: "pointer", Reason: "it is no JSON of its kind", Err: err}
	}
	switch {
	case s.Magic != pointerMagic:
		return Pointer{}, &chunker.DamageError{Part: "pointer", Reason: "it does not begin as one"}
	case s.Format != pointerFormat:
		return Pointer{}, fmt.Errorf("pointer has the format %d, this release reads %d: %w", s.Format, pointerFormat, chunker.ErrFormat)
	case !s.Manifest.Valid() || s.Sequence < 1:
		return Pointer{}, &chunker.DamageError{Part: "pointer", Reason: "it names no version"}
	case s.History != "" && !s.History.Valid():
		return Pointer{}, &chunker.DamageError{Part: "pointer", Reason: "it names no history"}
	case s.Sequence > now.Add(maxSkew).UnixMilli():
		// Followed, it would hide everything that is published until then.
		return Pointer{}, &chunker.DamageError{Part: "pointer", Reason: "its sequence is of a day to come"}
	}
	s.tokenKey = string(s.TokenKey)
	return s.Pointer, nil
}

// next is the pointer that follows p (the zero Pointer if there is none), now, and names the same version.
func (p Pointer) next(now time.Time) Pointer {
	if p.tokenKey == "" {
		key := make([]byte, 32)
		_, _ = rand.Read(key) // it never fails
		p.tokenKey = string(key)
	}
	p.Sequence, p.Published = max(p.Sequence+1, now.UnixMilli()), now.UTC().Truncate(time.Millisecond)
	return p
}

// look is what one look at the pointer found.
type look struct {
	// raw is the stored pointer, nil if there is none: what a compare-and-set compares with.
	raw []byte
	Pointer
	// head is the manifest that was found beside it, if it was looked for: perhaps the pointer's.
	head []byte
	// damage says why raw, though there, is no pointer.
	damage error
}

// usable is the reason why there is no pointer that can be followed, or nil.
func (l look) usable() error {
	switch {
	case l.damage != nil:
		return l.damage
	case l.raw == nil:
		return ErrNoVersion
	}
	return nil
}

// sound says whether there is a pointer that can be followed.
func (l look) sound() bool { return l.usable() == nil }

// look reads the pointer; a process that holds no version yet reads the manifest with it, in the same round trip. A damaged pointer is a finding, one of an unknown format an error:
// a newer release wrote it and still needs it.
func (c *Cache) look(ctx context.Context) (look, error) {
	names := []string{c.keys.pointer(), c.keys.head()}
	if c.held.Load() != nil {
		names = names[:1]
	}
	begin := time.Now()
	values, err := c.driver.Get(ctx, names)
	c.tell(Event{Kind: Looked, Took: time.Since(begin), Err: err})
	if err != nil {
		return look{}, fmt.Errorf("look at the pointer: %w", err)
	}
	c.counts.looks.Add(1)
	found := look{raw: values[0]}
	if len(values) > 1 {
		found.head = values[1]
	}
	if found.raw == nil {
		return found, nil
	}
	pointer, err := decodePointer(found.raw, c.options.Clock())
	if isDamage(err) {
		c.damaged("")
		found.damage, err = err, nil
	}
	found.Pointer = pointer
	return found, err
}
