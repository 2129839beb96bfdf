package oracle

import (
	"encoding/json"
	"testing"

	"github.com/chunkaside/chunkaside/internal/oracle/plain"
)

// TestNumbers holds the evaluator's own forms of numbers against docs/format.md, whose examples these are, and what follows from its text.
func TestNumbers(t *testing.T) {
	for _, test := range []struct{ given, canonical, key string }{
		{"12.5", "12.5", "1502125"},
		{"-12.5", "-12.5", "-497874~"},
		{"-0", "0", "0"},
		{"1.0", "1", "15011"},
		{"1e2", "100", "15031"},
		{"1.5e38", "1.5e38", "153915"},
		{"0.0000001", "1e-7", "14941"},
		{"0.000001", "0.000001", "14951"},
		{"99999999999999999999999999999999999999", "99999999999999999999999999999999999999", "153899999999999999999999999999999999999999"},
	} {
		if got := plain.Canonical(json.Number(test.given)); got != test.canonical {
			t.Errorf("canonical(%s) = %s, want %s", test.given, got, test.canonical)
		}
		if got := encodedNumber(json.Number(test.given)); got != test.key {
			t.Errorf("encodedNumber(%s) = %s, want %s", test.given, got, test.key)
		}
	}
}
