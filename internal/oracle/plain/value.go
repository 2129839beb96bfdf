package plain

import (
	"cmp"
	"encoding/json"
	"math/big"
	"strconv"
	"strings"
)

// Rational is a number's value, with all its digits.
func Rational(n json.Number) *big.Rat {
	r, ok := new(big.Rat).SetString(n.String())
	if !ok {
		panic("no number: " + n.String())
	}
	return r
}

// Numbers from plainBelow on, and those below plainFrom, have an exponent.
var plainFrom, plainBelow = powerOfTen(-6), powerOfTen(38)

// Canonical is the one text of a number: docs/format.md, "Entity".
func Canonical(n json.Number) string {
	r := Rational(n)
	size := new(big.Rat).Abs(r)
	if r.Sign() != 0 && (size.Cmp(plainBelow) >= 0 || size.Cmp(plainFrom) < 0) {
		mantissa, exponent := Scientific(r)
		return mantissa + "e" + strconv.Itoa(exponent)
	}
	return trimmed(r)
}

// Scientific is a number as a mantissa with one digit before the point, and the power of ten.
func Scientific(r *big.Rat) (mantissa string, exponent int) {
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

// Order compares two texts by their bytes, or two numbers by their size; ok is false for all else.
func Order(a, b any) (sign int, ok bool) {
	switch a := a.(type) {
	case string:
		b, ok := b.(string)
		return strings.Compare(a, b), ok
	case json.Number:
		if b, ok := b.(json.Number); ok {
			return Rational(a).Cmp(Rational(b)), true
		}
	}
	return 0, false
}

// Equal says whether two scalars are of one type and equal.
func Equal(a, b any) bool {
	if sign, ok := Order(a, b); ok {
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
		if !Equal(a[i], b[i]) {
			return false
		}
	}
	return true
}

// Absent says whether a value can be no part of a key: it is missing, null or an empty text.
func Absent(value any) bool { return value == nil || value == "" }

// CompareAbsentFirst orders two parts of a key.
func CompareAbsentFirst(a, b any) int {
	if Absent(a) || Absent(b) {
		return cmp.Compare(present(a), present(b))
	}
	sign, _ := Order(a, b)
	return sign
}

func present(value any) int {
	if Absent(value) {
		return 0
	}
	return 1
}

// Compares says whether a value stands in the order to an operand that an operator asks for. Of other types none does.
func Compares(operator string, value, operand any) bool {
	sign, ok := Order(value, operand)
	if !ok {
		return false
	}
	switch operator {
	case "eq":
		return sign == 0
	case "lt":
		return sign < 0
	case "le":
		return sign <= 0
	case "gt":
		return sign > 0
	case "ge":
		return sign >= 0
	}
	panic("no comparison: " + operator)
}
