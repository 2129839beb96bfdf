// Package faultstore is a store that goes wrong on purpose: it wraps any other and delays, fails, throttles, drops, corrupts, cuts scans short, hands out small pages or loses its connection, by rules.
// It is for tests and trials.
//
//	st, err := faultstore.New(inner, "scan episodes delay 3s; query page 2", 1)
//	...
//	err = st.Use("scan cut 1000")
//	err = st.Use("") // all is well
//
// docs/reliability.md has the rules' language. Operations are scan, get and query; a rule names tables as the schema does. What fails is store.ErrUnavailable; its text names the rule.
package faultstore

import (
	"context"
	"slices"

	"github.com/chunkaside/chunkaside/catalog/schema"
	"github.com/chunkaside/chunkaside/internal/fault"
	"github.com/chunkaside/chunkaside/store"
)

// The contract's operations, as rules name them.
const (
	scan  = "scan"
	get   = "get"
	query = "query"
)

var language = newLanguage()

func newLanguage() *fault.Language {
	all := []string{scan, get, query}
	return &fault.Language{
		Kind: "store", Operations: all, Unavailable: store.ErrUnavailable,
		Actions: map[fault.Action][]string{
			fault.Delay: all, fault.Fail: all, fault.Throttle: all, fault.Stop: all,
			fault.Drop: all, fault.Corrupt: all, fault.Cut: {scan}, fault.Page: {scan, query},
		},
	}
}

// Store is a store.Store with faults. Make one with New.
type Store struct {
	store store.Store
	plan  *fault.Plan
}

var _ store.Store = (*Store)(nil)

// New wraps a store, which the new one closes. The seed decides what chance decides in rules. An error names the rule that is wrong, the column in it, and what is wrong.
func New(st store.Store, rules string, seed uint64) (*Store, error) {
	plan, err := fault.NewPlan(language, rules, seed)
	if err != nil {
		return nil, err
	}
	return &Store{st, plan}, nil
}

// Use puts these rules in place of the others, for the calls that begin from now on and for what a running scan reads. They start anew, from the same seed: what they count, what chance decides, and a
// connection that was lost is there again. If one of them is wrong, nothing changes.
func (s *Store) Use(rules string) error { return s.plan.Use(rules) }

// Counts is how many operations each action has hit since New, by its name in rules; for drop and corrupt, how many entities. An action that has hit none is not there.
func (s *Store) Counts() map[string]int64 { return s.plan.Counts() }

// String has the rules and the seed, for a log.
func (s *Store) String() string { return s.plan.String() }

// Scan implements store.Store. Its Progress is that of the wrapped store, which does not know what is dropped.
func (s *Store) Scan(ctx context.Context, m *schema.Model, o *store.ScanOptions, emit func([]store.Entity) error) error {
	call, err := s.plan.Begin(ctx, scan, m.Table)
	if err != nil {
		return err
	}
	given := 0
	return s.store.Scan(ctx, m, o, func(entities []store.Entity) error {
		after, cut := call.Cut()
		if given+len(entities) <= after {
			cut = nil
		}
		if cut != nil {
			entities = entities[:after-given]
		}
		given += len(entities)
		if err := inPages(s.spoil(scan, m, entities), call.Page(), emit); err != nil {
			return err
		}
		return cut
	})
}

// inPages emits at most size entities at once; 0 is all.
func inPages(entities []store.Entity, size int, emit func([]store.Entity) error) error {
	if size == 0 {
		size = max(1, len(entities))
	}
	for page := range slices.Chunk(entities, size) {
		if err := emit(page); err != nil {
			return err
		}
	}
	return nil
}

// Get implements store.Store.
func (s *Store) Get(ctx context.Context, m *schema.Model, keys []store.Key) ([]store.Entity, error) {
	if _, err := s.plan.Begin(ctx, get, m.Table); err != nil {
		return nil, err
	}
	entities, err := s.store.Get(ctx, m, keys)
	for i, e := range entities {
		entities[i] = s.fate(get, m, e)
	}
	return entities, err
}

// Query implements store.Store.
func (s *Store) Query(ctx context.Context, m *schema.Model, q store.Query) (store.Page, error) {
	call, err := s.plan.Begin(ctx, query, m.Table)
	if err != nil {
		return store.Page{}, err
	}
	if size := call.Page(); size > 0 && (q.Limit == 0 || q.Limit > size) {
		q.Limit = size
	}
	page, err := s.store.Query(ctx, m, q)
	page.Entities = s.spoil(query, m, page.Entities)
	return page, err
}

// Close closes the wrapped store. No rule is for it.
func (s *Store) Close() error { return s.store.Close() }

// spoil is what is left of entities.
func (s *Store) spoil(operation string, m *schema.Model, entities []store.Entity) []store.Entity {
	var left []store.Entity
	for _, e := range entities {
		if e = s.fate(operation, m, e); e != nil {
			left = append(left, e)
		}
	}
	return left
}

// fate is what becomes of an entity. Its bytes are its identity, so that the order in which segments of a scan come does not matter.
func (s *Store) fate(operation string, m *schema.Model, e store.Entity) store.Entity {
	if e == nil {
		return nil
	}
	return s.plan.Value(operation, m.Table, string(e)).Of(e)
}
