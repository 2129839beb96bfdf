package guard_test

import (
	"testing"

	"github.com/chunkaside/chunkaside/store"
	"github.com/chunkaside/chunkaside/store/guard"
)

// BenchmarkQuery is a query that costs nothing, without and with a guard: the difference is what the guard costs.
func BenchmarkQuery(b *testing.B) {
	for _, bench := range []struct {
		name  string
		store store.Store
	}{
		{"bare", &fake{units: 0.5}},
		{"guarded", guard.New(&fake{units: 0.5}, &guard.Options{Units: 1e12})},
	} {
		b.Run(bench.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if err := query(b.Context(), bench.store); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
