package catalog

import (
	"context"

	"github.com/chunkaside/chunkaside/catalog/schema"
)

// refers looks up what an entity refers to.
func (v *validation) refers(ctx context.Context, r *reference, e Entity) error {
	key, ok, err := r.key(e)
	if !ok || err != nil {
		return err
	}
	if err := v.look(ctx, r, key); err != nil {
		return err
	}
	// One that was removed is a change of its own, which counts all that the index finds: this entity too.
	if r.is || r.was && r.finds(e) {
		return nil
	}
	v.dangling(r, 1, key, e)
	return nil
}

func (v *validation) look(ctx context.Context, r *reference, key string) (err error) {
	if r.looked == key {
		return nil
	}
	if _, r.is, err = v.next.Get(ctx, r.target, key); err != nil {
		return err
	}
	if !r.is && v.last != nil {
		if _, r.was, err = v.last.Get(ctx, r.target, key); err != nil {
			return err
		}
	}
	r.looked = key
	return nil
}

// removed looks for what still refers to an entity that is not there any more.
func (v *validation) removed(ctx context.Context, m *schema.Model, target Entity) error {
	for _, r := range v.to[m] {
		if r.index == nil {
			continue
		}
		count, some, err := r.to(ctx, v.next, target)
		if err != nil {
			return err
		}
		if count > 0 {
			key, err := entityKey(m, m.Key, target.Field)
			if err != nil {
				return err
			}
			v.dangling(r, count, key, some...)
		}
	}
	return nil
}

// dangling counts entities that refer to a key in vain; some of them are given.
func (v *validation) dangling(r *reference, count int, key string, some ...Entity) {
	t := v.tally(tallyKey{RuleDangling, r.model, r.names(), r.target.Name}, v.rules.Dangling)
	examples := make([]string, len(some))
	for i, e := range some {
		examples[i] = readableKey(r.model, e) + " to " + readable(r.target.Key, key)
	}
	t.add(count, examples...)
}
