package wiring

import (
	"context"
	"errors"

	"github.com/chunkaside/chunkaside/cache"
	cacheguard "github.com/chunkaside/chunkaside/cache/guard"
	"github.com/chunkaside/chunkaside/store"
	storeguard "github.com/chunkaside/chunkaside/store/guard"
)

// stackStore puts around the store, from inside out: what shall go wrong, the count of what reaches it, and the guard, which may keep it from being reached.
func (a *App) stackStore(ctx context.Context, c Config) error {
	open := OpenStore
	if c.LazyStore {
		open = openLazily
	}
	st, err := open(ctx, c.Store)
	if err != nil {
		return err
	}
	faulty, err := a.faultyStore(st, c)
	if err != nil {
		return errors.Join(err, st.Close())
	}
	a.Reads = store.Count(faulty)
	a.Store = storeguard.New(a.Reads, &storeguard.Options{Units: c.StoreUnits, BuildUnits: c.BuildUnits})
	return nil
}

// stackCache puts around the shared cache, from inside out: what shall go wrong, the guard, which can open it anew, and its name, so that the guard's own errors have it too.
func (a *App) stackCache(c Config) error {
	driver, err := openCache(c)
	if err != nil {
		return err
	}
	faulty, err := a.faultyCache(driver, c)
	if err != nil {
		return errors.Join(err, driver.Close())
	}
	guarded := &cacheguard.Options{Reopen: func() (cache.Driver, error) { return openCache(c) }}
	if c.Cache == memory || c.CacheFaults != "" {
		// A memory has no connection that could die, and opened anew it would be empty; faults would begin anew, or end.
		guarded.Reopen = nil
	}
	a.Guard = cacheguard.New(faulty, guarded)
	a.driver = a.Guard
	if c.Cache != memory {
		a.driver = named{a.Guard, CacheName(c.Cache)}
	}
	return nil
}
