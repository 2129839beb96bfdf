package simulation_test

import (
	"fmt"
	"time"

	"github.com/anishathalye/porcupine"
)

// The pointer as a register: what porcupine holds a history to. Its state is a pointer.

// pointed is a pointer: its sequence, 0 for none, and the edit that its version is of.
type pointed struct{ sequence, edit int64 }

// look read the pointer.
type look struct{ found int64 }

// move was a publish, a rollback or a build: it put one pointer in another's place.
type move struct {
	from int64 // the sequence of the last one of another version, or unknown, where the history that led to it was lost
	to   pointed
}

const unknown = -1

// empty took all that was in the cache.
type empty struct{}

var register = porcupine.Model{
	Init: func() any { return pointed{} },
	Step: func(state, input, _ any) (bool, any) {
		now := state.(pointed)
		switch op := input.(type) {
		case look:
			return now.sequence == op.found, now
		case move:
			return op.follows(now), op.to
		}
		return true, pointed{}
	},
	DescribeOperation: func(input, _ any) string { return fmt.Sprintf("%T%+v", input, input) },
}

// follows says whether a move may have been made from a pointer.
func (m move) follows(now pointed) bool {
	if now == m.to {
		return true // two may bring the very same pointer: it is moved once, and both are told
	}
	// The history has a version that is published again in one place, the first.
	again := now.sequence != 0 && now.edit == m.to.edit
	return (m.from == unknown || now.sequence == m.from || again) && m.to.sequence > now.sequence
}

// linearizable says whether there is an order of the operations, each between its call and its return, in which each sees what those before it did.
func linearizable(history []porcupine.Operation) porcupine.CheckResult {
	return porcupine.CheckOperationsTimeout(register, history, time.Minute)
}
