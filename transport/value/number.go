package value

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

// ParseNumber parses a number as people write it. It returns the number with all
// of its digits, trailing zeros included, and with a point before the fraction.
// decimal is the mark before the fraction, '.' or ','. The digits before it may be
// grouped by three, with spaces, apostrophes or the other mark:
//
//	ParseNumber("1.234,50", ',')  // "1234.50"
//
// A sign may precede or follow the digits. A number in parentheses is negative.
// Any other text, such as a currency, is an error that quotes it.
func ParseNumber(text string, decimal rune) (json.Number, error) {
	var group rune
	switch decimal {
	case '.':
		group = ','
	case ',':
		group = '.'
	default:
		return "", fmt.Errorf("the decimal mark must be . or , and not %q", decimal)
	}
	negative, unsigned := cutSign(strings.TrimSpace(text))
	whole, fraction, hasFraction := strings.Cut(unsigned, string(decimal))
	digits, err := ungroup(whole, group)
	if err != nil || digits == "" && fraction == "" || hasFraction && fraction == "" || strings.Trim(fraction, "0123456789") != "" {
		return "", fmt.Errorf("not a number: %.60q", text)
	}
	digits = strings.TrimLeft(digits, "0")
	if digits == "" {
		digits = "0"
	}
	if hasFraction {
		digits += "." + fraction
	}
	if negative {
		digits = "-" + digits
	}
	return json.Number(digits), nil
}

// cutSign removes a sign before or after the digits, or parentheses around them.
func cutSign(s string) (negative bool, unsigned string) {
	if strings.HasPrefix(s, "(") && strings.HasSuffix(s, ")") {
		return true, strings.TrimSpace(s[1 : len(s)-1])
	}
	for _, sign := range []string{"-", "\u2212", "+"} {
		trimmed := strings.TrimPrefix(s, sign)
		if trimmed == s {
			trimmed = strings.TrimSuffix(s, sign)
		}
		if trimmed != s {
			return sign != "+", strings.TrimSpace(trimmed)
		}
	}
	return false, s
}

// ungroup removes the marks between groups of three digits.
func ungroup(s string, mark rune) (string, error) {
	var groups []string
	var used rune
	last := 0
	for i, r := range s {
		switch {
		case r >= '0' && r <= '9':
			continue
		case r == mark, r == ' ', r == '\u00a0', r == '\u202f', r == '\'', r == '\u2019':
			if used != 0 && r != used {
				return "", errors.New("two kinds of marks")
			}
			used = r
			groups = append(groups, s[last:i])
			last = i + len(string(r))
		default:
			return "", errors.New("not a digit")
		}
	}
	if used == 0 {
		return s, nil
	}
	groups = append(groups, s[last:])
	for i, g := range groups {
		if i > 0 && len(g) != 3 || i == 0 && (len(g) == 0 || len(g) > 3) {
			return "", errors.New("not groups of three")
		}
	}
	return strings.Join(groups, ""), nil
}
