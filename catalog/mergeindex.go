package catalog

import (
	"bytes"
	"context"
	"maps"
	"slices"

	"github.com/chunkaside/chunkaside/catalog/schema"
	"github.com/chunkaside/chunkaside/chunker"
)

// index is what the moves make of an index: the lines that stand under its keys now.
func (m *moves) index(ctx context.Context, ix *schema.Index) (map[string][][]byte, error) {
	changes, err := m.lineChanges(ix)
	if err != nil {
		return nil, err
	}
	edits := make(map[string][][]byte, len(changes))
	for key, under := range changes {
		if err := m.keepOthers(ctx, m.section.indexes[ix], key, under); err != nil {
			return nil, err
		}
		edits[key] = under.lines()
	}
	return edits, nil
}

// underKey are the lines of an index under one key, by their entities' primary keys: nil for one that is gone. Nearly always there is one.
type underKey struct {
	now  map[string][]byte
	were int // how many of them were there in the last version
}

// lines are in the order of their entities' primary keys.
func (u *underKey) lines() [][]byte {
	var lines [][]byte
	for _, primary := range slices.Sorted(maps.Keys(u.now)) {
		if line := u.now[primary]; line != nil {
			lines = append(lines, line)
		}
	}
	return lines
}

// lineChanges are the lines that the moves take away and bring, by their keys.
func (m *moves) lineChanges(ix *schema.Index) (map[string]*underKey, error) {
	changes := map[string]*underKey{}
	at := func(key string) *underKey {
		if changes[key] == nil {
			changes[key] = &underKey{now: map[string][]byte{}}
		}
		return changes[key]
	}
	e := newEntityReader(m.section.model)
	for _, mv := range m.all {
		before, wasThere, err := mv.line(e, ix, mv.before, mv.was)
		if err != nil {
			return nil, err
		}
		after, isThere, err := mv.line(e, ix, mv.after, mv.is)
		if err != nil {
			return nil, err
		}
		if wasThere == isThere && before.key == after.key && bytes.Equal(before.text, after.text) {
			continue
		}
		if wasThere {
			u := at(before.key)
			u.were++
			u.now[mv.primary] = nil
		}
		if isThere {
			at(after.key).now[mv.primary] = after.text
		}
	}
	return changes, nil
}

// line is the entity's line in an index, and finds the move's primary key if it is not known yet.
func (mv *move) line(e *entityReader, ix *schema.Index, raw []byte, block chunker.BlockID) (l indexLine, ok bool, err error) {
	if raw == nil {
		return indexLine{}, false, nil
	}
	if err := e.read(raw); err != nil {
		return indexLine{}, false, err
	}
	if mv.primary == "" {
		if mv.primary, err = entityKey(e.model, e.model.Key, e.value); err != nil {
			return indexLine{}, false, err
		}
	}
	return newIndexLine(e.model, ix, mv.primary, e.value, block)
}

// keepOthers adds the lines under a key that no move concerns.
func (m *moves) keepOthers(ctx context.Context, index *run, key string, under *underKey) error {
	from, to, err := index.equal(ctx, key)
	if err != nil || to-from == under.were {
		return err
	}
	entities, err := m.section.resolve(ctx, index, from, to)
	if err != nil {
		return err
	}
	places, err := index.lines(ctx, from, to)
	if err != nil {
		return err
	}
	for i, entity := range entities {
		primary, err := entityKey(m.section.model, m.section.model.Key, entity.Field)
		if err != nil {
			return err
		}
		if _, moved := under.now[primary]; !moved {
			under.now[primary] = places[i].block.line(places[i].n)
		}
	}
	return nil
}
