package fault

import (
	"bytes"
	"math/rand/v2"
)

// Value is what befalls one value.
type Value struct {
	// Drop and Evict: it is not found; evicted, it is deleted too.
	Drop, Evict bool

	corrupt *rand.Rand // nil: it stays as it is
}

// Value decides about a value that an operation reads or writes. The key is what rules name; the identity is what tells the value from others with the same key, for the dice.
func (p *Plan) Value(operation, key, identity string) Value {
	p.mu.Lock()
	defer p.mu.Unlock()
	var v Value
	for _, r := range p.rules {
		if !r.Action.onValue() || !r.isFor(p.language, operation, key) {
			continue
		}
		dice, hit := p.hit(r, operation, identity)
		switch {
		case !hit:
		case r.Action == Drop:
			v.Drop = true
		case r.Action == Evict:
			v.Evict = true
		default:
			v.corrupt = dice
		}
	}
	return v
}

// Of is what is found in the value's place: nil if it is dropped or evicted, a copy if it is corrupted.
func (v Value) Of(value []byte) []byte {
	switch {
	case v.Drop || v.Evict:
		return nil
	case v.corrupt == nil || len(value) == 0:
		return value
	}
	wrong := bytes.Clone(value)
	wrong[v.corrupt.IntN(len(wrong))] ^= byte(1 + v.corrupt.IntN(255))
	return wrong
}
