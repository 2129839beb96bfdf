package memcache_test

import (
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/chunkaside/chunkaside/cache"
	"github.com/chunkaside/chunkaside/cache/cachetest"
	"github.com/chunkaside/chunkaside/cache/memcache"
)

func TestContract(t *testing.T) {
	const maxBytes = 16 << 20
	cachetest.Run(t, cachetest.Harness{
		Open: func(t testing.TB) cache.Driver {
			return open(t, &memcache.Options{MaxBytes: maxBytes})
		},
		MaxItemSize: maxBytes - memcache.EntryOverhead,
	})
}

func open(t testing.TB, opts *memcache.Options) *memcache.Driver {
	t.Helper()
	d, err := memcache.New(opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	})
	return d
}

// room is a bound that holds exactly n entries with a key of one byte and a value of 100.
func room(n int64) *memcache.Options {
	return &memcache.Options{MaxBytes: n * (101 + memcache.EntryOverhead)}
}

func set(t testing.TB, d *memcache.Driver, key string, size int) {
	t.Helper()
	if err := d.Set(t.Context(), key, make([]byte, size), time.Hour); err != nil {
		t.Fatal(err)
	}
}

// held returns which of the keys are there. Looking counts as use.
func held(t testing.TB, d *memcache.Driver, keys ...string) (found []string) {
	t.Helper()
	values, err := d.Get(t.Context(), keys)
	if err != nil {
		t.Fatal(err)
	}
	for i, value := range values {
		if value != nil {
			found = append(found, keys[i])
		}
	}
	return found
}

func TestLeastRecentlyUsedGoes(t *testing.T) {
	d := open(t, room(3))
	for _, key := range []string{"a", "b", "c"} {
		set(t, d, key, 100)
	}
	held(t, d, "a")
	if _, err := d.Touch(t.Context(), "b", time.Hour); err != nil {
		t.Fatal(err)
	}
	set(t, d, "d", 100)
	if diff := cmp.Diff([]string{"a", "b", "d"}, held(t, d, "a", "b", "c", "d")); diff != "" {
		t.Errorf("held after a fourth entry (-want +got):\n%s", diff)
	}
	set(t, d, "e", 202+memcache.EntryOverhead-1) // Needs the room of two.
	if diff := cmp.Diff([]string{"d", "e"}, held(t, d, "a", "b", "d", "e")); diff != "" {
		t.Errorf("held after a large entry (-want +got):\n%s", diff)
	}
}

func TestBytes(t *testing.T) {
	d := open(t, room(3))
	want := func(entries int, bytes int64) {
		t.Helper()
		if n, size := d.Held(); n != entries || size != bytes {
			t.Errorf("%d entries of %d bytes, want %d of %d", n, size, entries, bytes)
		}
	}
	want(0, 0)
	set(t, d, "a", 100)
	want(1, 101+memcache.EntryOverhead)
	set(t, d, "a", 50)
	want(1, 51+memcache.EntryOverhead)
	for i := range 1000 {
		set(t, d, fmt.Sprint(i%10), 100)
	}
	want(3, room(3).MaxBytes)
	if err := d.Delete(t.Context(), "9"); err != nil {
		t.Fatal(err)
	}
	want(2, room(2).MaxBytes)
}

func TestWholeCacheTooSmall(t *testing.T) {
	d := open(t, room(2))
	set(t, d, "a", 100)
	err := d.Set(t.Context(), "b", make([]byte, room(2).MaxBytes), time.Hour)
	if !errors.Is(err, cache.ErrTooLarge) {
		t.Errorf("Set = %v, want cache.ErrTooLarge", err)
	}
	if diff := cmp.Diff([]string{"a"}, held(t, d, "a", "b")); diff != "" {
		t.Errorf("held after a refusal (-want +got):\n%s", diff)
	}
}

func TestExpiredGivesItsRoomBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := open(t, room(2))
		if err := d.Set(t.Context(), "a", make([]byte, 100), time.Minute); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Minute - 1)
		if got := held(t, d, "a"); len(got) != 1 {
			t.Error("gone before its TTL")
		}
		time.Sleep(time.Nanosecond)
		got := held(t, d, "a")
		if n, size := d.Held(); len(got) != 0 || n != 0 || size != 0 {
			t.Errorf("after its TTL: found %v, %d entries, %d bytes", got, n, size)
		}
	})
}

func TestNegativeBound(t *testing.T) {
	if _, err := memcache.New(&memcache.Options{MaxBytes: -1}); err == nil {
		t.Error("New with a negative bound succeeded")
	}
}

func BenchmarkGet(b *testing.B) {
	const size = 256 << 10
	d := open(b, nil)
	set(b, d, "k", size)
	b.SetBytes(size)
	b.ReportAllocs()
	for b.Loop() {
		held(b, d, "k")
	}
}
