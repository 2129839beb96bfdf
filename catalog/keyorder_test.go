package catalog_test

import (
	"cmp"
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/chunkaside/chunkaside/catalog"
	"github.com/chunkaside/chunkaside/catalog/schema"
	"github.com/chunkaside/chunkaside/store"
)

// TestKeyOrderIsTheStores: versions and stores order keys alike, so a list goes on in the same order wherever it is read.
func TestKeyOrderIsTheStores(t *testing.T) {
	s, err := schema.Parse("t", `
type N @model { id: Float! @primaryKey }
type S @model { id: ID! @primaryKey(sortKeyFields: ["a", "b"]) a: String! b: Float! }`)
	if err != nil {
		t.Fatal(err)
	}
	number := rapid.Custom(func(t *rapid.T) string {
		text := fmt.Sprintf("%s%d.%de%d", rapid.SampledFrom([]string{"", "-"}).Draw(t, "sign"), rapid.IntRange(0, 1200).Draw(t, "whole"),
			rapid.IntRange(0, 1200).Draw(t, "fraction"), rapid.IntRange(-40, 40).Draw(t, "exponent"))
		canonical, err := store.CanonicalNumber(text)
		if err != nil {
			t.Fatal(text, err) // all of these are in DynamoDB's range
		}
		return canonical
	})
	text := rapid.StringMatching(`[\x00\x01 #a日]{1,3}`)
	rapid.Check(t, func(t *rapid.T) {
		n := s.Model("N").Key
		a, b := number.Draw(t, "a"), number.Draw(t, "b")
		same(t, n, store.Key{a}, store.Key{b}, prefix(t, n, a), prefix(t, n, b))
		k := s.Model("S").Key
		x, y := store.Key{text.Draw(t, "x0"), text.Draw(t, "x1"), number.Draw(t, "x2")}, store.Key{text.Draw(t, "y0"), text.Draw(t, "y1"), number.Draw(t, "y2")}
		same(t, k, x, y, prefix(t, k, quote(x[0]), quote(x[1]), x[2]), prefix(t, k, quote(y[0]), quote(y[1]), y[2]))
	})
}

func prefix(t *rapid.T, ix *schema.Index, values ...string) string {
	raw := make([][]byte, len(values))
	for i, v := range values {
		raw[i] = []byte(v)
	}
	key, ok, err := catalog.Prefix(ix, raw...)
	if !ok || err != nil {
		t.Fatal(values, ok, err)
	}
	return key
}

func same(t *rapid.T, ix *schema.Index, a, b store.Key, x, y string) {
	if want, got := cmp.Compare(a.Compare(ix, b), 0), strings.Compare(x, y); got != want {
		t.Fatalf("%q against %q: the store says %d, the version %d", a, b, want, got)
	}
}
