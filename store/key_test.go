package store_test

import (
	"errors"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/chunkaside/chunkaside/store"
)

func TestEntityKey(t *testing.T) {
	m := model(t, "Episode")
	byGroup := m.Index("byGroup")
	for entity, want := range map[string]store.Key{
		`{"id":"a","group":"g","season":1.0,"code":"x#y"}`: {"g", "1", "x#y"},
		`{"id":"a","group":"g","season":1}`:                nil,
		`{"id":"a","group":"g","season":null,"code":"x"}`:  nil,
		`{"id":"a","group":"","season":1,"code":"x"}`:      nil,
	} {
		got, err := store.EntityKey(m, byGroup, store.Entity(entity))
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			t.Errorf("EntityKey(%s) = %q, %v, want %q", entity, got, err, want)
		}
	}
	if got := (store.Key{"g", "1", "x#y"}).SortValue(); got != "1#x#y" {
		t.Errorf("SortValue = %s", got)
	}
	if _, err := store.EntityKey(m, byGroup, store.Entity(`{"group":1}`)); !errors.Is(err, store.ErrInvalid) {
		t.Errorf("EntityKey of a number = %v, want store.ErrInvalid", err)
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
		got, err := q.Cursor()
		if err != nil {
			t.Fatal(err)
		}
		// JSON has no invalid UTF-8, and no key has.
		valid := utf8.ValidString(sort) && utf8.ValidString(partition) && utf8.ValidString(primarySort)
		if valid && *got != c {
			t.Errorf("Cursor = %q, want %q", *got, c)
		}
		q.Start = sort
		if got, err := q.Cursor(); err != nil && !errors.Is(err, store.ErrStart) {
			t.Errorf("Cursor of %q = %v, %v", sort, got, err)
		}
	})
}
