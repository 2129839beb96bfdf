package oracle

import (
	"cmp"
	"encoding/json"
	"math/big"
	"strconv"
	"strings"
)

// Values are as encoding/json decodes them: nil, bool, json.Number, string, []any, map[string]any.

// rational is a number's value, with all its digits.
func rational(n json.Number) *big.Rat {
	r, ok := new(big.Rat).SetString(n.String())
	if !ok {
		panic("no number: " + n.String())
	}
	return r
}

// Numbers from plainBelow on, and those below plainFrom, have an exponent.
var plainFrom, plainBelow = powerOfTen(-6), powerOfTen(38)

// canonical is the one text of a number: docs/format.md, "Entity".
func canonical(n json.Number) string {
	r := rational(n)
	size := new(big.Rat).Abs(r)
	if r.Sign() != 0 && (size.Cmp(plainBelow) >= 0 || size.Cmp(plainFrom) < 0) {
		mantissa, exponent := scientific(r)
		return mantissa + "e" + strconv.Itoa(exponent)
	}
	return trimmed(r)
}

// scientific is a number as a mantissa with one digit before the point, and the power of ten.
func scientific(r *big.Rat) (mantissa string, exponent int) {
	m, ten, tenth := new(big.Rat).Set(r), powerOfTen(1), powerOfTen(-1)
	for new(big.Rat).Abs(m).Cmp(ten) >= 0 {
		m.Mul(m, tenth)
		exponent++
	}
	for new(big.Rat).Abs(m).Cmp(powerOfTen(0)) < 0 {
		m.Mul(m, ten)
		exponent--
	}
	return trimmed(m), exponent
}

// trimmed is a number in digits, without zeros at the end of its fraction.
func trimmed(r *big.Rat) string {
	if r.IsInt() {
		return r.Num().String()
	}
	text := r.FloatString(200) // DynamoDB's numbers end before
	return strings.TrimSuffix(strings.TrimRight(text, "0"), ".")
}

func powerOfTen(n int) *big.Rat {
	r, _ := new(big.Rat).SetString("1e" + strconv.Itoa(n))
	return r
}

// order compares two texts by their bytes, or two numbers by their size; ok is false for all else.
func order(a, b any) (sign int, ok bool) {
	switch a := a.(type) {
	case string:
		b, ok := b.(string)
		return strings.Compare(a, b), ok
	case json.Number:
		if b, ok := b.(json.Number); ok {
			return rational(a).Cmp(rational(b)), true
		}
	}
	return 0, false
}

// equal says whether two scalars are of one type and equal.
func equal(a, b any) bool {
	if sign, ok := order(a, b); ok {
		return sign == 0
	}
	x, isBool := a.(bool)
	y, isBoolToo := b.(bool)
	return isBool && isBoolToo && x == y || a == nil && b == nil
}

// equalLists says whether two lists have equal scalars.
func equalLists(a, b []any) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if !equal(a[i], b[i]) {
			return false
		}
	}
	return true
}

// absent says whether a value can be no part of a key: it is missing, null or an empty text.
func absent(value any) bool { return value == nil || value == "" }

// compareAbsentFirst orders two parts of a key.
func compareAbsentFirst(a, b any) int {
	if absent(a) || absent(b) {
		return cmp.Compare(present(a), present(b))
	}
	sign, _ := order(a, b)
	return sign
}

func present(value any) int {
	if absent(value) {
		return 0
	}
	return 1
}
