package catalog_test

import (
	"bytes"
	"fmt"
	"testing"

	"github.com/chunkaside/chunkaside/catalog"
	"github.com/chunkaside/chunkaside/store"
)

// TestAt counts as Walk does, and each entity is found by the key that the store has for it.
func TestAt(t *testing.T) {
	s := build(t, filmSDL, films, nil).snapshot(t)
	var d store.Decoder
	for _, m := range s.Schema().Models {
		n := 0
		err := s.Walk(t.Context(), m, func(want catalog.Entity) error {
			got, err := s.At(t.Context(), m, n)
			if err != nil || !bytes.Equal(got.JSON(), want.JSON()) {
				return fmt.Errorf("At(%s, %d) = %s, %w; want %s", m.Name, n, got.JSON(), err, want.JSON())
			}
			n++
			item, err := d.Decode(want.JSON(), m.Fields)
			if err != nil {
				return err
			}
			key, err := store.PrimaryKey(m, item)
			if err != nil {
				return err
			}
			prefix, ok, err := catalog.KeyPrefix(m, key)
			if !ok || err != nil {
				return fmt.Errorf("KeyPrefix(%s, %q) = %v, %w", m.Name, key, ok, err)
			}
			if got, ok, err = s.Get(t.Context(), m, prefix); !ok || err != nil || !bytes.Equal(got.JSON(), want.JSON()) {
				return fmt.Errorf("Get(%s, %q) = %v, %w", m.Name, key, ok, err)
			}
			return nil
		})
		if err != nil || n != s.Count(m) {
			t.Errorf("%d of %d: %v", n, s.Count(m), err)
		}
	}
	if _, ok, err := catalog.KeyPrefix(s.Schema().Model("Studio"), store.Key{""}); ok || err != nil {
		t.Errorf("KeyPrefix of an empty value = %v, %v", ok, err)
	}
}
