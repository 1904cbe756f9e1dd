// Package pasted handles text that a person has pasted, perhaps into the wrong place. It
// cleans a key whose line end or invisible characters were pasted with it, recognizes text
// that looks like a key, and decides which names and arguments an error may show.
package pasted

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Trim returns text without the white space and the invisible characters, such as a byte
// order mark, at its ends.
func Trim(text string) string {
	return strings.TrimFunc(text, func(r rune) bool { return unicode.IsSpace(r) || invisible(r) })
}

// TrimLineEnds is like Trim but keeps spaces, which a password may begin or end with.
func TrimLineEnds(text string) string {
	return strings.TrimFunc(text, func(r rune) bool { return unicode.IsSpace(r) && !unicode.Is(unicode.Zs, r) || invisible(r) })
}

func invisible(r rune) bool { return unicode.Is(unicode.Cf, r) }

// Control describes the first control character of text with its position. It returns
// "" if there is none.
func Control(text string) string { return first(text, unicode.IsControl) }

// ControlOrNotASCII describes the first character of text that is a control character or
// not in ASCII. It returns "" if there is none.
func ControlOrNotASCII(text string) string {
	return first(text, func(r rune) bool { return r >= utf8.RuneSelf || unicode.IsControl(r) })
}

// first describes the first character that f accepts, without the characters around it.
func first(text string, f func(rune) bool) string {
	n := 0
	for i, r := range text {
		n++
		if !f(r) {
			continue
		}
		if r == utf8.RuneError && text[i] != '\xef' {
			return fmt.Sprintf("a byte that is not valid UTF-8 at position %d of %d", n, utf8.RuneCountInString(text))
		}
		return fmt.Sprintf("%s at position %d of %d", name(r), n, utf8.RuneCountInString(text))
	}
	return ""
}

func name(r rune) string {
	switch {
	case r == '\n', r == '\r', r == '\u2028', r == '\u2029', r == '\u0085':
		return "a line break"
	case r == '\t':
		return "a tab"
	case unicode.IsControl(r):
		return fmt.Sprintf("a control character (%U)", r)
	case unicode.IsSpace(r):
		return fmt.Sprintf("a space that is not in ASCII (%U)", r)
	case invisible(r):
		return fmt.Sprintf("an invisible character (%U)", r)
	}
	return fmt.Sprintf("a character that is not in ASCII (%U)", r)
}
