package catalog

import (
	"bytes"
	"context"

	"github.com/chunkaside/chunkaside/catalog/schema"
)

// comparison is a Diff of one model.
type comparison struct {
	before, after *side
	each          func(Change) error
	progress      func(blocks int)
	counts        DiffCounts
}

func newComparison(before, after *Snapshot, m *schema.Model, each func(Change) error) *comparison {
	b, a := newSide(before, m.Name), newSide(after, m.Name)
	b.unread, a.unread = b.run.lacking(a.run), a.run.lacking(b.run)
	counts := DiffCounts{Model: m, Read: len(b.unread) + len(a.unread), Blocks: len(b.run.blocks) + len(a.unread)}
	return &comparison{before: b, after: a, each: each, counts: counts}
}

// merge goes through both sides' entities in the order of their keys. Equal blocks are missing on both sides, so what is left stands in the same order.
func (c *comparison) merge(ctx context.Context) error {
	for {
		before, err := c.before.head(ctx, c.progress)
		if err != nil {
			return err
		}
		after, err := c.after.head(ctx, c.progress)
		if err != nil {
			return err
		}
		if before.block == nil && after.block == nil {
			return nil
		}
		order := compareKeys(before, after)
		if order <= 0 {
			c.before.pass()
		}
		if order >= 0 {
			c.after.pass()
		}
		switch {
		case order < 0:
			err = c.went(ctx, before)
		case order > 0:
			err = c.came(ctx, after)
		case !bytes.Equal(before.JSON(), after.JSON()):
			err = c.report(Changed, before, after)
		}
		if err != nil {
			return err
		}
	}
}

// compareKeys is the order of two entities in their section; the end of a section follows all.
func compareKeys(a, b Entity) int {
	switch {
	case a.block == nil:
		return 1
	case b.block == nil:
		return -1
	}
	return bytes.Compare(a.block.key(a.n), b.block.key(b.n))
}

// went reports an entity that is not in its place any more.
func (c *comparison) went(ctx context.Context, before Entity) error {
	after, moved, err := c.after.find(ctx, before)
	switch {
	case err != nil:
		return err
	case moved:
		return c.report(Changed, before, after)
	}
	return c.report(Removed, before, Entity{})
}

// came reports an entity that was not in its place before, but for one that moved: went reports that.
func (c *comparison) came(ctx context.Context, after Entity) error {
	_, moved, err := c.before.find(ctx, after)
	if moved || err != nil {
		return err
	}
	return c.report(Added, Entity{}, after)
}

func (c *comparison) report(kind ChangeKind, before, after Entity) error {
	m := c.counts.Model
	change := Change{Kind: kind, Model: m, Before: before, After: after}
	either := before
	switch kind {
	case Added:
		c.counts.Added++
		either = after
	case Changed:
		c.counts.Changed++
		change.Fields = changedFields(m, before, after)
	case Removed:
		c.counts.Removed++
	}
	key, err := entityKey(m, m.Key, either.Field)
	if err != nil {
		return err
	}
	change.Key = readable(m.Key, key)
	return c.each(change)
}

func changedFields(m *schema.Model, before, after Entity) []FieldChange {
	var fields []FieldChange
	for _, f := range m.Stored() {
		if b, a := before.Field(f), after.Field(f); !bytes.Equal(b, a) {
			fields = append(fields, FieldChange{f, b, a})
		}
	}
	return fields
}

// side is one of two versions that are compared: a model's entities there, one after another.
type side struct {
	snapshot *Snapshot
	model    *schema.Model // as this snapshot's schema has it
	run      *run
	unread   []int    // blocks
	blocks   []*block // those that were read and not yet passed over
	n        int      // the next line, in the first of them
}

func newSide(s *Snapshot, model string) *side {
	m := s.schema.Model(model)
	return &side{snapshot: s, model: m, run: s.sections[m].entities}
}

// head is the next entity; zero at the end. Blocks are read several at once: all that are left will be needed.
func (s *side) head(ctx context.Context, progress func(blocks int)) (Entity, error) {
	if err := ctx.Err(); err != nil {
		return Entity{}, err
	}
	if len(s.blocks) == 0 && len(s.unread) > 0 {
		wanted := s.unread[:min(readAhead, len(s.unread))]
		blocks, err := s.run.memory.load(ctx, s.run, wanted)
		if err != nil {
			return Entity{}, err
		}
		s.blocks, s.unread = blocks, s.unread[len(wanted):]
		progress(len(wanted))
	}
	if len(s.blocks) == 0 {
		return Entity{}, nil
	}
	return Entity{s.blocks[0], s.n}, nil
}

// pass passes over the head.
func (s *side) pass() {
	if s.n++; s.n == s.blocks[0].count() {
		s.blocks, s.n = s.blocks[1:], 0
	}
}

// find is an entity of the other side as it is on this one, wherever it stands.
func (s *side) find(ctx context.Context, e Entity) (Entity, bool, error) {
	if s.model.Cluster == s.model.Key {
		return Entity{}, false, nil // it could not but stand in the same place
	}
	key, err := entityKey(s.model, s.model.Key, e.Field)
	if err != nil {
		return Entity{}, false, err
	}
	return s.snapshot.Get(ctx, s.model, key)
}

// lacking are the blocks of a run that another run does not have.
func (r *run) lacking(other *run) []int {
	has := make(map[blockRef]bool, len(other.refs))
	for _, ref := range other.refs {
		has[ref] = true
	}
	var blocks []int
	for i, ref := range r.refs {
		if !has[ref] {
			blocks = append(blocks, i)
		}
	}
	return blocks
}
