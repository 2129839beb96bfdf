package catalog

import (
	"context"
	"fmt"

	"github.com/chunkaside/chunkaside/catalog/schema"
)

// ChangeKind is what became of an entity from one version to another.
type ChangeKind uint8

// The kinds of changes.
const (
	Added ChangeKind = iota + 1
	Changed
	Removed
)

func (k ChangeKind) String() string {
	switch k {
	case Added:
		return "added"
	case Changed:
		return "changed"
	case Removed:
		return "removed"
	}
	return fmt.Sprintf("ChangeKind(%d)", uint8(k))
}

// Change is an entity that differs between two versions.
type Change struct {
	Kind ChangeKind
	// Model is of the schema of the version before.
	Model *schema.Model
	// Key is the primary key's values, as people read them: without control characters, whatever the entity has.
	Key string
	// Before is the entity in the one version, After in the other. Before is zero for an added entity, After for a removed one: a zero Entity has nothing to ask it for.
	Before, After Entity
	// Fields are those of a changed entity that differ, in the schema's order. There is at least one.
	Fields []FieldChange
}

// FieldChange is a field that differs: its values as canonical JSON, nil where the entity lacks it.
type FieldChange struct {
	Field         *schema.Field
	Before, After []byte
}

// DiffCounts are the changes of one model.
type DiffCounts struct {
	Model                   *schema.Model
	Added, Changed, Removed int
	// Blocks is how many different blocks of entities the two versions have, Read how many of them one has alone: those had to be read.
	Read, Blocks int
}

// Diff calls each with every entity that differs between two versions: models by name, each in the order of its section. It returns the counts of all models, also by name. An entity that moved to
// another place in its section is one change, reported where it was before.
//
// Blocks of entities that both versions have, by their digests, are not read; of versions that were cut or compressed otherwise, all are. To tell an entity that moved from one that came or went,
// it is looked up in the other version, unless the section is in the order of its primary key: that reads the key's index too. Beyond the snapshots' Memory, only a few blocks are held at a time.
//
// progress, if not nil, is told how many blocks of how many have been read; it must not block. The error is each's, ctx's, the Memory's fetch error, or matches ErrSchema or chunker.ErrDamaged.
func Diff(ctx context.Context, before, after *Snapshot, progress func(done, of int), each func(Change) error) ([]DiffCounts, error) {
	if b, a := before.manifest, after.manifest; b.Schema != a.Schema {
		return nil, fmt.Errorf("compare version %s with %s: %w", b.Digest.Short(), a.Digest.Short(), ErrSchema)
	}
	var all []*comparison
	done, of := 0, 0
	for _, m := range byName(before.schema) {
		c := newComparison(before, after, m, each)
		c.progress = func(blocks int) {
			if done += blocks; progress != nil {
				progress(done, of)
			}
		}
		all = append(all, c)
		of += c.counts.Read
	}
	counts := make([]DiffCounts, len(all))
	for i, c := range all {
		if err := c.merge(ctx); err != nil {
			return nil, err
		}
		counts[i] = c.counts
	}
	return counts, nil
}
