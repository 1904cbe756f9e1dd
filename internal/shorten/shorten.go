// Package shorten bounds text from outside before it becomes part of an error or
// a log line. A shortened text ends in an ellipsis, is valid UTF-8, and never
// ends in the middle of a character.
//
// It does not hide secrets. Redact the text before you shorten it: a secret that
// is cut in two is no longer recognized.
package shorten

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

const ellipsis = "…"

// Text returns text, or the characters that fit into its first limit bytes
// followed by an ellipsis. A run of bytes that are not UTF-8 becomes one U+FFFD.
// Control characters stay. If the text may contain any, use [Quote] or [Line].
func Text[T ~string | ~[]byte](text T, limit int) string {
	start, rest := cut(text, limit)
	return start + rest
}

// Quote returns text as a Go string literal, in which control characters are
// escaped. If text has more than limit bytes, the literal holds only the
// characters that fit, and an ellipsis follows the closing quote.
func Quote[T ~string | ~[]byte](text T, limit int) string {
	start, rest := cut(text, limit)
	return strconv.Quote(start) + rest
}

// Line is like [Text] for messages of one line: each run of white space, control
// characters and bytes that are not UTF-8 becomes one space, and there is no
// space at either end.
func Line[T ~string | ~[]byte](text T, limit int) string {
	start, rest := cut(text, limit)
	words := strings.FieldsFunc(start, func(r rune) bool {
		return unicode.IsSpace(r) || unicode.IsControl(r) || r == utf8.RuneError
	})
	return strings.Join(words, " ") + rest
}

// cut returns the start of a text, and the ellipsis if that is not the whole text.
func cut[T ~string | ~[]byte](text T, limit int) (start, rest string) {
	end := len(text)
	if end > limit {
		end, rest = limit, ellipsis
		// A character has at most utf8.UTFMax bytes, so a longer run of
		// continuation bytes is not part of one.
		for back := 0; back < utf8.UTFMax-1 && end > 0 && !utf8.RuneStart(text[end]); back++ {
			end--
		}
	}
	return strings.ToValidUTF8(string(text[:end]), string(utf8.RuneError)), rest
}
