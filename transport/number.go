package transport

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

// ParseNumber reads a number as people write it, and returns it with the digits
// that it has, trailing zeros included, and a point before the fraction. decimal
// is the mark before the fraction, '.' or ','. Between the digits before it,
// groups of three may be parted by spaces, apostrophes or the other mark:
//
//	ParseNumber("1.234,50", ',')  // "1234.50"
//
// A sign may stand before or after the digits, and parentheses around a number
// make it negative. Anything else, such as a currency, is an error.
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
	bad := fmt.Errorf("not a number: %.60q", text)
	s := strings.TrimSpace(text)
	sign := ""
	if strings.HasPrefix(s, "(") && strings.HasSuffix(s, ")") {
		sign, s = "-", strings.TrimSpace(s[1:len(s)-1])
	} else {
		for _, minus := range []string{"-", "\u2212", "+"} {
			trimmed := strings.TrimPrefix(s, minus)
			if trimmed == s {
				trimmed = strings.TrimSuffix(s, minus)
			}
			if trimmed != s {
				if minus != "+" {
					sign = "-"
				}
				s = strings.TrimSpace(trimmed)
				break
			}
		}
	}
	whole, fraction, hasFraction := strings.Cut(s, string(decimal))
	digits, err := ungroup(whole, group)
	if err != nil || digits == "" && fraction == "" || hasFraction && fraction == "" || strings.Trim(fraction, "0123456789") != "" {
		return "", bad
	}
	digits = strings.TrimLeft(digits, "0")
	if digits == "" {
		digits = "0"
	}
	if hasFraction {
		digits += "." + fraction
	}
	return json.Number(sign + digits), nil
}

// ungroup takes the marks out from between groups of three digits.
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
