package schema

import (
	"bytes"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
)

// rawOptions let pass what a source may send and a destination can take:
// broken UTF-8 is mended on the way, and repeated names inside a nested value
// are the source's own business.
var rawOptions = []jsontext.Options{
	jsontext.AllowInvalidUTF8(true),
	jsontext.AllowDuplicateNames(true),
}

// hasFlaws reports whether JSON has to be mended somewhere, or may have to be.
func hasFlaws(v []byte) bool {
	return !utf8.Valid(v) || bytes.Contains(v, surrogateLower) || bytes.Contains(v, surrogateUpper) || hasSeparator(v)
}

// hasSeparator reports whether there is a line or paragraph separator, which
// some readers of lines take for a line's end.
func hasSeparator(v []byte) bool {
	return bytes.Contains(v, lineSeparator) || bytes.Contains(v, paragraphSeparator)
}

var (
	surrogateLower, surrogateUpper    = []byte(`\ud`), []byte(`\uD`)
	lineSeparator, paragraphSeparator = []byte("\u2028"), []byte("\u2029")
)

// mendSurrogates returns a copy of valid JSON with the escaped halves of
// surrogate pairs replaced, and whether there were any.
func mendSurrogates(v []byte) (mended []byte, ok bool) {
	for i := 0; i < len(v); i++ {
		if v[i] != '\\' {
			continue
		}
		r, is := escapedUnit(v[i:])
		switch {
		case !is:
			i++ // whatever is escaped
			continue
		case utf16.IsSurrogate(r):
			if low, is := escapedUnit(v[i+6:]); is && utf16.DecodeRune(r, low) != utf8.RuneError {
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

// escapedUnit reads an escape such as \u20ac.
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

// hasReplacement reports whether encoding/json replaced bytes that are not
// UTF-8: it writes the replacement as an escape, and one that was there before
// as it is.
func hasReplacement(v []byte) bool {
	if !bytes.Contains(v, []byte(`\ufffd`)) {
		return false
	}
	for i := 0; i < len(v); i++ {
		if v[i] == '\\' {
			if r, is := escapedUnit(v[i:]); is && r == utf8.RuneError {
				return true
			}
			i++
		}
	}
	return false
}

// isShortInteger reports whether the digits are those of an integer that is in
// the range of an int64 at first sight.
func isShortInteger(digits []byte) bool {
	for i, c := range digits {
		if !isDigit(c) && (i > 0 || c != '-' || digits[1] == '0') {
			return false
		}
	}
	return len(digits) <= 18
}

// fitsAsIs reports, for the types whose strings are many, that a column of
// type t takes the text unchanged. False says only that it wants a closer look.
func fitsAsIs(t Type, text []byte) bool {
	switch t {
	case TypeDecimal:
		return isDecimal(text)
	case TypeUTCDatetime:
		return isUTC(text)
	}
	return false
}

// isJSONNumber reports whether s is a number as RFC 8259 has it, which allows
// less than a decimal column does.
func isJSONNumber(s string) bool {
	v := jsontext.Value(s)
	return len(s) > 0 && (s[0] == '-' || isDigit(s[0])) && isDigit(s[len(s)-1]) && v.IsValid()
}

// kindOfJSON names the kind of a JSON value for an error.
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
