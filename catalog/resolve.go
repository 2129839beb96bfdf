package catalog

import (
	"context"
	"slices"
	"strings"

	"github.com/chunkaside/chunkaside/catalog/schema"
	"github.com/chunkaside/chunkaside/chunker"
)

// resolve finds the entities that the lines from..to of an index stand for.
func (s *section) resolve(ctx context.Context, index *run, from, to int) ([]Entity, error) {
	places, err := index.lines(ctx, from, to)
	if err != nil {
		return nil, err
	}
	if err := s.prepare(ctx, places); err != nil {
		return nil, err
	}
	entities := make([]Entity, len(places))
	for i, p := range places {
		matches, err := s.matches(ctx, index.index, p)
		if err != nil {
			return nil, err
		}
		n := 0
		if len(matches) > 1 {
			if n, err = equalBefore(ctx, index, from+i, p); err != nil {
				return nil, err
			}
		}
		if n >= len(matches) {
			return nil, &chunker.DamageError{Part: "block", Reason: "a line of the index " + index.index.Name + " stands for no entity"}
		}
		entities[i] = matches[n]
	}
	return entities, nil
}

// prepare loads at once the blocks that the lines refer to.
func (s *section) prepare(ctx context.Context, places []place) error {
	var wanted []int
	seen := map[chunker.BlockID]bool{}
	for _, p := range places {
		if id := p.block.locators[p.n].block; !seen[id] {
			seen[id] = true
			wanted = append(wanted, s.entities.ids()[id]...)
		}
	}
	_, err := s.entities.memory.load(ctx, s.entities, wanted)
	return err
}

// matches are the entities that a line may stand for, in the order of their primary keys: nearly always one.
func (s *section) matches(ctx context.Context, ix *schema.Index, p place) ([]Entity, error) {
	l, want := p.block.locators[p.n], string(p.block.key(p.n))
	type match struct {
		primary string
		entity  Entity
	}
	var found []match
	for _, i := range s.entities.ids()[l.block] {
		blocks, err := s.entities.read(ctx, i, i+1)
		if err != nil {
			return nil, err
		}
		for n := range blocks[0].count() {
			if !s.tagged(blocks[0], n, l.tag) {
				continue
			}
			e := Entity{blocks[0], n}
			if key, ok, err := indexKey(s.model, ix, e.Field); err != nil || !ok || !strings.HasPrefix(key, want) {
				continue
			}
			if primary, err := entityKey(s.model, s.model.Key, e.Field); err == nil {
				found = append(found, match{primary, e})
			}
		}
	}
	slices.SortFunc(found, func(a, b match) int { return strings.Compare(a.primary, b.primary) })
	entities := make([]Entity, len(found))
	for i, m := range found {
		entities[i] = m.entity
	}
	return entities, nil
}

// tagged says whether an entity's primary key has a tag. Where the section is in the order of its primary key, that is the key of the line.
func (s *section) tagged(b *block, n int, tag chunker.Tag) bool {
	if b.tags != nil {
		return b.tags[n] == tag
	}
	return chunker.TagOf(s.model.Name, string(b.key(n))) == tag
}

// equalBefore is how many lines before this one say the same: equal lines stand for the matches in the order of their primary keys.
func equalBefore(ctx context.Context, index *run, at int, p place) (int, error) {
	line, key, count := string(p.block.line(p.n)), string(p.block.key(p.n)), 0
	for at--; at >= 0; at-- {
		before, err := index.lines(ctx, at, at+1)
		if err != nil {
			return 0, err
		}
		b := before[0]
		if string(b.block.key(b.n)) != key {
			break
		}
		if string(b.block.line(b.n)) == line {
			count++
		}
	}
	return count, nil
}
