package guard_test

import (
	"testing"
	"time"

	"github.com/chunkaside/chunkaside/cache"
	"github.com/chunkaside/chunkaside/cache/guard"
	"github.com/chunkaside/chunkaside/cache/memcache"
)

// BenchmarkGet is a read of 100 bytes from memory without and with a guard: the difference is what the guard costs.
func BenchmarkGet(b *testing.B) {
	open := func() cache.Driver {
		d, err := memcache.New(nil)
		if err != nil {
			b.Fatal(err)
		}
		for _, key := range []string{pointer, chunk} {
			if err := d.Set(b.Context(), key, make([]byte, 100), time.Hour); err != nil {
				b.Fatal(err)
			}
		}
		return d
	}
	for _, bench := range []struct {
		name, key string
		driver    cache.Driver
	}{
		{"bare", pointer, open()},
		{"guarded", pointer, guard.New(open(), nil)},
		{"guarded, immutable", chunk, guard.New(open(), nil)},
	} {
		b.Run(bench.name, func(b *testing.B) {
			b.ReportAllocs()
			keys := []string{bench.key}
			for b.Loop() {
				if _, err := bench.driver.Get(b.Context(), keys); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
