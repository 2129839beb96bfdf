package probe

import (
	"context"
	"encoding/json"
	"errors"
	"math/rand/v2"
	"slices"

	"github.com/chunkaside/chunkaside/catalog"
	"github.com/chunkaside/chunkaside/catalog/schema"
	"github.com/chunkaside/chunkaside/store"
)

// record names a record.
type record struct {
	model *schema.Model
	key   store.Key
}

// String is Type/id, or Type/["partition","sort"], as the commands take it.
func (r record) String() string {
	if len(r.key) == 1 {
		return r.model.Name + "/" + r.key[0]
	}
	list, _ := json.Marshal(r.key) // texts can be written
	return r.model.Name + "/" + string(list)
}

// recordOf names the record that an entity is.
func recordOf(m *schema.Model, entity []byte) (record, error) {
	item, err := new(store.Decoder).Decode(entity, m.Fields)
	if err != nil {
		return record{}, err
	}
	key, err := store.PrimaryKey(m, item)
	return record{m, key}, err
}

// distinct picks n different numbers below total, in their order; all, if there are no more.
func distinct(dice *rand.Rand, n, total int) []int {
	picked := map[int]bool{}
	for last := max(0, total-n); last < total; last++ {
		if i := dice.IntN(last + 1); !picked[i] {
			picked[i] = true
		} else {
			picked[last] = true
		}
	}
	numbers := make([]int, 0, len(picked))
	for i := range picked {
		numbers = append(numbers, i)
	}
	slices.Sort(numbers)
	return numbers
}

// sample is what is compared, each record once.
type sample struct {
	records    []record
	seen       map[string]bool
	unreadable []Difference // entities of the version whose keys could not be read
}

func (s *sample) add(m *schema.Model, entity []byte) error {
	rec, err := recordOf(m, entity)
	if err != nil {
		return err
	}
	if name := rec.String(); !s.seen[name] {
		s.seen[name] = true
		s.records = append(s.records, rec)
	}
	return nil
}

// sample picks n entities of a version and of the store.
func (r *run) sample(ctx context.Context, shot *catalog.Snapshot) (*sample, error) {
	n := r.options.Entities
	s := &sample{seen: map[string]bool{}}
	if err := r.fromVersion(ctx, s, shot, n-n/2); err != nil {
		return nil, err
	}
	return s, r.fromStore(ctx, s, shot, n/2)
}

// fromVersion picks n of all the version's entities, each as likely as any other.
func (r *run) fromVersion(ctx context.Context, s *sample, shot *catalog.Snapshot, n int) error {
	picked, first := distinct(r.dice, n, count(shot)), 0
	for _, m := range r.schema.Models {
		for len(picked) > 0 && picked[0] < first+shot.Count(m) {
			e, err := shot.At(ctx, m, picked[0]-first)
			switch {
			case lost(err):
				s.unreadable = append(s.unreadable, Difference{Record: m.Name, Kind: Unreadable, Reason: err.Error()})
			case err != nil:
				return err
			default:
				if err := s.add(m, e.JSON()); err != nil {
					return err
				}
			}
			picked = picked[1:]
		}
		first += shot.Count(m)
	}
	return nil
}

// breadth is how many times as many entities of a table are looked at as are picked: a scan of it all would cost what a warm-up costs.
const breadth = 20

var errEnough = errors.New("enough was scanned")

// fromStore picks n entities of the tables, in proportion to what the version has of each and at least one: of all of a small table, of a large one from where its scan begins.
func (r *run) fromStore(ctx context.Context, s *sample, shot *catalog.Snapshot, n int) error {
	if n == 0 {
		return nil
	}
	for _, m := range r.schema.Models {
		share := n*shot.Count(m)/max(1, count(shot)) + 1
		kept, seen := make([]store.Entity, 0, share), 0
		err := r.store.Scan(ctx, m, &store.ScanOptions{Parallelism: 1 + r.dice.IntN(8)}, func(entities []store.Entity) error {
			for _, e := range entities {
				if seen++; len(kept) < share {
					kept = append(kept, e)
				} else if i := r.dice.IntN(seen); i < share {
					kept[i] = e
				}
			}
			if seen >= breadth*share {
				return errEnough
			}
			return nil
		})
		if err != nil && !errors.Is(err, errEnough) {
			return err
		}
		for _, e := range kept {
			if err := s.add(m, e); err != nil {
				return err
			}
		}
	}
	return nil
}

func count(shot *catalog.Snapshot) (n int) {
	for _, m := range shot.Schema().Models {
		n += shot.Count(m)
	}
	return n
}
