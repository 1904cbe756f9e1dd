package paging

import (
	"bytes"
	"cmp"
	"encoding/json"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/penstock-sdk/penstock/transport/internal/jsonpath"
)

// This file compares the keys of records. Sources sort texts in many ways, so a text is
// only compared if all usual ones agree.

// certainty says how sure the order of two keys is.
type certainty int

const (
	unknown   certainty = iota // the order is a matter of the source
	plausible                  // if the source sorts by the key at all, this is the order
	certain                    // numbers, times and counters
)

// maxCompared is the number of bytes of two keys up to which they are compared, which takes
// several copies of both.
const maxCompared = 8 << 10

// compareKeys compares two JSON values. It returns -1, 0 or +1, and how sure that is.
func compareKeys(a, b json.RawMessage) (int, certainty) {
	if bytes.Equal(a, b) {
		return 0, certain
	}
	if len(a) == 0 || len(b) == 0 || len(a)+len(b) > maxCompared {
		return 0, unknown
	}
	switch {
	case isNumber(a[0]) && isNumber(b[0]):
		return compareNumbers(string(a), string(b))
	case a[0] == '"' && b[0] == '"':
		textA, errA := jsonpath.Scalar(a)
		textB, errB := jsonpath.Scalar(b)
		if errA != nil || errB != nil {
			return 0, unknown
		}
		return compareTexts(textA, textB)
	}
	return 0, unknown
}

func isNumber(c byte) bool { return c == '-' || c >= '0' && c <= '9' }

// compareNumbers compares two numbers in JSON notation exactly.
func compareNumbers(a, b string) (int, certainty) {
	intA, errA := strconv.ParseInt(a, 10, 64)
	intB, errB := strconv.ParseInt(b, 10, 64)
	if errA == nil && errB == nil {
		return cmp.Compare(intA, intB), certain
	}
	decA, okA := parseDecimal(a)
	decB, okB := parseDecimal(b)
	if !okA || !okB {
		return 0, unknown
	}
	return decA.compare(decB), certain
}

// A decimal is the number 0.digits · 10^exponent. The digits have no zeros at their
// beginning and end, so equal numbers have equal digits. Zero has none.
type decimal struct {
	negative bool
	digits   string
	exponent int
}

// parseDecimal parses a number in JSON notation.
func parseDecimal(text string) (d decimal, ok bool) {
	text, d.negative = strings.CutPrefix(text, "-")
	mantissa, exponent, hasExponent := strings.Cut(strings.ToLower(text), "e")
	if hasExponent {
		n, err := strconv.ParseInt(exponent, 10, 32)
		if err != nil {
			return d, false
		}
		d.exponent = int(n)
	}
	whole, fraction, _ := strings.Cut(mantissa, ".")
	if digits := whole + fraction; digits == "" || strings.Trim(digits, "0123456789") != "" {
		return d, false
	}
	d.digits = strings.TrimLeft(whole+fraction, "0")
	d.exponent += len(d.digits) - len(fraction)
	d.digits = strings.TrimRight(d.digits, "0")
	if d.digits == "" {
		return decimal{}, true
	}
	return d, true
}

func (d decimal) compare(e decimal) int {
	if signD, signE := d.sign(), e.sign(); signD != signE {
		return cmp.Compare(signD, signE)
	}
	c := cmp.Or(cmp.Compare(d.exponent, e.exponent), cmp.Compare(d.digits, e.digits))
	if d.negative {
		return -c
	}
	return c
}

func (d decimal) sign() int {
	switch {
	case d.digits == "":
		return 0
	case d.negative:
		return -1
	}
	return 1
}

