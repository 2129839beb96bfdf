package faultcache_test

import (
	"errors"
	"fmt"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/chunkaside/chunkaside/cache"
	"github.com/chunkaside/chunkaside/cache/cachetest"
	"github.com/chunkaside/chunkaside/cache/faultcache"
	"github.com/chunkaside/chunkaside/cache/memcache"
)

// TestContract: without rules it is the driver that it wraps; with some it is one that is away, or that hangs.
func TestContract(t *testing.T) {
	with := func(rules string) func(t testing.TB) cache.Driver {
		return func(t testing.TB) cache.Driver { return wrap(t, memory(t), rules) }
	}
	cachetest.Run(t, cachetest.Harness{Open: with(""), Unreachable: with("* fail"), Stalled: with("* delay 10s")})
}

func memory(t testing.TB) cache.Driver {
	t.Helper()
	d, err := memcache.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func wrap(t testing.TB, d cache.Driver, rules string) *faultcache.Driver {
	t.Helper()
	faulty, err := faultcache.New(d, rules, 1)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := faulty.Close(); err != nil {
			t.Error(err)
		}
	})
	return faulty
}

// TestCalls makes every call, with each action, and says what it answers and what the wrapped cache holds then: the key k, which held "old" before.
func TestCalls(t *testing.T) {
	type call func(d *faultcache.Driver) (string, error)
	yes := func(ok bool, err error) (string, error) { return fmt.Sprint(ok), err }
	calls := map[string]call{
		"get": func(d *faultcache.Driver) (string, error) {
			values, err := d.Get(t.Context(), []string{"k", "k"})
			return fmt.Sprintf("%s", values), err
		},
		"set": func(d *faultcache.Driver) (string, error) {
			return "", d.Set(t.Context(), "k", []byte("new"), time.Hour)
		},
		"set-if-absent": func(d *faultcache.Driver) (string, error) {
			return yes(d.SetIfAbsent(t.Context(), "k", []byte("new"), time.Hour))
		},
		"compare-and-set": func(d *faultcache.Driver) (string, error) {
			return yes(d.CompareAndSet(t.Context(), "k", []byte("old"), []byte("new"), time.Hour))
		},
		"touch":  func(d *faultcache.Driver) (string, error) { return yes(d.Touch(t.Context(), "k", time.Hour)) },
		"delete": func(d *faultcache.Driver) (string, error) { return "", d.Delete(t.Context(), "k") },
	}
	const away = "unavailable"
	for _, test := range []struct{ rules, answer, holds string }{
		{"get fail", away, "old"}, {"get throttle", away, "old"}, {"get stop", away, "old"},
		{"get drop", "[ ]", "old"}, {"get drop times 1", "[ old]", "old"}, {"get evict", "[ ]", "nothing"},
		{"set fail", away, "old"}, {"set throttle", away, "old"}, {"set stop", away, "old"}, {"set lose", away, "new"}, {"set drop", "", "old"},
		{"set-if-absent fail", away, "old"}, {"set-if-absent lose", away, "old"}, {"set-if-absent delay 1ns", "false", "old"},
		{"compare-and-set fail", away, "old"}, {"compare-and-set lose", away, "new"}, {"compare-and-set evict", "false", "nothing"}, {"compare-and-set delay 1ns", "true", "new"},
		{"touch fail", away, "old"}, {"touch lose", away, "old"}, {"touch evict", "false", "nothing"}, {"touch delay 1ns", "true", "old"},
		{"delete fail", away, "old"}, {"delete lose", away, "nothing"}, {"delete delay 1ns", "", "nothing"},
	} {
		t.Run(test.rules, func(t *testing.T) {
			inner := memory(t)
			if err := inner.Set(t.Context(), "k", []byte("old"), time.Hour); err != nil {
				t.Fatal(err)
			}
			words := strings.Fields(test.rules)
			d := wrap(t, inner, test.rules)
			answer, err := calls[words[0]](d)
			switch {
			case err != nil && answer == "true":
				t.Errorf("a yes with the error %v", err)
			case errors.Is(err, cache.ErrUnavailable) && strings.Contains(err.Error(), words[0]+" ") && strings.Contains(err.Error(), test.rules):
				answer = away
			case err != nil:
				t.Fatal(err)
			}
			if answer != test.answer {
				t.Errorf("answer %q, want %q", answer, test.answer)
			}
			values, err := inner.Get(t.Context(), []string{"k"})
			if err != nil {
				t.Fatal(err)
			}
			holds := string(values[0])
			if values[0] == nil {
				holds = "nothing"
			}
			if holds != test.holds {
				t.Errorf("the cache holds %s, want %s", holds, test.holds)
			}
			if counts := d.Counts(); len(counts) != 1 || counts[words[1]] == 0 {
				t.Errorf("Counts = %v, want %s", counts, words[1])
			}
		})
	}
}

// TestMissingValuesAreNotCounted: a rule for one value does not spend itself on none.
func TestMissingValuesAreNotCounted(t *testing.T) {
	d := wrap(t, memory(t), "get drop times 1")
	if err := d.Set(t.Context(), "k", []byte("value"), time.Hour); err != nil {
		t.Fatal(err)
	}
	values, err := d.Get(t.Context(), []string{"missing", "k", "k"})
	if err != nil || values[1] != nil || string(values[2]) != "value" || d.Counts()["drop"] != 1 {
		t.Errorf("Get = %q, %v, counted %v; want the second value dropped", values, err, d.Counts())
	}
}

// TestCorruptWrite: what the writer has stays as it is, what the cache holds does not.
func TestCorruptWrite(t *testing.T) {
	inner := memory(t)
	value := []byte("value")
	if err := wrap(t, inner, "set corrupt").Set(t.Context(), "k", value, time.Hour); err != nil {
		t.Fatal(err)
	}
	values, err := inner.Get(t.Context(), []string{"k"})
	if err != nil || string(value) != "value" || string(values[0]) == "value" || len(values[0]) != len(value) {
		t.Errorf("the cache holds %q, the writer %q, %v", values[0], value, err)
	}
}

// TestEveryOperationIsThere: each operation stops, and only rules of this language are taken.
func TestEveryOperationIsThere(t *testing.T) {
	_, err := faultcache.New(nil, "scan fail", 1)
	if want := `"scan" is no operation of a cache: use get, set, set-if-absent, compare-and-set, touch, delete, or *`; err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("New = %v, want %s", err, want)
	}
	d := wrap(t, memory(t), "")
	for _, rules := range []string{"get lose", "set-if-absent corrupt", "get cut 5", "set page 1"} {
		if err := d.Use(rules); err == nil {
			t.Errorf("Use(%q) succeeded", rules)
		}
	}
	if got, want := wrap(t, memory(t), "* stop").String(), `cache faults "* stop", seed 1`; got != want {
		t.Errorf("String = %s, want %s", got, want)
	}
	if diff := cmp.Diff(map[string]int64{}, maps.Clone(d.Counts())); diff != "" {
		t.Errorf("Counts without faults:\n%s", diff)
	}
}
