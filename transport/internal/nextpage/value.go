package nextpage

import "strings"

// isEmpty reports whether a value says that there is no next page.
func isEmpty(text string) bool { return text == "" || noPointers[strings.ToLower(text)] }

// isURL reports whether a text looks like the URL of a page, absolute or not.
func isURL(text string) bool {
	for _, prefix := range []string{"http://", "https://", "/", "?"} {
		if strings.HasPrefix(text, prefix) {
			return true
		}
	}
	return false
}

// isDate reports whether a text begins with a date, such as 2026-01-31.
func isDate(text string) bool {
	const form = "dddd-dd-dd"
	if len(text) < len(form) {
		return false
	}
	for i := range len(form) {
		if c := text[i]; form[i] == 'd' && (c < '0' || c > '9') || form[i] == '-' && c != '-' {
			return false
		}
	}
	return true
}

// isOpaque reports whether a text looks like a token: it is long, has letters and
// digits but no spaces, and is not a UUID, a version or the name of a host.
func isOpaque(text string) bool {
	const shortest = 12
	if len(text) < shortest || isUUID(text) {
		return false
	}
	letters, digits, dots := 0, 0, 0
	for i := range len(text) {
		switch c := text[i]; {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z':
			letters++
		case c >= '0' && c <= '9':
			digits++
		case c == '.':
			dots++
		case strings.IndexByte("+/=_-~%:|", c) < 0:
			return false
		}
	}
	return letters > 0 && dots == 0 && (digits > 0 || strings.HasSuffix(text, "="))
}

func isUUID(text string) bool {
	const length = 36
	if len(text) != length {
		return false
	}
	for i := range length {
		if (i == 8 || i == 13 || i == 18 || i == 23) != (text[i] == '-') {
			return false
		}
	}
	return true
}
