package store_test

import (
	"errors"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/chunkaside/chunkaside/catalog/schema"
	"github.com/chunkaside/chunkaside/store"
)

// indexKey reads the key of an entity as a file has it.
func indexKey(t testing.TB, m *schema.Model, ix *schema.Index, entity string) (store.Key, error) {
	t.Helper()
	var d store.Decoder
	item, err := d.Decode([]byte(entity), ix.Fields())
	if err != nil {
		t.Fatal(err)
	}
	return store.IndexKey(m, ix, item)
}

func TestIndexKey(t *testing.T) {
	m := model(t, "Episode")
	byGroup := m.Index("byGroup")
	for entity, want := range map[string]store.Key{
		`{"id":"a","group":"g","season":1.0,"code":"x#y"}`: {"g", "1", "x#y"},
		`{"id":"a","group":"g","season":1}`:                nil,
		`{"id":"a","group":"g","season":null,"code":"x"}`:  nil,
		`{"id":"a","group":"","season":1,"code":"x"}`:      nil,
	} {
		got, err := indexKey(t, m, byGroup, entity)
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			t.Errorf("IndexKey(%s) = %q, %v, want %q", entity, got, err, want)
		}
	}
	if got := (store.Key{"g", "1", "x#y"}).SortValue(); got != "1#x#y" {
		t.Errorf("SortValue = %s", got)
	}
	if _, err := indexKey(t, m, byGroup, `{"group":1}`); !errors.Is(err, store.ErrInvalid) {
		t.Errorf("IndexKey of a number = %v, want store.ErrInvalid", err)
	}
}

func TestKeyCompare(t *testing.T) {
	slot, byGroup := model(t, "Slot").Key, model(t, "Episode").Index("byGroup")
	sorted := []store.Key{{"-1", "z"}, {"2", "b"}, {"10", ""}, {"10", "a"}, {"10", "é"}, {"10", "日"}, {"10", "\U0001F600"}}
	for i := range sorted {
		for j := range sorted {
			if got, want := sorted[i].Compare(slot, sorted[j]) < 0, i < j; got != want {
				t.Errorf("%q before %q = %t", sorted[i], sorted[j], got)
			}
		}
	}
	// Two sort fields are compared as one text, numbers too.
	if a, b := (store.Key{"g", "10", "x"}), (store.Key{"g", "9", "x"}); a.Compare(byGroup, b) >= 0 {
		t.Errorf("%q does not come before %q", a, b)
	}
}

func TestKeyIdentity(t *testing.T) {
	if a, b := (store.Key{"a#b", "c"}), (store.Key{"a", "b#c"}); a.Identity() == b.Identity() {
		t.Errorf("%q and %q have the identity %q", a, b, a.Identity())
	}
	if a, b := (store.Key{"a", "b#c", "d"}), (store.Key{"a", "b", "c#d"}); a.Identity() != b.Identity() {
		t.Error("DynamoDB tells two keys apart by the joined text only")
	}
}

func TestPossible(t *testing.T) {
	long := func(n int) string { return strings.Repeat("x", n) }
	for _, test := range []struct {
		key  store.Key
		want bool
	}{
		{store.Key{long(2048)}, true},
		{store.Key{long(2049)}, false},
		{store.Key{"a", long(1024)}, true},
		{store.Key{"a", long(1025)}, false},
		{store.Key{"a", long(511), long(512)}, true}, // with the "#" between them 1,024 bytes
		{store.Key{"a", long(512), long(512)}, false},
		{store.Key{""}, false},
		{store.Key{"a", ""}, false},
		{store.Key{}, false},
	} {
		if got := test.key.Possible(); got != test.want {
			t.Errorf("Possible of %d values, %d and %d bytes = %t", len(test.key), len(strings.Join(test.key[:min(1, len(test.key))], "")), len(test.key.SortValue()), got)
		}
	}
}

// TestForgedStart has a Start for each reason why a place cannot be one of the query, one reason at a time.
func TestForgedStart(t *testing.T) {
	slot, episode := model(t, "Slot"), model(t, "Episode")
	byGroup := store.Query{Index: episode.Index("byGroup"), Partition: "g"}
	for name, test := range map[string]struct {
		m      *schema.Model
		q      store.Query
		cursor store.Cursor
	}{
		"no partition":            {episode, byGroup, store.Cursor{Sort: "1#x"}},
		"a text for a number":     {slot, store.Query{Index: slot.Key, Partition: "1"}, store.Cursor{Sort: "r", Partition: "one", PrimarySort: "r"}},
		"digits of another form":  {slot, store.Query{Index: slot.Key, Partition: "1"}, store.Cursor{Sort: "r", Partition: "1.0", PrimarySort: "r"}},
		"no primary sort":         {slot, store.Query{Index: slot.Key, Partition: "1"}, store.Cursor{Sort: "r", Partition: "1"}},
		"a primary sort too many": {episode, byGroup, store.Cursor{Sort: "1#x", Partition: "id", PrimarySort: "y"}},
		"no sort":                 {episode, byGroup, store.Cursor{Partition: "id"}},
		"a sort too many":         {episode, store.Query{Index: episode.Key, Partition: "id"}, store.Cursor{Sort: "x", Partition: "id"}},
	} {
		test.q.Start = test.cursor.Token(test.q)
		if got, err := test.q.Cursor(test.m); !errors.Is(err, store.ErrStart) {
			t.Errorf("%s: Cursor = %v, %v, want store.ErrStart", name, got, err)
		}
		if got, err := test.q.Page(test.m, []store.Placed{{Cursor: store.Cursor{Sort: "2#x", Partition: "id"}}}); !errors.Is(err, store.ErrStart) {
			t.Errorf("%s: Page = %v, %v, want store.ErrStart", name, got, err)
		}
	}
}

func TestRecordErrorIsShort(t *testing.T) {
	err := &store.RecordError{Table: "t.ndjson", Line: 3, Model: "T", Key: strings.Repeat("\x00", 2048), Reason: "no"}
	if text := err.Error(); len(text) > 600 || strings.Contains(text, "\x00") {
		t.Errorf("error = %q", text)
	}
}

func FuzzCursor(f *testing.F) {
	m := model(f, "Episode")
	q := store.Query{Index: m.Index("byGroup"), Partition: "g"}
	f.Add("2019#a", "id", "")
	f.Fuzz(func(t *testing.T, sort, partition, primarySort string) {
		c := store.Cursor{Sort: sort, Partition: partition, PrimarySort: primarySort}
		q := q
		q.Start = c.Token(q)
		got, err := q.Cursor(m)
		// The primary key has no sort field, the index has two.
		if possible := sort != "" && partition != "" && primarySort == ""; !possible {
			if !errors.Is(err, store.ErrStart) {
				t.Errorf("Cursor of the impossible %q = %v, %v, want store.ErrStart", c, got, err)
			}
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		// JSON has no invalid UTF-8, and no key has.
		if utf8.ValidString(sort) && utf8.ValidString(partition) && *got != c {
			t.Errorf("Cursor = %q, want %q", *got, c)
		}
		q.Start = sort
		if got, err := q.Cursor(m); err != nil && !errors.Is(err, store.ErrStart) {
			t.Errorf("Cursor of %q = %v, %v", sort, got, err)
		}
	})
}
