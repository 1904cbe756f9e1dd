package schema

import (
	"bytes"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
)

// rawOptions accept what a source may send and every destination can take.
// Invalid UTF-8 is repaired. Repeated names inside a nested value are kept,
// because their meaning is up to the source.
var rawOptions = []jsontext.Options{
	jsontext.AllowInvalidUTF8(true),
	jsontext.AllowDuplicateNames(true),
}

// hasFlaws reports whether the JSON value v may contain something that repair
// changes.
func hasFlaws(v []byte) bool {
	return !utf8.Valid(v) || bytes.Contains(v, surrogateLower) || bytes.Contains(v, surrogateUpper) || hasSeparator(v)
}

// hasSeparator reports whether v contains a line or paragraph separator, which
// some programs that read lines treat as the end of a line.
func hasSeparator(v []byte) bool {
	return bytes.Contains(v, lineSeparator) || bytes.Contains(v, paragraphSeparator)
}

var (
	surrogateLower, surrogateUpper    = []byte(`\ud`), []byte(`\uD`)
	lineSeparator, paragraphSeparator = []byte("\u2028"), []byte("\u2029")
)

// repair returns valid JSON in a form that every JSON reader accepts. Bytes
// that are not UTF-8 and unpaired surrogates become U+FFFD, and line and
// paragraph separators are escaped. It reports whether anything became U+FFFD.
func repair(v []byte) (repaired []byte, replaced bool) {
	if !utf8.Valid(v) {
		v, replaced = []byte(string([]rune(string(v)))), true // one U+FFFD per byte
	}
	if fixed, ok := replaceSurrogates(v); ok {
		v, replaced = fixed, true
	}
	if hasSeparator(v) {
		v = bytes.ReplaceAll(v, lineSeparator, []byte(`\u2028`))
		v = bytes.ReplaceAll(v, paragraphSeparator, []byte(`\u2029`))
	}
	return v, replaced
}

// replaceSurrogates returns valid JSON with each unpaired surrogate that is
// written as an escape replaced by U+FFFD. It reports whether there were any.
// It does not modify v.
func replaceSurrogates(v []byte) (fixed []byte, ok bool) {
	for i := 0; i < len(v); i++ {
		if v[i] != '\\' {
			continue
		}
		r, isUnit := escapedUnit(v[i:])
		switch {
		case !isUnit:
			i++ // skip the escaped character
			continue
		case utf16.IsSurrogate(r):
			if low, isUnit := escapedUnit(v[i+6:]); isUnit && utf16.DecodeRune(r, low) != utf8.RuneError {
				i += 11
				continue
			}
			if !ok {
				v, ok = bytes.Clone(v), true
			}
			copy(v[i:], `\ufffd`)
		}
		i += 5
	}
	return v, ok
}

// escapedUnit returns the UTF-16 code unit of an escape such as \u20ac that v
// begins with. It reports whether v begins with one.
func escapedUnit(v []byte) (r rune, ok bool) {
	if len(v) < 6 || v[0] != '\\' || v[1] != 'u' {
		return 0, false
	}
	for _, c := range v[2:6] {
		switch {
		case isDigit(c):
			r = r<<4 | rune(c-'0')
		default:
			r = r<<4 | rune(c|0x20-'a'+10)
		}
	}
	return r, true
}

// hasReplacement reports whether encoding/json replaced bytes that were not
// UTF-8 when it wrote v. It writes a replacement as an escape, and a U+FFFD of
// the original text unescaped.
func hasReplacement(v []byte) bool {
	if !bytes.Contains(v, []byte(`\ufffd`)) {
		return false
	}
	for i := 0; i < len(v); i++ {
		if v[i] == '\\' {
			if r, isUnit := escapedUnit(v[i:]); isUnit && r == utf8.RuneError {
				return true
			}
			i++
		}
	}
	return false
}

// isShortInteger reports whether the digits are those of an integer that is
// short enough to be in the range of an int64 without being parsed.
func isShortInteger(digits []byte) bool {
	for i, c := range digits {
		if !isDigit(c) && (i > 0 || c != '-' || digits[1] == '0') {
			return false
		}
	}
	return len(digits) <= 18
}

// fitsAsIs reports whether a column of type t is known to accept the text
// unchanged. It covers the types that are common in rows. If it returns false,
// the text must be parsed.
func fitsAsIs(t Type, text []byte) bool {
	switch t {
	case TypeDecimal:
		return isDecimal(text)
	case TypeUTCDatetime, TypeNaiveDatetime, TypeNaiveDate:
		return isCanonicalTime(view(text), t)
	}
	return false
}

// isJSONNumber reports whether s is a number as RFC 8259 defines it. A DECIMAL
// column also accepts numbers that are not.
func isJSONNumber(s string) bool {
	v := jsontext.Value(s)
	return len(s) > 0 && (s[0] == '-' || isDigit(s[0])) && isDigit(s[len(s)-1]) && v.IsValid()
}

// kindOfJSON returns the kind of a JSON value, for an error.
func kindOfJSON(v jsontext.Value) string {
	switch v.Kind() {
	case 'n':
		return "null"
	case 't', 'f':
		return "bool"
	case '0':
		return "number"
	case '"':
		return "string"
	case '{':
		return "object"
	case '[':
		return "array"
	}
	return "invalid JSON"
}
