package wiring

import (
	"context"

	"github.com/chunkaside/chunkaside/cache"
	cacheguard "github.com/chunkaside/chunkaside/cache/guard"
	"github.com/chunkaside/chunkaside/store"
	storeguard "github.com/chunkaside/chunkaside/store/guard"
)

// stackStore puts around the store, from inside out: the count of what reaches it, and the guard, which may keep it from being reached.
func (a *App) stackStore(ctx context.Context, c Config) error {
	st, err := OpenStore(ctx, c.Store)
	if err != nil {
		return err
	}
	a.Reads = store.Count(st)
	a.Store = storeguard.New(a.Reads, &storeguard.Options{Units: c.StoreUnits, BuildUnits: c.BuildUnits})
	return nil
}

// stackCache puts around the shared cache, from inside out: the guard, which can open it anew, and its name, so that the guard's own errors have it too.
func (a *App) stackCache(c Config) error {
	driver, err := openCache(c)
	if err != nil {
		return err
	}
	if c.Cache == memory {
		// It has no connection that could die, and opened anew it would be empty.
		a.Guard = cacheguard.New(driver, nil)
		a.driver = a.Guard
		return nil
	}
	a.Guard = cacheguard.New(driver, &cacheguard.Options{Reopen: func() (cache.Driver, error) { return openCache(c) }})
	a.driver = named{a.Guard, CacheName(c.Cache)}
	return nil
}
