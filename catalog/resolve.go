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
	blocks, err := s.blocksOf(ctx, places)
	if err != nil {
		return nil, err
	}
	entities := make([]Entity, len(places))
	for i, p := range places {
		if i%checkEvery == 0 && ctx.Err() != nil {
			return nil, ctx.Err()
		}
		matches := s.matches(index.index, p, blocks)
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

// checkEvery is how many lines are resolved between two looks at the clock.
const checkEvery = 256

// blocksOf loads at once the blocks that lines refer to.
func (s *section) blocksOf(ctx context.Context, places []place) (map[int]*block, error) {
	var wanted []int
	seen := map[chunker.BlockID]bool{}
	for _, p := range places {
		if id := p.block.locators[p.n].block; !seen[id] {
			seen[id] = true
			wanted = append(wanted, s.entities.ids()[id]...)
		}
	}
	loaded, err := s.entities.memory.load(ctx, s.entities, wanted)
	if err != nil {
		return nil, err
	}
	blocks := make(map[int]*block, len(wanted))
	for i, n := range wanted {
		blocks[n] = loaded[i]
	}
	return blocks, nil
}

// matches are the entities that a line may stand for, in the order of their primary keys: nearly always one.
func (s *section) matches(ix *schema.Index, p place, blocks map[int]*block) []Entity {
	l, want := p.block.locators[p.n], string(p.block.key(p.n))
	want = want[:len(want)-chunker.TagSize]
	type match struct {
		primary string
		entity  Entity
	}
	var found []match
	for _, i := range s.entities.ids()[l.block] {
		for n, tag := range blocks[i].tags {
			if tag != l.tag {
				continue
			}
			e := Entity{blocks[i], n}
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
	return entities
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
