package simulation

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/chunkaside/chunkaside/cache"
	"github.com/chunkaside/chunkaside/cache/memcache"
	"github.com/chunkaside/chunkaside/catalog/schema"
	"github.com/chunkaside/chunkaside/store"
	"github.com/chunkaside/chunkaside/store/faultstore"
)

// World is the processes, and what they share: a cache, a store, and time. Its methods may be called concurrently. End it.
type World struct {
	Source *Source
	// Store is the source as processes read it, with what goes wrong, and counted.
	Store *store.Counting

	scenario  Scenario
	publisher *Process
	schema    *schema.Schema
	faulty    *faultstore.Store
	ended     chan struct{}
	end       func()

	mu                     sync.Mutex
	shared                 *memcache.Driver
	rules                  string     // of the cache, for processes to come
	processes              []*Process // that answer queries
	all                    []*Process // those too that publish, or have crashed
	published, unpublished int
}

// NewWorld makes a world with the scenario's processes. Nobody reads yet, there is no version, and the store has its first edit.
func NewWorld(s Scenario) (*World, error) {
	s = s.withDefaults()
	if err := s.Check(); err != nil {
		return nil, err
	}
	w := &World{Source: &Source{shows: s.Shows, episodes: s.Episodes, load: s.Load, read: s.Read}, scenario: s, ended: make(chan struct{})}
	w.end = sync.OnceFunc(func() { close(w.ended) })
	w.Source.Edit()
	var err error
	if w.schema, err = schema.Parse("simulation.graphql", sdl); err != nil {
		return nil, err
	}
	if w.faulty, err = faultstore.New(w.Source, "", s.Seed); err != nil {
		return nil, err
	}
	w.Store = store.Count(w.faulty)
	if err := w.Empty(); err != nil {
		return nil, err
	}
	for range s.Processes {
		p, err := w.Start()
		if err != nil {
			return nil, err
		}
		w.processes = append(w.processes, p)
	}
	w.publisher, err = w.Start()
	return w, err
}

// Observer is a look at the shared cache by nobody's way: nothing goes wrong with it, and it takes no time.
func (w *World) Observer() (*cache.Cache, error) {
	return cache.New(&wire{world: w, crashed: make(chan struct{})}, w.schema, nil)
}

// End lets the calls of crashed processes come back, with an error. It may be called twice.
func (w *World) End() { w.end() }

// Start starts a process that is not asked by itself: a publisher, or one that the caller asks.
func (w *World) Start() (*Process, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	p, err := newProcess(w, uint64(len(w.all)))
	if err == nil {
		w.all = append(w.all, p)
	}
	return p, err
}

// Processes are those that answer queries now.
func (w *World) Processes() []*Process {
	w.mu.Lock()
	defer w.mu.Unlock()
	return append([]*Process(nil), w.processes...)
}

// Crash ends one of the processes that answer queries, and starts a new one in its place.
func (w *World) Crash(n int) error {
	p, err := w.Start()
	if err != nil {
		return err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	n %= len(w.processes)
	w.processes[n].Crash()
	w.processes[n] = p
	return nil
}

// Empty puts an empty cache in place of the shared one.
func (w *World) Empty() error {
	fresh, err := memcache.New(nil)
	w.mu.Lock()
	defer w.mu.Unlock()
	w.shared = fresh
	return err
}

func (w *World) cache() cache.Driver {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.shared
}

// UseCache puts these rules in place of the others, for the way of each process to the shared cache. UseStore does so for the store.
func (w *World) UseCache(rules string) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, p := range w.all {
		if err := p.faults.Use(rules); err != nil {
			return err
		}
	}
	w.rules = rules
	return nil
}

// UseStore is UseCache for the store, which is one.
func (w *World) UseStore(rules string) error { return w.faulty.Use(rules) }

// follow takes the steps, each at its time.
func (w *World) follow(ctx context.Context) error {
	start := time.Now()
	for n, step := range w.scenario.Steps {
		if !pause(ctx, time.Until(start.Add(step.After))) {
			return nil
		}
		if err := w.take(n, step); err != nil {
			return fmt.Errorf("step %d: %w", n+1, err)
		}
	}
	return nil
}

func (w *World) take(n int, step Step) error {
	switch step.What {
	case "cache":
		return w.UseCache(step.Rules)
	case "store":
		return w.UseStore(step.Rules)
	case "crash":
		return w.Crash(n)
	}
	return w.Empty()
}

// pick is the process that is asked next, and what.
func (w *World) pick(n int) (*Process, Query) {
	w.mu.Lock()
	defer w.mu.Unlock()
	p := w.processes[n%len(w.processes)]
	round := n / len(w.processes)
	if round%100 < w.scenario.Wide {
		return p, Wide
	}
	return p, Narrow(n % w.scenario.Shows)
}

// warmed counts a warm-up by how it ended.
func (w *World) warmed(err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if err != nil {
		w.unpublished++
		return
	}
	w.published++
}

// maxAge is that of the processes.
func (w *World) maxAge() time.Duration {
	if w.scenario.Cache.MaxAge == 0 {
		return time.Second
	}
	return max(w.scenario.Cache.MaxAge, 0)
}
