package store_test

import (
	"cmp"
	"math/big"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/chunkaside/chunkaside/store"
)

func TestCanonicalNumber(t *testing.T) {
	nines := strings.Repeat("9", 38)
	for text, want := range map[string]string{
		"0": "0", "-0": "0", "0.0": "0", "-0e999999999999": "0", "0E+5": "0",
		"1": "1", "-1": "-1", "10": "10", "1e3": "1000", "1E+3": "1000", "2034.0": "2034", "0.10": "0.1", "100e-2": "1",
		"12.50": "12.5", "-0.000": "0", "1.20e1": "12", "123e-1": "12.3",
		"0.000001": "0.000001", "0.0000012": "0.0000012", "0.0000001": "1e-7", "-0.00000012": "-1.2e-7",
		nines: nines, "-" + nines: "-" + nines, nines + "0": "9." + nines[1:] + "e38", "1e37": "1" + strings.Repeat("0", 37),
		"1e38": "1e38", "12e37": "1.2e38", "1e125": "1e125", "0." + nines: "0." + nines, "1e-130": "1e-130",
		"9." + nines[1:] + "e125": "9." + nines[1:] + "e125",
	} {
		if got, err := store.CanonicalNumber(text); got != want || err != nil {
			t.Errorf("CanonicalNumber(%s) = %s, %v, want %s", text, got, err, want)
		}
	}
}

func TestCanonicalNumberRefuses(t *testing.T) {
	for _, text := range []string{
		"", "-", "+1", "01", "-01", "1.", ".5", "1e", "1e+", "1e1.5", "e1", "0x1", "1_0", " 1", "1 ", "NaN", "Infinity", "--1", "1e--1",
		strings.Repeat("1", 39), "0." + strings.Repeat("1", 39), "1e126", "10e125", "1e-131", "0.1e-130", "1e999999999999", "1e-999999999999",
	} {
		if got, err := store.CanonicalNumber(text); err == nil {
			t.Errorf("CanonicalNumber(%q) = %s, want an error", text, got)
		}
	}
}

// numbers draws texts of numbers that DynamoDB holds, in JSON's notation but not canonical.
var numbers = rapid.Custom(func(t *rapid.T) string {
	digits := rapid.StringMatching(`[0-9]{1,38}`).Draw(t, "digits")
	whole := strings.TrimLeft(digits[:rapid.IntRange(0, len(digits)).Draw(t, "point")], "0")
	text := rapid.SampledFrom([]string{"", "-"}).Draw(t, "sign") + cmp.Or(whole, "0")
	if fraction := digits[len(digits)/2:]; rapid.Bool().Draw(t, "fraction") && len(whole)+len(fraction) <= 38 {
		text += "." + fraction
	}
	if rapid.Bool().Draw(t, "exponent") {
		text += rapid.SampledFrom([]string{"e", "E", "e+", "E+"}).Draw(t, "e") + rapid.StringMatching(`[0-9]|[1-8][0-9]`).Draw(t, "n")
	} else if rapid.Bool().Draw(t, "negative exponent") {
		text += "e-" + rapid.StringMatching(`[0-9]|[1-8][0-9]`).Draw(t, "n")
	}
	return text
})

func rational(t interface{ Fatalf(string, ...any) }, text string) *big.Rat {
	r, ok := new(big.Rat).SetString(text)
	if !ok {
		t.Fatalf("%s is no number", text)
	}
	return r
}

// TestCanonicalNumberIsTheNumber: the value stays, one value has one text, and the order is that of the values.
func TestCanonicalNumberIsTheNumber(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := numbers.Draw(t, "a"), numbers.Draw(t, "b")
		x, err := store.CanonicalNumber(a)
		if err != nil {
			t.Fatalf("CanonicalNumber(%s): %v", a, err)
		}
		y, err := store.CanonicalNumber(b)
		if err != nil {
			t.Fatalf("CanonicalNumber(%s): %v", b, err)
		}
		order := rational(t, a).Cmp(rational(t, b))
		if rational(t, x).Cmp(rational(t, a)) != 0 {
			t.Fatalf("CanonicalNumber(%s) = %s", a, x)
		}
		if (x == y) != (order == 0) {
			t.Fatalf("%s is %s, %s is %s", a, x, b, y)
		}
		if got := store.CompareNumbers(x, y); got != order {
			t.Fatalf("CompareNumbers(%s, %s) = %d, want %d", x, y, got, order)
		}
		if again, err := store.CanonicalNumber(x); again != x || err != nil {
			t.Fatalf("CanonicalNumber(%s) = %s, %v", x, again, err)
		}
	})
}
