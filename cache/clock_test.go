package cache_test

import (
	"testing"
	"time"
	"unsafe"

	"github.com/chunkaside/chunkaside/cache"
)

// apart is the time that is so far from now by the wall clock, and so far by the monotonic one. No clock that tests have can be set so, only the time itself: its second word is the monotonic reading.
func apart(wall, monotonic time.Duration) time.Time {
	t := time.Now().Add(wall)
	(*[2]int64)(unsafe.Pointer(&t))[1] += int64(monotonic - wall)
	return t
}

// TestReached: a time has come when it has by either clock. The monotonic one may stand still while a function is frozen, the wall clock may be set back.
func TestReached(t *testing.T) {
	const hour = time.Hour
	for _, test := range []struct {
		wall, monotonic time.Duration
		want            bool
	}{{hour, hour, false}, {-hour, hour, true}, {hour, -hour, true}, {-hour, -hour, true}} {
		if got := cache.Reached(apart(test.wall, test.monotonic)); got != test.want {
			t.Errorf("a time %v away by the wall clock and %v by the monotonic one is reached: %v", test.wall, test.monotonic, got)
		}
	}
}
