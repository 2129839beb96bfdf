package catalog

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/chunkaside/chunkaside/catalog/schema"
	"github.com/chunkaside/chunkaside/store"
)

// ErrUnlike: more records differ than a Likeness was made for. Reading the whole table costs less then.
var ErrUnlike = errors.New("too many records differ")

// Likeness holds another copy of a table, such as an export, against what a version has of it. It tells which records differ, not which of the two is right: that only the store knows.
//
//	l, err := catalog.NewLikeness(ctx, version, model, 1000)
//	err = l.Add(entity) // each of the copy's entities, in any order
//	records, err := l.Differing(ctx)
//
// It holds some 40 bytes for each entity of the version, whatever their sizes, and reads the version's section once, or twice if anything differs.
type Likeness struct {
	version *Snapshot
	model   *schema.Model
	most    int

	mu sync.Mutex
	// alone are the entities that the copy has not had yet.
	alone map[fingerprint]struct{}
	// differing are the records that the copy has otherwise than the version, or the version has not at all, by their keys.
	differing map[string]Record
}

// fingerprint tells entities apart: those with equal ones are the same record with the same content.
type fingerprint [16]byte

func fingerprintOf(entity []byte) fingerprint {
	sum := sha256.Sum256(entity)
	return fingerprint(sum[:])
}

// NewLikeness reads what a version has of a model. No more than most records may differ. The error is the Memory's fetch error, or matches chunker.ErrDamaged.
func NewLikeness(ctx context.Context, version *Snapshot, m *schema.Model, most int) (*Likeness, error) {
	l := &Likeness{version: version, model: m, most: most, alone: make(map[fingerprint]struct{}, version.Count(m)), differing: map[string]Record{}}
	err := version.Walk(ctx, m, func(e Entity) error {
		l.alone[fingerprintOf(e.JSON())] = struct{}{}
		return nil
	})
	return l, err
}

// Add takes one of the copy's entities, as a store makes them. It may be called concurrently. The error matches ErrUnlike, or is of an entity that has no key.
func (l *Likeness) Add(entity store.Entity) error {
	own := fingerprintOf(entity)
	l.mu.Lock()
	_, same := l.alone[own]
	delete(l.alone, own)
	l.mu.Unlock()
	if same {
		return nil
	}
	r, err := recordOf(l.model, entity)
	if err != nil {
		return err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.differs(r)
}

func (l *Likeness) differs(r Record) error {
	l.differing[r.Key] = r
	if len(l.differing) > l.most {
		return fmt.Errorf("more than %d of %s: %w", l.most, l.model.Name, ErrUnlike)
	}
	return nil
}

// Differing are the records that are not the same in both, each once, in the order of their keys: changed, or in one of them alone. The copy must be complete by now.
func (l *Likeness) Differing(ctx context.Context) ([]Record, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.alone) > 0 {
		if err := l.addAlone(ctx); err != nil {
			return nil, err
		}
	}
	return slices.SortedFunc(maps.Values(l.differing), func(a, b Record) int { return strings.Compare(a.Key, b.Key) }), nil
}

// addAlone adds the records of the version that the copy lacks or has otherwise.
func (l *Likeness) addAlone(ctx context.Context) error {
	return l.version.Walk(ctx, l.model, func(e Entity) error {
		if _, alone := l.alone[fingerprintOf(e.JSON())]; !alone {
			return nil
		}
		r, err := recordOf(l.model, e.JSON())
		if err != nil {
			return err
		}
		return l.differs(r)
	})
}

// recordOf names the record that an entity is.
func recordOf(m *schema.Model, entity []byte) (Record, error) {
	item, err := new(store.Decoder).Decode(entity, m.Fields)
	if err != nil {
		return Record{}, err
	}
	key, err := store.PrimaryKey(m, item)
	if err != nil {
		return Record{}, err
	}
	return NewRecord(m, key...)
}
