package catalog

import (
	"context"

	"github.com/chunkaside/chunkaside/catalog/schema"
	"github.com/chunkaside/chunkaside/chunker"
)

// Walk calls each with all entities of a model, in the section's own order. It holds no more of them than the Memory does.
func (s *Snapshot) Walk(ctx context.Context, m *schema.Model, each func(Entity) error) error {
	r := s.sections[m].entities
	for i := range r.blocks {
		blocks, err := r.read(ctx, i, i+1)
		if err != nil {
			return err
		}
		for n := range blocks[0].count() {
			if err := each(Entity{blocks[0], n}); err != nil {
				return err
			}
		}
	}
	return nil
}

// Check reads all of a model: every block must follow the schema, every entity must be found by its primary key, and every line of an index must stand for an entity. The error is a
// chunker.DamageError, or the Memory's fetch error.
func (s *Snapshot) Check(ctx context.Context, m *schema.Model) error {
	if err := s.Walk(ctx, m, func(e Entity) error {
		key, err := entityKey(m, m.Key, e.Field)
		if err != nil {
			return err
		}
		if _, ok, err := s.Get(ctx, m, key); !ok || err != nil {
			return orDamage(err, m.Name+" "+readable(m.Key, key)+" is not found by its primary key")
		}
		return nil
	}); err != nil {
		return err
	}
	sec := s.sections[m]
	for ix, index := range sec.indexes {
		if hashed(m, ix) {
			continue // every entity was found by it
		}
		const step = 1000
		for from := 0; from < index.len(); from += step {
			if _, err := sec.resolve(ctx, index, from, min(from+step, index.len())); err != nil {
				return err
			}
		}
	}
	return nil
}

func orDamage(err error, reason string) error {
	if err != nil {
		return err
	}
	return &chunker.DamageError{Part: "section", Reason: reason}
}
