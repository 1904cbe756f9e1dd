package paging

import (
	"errors"
	"strings"

	"github.com/penstock-sdk/penstock/transport"
)

// A Link is one link of a Link header (RFC 8288).
type Link struct {
	// URL is the target of the link as it is written, often relative.
	URL string
	// Rel holds the relation types of the link in lower case, such as "next".
	Rel []string
	// Params holds the other parameters by their names in lower case.
	Params map[string]string
}

// ParseLinks parses the values of Link headers, each of which may have several links
// (RFC 8288 §3 and appendix B). It ignores the rest of a value after a syntax error.
func ParseLinks(values []string) []Link {
	var links []Link
	for _, v := range values {
		for {
			v = strings.TrimLeft(v, " \t,")
			if !strings.HasPrefix(v, "<") {
				break
			}
			target, rest, ok := strings.Cut(v[1:], ">")
			if !ok {
				break
			}
			link := Link{URL: strings.TrimSpace(target), Params: map[string]string{}}
			v = link.params(rest)
			links = append(links, link)
		}
	}
	return links
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
			l.Params[name] = value
		case !hasRel: // only the first rel counts, §3.3
			hasRel = true
			l.Rel = strings.Fields(strings.ToLower(value))
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

// LinkHeader implements paging by the Link header of the response (RFC 8288):
//
//	Link: <https://api.example.com/orders?page=2>; rel="next"
//
// The URL is used as [NextURL] describes. The last page is the one without such a
// link.
type LinkHeader struct {
	// Rel is the relation type of the link. Optional; the default is "next".
	Rel string
}

// Start returns req.
func (l LinkHeader) Start(req transport.Request) (transport.Request, error) { return req, nil }

// Next returns the request for the link in page.
func (l LinkHeader) Next(page *transport.Page) (transport.Request, string, error) {
	want := strings.ToLower(l.Rel)
	if want == "" {
		want = "next"
	}
	for _, link := range ParseLinks(page.Header.Values("Link")) {
		for _, rel := range link.Rel {
			if rel != want {
				continue
			}
			if link.URL == "" {
				return transport.Request{}, "", errors.New("the Link header has an empty URL")
			}
			req, err := page.Follow(link.URL)
			return req, "", err
		}
	}
	return transport.Request{}, "no Link header with rel=" + want, nil
}
