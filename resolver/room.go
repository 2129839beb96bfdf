package resolver

import (
	"bytes"
	"slices"
	"sync"
)

// Answers are written into memory that is used again, and handed out as copies of their exact size: growing new memory for each takes several times as long as writing it. The copies are their
// callers' own, for nothing tells when one has been sent.

// maxRoom is the largest memory that is kept for an answer of any size, in bytes. Larger memory is kept only as long as large answers come: with it they take half the time, but one of them must
// not hold so much for good.
const maxRoom = 1 << 20

var rooms = sync.Pool{New: func() any { return new([]byte) }}

// inRoom is what write appends, in memory of the caller's own.
func inRoom(write func(out []byte) ([]byte, error)) (answer []byte, err error) {
	room := rooms.Get().(*[]byte)
	defer rooms.Put(room)
	out, err := write((*room)[:0])
	*room = keptRoom(out)
	if err != nil {
		return nil, err
	}
	return bytes.Clone(out), nil
}

// keptRoom is the memory of an answer if it is to be kept, else nil.
func keptRoom(out []byte) []byte {
	if cap(out) > maxRoom && len(out) < cap(out)/4 {
		return nil
	}
	return out
}

// leastRoom is how much memory there is for an entity before it is written, in bytes: most fit.
const leastRoom = 4 << 10

// grow at least doubles memory that is nearly full: append alone adds a quarter to what is large, and so copies it often.
func grow(out []byte) []byte {
	if cap(out)-len(out) < leastRoom {
		return slices.Grow(out, max(len(out), leastRoom))
	}
	return out
}
