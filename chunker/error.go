package chunker

import (
	"errors"
	"fmt"
)

var (
	// ErrDamaged: the bytes are not what their name or manifest promises. Getting them anew may help; using them never does. It is a
	// DamageError.
	ErrDamaged = errors.New("damaged")
	// ErrFormat: the bytes are sound but of a format or codec that this release does not know. A newer one will read them.
	ErrFormat = errors.New("unknown format")
	// ErrOrder: the entities were not added in ascending order of their cluster keys.
	ErrOrder = errors.New("entities out of order")
)

// DamageError says what is damaged. It matches ErrDamaged and never holds the bytes themselves.
type DamageError struct {
	// Part is "chunk", "block", "manifest" or "pointer".
	Part string
	// Digest names the part, or the chunk it belongs to. It may be empty.
	Digest Digest
	Reason string
	Err    error
}

func (e *DamageError) Error() string {
	text := e.Part
	if e.Digest != "" {
		text += " " + e.Digest.Short()
	}
	text += " is damaged: " + e.Reason
	if e.Err != nil {
		text += ": " + e.Err.Error()
	}
	return text
}

// Is makes errors.Is(err, ErrDamaged) true.
func (e *DamageError) Is(target error) bool { return target == ErrDamaged }

func (e *DamageError) Unwrap() error { return e.Err }

// TooLargeError: an entity does not fit in a chunk, even alone.
type TooLargeError struct {
	Section string
	// Key is the entity's cluster key.
	Key string
	// Size is what the entity has and Limit what it may have: bytes before compression if over MaxBlock, else after.
	Size, Limit int
}

func (e *TooLargeError) Error() string {
	return fmt.Sprintf("entity %s %q is too large: %d bytes where %d are allowed", e.Section, e.Key, e.Size, e.Limit)
}

// OptionError: an option is out of its bounds.
type OptionError struct {
	Name             string
	Value, Low, High int
}

func (e *OptionError) Error() string {
	return fmt.Sprintf("chunker option %s is %d; it must be from %d to %d", e.Name, e.Value, e.Low, e.High)
}
