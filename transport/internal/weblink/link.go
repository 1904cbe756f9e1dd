// Package weblink parses Link headers (RFC 8288).
package weblink

import (
	"net/http"
	"slices"
	"strings"
)

// A Link is one link of a Link header.
type Link struct {
	URL    string            // as it is written
	Rel    []string          // in lower case
	Params map[string]string // the other parameters, by their names in lower case
}

// The largest numbers of links, and of parameters of a link. A header of a few bytes each
// could have a million.
const (
	maxLinks  = 1000
	maxParams = 100
)

// Parse parses the values of Link headers (RFC 8288 §3 and appendix B). It returns the
// text from the first syntax error on of each value that has one. It ignores further links
// and parameters after 1,000 links and 100 parameters of a link.
func Parse(values []string) (links []Link, rest []string) {
	for _, v := range values {
		for {
			v = strings.TrimLeft(v, " \t,")
			if v == "" {
				break
			}
			if len(links) == maxLinks {
				return links, append(rest, v)
			}
			target, after, ok := strings.Cut(v, ">")
			if !ok || v[0] != '<' {
				rest = append(rest, v)
				break
			}
			link := Link{URL: strings.TrimSpace(target[1:]), Params: map[string]string{}}
			v = link.params(after)
			links = append(links, link)
		}
	}
	return links, rest
}

// Last reports whether a link says that it leads to nothing: Sentry sends a link with
// rel="next" and results="false" with the last page.
func (l Link) Last() bool { return l.Params["results"] == "false" }

// Next returns the URL of the first link with rel="next", unless it says that it leads
// to nothing.
func Next(h http.Header) (url string, ok bool) {
	links, _ := Parse(h.Values("Link"))
	for _, link := range links {
		if slices.Contains(link.Rel, "next") && link.URL != "" && !link.Last() {
			return link.URL, true
		}
	}
	return "", false
}

// params parses parameters (;name=value) and returns the text after them.
func (l *Link) params(s string) string {
	hasRel := false
	for {
		s = strings.TrimLeft(s, " \t")
		if !strings.HasPrefix(s, ";") {
			return s
		}
		s = strings.TrimLeft(s[1:], " \t")
		n := strings.IndexAny(s, " \t=;,")
		if n < 0 {
			n = len(s)
		}
		name := strings.ToLower(s[:n])
		s = strings.TrimLeft(s[n:], " \t")
		var value string
		if strings.HasPrefix(s, "=") {
			value, s = linkValue(strings.TrimLeft(s[1:], " \t"))
		}
		switch {
		case name == "":
		case name != "rel":
			if len(l.Params) < maxParams {
				l.Params[name] = value
			}
		case !hasRel: // only the first rel counts, §3.3
			hasRel = true
			// Some sources use single quotes, which the RFC does not allow.
			l.Rel = strings.Fields(strings.ToLower(strings.Trim(value, "'")))
		}
	}
}

// linkValue parses the value of a parameter, a token or a quoted string.
func linkValue(s string) (value, rest string) {
	if !strings.HasPrefix(s, `"`) {
		n := strings.IndexAny(s, ";,")
		if n < 0 {
			n = len(s)
		}
		return strings.TrimRight(s[:n], " \t"), s[n:]
	}
	var b strings.Builder
	for i := 1; i < len(s); i++ {
		switch c := s[i]; {
		case c == '"':
			return b.String(), s[i+1:]
		case c == '\\' && i+1 < len(s):
			i++
			b.WriteByte(s[i])
		default:
			b.WriteByte(c)
		}
	}
	return b.String(), ""
}
