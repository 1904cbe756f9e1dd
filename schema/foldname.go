package schema

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// foldName returns the name of a table or column at a destination that ignores
// case. Some destinations turn names to upper case and others to lower case, so
// letters are equal if they are equal in either. For example, "ı" is "I" in upper
// case, and "K" (the kelvin sign) is "k" in lower case.
func foldName(name string) string {
	for i := range len(name) {
		if name[i] >= utf8.RuneSelf {
			return strings.Map(func(r rune) rune { return unicode.ToLower(unicode.ToUpper(r)) }, name)
		}
	}
	return strings.ToLower(name)
}
