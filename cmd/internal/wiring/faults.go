package wiring

import (
	"fmt"

	"github.com/chunkaside/chunkaside/cache"
	"github.com/chunkaside/chunkaside/cache/faultcache"
	"github.com/chunkaside/chunkaside/store"
	"github.com/chunkaside/chunkaside/store/faultstore"
)

// faultyStore is a store with what shall go wrong in front of it.
func (a *App) faultyStore(st store.Store, c Config) (store.Store, error) {
	if c.StoreFaults == "" {
		return st, nil
	}
	faulty, err := faultstore.New(st, c.StoreFaults, c.FaultSeed)
	if err != nil {
		return nil, fmt.Errorf("%w: --store-faults (CHUNKASIDE_STORE_FAULTS): %w", ErrUsage, err)
	}
	a.Faults = append(a.Faults, faulty)
	return faulty, nil
}

// faultyCache is a driver with what shall go wrong in front of it.
func (a *App) faultyCache(d cache.Driver, c Config) (cache.Driver, error) {
	if c.CacheFaults == "" {
		return d, nil
	}
	faulty, err := faultcache.New(d, c.CacheFaults, c.FaultSeed)
	if err != nil {
		return nil, fmt.Errorf("%w: --cache-faults (CHUNKASIDE_CACHE_FAULTS): %w", ErrUsage, err)
	}
	a.Faults = append(a.Faults, faulty)
	return faulty, nil
}