// compareTexts compares two texts that differ.
func compareTexts(a, b string) (int, certainty) {
	byBytes := cmp.Compare(a, b)
	if decA, ok := parseDecimal(a); ok {
		if decB, ok := parseDecimal(b); ok {
			return agreed(certain, byBytes, decA.compare(decB))
		}
	}
	if timeA, ok := parseTime(a); ok {
		if timeB, ok := parseTime(b); ok {
			return agreed(certain, byBytes, timeA.Compare(timeB))
		}
	}
	if isUUID(a) || isUUID(b) || !isASCII(a) || !isASCII(b) || maybeDate(a) || maybeDate(b) {
		return 0, unknown // SQL Server compares UUIDs from their end
	}
	if sameCounter(a, b) {
		return byBytes, certain
	}
	lowerA, lowerB := strings.ToLower(a), strings.ToLower(b)
	return agreed(plausible, byBytes, cmp.Compare(lowerA, lowerB), cmp.Compare(alphanumeric(lowerA), alphanumeric(lowerB)), compareNatural(lowerA, lowerB))
}

// agreed returns the result of several comparisons if all are the same.
func agreed(c certainty, results ...int) (int, certainty) {
	for _, r := range results {
		if r != results[0] || r == 0 {
			return 0, unknown
		}
	}
	return results[0], c
}

// parseTime parses a date or a time as in RFC 3339, even if it has a space instead of the
// T, no colon in its zone, or no zone.
func parseTime(text string) (time.Time, bool) {
	if len(text) > 10 && text[10] == ' ' {
		text = text[:10] + "T" + text[11:]
	}
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05Z0700", "2006-01-02T15:04:05", time.DateOnly} {
		if t, err := time.Parse(layout, text); err == nil {
			return t, true
		}
	}
	return time.Time{}, false
}

// maybeDate reports whether a text may be a date in another notation, such as 31.12.2024
// or "5 Jan 2024", or a version: several numbers, and no letters or a year.
func maybeDate(text string) bool {
	numbers, letters, year := 0, false, false
	for i := 0; i < len(text); {
		n := leadingDigits(text[i:])
		if n == 0 {
			c := text[i] | 0x20
			letters = letters || c >= 'a' && c <= 'z'
			i++
			continue
		}
		numbers++
		year = year || n == 4 && (text[i:i+2] == "19" || text[i:i+2] == "20")
		i += n
	}
	return numbers > 1 && (year || !letters)
}

// isUUID reports whether a text has the form of a UUID (RFC 9562 §4).
func isUUID(text string) bool {
	if len(text) != 36 {
		return false
	}
	for i := range len(text) {
		switch c := text[i]; i {
		case 8, 13, 18, 23:
			if c != '-' {
				return false
			}
		default:
			if !strings.ContainsRune("0123456789abcdefABCDEF", rune(c)) {
				return false
			}
		}
	}
	return true
}

func isASCII(text string) bool {
	for i := range len(text) {
		if text[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// sameCounter reports whether two texts of the same length differ in one number alone, as
// "order-0041" and "order-0102" do.
func sameCounter(a, b string) bool {
	if len(a) != len(b) {
		return false
	}
	i, j := 0, len(a)
	for a[i] == b[i] {
		i++
	}
	for a[j-1] == b[j-1] {
		j--
	}
	return leadingDigits(a[i:j]) == j-i && leadingDigits(b[i:j]) == j-i
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

// alphanumeric returns the letters and digits of a text. Many collations ignore the other
// characters at first.
func alphanumeric(text string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, text)
}

// compareNatural compares two texts, and the numbers in them by their value.
func compareNatural(a, b string) int {
	for a != "" && b != "" {
		digitsA, digitsB := leadingDigits(a), leadingDigits(b)
		if digitsA > 0 && digitsB > 0 {
			decA, _ := parseDecimal(a[:digitsA])
			decB, _ := parseDecimal(b[:digitsB])
			if c := decA.compare(decB); c != 0 {
				return c
			}
			a, b = a[digitsA:], b[digitsB:]
			continue
		}
		if c := cmp.Compare(a[0], b[0]); c != 0 {
			return c
		}
		a, b = a[1:], b[1:]
	}
	return cmp.Compare(len(a), len(b))
}

func leadingDigits(text string) int {
	n := 0
	for n < len(text) && isDigit(text[n]) {
		n++
	}
	return n
}
