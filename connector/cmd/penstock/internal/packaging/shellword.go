package packaging

import (
	"regexp"
	"strings"
)

var needsNoQuotes = regexp.MustCompile(`^[\pL\pN_./:\\+,@%=][\pL\pN_./:\\+,@%=-]*$`)

// ShellWord returns text as one word of a command line that a person can copy. It is not
// an option, even if the text begins with a dash.
func ShellWord(text string) string {
	switch {
	case needsNoQuotes.MatchString(text):
		return text
	case strings.HasPrefix(text, "-"):
		text = "./" + text
	}
	if needsNoQuotes.MatchString(text) {
		return text
	}
	return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'"
}
