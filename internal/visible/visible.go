// Package visible makes text from outside safe to print on a terminal. A terminal interprets
// control sequences: text that contains one can move the cursor, replace what was printed
// before, change the clipboard or hide a part of a name. This package replaces each such
// character with an escape that people can read.
//
// These characters are replaced:
//
//   - control characters: C0, DEL and C1, as \x1b, \x7f and \u009b, and \n, \r and \t
//   - bytes that are not valid UTF-8, as \x9b, because some terminals read them as C1
//   - characters that change the order of text or are invisible, such as U+202E, the zero
//     width joiner, the soft hyphen and tag characters, as \u202e
//   - the line and paragraph separators, as \u2028 and \u2029
//
// All other text is unchanged, including backslashes, variation selectors and combining
// marks. Escaped text is safe, so a second call changes nothing.
package visible

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Text escapes text that may have several lines. Line feeds and tabs remain.
func Text(text string) string { return escape(text, true, appendEscape) }

// Line escapes text that must remain on one line, such as a name or the cell of a table.
// Line feeds and tabs are escaped, too.
func Line(text string) string { return escape(text, false, appendEscape) }

// JSON escapes the text of one or more JSON values. The result is JSON with the same
// values, except that a byte that is not valid UTF-8 becomes U+FFFD.
func JSON(text string) string { return escape(text, true, appendJSONEscape) }

// escape replaces the characters that are not safe.
func escape(text string, lines bool, appendEscape func([]byte, string, rune) []byte) string {
	at := unsafeIndex(text, lines)
	if at < 0 {
		return text
	}
	b := make([]byte, 0, len(text)+16)
	for at >= 0 {
		r, size := utf8.DecodeRuneInString(text[at:])
		b = appendEscape(append(b, text[:at]...), text[at:at+size], r)
		text = text[at+size:]
		at = unsafeIndex(text, lines)
	}
	return string(append(b, text...))
}

// unsafeIndex returns the index of the first character that is not safe, or -1.
func unsafeIndex(text string, lines bool) int {
	for i := 0; i < len(text); {
		c := text[i]
		switch {
		case c >= utf8.RuneSelf:
			r, size := utf8.DecodeRuneInString(text[i:])
			if r == utf8.RuneError && size == 1 || !safe(r) {
				return i
			}
			i += size
			continue
		case c < ' ':
			if !lines || c != '\n' && c != '\t' {
				return i
			}
		case c == 0x7f:
			return i
		}
		i++
	}
	return -1
}

// safe reports whether a terminal shows a character that is not in ASCII and prints it
// where it belongs.
func safe(r rune) bool {
	switch {
	case r < 0xa0: // C1
		return false
	case r == '\u2028' || r == '\u2029':
		return false
	}
	return !unicode.In(r, unicode.Cf, unicode.Other_Default_Ignorable_Code_Point)
}

const digits = "0123456789abcdef"

func appendEscape(b []byte, raw string, r rune) []byte {
	switch {
	case r == '\n':
		return append(b, `\n`...)
	case r == '\r':
		return append(b, `\r`...)
	case r == '\t':
		return append(b, `\t`...)
	case len(raw) == 1: // ASCII, or a byte that is not UTF-8
		return append(b, '\\', 'x', digits[raw[0]>>4], digits[raw[0]&0xf])
	case r > 0xffff:
		b = append(b, `\U`...)
		return appendHex(appendHex(b, r>>16), r)
	}
	return appendHex(append(b, `\u`...), r)
}

func appendJSONEscape(b []byte, raw string, r rune) []byte {
	switch {
	case len(raw) == 1 && r == utf8.RuneError:
		return append(b, `\ufffd`...)
	case r > 0xffff: // a pair of surrogates
		r -= 0x10000
		b = appendHex(append(b, `\u`...), 0xd800+r>>10)
		return appendHex(append(b, `\u`...), 0xdc00+r&0x3ff)
	}
	return appendHex(append(b, `\u`...), r)
}

// appendHex appends the last four hexadecimal digits of r.
func appendHex(b []byte, r rune) []byte {
	return append(b, digits[r>>12&0xf], digits[r>>8&0xf], digits[r>>4&0xf], digits[r&0xf])
}

// Indent is like [Text] and indents all lines but the first, so that a line of text from
// outside cannot pass for a line that a program prints itself. Line feeds at the end are
// removed.
func Indent(text, indent string) string {
	return strings.ReplaceAll(Text(strings.TrimRight(text, "\n")), "\n", "\n"+indent)
}
