package config

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// titleOf turns "api_key" into "Api key": a title for a field whose author
// did not set one. It cannot know that API is an acronym.
func titleOf(name string) string {
	words := strings.Map(func(r rune) rune {
		if r == '_' || r == '-' || r == '.' {
			return ' '
		}
		return r
	}, name)
	first, size := utf8.DecodeRuneInString(words)
	return string(unicode.ToUpper(first)) + words[size:]
}
