package storetest

import (
	"errors"
	"strings"
	"testing"

	"github.com/chunkaside/chunkaside/catalog/schema"
	"github.com/chunkaside/chunkaside/store"
)

func get(t testing.TB, st store.Store, m *schema.Model, keys ...store.Key) []store.Entity {
	t.Helper()
	got, err := st.Get(t.Context(), m, keys)
	if err != nil {
		t.Fatalf("Get(%.100q): %v", keys, err)
	}
	if len(got) != len(keys) {
		t.Fatalf("Get of %d keys = %d entities", len(keys), len(got))
	}
	return got
}

func testGet(t *testing.T, s suite) {
	m := model(t, "Show")
	records := shows(3)
	st := s.Open(t, Table{m, records})
	zero, two := entity(t, m, records[0]), entity(t, m, records[2])
	got := get(t, st, m, store.Key{showID(2)}, store.Key{"nobody"}, store.Key{showID(0)}, store.Key{showID(2)})
	same(t, "Get", got, []store.Entity{two, nil, zero, two})
	if got[1] != nil {
		t.Errorf("Get of no record = %q, want nil", got[1])
	}
	if got := get(t, st, m); len(got) != 0 {
		t.Errorf("Get of no keys = %s", got)
	}
	for what, key := range map[string]string{"empty": "", "too long": strings.Repeat("x", 3000), "other case": "SHOW-000", "prefix": "show"} {
		if got := get(t, st, m, store.Key{key}); got[0] != nil {
			t.Errorf("Get of a key that is %s = %s, want nil", what, got[0])
		}
	}
}

// testGetMany asks for more keys than a batch holds, some of which are not there.
func testGetMany(t *testing.T, s suite) {
	m := model(t, "Show")
	records := shows(250)
	st := s.Open(t, Table{m, records})
	var keys []store.Key
	var want []store.Entity
	for i := 349; i >= 0; i-- {
		keys = append(keys, store.Key{showID(i)})
		if i < len(records) {
			want = append(want, entity(t, m, records[i]))
		} else {
			want = append(want, nil)
		}
	}
	same(t, "Get", get(t, st, m, keys...), want)
}

// testGetByJoinedKey has two sort fields, joined by "#", and values with that character.
func testGetByJoinedKey(t *testing.T, s suite) {
	m := model(t, "Episode")
	records := []store.Item{
		item("show", text("a"), "season", number("1"), "code", text("x"), "title", text("first")),
		item("show", text("a"), "season", number("10"), "code", text("x#y"), "title", text("second")),
		item("show", text("a#1"), "season", number("1"), "code", text("日本"), "title", text("third")),
	}
	st := s.Open(t, Table{m, records})
	got := get(t, st, m, store.Key{"a#1", "1", "日本"}, store.Key{"a", "10", "x#y"}, store.Key{"a", "1", "x"}, store.Key{"a", "1", "y"})
	same(t, "Get", got, []store.Entity{entity(t, m, records[2]), entity(t, m, records[1]), entity(t, m, records[0]), nil})
}

func testGetByNumbers(t *testing.T, s suite) {
	m := model(t, "Reading")
	records := []store.Item{
		item("sensor", number("7"), "at", number("0.50")),
		item("sensor", number("7"), "at", number("-1e3")),
		item("sensor", number("70.0"), "at", number("12345678901234567890123456789012345678")),
	}
	st := s.Open(t, Table{m, records})
	got := get(t, st, m, store.Key{"70", "12345678901234567890123456789012345678"}, store.Key{"7", "-1000"}, store.Key{"7", "0.5"}, store.Key{"7", "5"})
	same(t, "Get", got, []store.Entity{
		store.Entity(`{"sensor":70,"at":12345678901234567890123456789012345678}`),
		store.Entity(`{"sensor":7,"at":-1000}`), store.Entity(`{"sensor":7,"at":0.5}`), nil,
	})
}

func testGetWrongKey(t *testing.T, s suite) {
	m := model(t, "Reading")
	st := s.Open(t, Table{Model: m})
	for _, key := range []store.Key{nil, {"1"}, {"1", "2", "3"}, {"1", "x"}, {"1.0", "2"}, {"1", ""}} {
		if _, err := st.Get(t.Context(), m, []store.Key{key}); !errors.Is(err, store.ErrInvalid) {
			t.Errorf("Get(%q) = %v, want store.ErrInvalid", key, err)
		}
	}
}
