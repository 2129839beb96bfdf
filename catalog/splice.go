package catalog

import (
	"context"

	"github.com/chunkaside/chunkaside/chunker"
)

// splice writes a section of the last version with edits in it. A boundary depends on what stands in the block before it and on the line that follows. So a block is written anew if an edit falls
// into it or on the first line of the next one; so are those behind it, until the writer would begin a block where the last version has one; all others are kept unread.
type splice struct {
	writer *chunker.Writer
	run    *run
	edits  []lineEdit // those still to come
	// added, if set, is told of each line that is written anew, with the blocks in which it was, if it was, and is.
	added func(key string, line []byte, was, is chunker.BlockID)
}

// lineEdit says which lines stand under a key now, whatever stood there.
type lineEdit struct {
	key   string
	lines [][]byte
}

func (s *splice) write(ctx context.Context) error {
	dirty := s.dirty()
	aligned := true // the writer stands where a block of the last version begins
	for i := range s.run.blocks {
		keep := aligned && !dirty[i]
		var b *block
		if !keep {
			var err error
			if b, err = s.read(ctx, i); err != nil {
				return err
			}
			keep = !dirty[i] && s.writer.Begins(s.run.blocks[i].First, len(b.line(0))+1)
		}
		var err error
		if keep {
			err = s.writer.Keep(s.run.chunk(i))
		} else {
			err = s.block(i, b)
		}
		if err != nil {
			return err
		}
		aligned = keep
	}
	return s.before(last)
}

// dirty says of each block whether it has to be written anew.
func (s *splice) dirty() map[int]bool {
	blocks := map[int]bool{}
	for _, e := range s.edits {
		i := max(0, s.run.blockOf(e.key))
		blocks[i] = true
		if i > 0 && s.run.blocks[i].First == e.key {
			blocks[i-1] = true
		}
	}
	return blocks
}

// read reads one block, and none ahead: the next one will hardly be wanted.
func (s *splice) read(ctx context.Context, i int) (*block, error) {
	blocks, err := s.run.memory.load(ctx, s.run, []int{i})
	if err != nil {
		return nil, err
	}
	return blocks[0], nil
}

// block writes the lines of a block, and those of the edits that come before the next one.
func (s *splice) block(i int, b *block) error {
	was := s.run.id(i)
	replaced, none := "", true
	for n := range b.count() {
		key := string(b.key(n))
		if err := s.before(key); err != nil {
			return err
		}
		if len(s.edits) > 0 && s.edits[0].key == key {
			if err := s.take(); err != nil {
				return err
			}
			replaced, none = key, false
		}
		if !none && replaced == key {
			continue
		}
		if err := s.add(key, b.line(n), was); err != nil {
			return err
		}
	}
	if i+1 < len(s.run.blocks) {
		return s.before(s.run.blocks[i+1].First)
	}
	return nil
}

// before writes the edits with keys below this one.
func (s *splice) before(key string) error {
	for len(s.edits) > 0 && s.edits[0].key < key {
		if err := s.take(); err != nil {
			return err
		}
	}
	return nil
}

// take writes the next edit.
func (s *splice) take() error {
	e := s.edits[0]
	s.edits = s.edits[1:]
	for _, line := range e.lines {
		if err := s.add(e.key, line, 0); err != nil {
			return err
		}
	}
	return nil
}

func (s *splice) add(key string, line []byte, was chunker.BlockID) error {
	is, err := s.writer.Add(key, line)
	if err == nil && s.added != nil {
		s.added(key, line, was, is)
	}
	return err
}
