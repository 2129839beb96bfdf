package probe

import (
	"bytes"
	"context"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/chunkaside/chunkaside/catalog"
	"github.com/chunkaside/chunkaside/catalog/schema"
	"github.com/chunkaside/chunkaside/store"
)

// answers compares entities of the current version with the store. What differs at first is compared again: it may have been edited just now.
func (r *run) answers(ctx context.Context) error {
	if r.options.Entities < 0 {
		return nil
	}
	shot, err := r.current(ctx)
	if lost(err) {
		return nil // which is among the faults of what is stored
	}
	if err != nil {
		return err
	}
	s, err := r.sample(ctx, shot)
	if err != nil {
		return err
	}
	wrong, err := r.compare(ctx, shot, s.records)
	if err != nil {
		return err
	}
	first := len(wrong)
	if first > 0 {
		if wrong, err = r.settle(ctx, wrong); err != nil {
			return err
		}
	}
	a := &r.report.Answers
	a.Compared += len(s.records) + len(s.unreadable)
	a.Late += first - len(wrong)
	for _, w := range wrong {
		a.wrong(w.Difference)
	}
	for _, d := range s.unreadable {
		a.wrong(d)
	}
	return nil
}

// current opens the version that the pointer names now.
func (r *run) current(ctx context.Context) (*catalog.Snapshot, error) {
	h, err := r.cache.Versions(ctx)
	if err != nil {
		return nil, err
	}
	return r.cache.Open(ctx, h.Current())
}

// settle compares again, after a warm-up or for as long as the probe is patient, and returns what differs still.
func (r *run) settle(ctx context.Context, wrong []difference) ([]difference, error) {
	if err := r.warm(ctx, true); err != nil {
		return nil, err
	}
	patience := r.options.Patience
	if r.options.Warm != nil {
		patience = 0 // what differs now is not under way
	}
	for start := time.Now(); ; {
		records := make([]record, len(wrong))
		for i, w := range wrong {
			records[i] = w.record
		}
		shot, err := r.current(ctx)
		if err != nil && !lost(err) {
			return nil, err
		}
		if err == nil {
			if wrong, err = r.compare(ctx, shot, records); err != nil || len(wrong) == 0 {
				return wrong, err
			}
		}
		if time.Since(start) >= patience {
			return wrong, nil
		}
		if err := pause(ctx, 10*r.options.Poll); err != nil {
			return nil, err
		}
	}
}

// difference is a record that differs.
type difference struct {
	record
	Difference
}

// compare reads records from a version and from the store, and returns those that are not the same, byte for byte.
func (r *run) compare(ctx context.Context, shot *catalog.Snapshot, records []record) (wrong []difference, err error) {
	keys := map[*schema.Model][]store.Key{}
	for _, rec := range records {
		keys[rec.model] = append(keys[rec.model], rec.key)
	}
	for _, m := range r.schema.Models {
		if len(keys[m]) == 0 {
			continue
		}
		stored, err := r.store.Get(ctx, m, keys[m])
		if err != nil {
			return nil, err
		}
		for i, key := range keys[m] {
			d, err := differs(ctx, shot, record{m, key}, stored[i])
			if err != nil {
				return nil, err
			}
			if d.Kind != "" {
				wrong = append(wrong, difference{record{m, key}, d})
			}
		}
	}
	return wrong, nil
}

// differs compares one record, nil if the store has it not. The Difference has no Kind if there is none.
func differs(ctx context.Context, shot *catalog.Snapshot, rec record, stored store.Entity) (Difference, error) {
	d := Difference{Record: rec.String()}
	prefix, ok, err := catalog.KeyPrefix(rec.model, rec.key)
	if err != nil {
		return d, err
	}
	var found catalog.Entity
	if ok {
		found, ok, err = shot.Get(ctx, rec.model, prefix)
	}
	switch {
	case lost(err):
		d.Kind, d.Reason = Unreadable, err.Error()
		return d, nil
	case err != nil:
		return d, err
	case !ok && stored != nil:
		d.Kind = NotInVersion
	case ok && stored == nil:
		d.Kind = NotInStore
	case ok && !bytes.Equal(found.JSON(), stored):
		d.Kind = Differs
		d.Fields, err = fields(rec.model, found, stored)
	}
	return d, err
}

// fields are the names of those that differ.
func fields(m *schema.Model, e catalog.Entity, stored store.Entity) (names []string, err error) {
	var members map[string]jsontext.Value
	if err := json.Unmarshal(stored, &members); err != nil {
		return nil, err
	}
	for _, f := range m.Stored() {
		if !bytes.Equal(e.Field(f), members[f.Name]) {
			names = append(names, f.Name)
		}
	}
	return names, nil
}
