package store

import (
	"bytes"
	"cmp"
	"errors"
	"strconv"
)

// What a number may be is DynamoDB's to say: at most 38 significant digits, of a size from 1e-130 to 9.99...e125.
const (
	maxDigits   = 38
	maxExponent = 125
	minExponent = -130
)

// Numbers are written out plainly from 1e-6 up to 38 digits before the point, and as 1.5e38 beyond. Plain text is what people
// and most programs expect; the bound keeps a number of two digits from taking 127 bytes.
const (
	plainMax = maxDigits - 1
	plainMin = -6
)

var (
	errNotNumber  = errors.New("not a number")
	errManyDigits = errors.New("more than 38 significant digits")
	errTooLarge   = errors.New("not below 1e126")
	errTooSmall   = errors.New("nearer to zero than 1e-130")
)

// CanonicalNumber returns the one text that stands for the number in entities and keys, from text in JSON's notation: no
// trailing zeros, no "-0", an exponent only below 1e-6 and from 1e38 on. So "2034.0" is "2034", "1e3" is "1000". All digits are
// kept; a number that DynamoDB could not hold is an error.
func CanonicalNumber(text string) (string, error) {
	out, err := appendNumber(nil, []byte(text))
	return string(out), err
}

// compareNumbers orders two canonical numbers by their size.
func compareNumbers(a, b string) int {
	x, errX := parseDecimal([]byte(a))
	y, errY := parseDecimal([]byte(b))
	if errX != nil || errY != nil {
		return cmp.Compare(a, b)
	}
	return x.compare(y)
}

// appendNumber appends the canonical form of text to dst.
func appendNumber(dst, text []byte) ([]byte, error) {
	if isPlainInteger(text) {
		return append(dst, text...), nil
	}
	d, err := parseDecimal(text)
	if err != nil {
		return dst, err
	}
	return d.append(dst), nil
}

// isPlainInteger is the short way for most numbers there are: digits that are canonical already.
func isPlainInteger(text []byte) bool {
	if len(text) == 0 || len(text) > maxDigits || text[0] == '0' && len(text) > 1 {
		return false
	}
	for _, c := range text {
		if c < '0' || c > '9' {
			return false
		}
	}
	return true
}

// decimal is a number as d.ddd x 10^exponent. Zero has no digits.
type decimal struct {
	negative bool
	// digits are '0'-'9', the first and the last not '0'.
	digits   []byte
	exponent int
}

// parseDecimal reads a number in JSON's notation. The result does not alias text.
func parseDecimal(text []byte) (decimal, error) {
	var d decimal
	rest, negative := bytes.CutPrefix(text, []byte("-"))
	whole, rest := cutDigits(rest)
	if len(whole) == 0 || whole[0] == '0' && len(whole) > 1 {
		return d, errNotNumber
	}
	var fraction []byte
	if after, ok := bytes.CutPrefix(rest, []byte(".")); ok {
		if fraction, rest = cutDigits(after); len(fraction) == 0 {
			return d, errNotNumber
		}
	}
	exponent, err := parseExponent(rest)
	if err != nil {
		return d, err
	}
	digits := append(bytes.Clone(whole), fraction...)
	significant := bytes.TrimLeft(digits, "0")
	d.exponent = exponent + len(whole) - 1 - (len(digits) - len(significant))
	if d.digits = bytes.TrimRight(significant, "0"); len(d.digits) == 0 {
		return decimal{}, nil
	}
	d.negative = negative
	return d, d.check()
}

func (d decimal) check() error {
	switch {
	case len(d.digits) > maxDigits:
		return errManyDigits
	case d.exponent > maxExponent:
		return errTooLarge
	case d.exponent < minExponent:
		return errTooSmall
	}
	return nil
}

func cutDigits(text []byte) (digits, rest []byte) {
	n := 0
	for n < len(text) && text[n] >= '0' && text[n] <= '9' {
		n++
	}
	return text[:n], text[n:]
}

// parseExponent reads "", "e5", "E+05", "e-5". One that does not fit an int is cut to the largest that leaves room to add to it.
func parseExponent(text []byte) (int, error) {
	if len(text) == 0 {
		return 0, nil
	}
	if text[0] != 'e' && text[0] != 'E' {
		return 0, errNotNumber
	}
	n, err := strconv.ParseInt(string(text[1:]), 10, 32)
	if err != nil && !errors.Is(err, strconv.ErrRange) {
		return 0, errNotNumber
	}
	return int(n), nil
}

// integer reports whether the number has no fraction.
func (d decimal) integer() bool { return len(d.digits) <= d.exponent+1 || len(d.digits) == 0 }

func (d decimal) append(dst []byte) []byte {
	if len(d.digits) == 0 {
		return append(dst, '0')
	}
	if d.negative {
		dst = append(dst, '-')
	}
	switch point := d.exponent + 1; {
	case d.exponent > plainMax || d.exponent < plainMin:
		dst = append(dst, d.digits[0])
		if len(d.digits) > 1 {
			dst = append(append(dst, '.'), d.digits[1:]...)
		}
		return strconv.AppendInt(append(dst, 'e'), int64(d.exponent), 10)
	case point <= 0:
		dst = append(dst, "0."...)
		return append(appendZeros(dst, -point), d.digits...)
	case point >= len(d.digits):
		return appendZeros(append(dst, d.digits...), point-len(d.digits))
	default:
		dst = append(append(dst, d.digits[:point]...), '.')
		return append(dst, d.digits[point:]...)
	}
}

func appendZeros(dst []byte, n int) []byte {
	for range n {
		dst = append(dst, '0')
	}
	return dst
}

func (d decimal) sign() int {
	switch {
	case len(d.digits) == 0:
		return 0
	case d.negative:
		return -1
	}
	return 1
}

func (d decimal) compare(other decimal) int {
	if c := cmp.Compare(d.sign(), other.sign()); c != 0 || d.sign() == 0 {
		return c
	}
	size := cmp.Or(cmp.Compare(d.exponent, other.exponent), bytes.Compare(d.digits, other.digits))
	return size * d.sign()
}
