// Package excerpt shortens text from a source for messages.
package excerpt

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Of returns the beginning of a text, at most 200 bytes, on one line.
func Of(body []byte) string {
	const limit = 200
	if len(body) > limit {
		body = body[:limit]
		// Remove an incomplete character at the end.
		for i := 0; i < utf8.UTFMax && len(body) > 0; i++ {
			if r, n := utf8.DecodeLastRune(body); r != utf8.RuneError || n != 1 {
				break
			}
			body = body[:len(body)-1]
		}
	}
	space := false
	text := strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || unicode.IsControl(r) || r == utf8.RuneError {
			if space {
				return -1
			}
			space = true
			return ' '
		}
		space = false
		return r
	}, string(body))
	return strings.TrimSpace(text)
}
