package jsonvalue

import (
	"bytes"
	"strconv"
)

// maxDigits is the largest number of digits of an integer that is written with an
// exponent. No Go integer but a big.Int has more than 20.
const maxDigits = 1000

// appendInteger appends the digits of a JSON number if it is an integer that is
// written with a fraction, an exponent or as -0. It reports false for any other text.
// Its cost does not depend on the exponent.
func appendInteger(b, number []byte) ([]byte, bool) {
	mantissa, exponent := number, 0
	if i := bytes.IndexAny(number, "eE"); i >= 0 {
		mantissa = number[:i]
		exponent = parseExponent(number[i+1:])
	}
	negative := bytes.HasPrefix(mantissa, []byte("-"))
	if negative {
		mantissa = mantissa[1:]
	}
	whole, fraction, _ := bytes.Cut(mantissa, []byte("."))
	fraction = bytes.TrimRight(fraction, "0")
	if len(fraction) == 0 {
		// The whole part can be the long one, as in 1000e-3.
		trimmed := bytes.TrimRight(whole, "0")
		if len(trimmed) == 0 {
			return append(b, '0'), len(number) > 1
		}
		exponent += len(whole) - len(trimmed)
		whole = trimmed
	}
	zeros := exponent - len(fraction) // that follow the digits
	if zeros < 0 || len(whole)+len(fraction)+zeros > max(maxDigits, len(number)) {
		return b, false
	}
	digits := append(append([]byte(nil), whole...), fraction...)
	digits = append(digits, bytes.Repeat([]byte("0"), zeros)...)
	digits = bytes.TrimLeft(digits, "0")
	start := len(b)
	if negative {
		b = append(b, '-')
	}
	b = append(b, digits...)
	return b, !bytes.Equal(b[start:], number)
}

// parseExponent returns an exponent, or one of about the same effect if it is very
// large.
func parseExponent(text []byte) int {
	const most = 1 << 30
	n, err := strconv.ParseInt(string(bytes.TrimPrefix(text, []byte("+"))), 10, 64)
	if err != nil && len(text) > 0 && text[0] == '-' {
		n = -most
	} else if err != nil {
		n = most
	}
	return int(max(-most, min(n, most)))
}
