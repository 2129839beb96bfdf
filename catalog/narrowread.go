package catalog

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/chunkaside/chunkaside/catalog/schema"
	"github.com/chunkaside/chunkaside/store"
)

// narrowRun is what was read at once, in the order of a section or an index.
type narrowRun struct {
	lines []narrowLine
	size  int // in memory, in bytes, about
	at    time.Time
	wide  error // an ErrWide: there is too much, which is worth remembering too
}

// narrowLine is an entity under the key that its line has in a section of the index, or in the section itself. Equal ones are in the order of the primary keys.
type narrowLine struct {
	key, primary string
	entity       Entity
}

// load reads an entity, a partition or a table.
func (n *Narrow) load(ctx context.Context, ref narrowRef) (*narrowRun, error) {
	var entities []store.Entity
	var err error
	switch {
	case ref.index == nil:
		entities, err = n.table(ctx, ref.model)
	case ref.index == ref.model.Key && ref.key != partition(ref.key), hashed(ref.model, ref.index):
		entities, err = n.entity(ctx, ref)
	default:
		entities, err = n.partition(ctx, ref)
	}
	if errors.Is(err, ErrWide) {
		return &narrowRun{at: time.Now(), wide: err}, nil
	}
	if err != nil {
		return nil, err
	}
	run, err := newNarrowRun(ref.model, ref.index, entities)
	if err == nil && ref.index == ref.model.Key {
		// An entity whose key has several sort values was looked for in its partition.
		run.lines = slices.DeleteFunc(run.lines, func(l narrowLine) bool { return !strings.HasPrefix(l.primary, ref.key) })
	}
	return run, err
}

// table reads a whole table, if it is small.
func (n *Narrow) table(ctx context.Context, m *schema.Model) (all []store.Entity, err error) {
	err = n.store.Scan(ctx, m, &store.ScanOptions{Parallelism: 1}, func(entities []store.Entity) error {
		if all = append(all, entities...); len(all) > n.options.MaxEntities {
			return fmt.Errorf("the table of %s: %w", m.Name, ErrWide)
		}
		return nil
	})
	return all, err
}

// partition reads a partition of an index, if it is small.
func (n *Narrow) partition(ctx context.Context, ref narrowRef) (all []store.Entity, err error) {
	q := store.Query{Index: ref.index, Limit: n.options.MaxEntities + 1}
	if q.Partition, err = keyText(ref.index.Partition, ref.key); err != nil {
		return nil, err
	}
	for {
		page, err := n.store.Query(ctx, ref.model, q)
		if err != nil {
			return nil, err
		}
		all = append(all, page.Entities...)
		if len(all) > n.options.MaxEntities {
			return nil, fmt.Errorf("a partition of %s: %w", ref.model.Name, ErrWide)
		}
		if q.Start = page.Next; q.Start == "" {
			return all, nil
		}
	}
}

// entity reads one entity by its primary key; where that has several sort values, which cannot be told apart in it, the partition.
func (n *Narrow) entity(ctx context.Context, ref narrowRef) ([]store.Entity, error) {
	key := ref.model.Key
	if len(key.Sort) > 1 {
		return n.partition(ctx, narrowRef{ref.model, key, partition(ref.key)})
	}
	values := make(store.Key, 0, 2)
	rest := ref.key
	for _, f := range key.Fields() {
		text, err := keyText(f, partition(rest))
		if err != nil {
			return nil, err
		}
		values, rest = append(values, text), rest[len(partition(rest)):]
	}
	found, err := n.store.Get(ctx, ref.model, []store.Key{values})
	if err != nil || found[0] == nil {
		return nil, err
	}
	return found[:1], nil
}

// keyText is a value of a key, with its end, as the store takes it.
func keyText(f *schema.Field, value string) (string, error) {
	value = strings.TrimSuffix(value, "\x00")
	if numeric(f.Type.Kind) {
		return store.CanonicalNumber(readableNumber(value))
	}
	return unescape.Replace(value), nil
}

// newNarrowRun orders entities as they stand in a section, or in an index.
func newNarrowRun(m *schema.Model, ix *schema.Index, entities []store.Entity) (*narrowRun, error) {
	run := &narrowRun{lines: make([]narrowLine, 0, len(entities)), at: time.Now()}
	for _, json := range entities {
		line, err := newNarrowLine(m, ix, json)
		if err != nil {
			return nil, fmt.Errorf("%s %s: %w", m.Name, brief(string(json)), err)
		}
		run.lines = append(run.lines, line)
		run.size += line.entity.block.size() + len(line.key) + len(line.primary)
	}
	slices.SortFunc(run.lines, narrowLine.compare)
	return run, nil
}

func newNarrowLine(m *schema.Model, ix *schema.Index, json store.Entity) (l narrowLine, err error) {
	b, err := parseEntities(m, append(slices.Clip([]byte(json)), '\n'), 1)
	if err != nil {
		return l, err
	}
	l.entity = Entity{b, 0}
	if l.primary, err = entityKey(m, m.Key, l.entity.Field); err != nil {
		return l, err
	}
	l.key, err = position(m, ix, l.entity)
	if err == nil && ordered(m, ix) {
		l.key = lineKey(m, ix, l.key, l.primary)
	}
	return l, err
}

func (l narrowLine) compare(other narrowLine) int {
	if n := strings.Compare(l.key, other.key); n != 0 {
		return n
	}
	return strings.Compare(l.primary, other.primary)
}

// page is a range of what was read.
func (run *narrowRun) page(m *schema.Model, r Range) (Page, error) {
	from, to := r.Prefix+r.Condition.From, r.Prefix+last
	if r.Condition.To != "" {
		to = r.Prefix + r.Condition.To
	}
	lines := run.between(narrowLine{key: from}, narrowLine{key: to})
	if r.After != "" {
		after := narrowLine{key: r.After}
		if ordered(m, r.Index) {
			values, primary := splitKey(r.Index, r.After)
			if r.Index == m.Key {
				primary = values
			}
			after = narrowLine{key: lineKey(m, r.Index, r.After, primary), primary: primary}
		}
		lines = following(lines, after, r.Descending)
	}
	if r.Descending {
		lines = slices.Clone(lines)
		slices.Reverse(lines)
	}
	var page Page
	for _, l := range lines[:min(r.Limit, len(lines))] {
		page.Entities = append(page.Entities, l.entity)
	}
	if n := len(page.Entities); n > 0 && n < len(lines) {
		var err error
		page.Next, err = position(m, r.Index, page.Entities[n-1])
		return page, err
	}
	return page, nil
}

// between are the lines from one, to before another.
func (run *narrowRun) between(from, to narrowLine) []narrowLine {
	low, _ := slices.BinarySearchFunc(run.lines, from, narrowLine.compare)
	high, _ := slices.BinarySearchFunc(run.lines, to, narrowLine.compare)
	return run.lines[low:max(low, high)]
}

// following are the lines behind one, in the direction of a page.
func following(lines []narrowLine, after narrowLine, descending bool) []narrowLine {
	at, found := slices.BinarySearchFunc(lines, after, func(l, after narrowLine) int {
		if after.primary == "" { // a key of the section itself ends with the primary key
			return strings.Compare(l.key, after.key)
		}
		return l.compare(after)
	})
	if descending {
		return lines[:at]
	}
	if found {
		at++
	}
	return lines[at:]
}
