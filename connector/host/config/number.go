package config

import (
	"errors"
	"strconv"
	"strings"
)

var errNotWhole = errors.New("not a whole number")

// plainDigits returns a whole number in plain decimal notation: "100" for
// "100.0", "1e2" and "1000e-1". It keeps every digit. For a number that is too
// long for any integer it returns strconv.ErrRange and does not expand it.
func plainDigits(text string) (string, error) {
	sign := ""
	if rest, ok := strings.CutPrefix(text, "-"); ok {
		sign, text = "-", rest
	} else {
		text = strings.TrimPrefix(text, "+")
	}
	mantissa, power, scaled := text, "", false
	if i := strings.IndexAny(text, "eE"); i >= 0 {
		mantissa, power, scaled = text[:i], text[i+1:], true
	}
	whole, fraction, pointed := strings.Cut(mantissa, ".")
	if !isDigits(whole) || pointed && !isDigits(fraction) {
		return "", errNotWhole
	}
	exponent := 0
	if scaled {
		var ok bool
		if exponent, ok = parseExponent(power); !ok {
			return "", errNotWhole
		}
	}
	digits := strings.TrimLeft(whole+fraction, "0")
	if digits == "" {
		return "0", nil
	}
	significant := strings.TrimRight(digits, "0")
	zeros := exponent - len(fraction) + len(digits) - len(significant)
	switch {
	case zeros < 0:
		return "", errNotWhole
	case len(significant)+zeros > 20: // longer than any uint64
		return "", strconv.ErrRange
	}
	return sign + significant + strings.Repeat("0", zeros), nil
}

// parseExponent returns an exponent, limited to a billion in both directions.
// No text has enough digits to bring a larger one back into range.
func parseExponent(text string) (exponent int, ok bool) {
	const most = 1_000_000_000
	digits := strings.TrimLeft(text, "+-")
	if !isDigits(digits) || len(text)-len(digits) > 1 {
		return 0, false
	}
	digits = strings.TrimLeft(digits, "0")
	exponent = most
	if len(digits) <= 9 {
		exponent, _ = strconv.Atoi("0" + digits) // it cannot fail: these are digits
	}
	if strings.HasPrefix(text, "-") {
		exponent = -exponent
	}
	return exponent, true
}

func isDigits(text string) bool {
	for _, r := range text {
		if r < '0' || r > '9' {
			return false
		}
	}
	return text != ""
}

// hasHugeExponent reports whether a JSON number is so large or small that
// expanding it would take too much memory.
func hasHugeExponent(number string) bool {
	i := strings.IndexAny(number, "eE")
	if i < 0 {
		return false
	}
	exponent, ok := parseExponent(number[i+1:])
	return !ok || exponent > 1000 || exponent < -1000
}
