package resolver

import (
	"context"
	"encoding/json"

	"github.com/chunkaside/chunkaside/catalog"
	"github.com/chunkaside/chunkaside/catalog/schema"
)

// CompileFilter is a filter as a predicate; nil if it asks for nothing.
func CompileFilter(m *schema.Model, text string) (func(catalog.Entity) bool, error) {
	f, err := arguments{"listOf", map[string]json.RawMessage{"filter": json.RawMessage(text)}, &caller{}}.filter(m)
	if f == nil || err != nil {
		return nil, err
	}
	return f.holds, nil
}

// MaxRoom and KeptRoom say what memory of answers is kept.
const MaxRoom = maxRoom

var KeptRoom = keptRoom

// Writer plans an event once and returns what writes its answer, into memory that it uses again.
func (r *Resolver) Writer(ctx context.Context, s *catalog.Snapshot, data []byte) (func() ([]byte, error), error) {
	e, err := decodeEvent(data)
	if err != nil {
		return nil, err
	}
	p, err := r.plan(e)
	if err != nil {
		return nil, err
	}
	var out []byte
	return func() ([]byte, error) {
		out, err = r.answerFrom(ctx, out[:0], viewOf(s), p, p.place)
		return out, err
	}, nil
}
