package wiring

import (
	"fmt"

	"github.com/chunkaside/chunkaside/cache/faultcache"
	"github.com/chunkaside/chunkaside/store"
	"github.com/chunkaside/chunkaside/store/faultstore"
)

// addFaults puts what shall go wrong in front of the store and the cache.
func (a *App) addFaults(c Config) error {
	if c.StoreFaults != "" {
		st, err := faultstore.New(a.Store.Store, c.StoreFaults, c.FaultSeed)
		if err != nil {
			return fmt.Errorf("%w: --store-faults (CHUNKASIDE_STORE_FAULTS): %w", ErrUsage, err)
		}
		a.Store, a.Faults = store.Count(st), append(a.Faults, st)
	}
	if c.CacheFaults != "" {
		d, err := faultcache.New(a.driver, c.CacheFaults, c.FaultSeed)
		if err != nil {
			return fmt.Errorf("%w: --cache-faults (CHUNKASIDE_CACHE_FAULTS): %w", ErrUsage, err)
		}
		a.driver, a.Faults = d, append(a.Faults, d)
	}
	return nil
}
