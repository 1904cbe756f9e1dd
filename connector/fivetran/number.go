package fivetran

import (
	"bytes"
	"math"
	"strconv"
	"strings"
)

// exactDigits is the number of significant digits that every float64 keeps whose absolute value
// is at least smallestNormal. Smaller ones keep fewer, down to one.
const exactDigits = 15

const smallestNormal = 0x1p-1022

// hasAllDigits reports whether f, the float64 nearest to the JSON number text, stands for the
// same number: whether its shortest decimal form does.
func hasAllDigits(f float64, text []byte) bool {
	digits, exponent := decimalForm(text)
	if digits == "" || len(digits) <= exactDigits && math.Abs(f) >= smallestNormal {
		return true
	}
	var buf [32]byte
	shortest, shortestExponent := decimalForm(strconv.AppendFloat(buf[:0], f, 'e', -1, 64))
	return digits == shortest && exponent == shortestExponent
}

// decimalForm returns the significant digits of a number without zeros at either end, and the
// exponent for which the number is 0.DIGITS times ten to the power of the exponent. The number
// 0 has no digits.
func decimalForm(number []byte) (digits string, exponent int) {
	mantissa, exp, found := bytes.Cut(bytes.ToLower(number), []byte("e"))
	if found {
		exponent, _ = strconv.Atoi(string(exp)) // the number is within the range of a float64
	}
	whole, fraction, _ := strings.Cut(strings.TrimLeft(string(mantissa), "-"), ".")
	all := whole + fraction
	digits = strings.TrimLeft(all, "0")
	exponent += len(whole) - (len(all) - len(digits))
	if digits = strings.TrimRight(digits, "0"); digits == "" {
		exponent = 0
	}
	return digits, exponent
}
