package schema

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"
)

// A Decimal is a decimal number in the digits that the source sent, including
// trailing zeros: "19.90" stays "19.90". It is decoded from a JSON number or
// from a JSON string that contains a number. A TypeDecimal column delivers it
// unchanged. A Decimal has no arithmetic. To calculate with it, convert it, for
// example with [math/big.Rat.SetString].
//
// The zero Decimal is not a number. A column delivers it as null.
type Decimal string

// UnmarshalJSON sets d from a JSON number or from a JSON string that contains a
// number. It sets d to the empty Decimal for null and for the empty string.
func (d *Decimal) UnmarshalJSON(data []byte) error {
	if digits := unquoted(data); isDecimal(digits) {
		*d = Decimal(digits)
		return nil
	}
	data = bytes.TrimSpace(data)
	if string(data) == "null" {
		*d = ""
		return nil
	}
	text := string(data)
	if len(data) > 0 && data[0] == '"' {
		if err := json.Unmarshal(data, &text); err != nil {
			return err
		}
		if text == "" {
			*d = ""
			return nil
		}
	}
	if !isDecimal(text) {
		return fmt.Errorf("schema: cannot decode %s as a decimal number", kindOfJSON(data))
	}
	*d = Decimal(text)
	return nil
}

// unquoted returns data without its quotes if it is a string. Escape sequences are not
// decoded: isDecimal accepts no text that has one.
func unquoted(data []byte) []byte {
	if n := len(data); n >= 2 && data[0] == '"' && data[n-1] == '"' {
		return data[1 : n-1]
	}
	return data
}

// MarshalJSON returns d as a JSON string, or null if d is empty. It returns an
// error if d is not a decimal number.
func (d Decimal) MarshalJSON() ([]byte, error) {
	if d == "" {
		return []byte("null"), nil
	}
	if !isDecimal(string(d)) {
		return nil, fmt.Errorf("schema: the text of a Decimal is not a number")
	}
	return []byte(`"` + string(d) + `"`), nil
}

// isDecimal reports whether s consists of an optional sign, digits with at most
// one decimal point, and an optional exponent. The decimal type of every
// destination can read such a number.
func isDecimal[T string | []byte](s T) bool {
	i := 0
	if i < len(s) && (s[i] == '-' || s[i] == '+') {
		i++
	}
	digits := 0
	for ; i < len(s) && isDigit(s[i]); i++ {
		digits++
	}
	if i < len(s) && s[i] == '.' {
		for i++; i < len(s) && isDigit(s[i]); i++ {
			digits++
		}
	}
	if digits == 0 {
		return false
	}
	if i < len(s) && (s[i] == 'e' || s[i] == 'E') {
		i++
		if i < len(s) && (s[i] == '-' || s[i] == '+') {
			i++
		}
		if i == len(s) {
			return false
		}
		for ; i < len(s) && isDigit(s[i]); i++ {
		}
	}
	return i == len(s)
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

// decimalDigits returns the number of digits that a decimal number has before
// and after its decimal point when it is written without an exponent. Leading
// zeros, and trailing zeros of the fraction, do not count. The number is one for
// which isDecimal returns true.
func decimalDigits[T string | []byte](number T) (whole, fraction int) {
	point := -1           // the digits before the point
	first, last := -1, -1 // the positions of the first and last digit that is not 0
	digits, exponent := 0, 0
	for i := 0; i < len(number); i++ {
		switch c := number[i]; {
		case c == '.':
			point = digits
		case c == 'e' || c == 'E':
			exponent = decimalExponent(number[i+1:])
			i = len(number)
		case isDigit(c):
			if c != '0' {
				if first < 0 {
					first = digits
				}
				last = digits
			}
			digits++
		}
	}
	if first < 0 {
		return 0, 0
	}
	if point < 0 {
		point = digits
	}
	point += exponent
	return max(0, point-first), max(0, last+1-point)
}

// decimalExponent returns the value of an exponent such as "-7". It returns a
// value of great magnitude for an exponent that does not fit an int.
func decimalExponent[T string | []byte](text T) int {
	const limit = math.MaxInt32 / 16
	n, negative := 0, false
	for i := range len(text) {
		if c := text[i]; isDigit(c) {
			n = min(n*10+int(c-'0'), limit)
		} else {
			negative = c == '-'
		}
	}
	if negative {
		return -n
	}
	return n
}

// integerOf returns the value of a decimal number that is an integer, such as 5,
// 5.00 or 5e3. RFC 8259, section 6, knows one kind of number, and sources write
// integers in all of these ways. If the number is not an integer of 64 bits,
// integerOf returns the reason. The number is one for which isDecimal returns true.
func integerOf[T string | []byte](number T) (n int64, problem string) {
	whole, fraction := decimalDigits(number)
	switch {
	case fraction > 0:
		return 0, "it has a fraction"
	case whole > len("9223372036854775807"):
		return 0, tooLong
	}
	var buf [len("-9223372036854775808")]byte
	digits := buf[:0]
	if number[0] == '-' {
		digits = append(digits, '-')
	}
	sign := len(digits)
	for i := 0; i < len(number) && number[i]|0x20 != 'e' && len(digits) < sign+whole; i++ {
		if c := number[i]; c > '0' && isDigit(c) || c == '0' && len(digits) > sign {
			digits = append(digits, c)
		}
	}
	for len(digits) < sign+whole {
		digits = append(digits, '0')
	}
	if whole == 0 {
		digits = append(digits, '0')
	}
	n, err := strconv.ParseInt(string(digits), 10, 64)
	if err != nil {
		return 0, tooLong
	}
	return n, ""
}

const tooLong = "it needs more than 64 bits: declare the column DECIMAL"

// jsonNumberOf returns text for which isDecimal reports true as a JSON number with
// the same digits after the decimal point.
func jsonNumberOf(text string) json.Number {
	sign := ""
	if text[0] == '-' || text[0] == '+' {
		sign, text = strings.TrimPrefix(text[:1], "+"), text[1:]
	}
	end := strings.IndexAny(text, "eE")
	if end < 0 {
		end = len(text)
	}
	whole, fraction, _ := strings.Cut(text[:end], ".")
	if whole = strings.TrimLeft(whole, "0"); whole == "" {
		whole = "0"
	}
	if fraction != "" {
		fraction = "." + fraction
	}
	return json.Number(sign + whole + fraction + text[end:])
}
