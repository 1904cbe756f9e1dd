// Package query reads and changes the parameters of a URL's query and leaves every
// other byte as it is. Package net/url sorts the parameters, escapes them anew, and
// drops those that contain a semicolon or an invalid escape. RFC 3986 §3.4 allows
// sources to tell such queries apart.
package query

import (
	"net/url"
	"strings"
)

// Split divides the text of a URL into the part before its query, the query, and its
// fragment with the "#". It reports whether there is a query, which may be empty.
func Split(text string) (before, query, fragment string, found bool) {
	if i := strings.IndexByte(text, '#'); i >= 0 {
		text, fragment = text[:i], text[i:]
	}
	before, query, found = strings.Cut(text, "?")
	return before, query, fragment, found
}

// Get returns the value of the first parameter with a name, and reports whether there
// is one. A name may be written with escapes.
func Get(query, name string) (value string, found bool) {
	for part := range strings.SplitSeq(query, "&") {
		key, v, _ := strings.Cut(part, "=")
		if part != "" && Unescape(key) == name {
			return Unescape(v), true
		}
	}
	return "", false
}

// Values returns the values of all parameters with a name.
func Values(query, name string) (values []string) {
	for part := range strings.SplitSeq(query, "&") {
		key, v, _ := strings.Cut(part, "=")
		if part != "" && Unescape(key) == name {
			values = append(values, Unescape(v))
		}
	}
	return values
}

// Has reports whether a query has a parameter with a name.
func Has(query, name string) bool {
	_, found := Get(query, name)
	return found
}

// Set returns a query in which name has one value. The first parameter with the name
// gets it, and further ones are removed. If there is none, Set appends one.
func Set(query, name, value string) string {
	if !Has(query, name) {
		return Append(query, url.QueryEscape(name)+"="+url.QueryEscape(value))
	}
	found := false
	return edit(query, func(part, key string) (string, bool) {
		if key != name {
			return part, true
		}
		if found {
			return "", false
		}
		found = true
		written, _, _ := strings.Cut(part, "=")
		return written + "=" + url.QueryEscape(value), true
	})
}

// Remove returns a query without the parameters that have one of the names.
func Remove(query string, names ...string) string {
	for _, name := range names {
		if Has(query, name) {
			query = edit(query, func(part, key string) (string, bool) { return part, key != name })
		}
	}
	return query
}

// Append returns the query a followed by the query b.
func Append(a, b string) string {
	if a == "" || b == "" {
		return a + b
	}
	return a + "&" + b
}

// edit replaces the parameters of a query. f returns the new text of a parameter, and
// whether to keep it. An empty part, as in "a&&b", is not a parameter and is kept.
func edit(query string, f func(part, key string) (string, bool)) string {
	var kept []string
	for part := range strings.SplitSeq(query, "&") {
		if part != "" {
			key, _, _ := strings.Cut(part, "=")
			var keep bool
			if part, keep = f(part, Unescape(key)); !keep {
				continue
			}
		}
		kept = append(kept, part)
	}
	return strings.Join(kept, "&")
}

// Unescape decodes the name or the value of a parameter. A percent sign that does not
// begin an escape stands for itself.
func Unescape(s string) string {
	if !strings.ContainsAny(s, "%+") {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '+':
			b.WriteByte(' ')
		case s[i] == '%' && IsEscape(s[i:]):
			b.WriteByte(unhex(s[i+1])<<4 | unhex(s[i+2]))
			i += 2
		default:
			b.WriteByte(s[i])
		}
	}
	return b.String()
}

// IsEscape reports whether s begins with an escape, such as %2F.
func IsEscape(s string) bool {
	return len(s) >= 3 && s[0] == '%' && isHex(s[1]) && isHex(s[2])
}

func isHex(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c && c <= 'f' || 'A' <= c && c <= 'F'
}

func unhex(c byte) byte {
	switch {
	case c >= 'a':
		return c - 'a' + 10
	case c >= 'A':
		return c - 'A' + 10
	}
	return c - '0'
}
