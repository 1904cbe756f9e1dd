// Package floatdigits reports whether the digits of a decimal number are still known after
// the number has been decoded into a Go float.
package floatdigits

import (
	"math"
	"strconv"
)

// Safe returns the number of significant digits that a float of the given size in bits, 32 or
// 64, always keeps (FLT_DIG and DBL_DIG in C).
func Safe(bits int) int {
	if bits == 32 {
		return 6
	}
	return 15
}

// Survive reports whether f, which a number in the notation of JSON has been decoded into,
// is written with the digits of the number. Zeros at either end do not count, and neither
// does the notation: 1.10 and 11e-1 are the same number. The size of f is given in bits.
//
// A float is written with the fewest digits that represent it. Some sources write a float
// that they have with 17 digits (9 for 32 bits), such as 0.10000000000000001 for 0.1. They
// have lost nothing, so such a fraction survives. An integer does not: it may be an id.
//
// Survive returns true for text that is not a number.
func Survive(number []byte, f float64, bits int) bool {
	if len(number) <= Safe(bits) {
		return true
	}
	d, ok := parse(number)
	if !ok || d.count <= Safe(bits) {
		return true
	}
	if d.equals(f, -1, bits) {
		return true
	}
	digits := 17
	if bits == 32 {
		digits = 9
	}
	return !d.isInteger() && d.count <= digits && d.equals(f, digits-1, bits)
}

// A decimal is the absolute value of a decimal number.
type decimal struct {
	digits   []byte // from the first to the last that is not 0, with the decimal point
	count    int    // of the digits
	exponent int    // of the first digit
}

// maxExponent limits the exponents that are told apart. No float has a larger one.
const maxExponent = 1 << 26 // ten times as much fits an int of 32 bits

// parse parses a number in the notation of JSON.
func parse(text []byte) (d decimal, ok bool) {
	i := 0
	if i < len(text) && text[i] == '-' {
		i++
	}
	first, last := -1, -1                 // the positions in text of the first and the last digit that is not 0
	firstDigit, lastDigit := 0, 0         // their numbers among all digits
	digits, integer, point := 0, 0, false // integer counts the digits before the decimal point
	for ; i < len(text) && inNumber(text[i]); i++ {
		switch c := text[i]; {
		case c == '.' && point:
			return d, false
		case c == '.':
			point, integer = true, digits
			continue
		case c != '0':
			if first < 0 {
				first, firstDigit = i, digits
			}
			last, lastDigit = i, digits
		}
		digits++
	}
	if digits == 0 {
		return d, false
	}
	if !point {
		integer = digits
	}
	exponent := 0
	if i < len(text) {
		if exponent, ok = parseExponent(text[i:]); !ok {
			return d, false
		}
	}
	if first < 0 {
		return d, true
	}
	return decimal{text[first : last+1], lastDigit - firstDigit + 1, integer - 1 - firstDigit + exponent}, true
}

// parseExponent parses an exponent with its letter.
func parseExponent(text []byte) (n int, ok bool) {
	if text[0]|0x20 != 'e' {
		return 0, false
	}
	text = text[1:]
	negative := len(text) > 0 && text[0] == '-'
	if len(text) > 0 && (text[0] == '-' || text[0] == '+') {
		text = text[1:]
	}
	for _, c := range text {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = min(n*10+int(c-'0'), maxExponent)
	}
	if negative {
		n = -n
	}
	return n, len(text) > 0
}

// equals reports whether f has the digits of d if it is written with a number of digits
// after the first one, or with the fewest that represent it if the number is -1.
func (d decimal) equals(f float64, precision, bits int) bool {
	var buf [32]byte
	other, ok := parse(strconv.AppendFloat(buf[:0], math.Abs(f), 'e', precision, bits))
	if !ok || d.count != other.count || d.exponent != other.exponent {
		return false
	}
	i, j := 0, 0
	for i < len(d.digits) && j < len(other.digits) {
		switch a, b := d.digits[i], other.digits[j]; {
		case a == '.':
			i++
		case b == '.':
			j++
		case a != b:
			return false
		default:
			i++
			j++
		}
	}
	return true
}

// isInteger reports whether d has no fraction.
func (d decimal) isInteger() bool { return d.exponent >= d.count-1 }

// NextRun returns the beginning and the end of the first sequence of at least n digits and
// decimal points in text that begins at the index from or later. It returns -1 if there is
// none. It looks at few of the other bytes only.
func NextRun(text []byte, from, n int) (start, end int) {
	for i := from + n - 1; i < len(text); {
		if !inNumber(text[i]) {
			i += n
			continue
		}
		start, end = i, i+1
		for start > from && inNumber(text[start-1]) {
			start--
		}
		for end < len(text) && inNumber(text[end]) {
			end++
		}
		if end-start >= n {
			return start, end
		}
		i = end + n
	}
	return -1, -1
}

func inNumber(c byte) bool { return c >= '0' && c <= '9' || c == '.' }
